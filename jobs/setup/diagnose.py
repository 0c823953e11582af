"""Why a setup failed, read from its log: the lines that say so, and which of the known causes it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

LINES = 12
WIDTH = 220
_ERROR = re.compile(
    r"\b(error|fatal|failed|failure|cannot|could ?n[o']t|no such|not found|not allowed|denied|refused|unable|"
    r"missing|requires|unsupported|incompatible|no matching|no package index|exception|panic|killed|"
    r"E\d{3,}|ERR_\w+|ERESOLVE)\b|ERR!",
    re.I,
)
_NOISE = re.compile(
    r"^\s*$|npm (ERR!|error) A complete log|notice|deprecat|\[end of output\]|This error originates from a subprocess|"
    r"not a problem with pip|note: |hint: See above|WARNING: Running pip|^\s*[-^~]+\s*$",
    re.I,
)
_SYSTEM = (
    (re.compile(r"fatal error: ([\w./+-]+\.h): No such file"), 1),
    (re.compile(r"([\w.+-]*(?:_config|-config))(?: executable)? (?:not found|is required)", re.I), 1),
    (re.compile(r"(?:command|program|executable) ['\"`]?([\w.+/-]+)['\"`]? (?:failed: No such|not found)", re.I), 1),
    (
        re.compile(
            r"(?:error|unable to find|linker)[: ]+['\"`]?(gcc|g\+\+|cc|c\+\+|cmake|make|ninja)['\"`]?[: ].*not found"
        ),
        1,
    ),
    (re.compile(r"(?:^|: )(?:line \d+: )?([\w.+-]+): (?:command )?not found\s*$", re.M), 1),
    (re.compile(r"Package ['\"]?([\w.+-]+)['\"]?,? (?:required by .*|was )not found", re.I), 1),
    (re.compile(r"cannot find -l([\w.+-]+)"), 1),
    (re.compile(r"([\w.+-]+\.so(?:\.\d+)*): cannot open shared object"), 1),
    (re.compile(r"not found: (make|g\+\+|gcc|cc|python3?)\b"), 1),
)
_PYTHON = re.compile(
    r"(requires (?:a different )?Python[^\n]{0,120}|current Python version[^\n]{0,120}|"
    r"No interpreter found for Python[^\n]{0,80}|Requires-Python[^\n]{0,100}|"
    r"Unsupported engine[^\n]{0,160}|The engine \"node\" is incompatible[^\n]{0,160})",
    re.I,
)
_PACKAGE = re.compile(
    r"No matching distribution found for ([^\s(]+)|"
    r"(?:404 Not Found|E404)[^\n]*?[ /]((?:@[\w.-]+(?:%2f|/))?[\w.-]+)\s*$|"
    r"no matching package named `([^`]+)`|Because (\S+) was not found in the package registry",
    re.M,
)
_UNRESOLVED = re.compile(r"Could not find a version that satisfies the requirement", re.I)


class Cause(StrEnum):
    """What can be told apart."""

    HOST = "host"
    TIME = "time"
    BYTES = "bytes"
    DISK = "disk"
    PYTHON = "python"
    SYSTEM = "system"
    PACKAGE = "package"
    OTHER = "other"


@dataclass(frozen=True)
class Diagnosis:
    """The cause and what it is about: hosts, a missing program or header, the sentence on Python, a package."""

    cause: Cause
    what: str = ""


def diagnose(
    output: str, *, timed_out: bool = False, limit: str | None = None, refused: Sequence[str] = (), spent: bool = False
) -> Diagnosis:
    """The likeliest cause; what we did ourselves comes first, because the log only shows what followed from it."""
    for cause, happened in ((Cause.TIME, timed_out), (Cause.BYTES, spent), (Cause.DISK, limit == "disk")):
        if happened:
            return Diagnosis(cause)
    return _from_log(output, refused)


def _from_log(output: str, refused: Sequence[str]) -> Diagnosis:
    """A refused host that it does not name is likelier than a package that nobody has."""
    if named := [host for host in refused if host in output]:
        return Diagnosis(Cause.HOST, ", ".join(named[:5]))
    if found := _PYTHON.search(output):
        return Diagnosis(Cause.PYTHON, _clean(found[0]))
    if missing := _missing(output):
        return Diagnosis(Cause.SYSTEM, missing)
    if refused:
        return Diagnosis(Cause.HOST, ", ".join(refused[:5]))
    if package := _PACKAGE.search(output):
        return Diagnosis(Cause.PACKAGE, _clean(next(group for group in package.groups() if group)))
    return Diagnosis(Cause.PACKAGE if _UNRESOLVED.search(output) else Cause.OTHER)


def _missing(output: str) -> str:
    for pattern, group in _SYSTEM:
        if found := pattern.search(output):
            return _clean(found[group])
    return ""


def _clean(text: str) -> str:
    return " ".join(text.split())[:160]


def error_lines(output: str, most: int = LINES) -> str:
    """The lines that say what went wrong, in order, each once; without such lines the last ones."""
    lines = [line.rstrip()[:WIDTH] for line in output.splitlines()]
    said = [line for line in dict.fromkeys(lines) if _ERROR.search(line) and not _NOISE.search(line)]
    if not said:
        said = [line for line in lines if line.strip()]
        return "\n".join(said[-most:])
    if len(said) > most:  # the first says what broke, the last what came of it
        said = [*said[: most // 2], "[...]", *said[-(most - most // 2) :]]
    return "\n".join(said)
