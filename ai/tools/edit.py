"""Tools that change the work tree. Every path is inside the tree; protected paths are refused with the reason."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import EDIT_MISSES
from ai.tools.schema import number, text, tool

EDIT_FILE: Final = tool(
    "edit_file",
    f"""Replace one passage of a file that you have read. `old` stands there exactly once, character for character,
    without read_file's line numbers. After {EDIT_MISSES} misses on a file use replace_lines. An edit that breaks the
    syntax is not applied.""",
    ("path", "old", "new"),
    path=text(),
    old=text(),
    new=text("Empty deletes it."),
)

REPLACE_LINES: Final = tool(
    "replace_lines",
    "Replace lines of a file that you have read; `first_line` and `last_line` repeat their present text as a check.",
    ("path", "start", "end", "first_line", "last_line", "new"),
    path=text(),
    start=number("From 1."),
    end=number(),
    first_line=text(),
    last_line=text(),
    new=text("Empty deletes them."),
)

WRITE_FILE: Final = tool(
    "write_file",
    "Create a file and its folders. An existing one is replaced only if you have read it.",
    ("path", "content"),
    path=text(),
    content=text(),
)

DELETE_FILE: Final = tool(
    "delete_file",
    "Delete one file of the tree.",
    ("path",),
    path=text(),
)

MOVE_FILE: Final = tool(
    "move_file",
    "Move or rename one file to a path that is free.",
    ("path", "to"),
    path=text(),
    to=text(),
)
