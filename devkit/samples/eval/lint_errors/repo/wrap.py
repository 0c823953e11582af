"""Breaks a text into lines of a width, between words."""


def wrap(text, width=72):
    """The lines of one paragraph, each at most `width` characters."""
    lines = []
    line = ""
    for word in text.split():
        if len(line) + len(word) > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]
