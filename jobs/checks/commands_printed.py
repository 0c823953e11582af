"""Problems out of what type checkers and linters print. Pure; the text is that of a program of the repository."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jobs.checks.result import Finding

MAX_LINE = 2_000
_TSC = re.compile(r"(?P<path>[^\s(][^(]*)\((?P<line>\d+),\d+\): error (?P<code>TS\d+): (?P<message>.+)")
_TSC_WHOLE = re.compile(r"error (?P<code>TS\d+): (?P<message>.+)")
_MYPY = re.compile(
    r"(?P<path>[^\s:][^:]*):(?:(?P<line>\d+):(?:\d+:)?(?:\d+:\d+:)?)? "
    r"(?P<kind>error|note|warning): (?P<message>.+?)(?:  \[(?P<code>[\w-]+)\])?"
)
_PYRIGHT = re.compile(
    r"\s*(?P<path>[^\s:][^:]*):(?P<line>\d+):\d+ - (?P<kind>error|warning|information): "
    r"(?P<message>.+?)(?: \((?P<code>report\w+)\))?"
)
_CODED = re.compile(
    r"(?P<path>[^\s:][^:]*):(?P<line>\d+):(?:\d+:)? ?(?:(?P<code>[A-Z]{1,5}\d{1,5})\b:?(?: \[\*\])? )?(?P<message>\S.*)"
)
_ARROW_HEAD = re.compile(
    r"(?:error\[)?(?P<code>[A-Z]{1,5}\d{1,5}|[a-z]+(?:-[a-z]+)+|error)\]?:?(?: \[\*\])? (?P<message>\S.*)"
)
_ARROW = re.compile(r"\s*--> (?P<path>[^:]+):(?P<line>\d+):\d+")
_ESLINT_FILE = re.compile(r"(?P<path>(?:/|\./)?\S.*\.\w+)")
_ESLINT = re.compile(r"\s+(?P<line>\d+):\d+\s+(?P<kind>error|warning)\s+(?P<message>\S.*)")
_REFORMAT = re.compile(r"(?:would reformat:? |\[warn\] )(?P<path>\S.*\.\w+)")
_LINES = re.compile(r"\bline \d+")  # what a message says of another place moves with that place
_MILD = frozenset({"note", "warning", "information"})


def problems(output: str, root: str) -> tuple[Finding, ...]:
    """What mypy, pyright, tsc, ruff, flake8, pylint, eslint, go vet, cargo or black say, in the order of the text.

    `root` is the repository's place as the program saw it: paths are told below it. Notes and warnings, for which
    none of these ends with a failure, are left out.
    """
    found = _found([line.rstrip()[:MAX_LINE] for line in output.split("\n")])
    return tuple(
        Finding(_below(one.path, root), one.line, one.code, _LINES.sub("line …", one.message)) for one in found
    )


def _found(lines: list[str]) -> Iterator[Finding]:
    file = head = ""
    for line in lines:
        one = _plain(line)
        if one is not None:
            yield from one
            continue
        if (match := _ARROW.fullmatch(line)) and (start := _ARROW_HEAD.fullmatch(head)):
            yield _finding(match, start["code"], start["message"])
        elif (match := _ESLINT.fullmatch(line)) and file:
            yield from _eslint(file, match)
            continue
        file = match["path"] if (match := _ESLINT_FILE.fullmatch(line)) else file if line else ""
        head = line


def _eslint(file: str, match: re.Match[str]) -> Iterator[Finding]:
    if match["kind"] == "error":
        message, _, code = match["message"].rpartition("  ")
        yield Finding(file, int(match["line"]), code if message else "error", (message or code).strip())


def _plain(line: str) -> tuple[Finding, ...] | None:
    """A line that tells a problem by itself; empty for one that is only told; None for other lines."""
    for pattern in (_TSC, _TSC_WHOLE, _MYPY, _PYRIGHT, _REFORMAT, _CODED):
        match = pattern.fullmatch(line)
        if match is None:
            continue
        named = match.groupdict()
        if named.get("kind") in _MILD:
            return ()
        return (_finding(match, named.get("code") or "", named.get("message") or "is not formatted"),)
    return None


def _finding(match: re.Match[str], code: str, message: str) -> Finding:
    named = match.groupdict()
    return Finding(named.get("path") or "", int(named.get("line") or 0), code or "error", message)


def _below(path: str, root: str) -> str:
    return path.removeprefix(f"{root}/").removeprefix("./")
