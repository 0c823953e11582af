"""Tools that look and change nothing: planner and executor share most of them."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import HISTORY_COMMITS, LIST_ENTRIES, READ_LINES, SEARCH_HITS
from ai.tools.schema import flag, number, text, tool

LIST_FILES: Final = tool(
    "list_files",
    f"List files, sorted: at most {LIST_ENTRIES}, and how many more there are.",
    path=text("Folder; else the root."),
    glob=text("As `**/*.py`."),
)

READ_FILE: Final = tool(
    "read_file",
    f"""Read a text file, at most {READ_LINES} lines a call, and how many there are. Line numbers and the tab after them
    are not part of it.""",
    ("path",),
    path=text(),
    start=number("First line, from 1."),
    end=number(),
)

SEARCH: Final = tool(
    "search",
    f"""Search the files for a literal text or regular expression: at most {SEARCH_HITS} lines with numbers, and counts
    per file.""",
    ("pattern",),
    pattern=text(),
    regex=flag("`pattern` is one."),
    glob=text("As `src/**/*.ts`."),
    path=text("Folder or file."),
    context=number("Lines around each hit, at most 5."),
)

HISTORY: Final = tool(
    "history",
    f"The last commits with their files, newest first; 10 if `count` is left out, at most {HISTORY_COMMITS}.",
    path=text("Only those that touch it."),
    count=number(),
)

CONVENTIONS: Final = tool(
    "conventions",
    """The repository's own rules in full: AGENTS.md, CONTRIBUTING, README, .github/devtask.yml, and how tests, linter
    and type checker are run here.""",
)
