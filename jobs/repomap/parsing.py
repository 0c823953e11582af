"""Parses files in another process, which a file may kill without harm: then it has no outline."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from jobs.repomap.row import Row

SECONDS = 300.0
KILLERS = 10
_WORKER: Final = "import sys; sys.path.insert(0, sys.argv[1]); from jobs.repomap.worker import main; main()"


def parse(files: Sequence[tuple[str, bytes]]) -> list[Row]:
    """The packed outlines of (language, text), in the same order.

    A file that takes too long or too much memory gets an empty one; after ten such files, or where no process can be
    started, the list is shorter.
    """
    rows: list[Row] = []
    for _ in range(KILLERS):
        answered, killed = _answers(files[len(rows) :])
        rows += answered
        if len(rows) == len(files) or not killed:
            return rows
        rows.append(Row())
    return rows


def _answers(files: Sequence[tuple[str, bytes]]) -> tuple[list[Row], bool]:
    """As many as one process gave, and whether the file after them killed it."""
    asked = b"".join(b"%s %d\n%s" % (language.encode(), len(data), data) for language, data in files)
    command = [sys.executable, "-I", "-c", _WORKER, str(Path(__file__).parents[2])]
    environment = {"PATH": os.defpath, "LANG": "C.UTF-8"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        try:
            said, _ = process.communicate(asked, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    return [Row(*json.loads(line)) for line in said.split(b"\n")[:-1]], process.returncode < 0
