"""Tools that look and change nothing: planner and executor share most of them."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import HISTORY_COMMITS, LIST_ENTRIES, READ_LINES, SEARCH_HITS
from ai.tools.schema import flag, number, text, tool

LIST_FILES: Final = tool(
    "list_files",
    f"""List the files of the repository, sorted, at most {LIST_ENTRIES}; the answer says how many more there are.
    Paths are relative to the repository's root.""",
    path=text("Folder to list; leave out for the root."),
    glob=text("Keep only paths that match, for example `**/*.py`."),
)

READ_FILE: Final = tool(
    "read_file",
    f"""Read a text file with line numbers, at most {READ_LINES} lines a call; the answer gives the total and says how
    to read on. The numbers and the tab after them are not part of the file.""",
    ("path",),
    path=text("File, relative to the repository's root."),
    start=number("First line to show, counting from 1."),
    end=number("Last line to show."),
)

SEARCH: Final = tool(
    "search",
    f"""Search the files for a literal text, or a regular expression when `regex` is true. Shows at most {SEARCH_HITS}
    lines with path and number, the count of each file and how many more there are.""",
    ("pattern",),
    pattern=text("What to look for."),
    regex=flag("Read the pattern as a regular expression; false if left out."),
    glob=text("Only in paths that match, for example `src/**/*.ts`."),
    path=text("Only below this folder, or in this file."),
    context=number("Lines to show around each hit, 0 to 5; 0 if left out."),
)

HISTORY: Final = tool(
    "history",
    f"""The last commits, newest first: id, date, author, subject, files. At most {HISTORY_COMMITS}.""",
    path=text("Only commits that touch this file or folder."),
    count=number(f"How many, 1 to {HISTORY_COMMITS}; 10 if left out."),
)

CONVENTIONS: Final = tool(
    "conventions",
    """The repository's own rules in full: AGENTS.md, CONTRIBUTING, README, .github/devtask.yml, and how tests, linter
    and type checker are run here.""",
)
