"""P5: a task's workspace beside `git worktree add` of the same commit, on a generated repository.

Both stand on the same bare mirror and are made in turns. `git worktree add` runs with its own defaults.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.figures import Figure, at_most, none
from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace

FILES = 2_000
ROUNDS = 5
LIVE = 50
EDGE = 5


@dataclass(frozen=True)
class Place:
    """A mirror that holds the commit, and the far end it was cloned from."""

    mirror: Mirror
    far: Path
    commit: str

    def workspace(self, number: int) -> Workspace:
        """The workspace of that task."""
        return Workspace(self.mirror, f"task{number:04}")


def run(folder: Path) -> Iterator[Figure]:
    """The figures of P5."""
    far = folder / "far"
    commit = generate(far)
    place = Place(Mirror(folder / "repos", 1), far, commit)
    place.mirror.sync(local_remote(far), commit)
    shutil.rmtree(far)  # from here on a fetch would fail: all that follows is done without one
    yield none("P5", "fetches for a commit that is present (far end gone)", fetches(place))
    yield from beside_worktree(place, folder)
    yield from many(place, folder)


def fetches(place: Place) -> int:
    """How many of some syncs went to the far end, which is no longer there."""
    return sum(place.mirror.sync(local_remote(place.far), place.commit) for _ in range(3))


def beside_worktree(place: Place, folder: Path) -> Iterator[Figure]:
    """Time and disk of a fresh workspace, and of the reset between steps."""
    added, opened, reused = [], [], []
    for number in range(ROUNDS):
        tree = folder / "worktrees" / str(number)
        added.append(seconds(lambda tree=tree: worktree(place, tree)))
        workspace = place.workspace(number)
        opened.append(seconds(lambda workspace=workspace: workspace.open(place.commit)))
        dirty(workspace.tree)
        reused.append(seconds(lambda workspace=workspace: workspace.reset(place.commit)))
        if workspace.changed():
            raise RuntimeError("a reset left something behind")
        size, checkout = disk(workspace.root), disk(workspace.tree)
        shutil.rmtree(tree)
        workspace.remove()
    fresh, anchor = median(opened), median(added)
    what = f"warm workspace beside git worktree add ({fresh * 1e3:.0f} ms of {anchor * 1e3:.0f} ms)"
    yield at_most("P5", what, fresh / anchor, 1.2)
    yield at_most("P5", f"disk of a task beside its checkout ({size / 1e6:.1f} MB)", size / checkout, 1.05)
    what = f"reset and clean between steps beside a fresh workspace ({median(reused) * 1e3:.0f} ms)"
    yield at_most("P5", what, median(reused) / fresh, 0.5)


def many(place: Place, folder: Path) -> Iterator[Figure]:
    """Whether the fiftieth live workspace costs what the first ones did, each beside a worktree of that moment."""
    taken, anchors = [], []
    for number in range(LIVE):
        taken.append(seconds(lambda number=number: place.workspace(number).open(place.commit)))
        if number < EDGE or number >= LIVE - EDGE:
            anchors.append(seconds(lambda number=number: worktree(place, folder / "beside" / str(number))))
    first, last = median(taken[:EDGE]), median(taken[-EDGE:])
    moved = (last / median(anchors[EDGE:])) / (first / median(anchors[:EDGE]))
    what = f"workspaces {LIVE - EDGE + 1}-{LIVE} beside 1-{EDGE} ({last * 1e3:.0f} ms, {first * 1e3:.0f} ms)"
    yield at_most("P5", f"{what}, as git's", moved, 1.2)


def worktree(place: Place, tree: Path) -> None:
    """The anchor: git's own second work tree of the same commit."""
    git(place.mirror.path, "worktree", "add", "-q", "--detach", str(tree), place.commit)


def generate(far: Path) -> str:
    """A repository of small source files in packages, in a few commits; returns the last commit."""
    git(far.parent, "init", "-q", "-b", "main", str(far))
    for number in range(FILES):
        path = far / f"pkg{number % 40:02}" / f"sub{number % 7}" / f"module_{number:04}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = (
            f"def function_{number}_{line}(value):\n    return value + {line}\n\n" for line in range(number % 60 + 5)
        )
        path.write_text("".join(lines))
    who = ("-c", "user.name=bench", "-c", "user.email=bench@localhost")
    for name in ("one", "two"):
        (far / f"{name}.txt").write_text(name)
        git(far, "add", "-A")
        git(far, *who, "commit", "-q", "-m", name)
    return git(far, "rev-parse", "HEAD")


def dirty(tree: Path) -> None:
    """What a step leaves behind: changed, deleted and new files, and a build folder."""
    for number, path in enumerate(sorted(tree.glob("pkg00/*/*.py"))[:20]):
        if number % 4:
            path.write_text("changed\n")
        else:
            path.unlink()
    for number in range(200):
        path = tree / "build" / f"out{number}.bin"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x" * 2_000)


def seconds(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def disk(folder: Path) -> int:
    """Bytes that the folder takes on disk."""
    blocks = (path.lstat().st_blocks for path in folder.rglob("*"))
    return 512 * sum(blocks)


def git(folder: Path, *args: str) -> str:
    """git with nothing of this user's settings."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(("git", *args), cwd=folder, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()
