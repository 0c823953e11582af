"""Asks the process that parses. A hostile text can keep a parser busy for hours, and kill that process only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from jobs.checks.changed import Pair, pairs
from jobs.checks.ecma.row import Row
from jobs.checks.result import Finding
from jobs.checks.scene import Scene
from jobs.repomap.languages import language_of

SECONDS = 120.0
KILLERS = 5
ENDS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
UNREAD: Final = Row("security", 0, "unreadable", "the file takes too long to parse, so nothing is known of it")
_WORKER: Final = "import sys; sys.path.insert(0, sys.argv[1]); from jobs.checks.ecma.worker import main; main()"

Asked = tuple[str, str, str]
"""Language, path, text."""


def ecma_files(scene: Scene) -> tuple[Pair, ...]:
    """The changed files of these languages."""
    return pairs(scene, lambda path: path.lower().endswith(ENDS) and not path.endswith(".d.ts"))


def found(files: Sequence[Pair], group: str) -> tuple[list[Finding], list[Finding]]:
    """What one check asks for: in the files now, and in them as they were."""
    asked = [
        (language_of(file.path) or "javascript", file.path, text)
        for file in files
        for text in (file.after, file.before)
    ]
    answers = look(tuple(asked))
    return (
        [one for path, rows in answers[0::2] for one in _of(path, rows, group)],
        [one for path, rows in answers[1::2] for one in _of(path, rows, group)],
    )


def _of(path: str, rows: Sequence[Row], group: str) -> list[Finding]:
    return [Finding(path, row.line, row.code, row.message) for row in rows if row.group == group]


@lru_cache(maxsize=2)
def look(files: tuple[Asked, ...]) -> tuple[tuple[str, tuple[Row, ...]], ...]:
    """Path and rows of each file, in order. One that the process dies of has a row that says so."""
    answers: list[tuple[Row, ...]] = []
    for _ in range(KILLERS):
        if len(answers) == len(files):
            break
        answers += _answers(files[len(answers) :])
        if len(answers) < len(files):
            answers.append((UNREAD,))
    answers += [(UNREAD,)] * (len(files) - len(answers))
    return tuple((path, rows) for (_, path, _), rows in zip(files, answers, strict=True))


def _answers(files: Sequence[Asked]) -> list[tuple[Row, ...]]:
    """As many as one process gave. Raises RuntimeError where it cannot begin: the installation is broken."""
    command = [sys.executable, "-I", "-c", _WORKER, str(Path(__file__).parents[3])]
    said = b"".join(json.dumps(one).encode() + b"\n" for one in files)
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PATH": os.defpath, "LANG": "C.UTF-8"},
    ) as process:
        try:
            out, trouble = process.communicate(said, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, trouble = process.communicate()
    ready, *lines = out.split(b"\n")
    if ready != b"ready":
        raise RuntimeError(
            f"the process that reads JavaScript does not start: {trouble[-500:].decode(errors='replace')}"
        )
    return [tuple(Row(*row) for row in json.loads(line)) for line in lines[:-1]]
