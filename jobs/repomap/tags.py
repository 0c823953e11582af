"""Definitions by ctags, where it is installed: for languages without a grammar, or where tree-sitter cannot be used.

ctags knows no references, so every identifier of a text counts as one. It reads copies of the files in a folder of
its own, with no configuration, no environment and a time-out.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from jobs.repomap.languages import TAGGED
from jobs.repomap.outline import Kind, Mark, Outline, outline

SECONDS = 30.0
_IDENTIFIER: Final = re.compile(rb"[A-Za-z_]\w{2,}", re.ASCII)
_CLASSES: Final = frozenset(
    {"class", "struct", "interface", "enum", "union", "module", "namespace", "trait", "package"}
)
_FUNCTIONS: Final = frozenset(
    {"function", "method", "func", "singletonMethod", "subroutine", "macro", "constructor", "generator", "methodSpec"}
)
_KINDS: Final = {
    **dict.fromkeys(sorted(_CLASSES), Kind.CLASS),
    **dict.fromkeys(sorted(_FUNCTIONS), Kind.FUNCTION),
    "implementation": Kind.BLOCK,
}


@cache
def version(language: str, program: str = "ctags") -> str | None:
    """The installed ctags and its name for the language, as part of the cache's key; None where there is none."""
    found = shutil.which(program)
    if found is None or language not in TAGGED:
        return None
    try:
        said = subprocess.run([found, "--version"], capture_output=True, env={}, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    first = said.decode("utf-8", "replace").partition("\n")[0]
    return first.partition(",")[0] if first.startswith("Universal Ctags") else None


def read(files: Sequence[tuple[str, bytes]], program: str = "ctags") -> list[Outline]:
    """The outlines of (language, text) in the same order; without definitions where ctags fails."""
    with tempfile.TemporaryDirectory(prefix="devtask-tags-") as name:
        folder = Path(name)
        for number, (_, data) in enumerate(files):
            (folder / str(number)).write_bytes(data)
        marks: list[list[Mark]] = [[] for _ in files]
        for language in sorted({language for language, _ in files}):
            chosen = [number for number, (one, _) in enumerate(files) if one == language]
            for number, mark in _marks(folder, TAGGED[language], chosen, program):
                marks[number].append(mark)
    return [outline(data, marks[number], _names(data)) for number, (_, data) in enumerate(files)]


def _marks(folder: Path, language: str, chosen: Sequence[int], program: str) -> list[tuple[int, Mark]]:
    argv = [shutil.which(program) or program, "--options=NONE", "--quiet", "--sort=no", "--excmd=number"]
    argv += ["--output-format=u-ctags", "--fields=Ke", f"--language-force={language}", "-f", "-", "-L", "-"]
    names = "".join(f"{number}\n" for number in chosen).encode()
    try:
        done = subprocess.run(argv, input=names, capture_output=True, cwd=folder, env={}, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    rows = (_mark(line.split("\t")) for line in done.stdout.decode("utf-8", "replace").split("\n"))
    return [row for row in rows if row is not None]


def _mark(cells: Sequence[str]) -> tuple[int, Mark] | None:
    """`name file line;" kind end:line`."""
    if len(cells) < 4 or not cells[1].isdigit() or cells[3] not in _KINDS:
        return None
    row = int(cells[2].removesuffix(';"')) - 1
    last = next((int(cell[4:]) - 1 for cell in cells[4:] if cell.startswith("end:")), row)
    return int(cells[1]), Mark(row, last, _KINDS[cells[3]], cells[0])


def _names(data: bytes) -> list[str]:
    return [name.decode() for name in set(_IDENTIFIER.findall(data))]
