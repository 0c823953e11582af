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
    path=text("The file."),
    old=text("The passage as it is."),
    new=text("What takes its place; empty deletes it."),
)

REPLACE_LINES: Final = tool(
    "replace_lines",
    "Replace lines of a file that you have read; `first_line` and `last_line` repeat their present ends as a check.",
    ("path", "start", "end", "first_line", "last_line", "new"),
    path=text("The file."),
    start=number("First line, from 1."),
    end=number("Last line."),
    first_line=text("Present text of line `start`."),
    last_line=text("Present text of line `end`."),
    new=text("What takes their place; empty deletes them."),
)

WRITE_FILE: Final = tool(
    "write_file",
    "Create a file and its folders. An existing one is replaced only if you have read it.",
    ("path", "content"),
    path=text("The file."),
    content=text("The whole content."),
)

DELETE_FILE: Final = tool(
    "delete_file",
    "Delete one file; a folder goes with its last file.",
    ("path",),
    path=text("The file."),
)

MOVE_FILE: Final = tool(
    "move_file",
    "Move or rename one file to a path that is free.",
    ("path", "to"),
    path=text("The file."),
    to=text("Its new path."),
)
