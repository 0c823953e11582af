"""Address labels."""


def label(name, street, town):
    return "\n".join(part.strip() for part in (name, street, town) if part.strip())
