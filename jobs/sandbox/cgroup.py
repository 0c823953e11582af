"""A control group for one sandbox: bounds forks and memory, which per-process limits cannot.

Version 2 below our own group where it was delegated (systemd: Delegate=yes, DelegateSubgroup=worker); of version 1
the pids controller only. Where neither may be written, `make` returns None and the probe says that these bounds are
not in force.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jobs.processes import dead, holder
from jobs.sandbox.limits import Limits

ROOT = Path("/sys/fs/cgroup")
PREFIX = "devtask-"
_EVENTS = {"memory": ("memory.events", "oom_kill"), "processes": ("pids.events", "max")}


@dataclass(frozen=True)
class Group:
    """One control group; `memory` says whether it bounds memory too."""

    path: Path
    memory: bool

    @property
    def procs(self) -> Path:
        return self.path / "cgroup.procs"

    def kill(self) -> None:
        """Ends everything in the group: at once where the kernel offers it, else one after the other."""
        try:
            (self.path / "cgroup.kill").write_text("1")
        except OSError:
            for pid in self._members():
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def _members(self) -> list[int]:
        try:
            return [int(pid) for pid in self.procs.read_text().split() if int(pid) > 0]
        except OSError:
            return []

    def hits(self) -> dict[str, int]:
        """How often each bound was hit since the group was made, by limit."""
        return {limit: _event(self.path / name, key) for limit, (name, key) in _EVENTS.items()}

    def newly_hit(self, before: Mapping[str, int]) -> str | None:
        """Which bound was hit since `before`: memory, processes or None."""
        return next((limit for limit, count in self.hits().items() if count > before.get(limit, 0)), None)

    def remove(self) -> None:
        """Removes the group; its last processes may need a moment to be gone."""
        for _ in range(40):
            try:
                self.path.rmdir()
            except FileNotFoundError:
                return
            except OSError:
                time.sleep(0.05)
            else:
                return


def make(limits: Limits, root: Path = ROOT, own: Path = Path("/proc/self/cgroup")) -> Group | None:
    """A new group with the limits' bounds, or None where none may be made."""
    for base in _bases(root, own):
        group = base / f"{PREFIX}{holder()}:{uuid.uuid4().hex[:12]}"
        with contextlib.suppress(OSError):  # a delegated group hands its controllers down only when told to
            (base / "cgroup.subtree_control").write_text("+pids +memory")
        try:
            group.mkdir()
        except OSError:
            continue
        if _bound(group, "pids.max", limits.processes):
            return Group(group, memory=_bound(group, "memory.max", limits.memory_bytes))
        with contextlib.suppress(OSError):
            group.rmdir()
    return None


def sweep(root: Path = ROOT, own: Path = Path("/proc/self/cgroup")) -> int:
    """Ends and removes the groups whose makers are dead; returns how many.

    bubblewrap dies with its parent, but not when the parent dies while the sandbox is being set up.
    """
    count = 0
    for base in _bases(root, own):
        for group in base.glob(f"{PREFIX}*"):
            if dead(group.name.removeprefix(PREFIX).rpartition(":")[0]):
                left = Group(group, memory=False)
                left.kill()
                left.remove()
                count += 1
    return count


def _bases(root: Path, own: Path) -> list[Path]:
    try:
        lines = [line.split(":", 2) for line in own.read_text().splitlines()]
    except OSError:
        return []
    found = []
    for _, controllers, path in lines:
        mine = path.lstrip("/")
        if controllers == "" and (root / "cgroup.controllers").exists():
            found += [root / mine, (root / mine).parent]
        if controllers == "pids":
            found.append(root / "pids" / mine)
    return [base for base in found if base.is_relative_to(root) and base.is_dir()]


def _bound(group: Path, name: str, value: int) -> bool:
    try:
        (group / name).write_text(str(value))
    except OSError:
        return False
    return True


def _event(path: Path, key: str) -> int:
    try:
        lines = path.read_text().splitlines()
    except OSError:
        return 0
    return sum(
        int(value) for name, _, value in (line.partition(" ") for line in lines) if name == key and value.isdigit()
    )
