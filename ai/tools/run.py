"""Tools that run the repository's own programs in the sandbox, and the one that shows what was changed."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import COMMAND_SECONDS, COMMAND_SECONDS_MAX, OUTPUT_CHARS
from ai.tools.schema import number, text, tool

RUN: Final = tool(
    "run",
    f"""Run a shell command in a fresh shell at the repository's root: `cd`, variables and background processes do not
    last to the next one, so join with `&&`. No input, network, pager or colour. The exit status comes first; output
    over {OUTPUT_CHARS} characters is cut in the middle and a file named that holds all of it. For tests use
    run_tests.""",
    ("command",),
    command=text("The command."),
    timeout=number(
        f"Seconds, at most {COMMAND_SECONDS_MAX}; {COMMAND_SECONDS} if left out.",
    ),
)

RUN_TESTS: Final = tool(
    "run_tests",
    """Run the tests as the checks will: failures first, with assertion and place, then counts. Give a selection while
    you work; leave it out for the whole suite.""",
    selection=text("Test file, folder or id, as the runner takes it."),
)

DIFF: Final = tool(
    "diff",
    "Show what this step has changed so far.",
    path=text("Only this file or folder."),
)
