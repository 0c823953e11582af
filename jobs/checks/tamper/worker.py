"""The process that reads: a text comes in, what it tests goes out, and nothing of the service is in its memory.

As in jobs/repomap/worker.py, the kernel counts each file's processor seconds; the process dies when they are used up.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from typing import Any

from jobs.checks.tamper import js_choices, js_tests, line_tests, py_tests, shapes
from jobs.repomap.worker import files

FILE_SECONDS = 5.0
MEMORY_BYTES = 2 << 30


def main() -> None:
    """Answer each file on standard input with one line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for kind, data in files(sys.stdin.buffer):
        signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS)
        sys.stdout.buffer.write(json.dumps(answer(kind, data)).encode() + b"\n")
        sys.stdout.buffer.flush()


def answer(kind: str, data: bytes) -> dict[str, Any]:
    """What one file holds, as JSON values; `wrong` says why it could not be read."""
    try:
        if kind == "shape":
            return shapes.python(data)
        if kind.startswith("choices-"):
            return js_choices.read(kind.removeprefix("choices-"), data)
        if kind == "python":
            return py_tests.read(data).to_json()
        return (line_tests.read(data) if kind == "lines" else js_tests.read(kind, data)).to_json()
    except (MemoryError, RecursionError) as wrong:
        return {"wrong": type(wrong).__name__}
