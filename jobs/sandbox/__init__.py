"""Where repository code runs: its own namespaces, no network, no secret, limits of its own; and what came of it as
values.
"""
