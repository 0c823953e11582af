"""The checkers that repositories without their own are judged with: the service's ruff, mypy, bandit and coverage in a
folder of their own, of which a sandbox sees nothing else of ours.

    REPOS_PATH/programs/<versions>/lib    packages
                                  /bin    ruff
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from jobs.git.hygiene import remove_tree
from jobs.sandbox.box import Sandbox
from jobs.sandbox.layout import Mount, interpreter

ROOTS = ("ruff", "mypy", "bandit", "coverage")
INSIDE = "/devtask/programs"


@dataclass(frozen=True)
class Programs:
    """The folder on this host."""

    folder: Path

    @property
    def mount(self) -> Mount:
        """How a sandbox gets to see it."""
        return Mount(self.folder, INSIDE)

    def module(self, box: Sandbox, name: str) -> list[str]:
        """The command that runs a Python module of it; nothing in the tree can stand in for the module."""
        return ["env", f"PYTHONPATH={self._root(box)}/lib", interpreter(), "-P", "-s", "-m", name]

    def program(self, box: Sandbox, name: str) -> str:
        """The path of a program of it, as the sandbox sees it."""
        return f"{self._root(box)}/bin/{name}"

    def _root(self, box: Sandbox) -> str:
        return INSIDE if box.kind == "bwrap" else str(self.folder)


def programs(repos_path: Path) -> Programs:
    """The folder, made at its first use; whole or not there at all."""
    found = _distributions()
    names = "\n".join(sorted(f"{one.name}=={one.version}" for one in found))
    folder = repos_path / "programs" / hashlib.sha256(names.encode()).hexdigest()[:16]
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = Path(tempfile.mkdtemp(dir=folder.parent, prefix="half-"))
        for one in found:
            _copy(one, half)
        half.chmod(0o755)
        with suppress(OSError):
            half.rename(folder)
        remove_tree(half)
    return Programs(folder)


@cache
def _distributions() -> tuple[Distribution, ...]:
    """The checkers and all that they need."""
    found: dict[str, Distribution] = {}
    wanted = list(ROOTS)
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = distribution(name)
            wanted += _needs(found[name])
    return tuple(found[name] for name in sorted(found))


def _needs(one: Distribution) -> Iterator[str]:
    for line in one.requires or ():
        needed = Requirement(line)
        if needed.marker is None or needed.marker.evaluate({"extra": ""}):
            yield needed.name.lower()


def _copy(one: Distribution, half: Path) -> None:
    for file in one.files or ():
        source = Path(str(one.locate_file(file)))
        if file.suffix == ".pyc" or not source.is_file():
            continue
        inside = half / "bin" / source.name if ".." in file.parts else half / "lib" / file
        inside.parent.mkdir(parents=True, exist_ok=True)
        _link(source, inside)


def _link(source: Path, target: Path) -> None:
    """A second name for the file where the disk allows it: what the sandbox sees is read-only."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
