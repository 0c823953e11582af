"""Commands as a person types them in a clone: without the paths and flags of our sandbox."""

from __future__ import annotations

import re

_DROPPED = tuple(
    re.compile(pattern)
    for pattern in (
        r"\s--junit-?xml[= ]\S+",
        r"\s-o junit_family=\S+",
        r"\s-p no:cacheprovider",
        r"\s--test-reporter=\S+ --test-reporter-destination=\S+",
        r"\s--(?:cache-dir|python-executable)[= ]\S+",
        r"\s--[\w-]+=(?:\w+:)?/(?:tmp|devtask)/\S+",
    )
)
_OURS = re.compile(
    r"env PYTHONPATH=\S*programs\S*/lib \S*python3[\d.]* -P -s -m (?P<module>\S+)|\S*/programs/\S*?bin/(?P<program>\S+)"
)
_TOOL = re.compile(r"(?:python3? -m )?(ruff|mypy|bandit|coverage)(?=\s|$)")
_PLACES = ((re.compile(r"(?<![\w./])/env/bin/"), ""), (re.compile(r"(?<![\w./])/work/(?=\S)"), ""))
_ROOT = re.compile(r"(?<![\w./])/work(?![\w/])")


def runnable(command: str) -> str:
    """The command for a clone's own folder and environment; idempotent."""
    text = _OURS.sub(lambda found: f"python3 -m {found['module'] or found['program']}", command)
    for pattern in _DROPPED:
        text = pattern.sub("", text)
    for pattern, said in _PLACES:
        text = pattern.sub(said, text)
    return _ROOT.sub(".", text).replace("{junit}", "junit.xml").strip()


def tool(command: str) -> str:
    """The program that the service has too, as the command runs it (`ruff`, `python3 -m mypy`); empty for any other."""
    found = _TOOL.match(runnable(command))
    return found[0] if found else ""
