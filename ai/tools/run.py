"""Tools that run the repository's own programs in the sandbox, and the one that shows what was changed."""

from __future__ import annotations

from typing import Final

from ai.tools.limits import COMMAND_SECONDS, COMMAND_SECONDS_MAX, OUTPUT_CHARS
from ai.tools.schema import number, text, tool

RUN: Final = tool(
    "run",
    f"""Run one shell command in the sandbox. Each command starts in a fresh shell at the repository's root: `cd`,
    variables and background processes do not last to the next one, so join what belongs together with `&&`. No input,
    no network, no pager, no colour. The answer begins with the exit status (of every part of a pipeline); output over
    {OUTPUT_CHARS} characters is cut in the middle and the answer names the file that holds all of it. For tests use
    run_tests.""",
    ("command",),
    command=text("The command, for example `python -m pkg.tool --check`."),
    timeout=number(
        f"Seconds before it is killed, at most {COMMAND_SECONDS_MAX}; {COMMAND_SECONDS} if left out.",
    ),
)

RUN_TESTS: Final = tool(
    "run_tests",
    """Run the repository's tests as the checks will run them: failures first, with assertion and place, then the
    counts. Give a selection while you work and leave it out for the whole suite before you call done.""",
    selection=text("A test file, folder or id as the test runner takes it, for example `tests/test_a.py::test_b`."),
)

DIFF: Final = tool(
    "diff",
    "Show what this step has changed so far against the commit it started from.",
    path=text("Only this file or folder."),
)
