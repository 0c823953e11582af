"""What is special about a repository, in sentences of the planner's first message."""

from __future__ import annotations

from typing import Final

GREENFIELD: Final = (
    "This repository has only its first commit: no code, no manifest, no tests. Choose what to build with and say so "
    "in `stack`, one entry for each technology with `why`, and `origin: new`; prefer what the request names, then what "
    "needs the fewest packages. The first step, of kind `setup`, makes manifest, layout and a first test that runs; "
    "every later step brings its tests."
)
NO_TESTS: Final = (
    "No way to run tests was found here. Say how the work is tested: a step that brings tests, a postcondition that a "
    "program checks, or a sentence in `assumptions`."
)
BASE: Final = "Nobody said where to start and there is no branch `development`, so the base branch is the default one."


def facts(*, greenfield: bool, tests: bool, base_said: bool) -> str:
    """The sentences that hold, each a paragraph; empty where nothing is special."""
    said = [
        (greenfield, GREENFIELD),
        (not tests and not greenfield, NO_TESTS),
        (not base_said, BASE),
    ]
    return "".join(f"{text}\n\n" for holds, text in said if holds)
