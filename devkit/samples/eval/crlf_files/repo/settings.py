"""Reads `name = value` lines."""


def read(text):
    """Names and values; a line that is no pair raises ValueError with its number."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith(";"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ValueError(f"line {number}: no `=`")
        found[name.strip()] = value.strip().strip('"')
    return found
