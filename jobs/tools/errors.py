"""The one error of this room."""

from __future__ import annotations


class Refused(Exception):
    """A call that cannot be done as it stands. The text tells the model what was found and what to try instead."""
