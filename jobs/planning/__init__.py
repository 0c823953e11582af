"""From a request to a stored plan version and its comment."""
