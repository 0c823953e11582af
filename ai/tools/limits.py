"""Numbers that prompts and descriptions state and `jobs.tools` keeps. One place, so that the two cannot drift apart."""

from __future__ import annotations

from typing import Final

READ_LINES: Final = 400
SEARCH_HITS: Final = 60
LIST_ENTRIES: Final = 300
HISTORY_COMMITS: Final = 20
OUTPUT_CHARS: Final = 8_000
COMMAND_SECONDS: Final = 120
COMMAND_SECONDS_MAX: Final = 600
EDIT_MISSES: Final = 2
HANDOFF_LINES: Final = 10
STEP_LINES: Final = 300
PLAN_REPAIRS: Final = 2
PLAN_STEPS: Final = 50
