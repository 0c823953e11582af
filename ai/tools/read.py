"""Tools that look and change nothing: planner and executor share most of them."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import HISTORY_COMMITS, LIST_ENTRIES, READ_LINES, SEARCH_HITS
from ai.tools.schema import flag, number, text, tool

LIST_FILES: Final = tool(
    "list_files",
    f"List files, sorted, at most {LIST_ENTRIES}; says how many more. Paths are relative to the repository's root.",
    path=text("Folder; the root if left out."),
    glob=text("Only such paths, as `**/*.py`."),
)

READ_FILE: Final = tool(
    "read_file",
    f"""Read a text file, at most {READ_LINES} lines a call; says how many there are. Line numbers and the tab after
    them are not part of the file.""",
    ("path",),
    path=text("The file."),
    start=number("First line, from 1."),
    end=number("Last line."),
)

SEARCH: Final = tool(
    "search",
    f"""Search the files for a literal text or regular expression; at most {SEARCH_HITS} lines with their numbers, and
    each file's count.""",
    ("pattern",),
    pattern=text("What to look for."),
    regex=flag("The pattern is a regular expression."),
    glob=text("Only in such paths, as `src/**/*.ts`."),
    path=text("Only in this folder or file."),
    context=number("Lines around each hit, 0 to 5."),
)

HISTORY: Final = tool(
    "history",
    f"The last commits, newest first, with their files; at most {HISTORY_COMMITS}.",
    path=text("Only those that touch this file or folder."),
    count=number("How many; 10 if left out."),
)

CONVENTIONS: Final = tool(
    "conventions",
    """The repository's own rules in full: AGENTS.md, CONTRIBUTING, README, .github/devtask.yml, and how tests, linter
    and type checker are run here.""",
)
