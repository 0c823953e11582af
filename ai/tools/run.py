"""Tools that run the repository's own programs in the sandbox, and the one that shows what was changed."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import COMMAND_SECONDS, COMMAND_SECONDS_MAX, OUTPUT_CHARS
from ai.tools.schema import number, text, tool

RUN: Final = tool(
    "run",
    f"""Run a command in a fresh shell at the repository's root: `cd`, variables and background processes do not last
    to the next one, so join with `&&`. No input, network or pager. The exit status comes first; output over
    {OUTPUT_CHARS} characters is cut in the middle and a file named that holds all. For tests use run_tests.""",
    ("command",),
    command=text(),
    timeout=number(f"Seconds, at most {COMMAND_SECONDS_MAX}; else {COMMAND_SECONDS}."),
)

RUN_TESTS: Final = tool(
    "run_tests",
    """Run the tests as the checks will: failures first, with assertion and place, then counts.""",
    selection=text("Test file, folder or id, as the runner takes it; else the whole suite."),
)

DIFF: Final = tool(
    "diff",
    "Show what this step has changed so far.",
    path=text("File or folder."),
)
