"""Tools that change the work tree. Every path is inside the tree; protected paths are refused with the reason."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import EDIT_MISSES
from ai.tools.schema import number, text, tool

EDIT_FILE: Final = tool(
    "edit_file",
    f"""Replace one passage of a file that you have read. `old` must stand in the file exactly once, character for
    character, without the line numbers that read_file shows; add lines around it until it is unique. If nothing
    matches, the answer says why and shows the nearest passage; after {EDIT_MISSES} misses on a file use replace_lines.
    An edit that breaks the syntax is not applied.""",
    ("path", "old", "new"),
    path=text("File, relative to the repository's root."),
    old=text("The passage as it stands now."),
    new=text("The passage as it shall be; empty to delete it."),
)

REPLACE_LINES: Final = tool(
    "replace_lines",
    """Replace a range of lines of a file that you have read. `first_line` and `last_line` repeat the present text of
    the lines `start` and `end`, as a check that the file is what you think it is.""",
    ("path", "start", "end", "first_line", "last_line", "new"),
    path=text("File, relative to the repository's root."),
    start=number("First line to replace, counting from 1."),
    end=number("Last line to replace."),
    first_line=text("The present text of line `start`."),
    last_line=text("The present text of line `end`."),
    new=text("The lines that take their place; empty to delete them."),
)

WRITE_FILE: Final = tool(
    "write_file",
    """Create a file with this content; missing folders are made. An existing file is refused unless you have read it
    in this step; to change a part of one, use edit_file.""",
    ("path", "content"),
    path=text("File, relative to the repository's root."),
    content=text("The whole content."),
)

DELETE_FILE: Final = tool(
    "delete_file",
    "Delete one file of the repository. Folders go when their last file goes.",
    ("path",),
    path=text("File, relative to the repository's root."),
)

MOVE_FILE: Final = tool(
    "move_file",
    "Move or rename one file. The target must not exist; missing folders are made.",
    ("path", "to"),
    path=text("File as it is named now."),
    to=text("Path that it shall have."),
)
