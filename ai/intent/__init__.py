"""The intent classifier: sorts a comment that rules could not sort. It answers with a word, never with an action."""
