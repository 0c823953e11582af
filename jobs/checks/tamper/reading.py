"""Files read in another process, which a file may kill without harm: then it counts as unreadable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from jobs.checks.tamper.model import Module

SECONDS = 120.0
MAX_BYTES = 2_000_000
KILLERS = 5
_WORKER: Final = "import sys; sys.path.insert(0, sys.argv[1]); from jobs.checks.tamper.worker import main; main()"


def module_of(told: dict[str, Any]) -> Module:
    """A worker's answer about tests."""
    return Module.from_json({**_EMPTY, **told})


def answers(files: Sequence[tuple[str, bytes]]) -> list[dict[str, Any]]:
    """What the worker says of each (kind, text), in order; `wrong` where it could say nothing."""
    found: list[dict[str, Any]] = []
    asked = [(kind, data if len(data) <= MAX_BYTES else b"") for kind, data in files]
    for _ in range(KILLERS):
        if len(found) == len(asked):
            break
        found += _some(asked[len(found) :])
        if len(found) < len(asked):
            found.append({"wrong": "reading it took too long or too much memory"})
    found += [{"wrong": "too many files could not be read"}] * (len(asked) - len(found))
    huge = {"wrong": f"it is larger than {MAX_BYTES} bytes"}
    return [huge if len(data) > MAX_BYTES else one for (_, data), one in zip(files, found, strict=True)]


def _some(files: Sequence[tuple[str, bytes]]) -> list[dict[str, Any]]:
    """As many as one process answered."""
    if not files:
        return []
    asked = b"".join(b"%s %d\n%s" % (kind.encode(), len(data), data) for kind, data in files)
    command = [sys.executable, "-I", "-c", _WORKER, str(Path(__file__).parents[3])]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            said, _ = process.communicate(asked, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    return [json.loads(line) for line in said.split(b"\n")[:-1]]


_EMPTY: Final[dict[str, Any]] = {"tests": [], "helpers": [], "origins": {}, "marks": [], "wrong": ""}
