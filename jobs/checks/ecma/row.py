"""What the process that parses says of one file. Plain data, cheap to import."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """One thing at one line (from 1). `group` is the check that asks for it, `code` the rule."""

    group: str
    line: int
    code: str
    message: str
