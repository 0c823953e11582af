"""Which agent has which tools, in the order in which they are sent (the order is part of the cached prefix)."""

from __future__ import annotations

from typing import Final

from ai.port import ToolSpec
from ai.tools.edit import DELETE_FILE, EDIT_FILE, MOVE_FILE, REPLACE_LINES, WRITE_FILE
from ai.tools.finish import DONE
from ai.tools.read import CONVENTIONS, HISTORY, LIST_FILES, READ_FILE, SEARCH
from ai.tools.run import DIFF, RUN, RUN_TESTS

PLANNER_READ: Final[tuple[ToolSpec, ...]] = (LIST_FILES, READ_FILE, SEARCH, HISTORY, CONVENTIONS)

EXECUTOR: Final[tuple[ToolSpec, ...]] = (
    LIST_FILES,
    READ_FILE,
    SEARCH,
    EDIT_FILE,
    REPLACE_LINES,
    WRITE_FILE,
    DELETE_FILE,
    MOVE_FILE,
    RUN,
    RUN_TESTS,
    DIFF,
    HISTORY,
    DONE,
)
