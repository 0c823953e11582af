"""The repository's dependencies, installed once in a sandbox of their own and then only read.

    REPOS_PATH/envs/<repository id>/<lock and interpreter>/env      what commands see as /env
                                                       /log.txt     what the installation said

Built under a temporary name and renamed when it is whole, so a half-made one is never used; one process builds at a
time.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from jobs.git.hygiene import remove_tree
from jobs.git.mirror import Mirror
from jobs.git.workspace import checkout
from jobs.sandbox.box import Sandbox
from jobs.sandbox.layout import ENV, WORK, Mount
from jobs.sandbox.limits import Limits, Result
from jobs.setup.config import PATH
from jobs.setup.detect import SetupPlan
from jobs.setup.indexes import Indexes
from state.errors import Told
from state.failpoint import failpoint

SECONDS = 1_200.0
TAIL = 3_000
_LIMITS = Limits(file_bytes=8_192 * 1024 * 1024)


@dataclass(frozen=True)
class Environment:
    """What a task's sandbox gets besides its tree."""

    kind: str
    folder: Path | None = None
    mounts: tuple[Mount, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    log: str = ""
    built: bool = False


class SetupFailed(Told):
    """The dependencies could not be installed. `log` is the end of what the command said."""

    def __init__(self, command: str, result: Result) -> None:
        super().__init__("setup.failed", "setup.hint", command=command, log=result.output[-TAIL:])
        self.command = command
        self.result = result

    @property
    def log(self) -> str:
        return self.result.output[-TAIL:]

    @property
    def advice(self) -> str:
        """What to put into the configuration."""
        return f"{PATH}:\nsetup:\n  - python3 -m venv /env\n  - /env/bin/pip install -r requirements.txt\n"


@dataclass(frozen=True)
class Builder:
    """Makes or finds environments. `kind` is the sandbox's; `indexes` are the host's package indexes without
    credentials.
    """

    mirror: Mirror
    indexes: Indexes
    kind: str = "bwrap"
    seconds: float = SECONDS

    def prepare(self, plan: SetupPlan, commit: str, cancel: Callable[[], bool] | None = None) -> Environment:
        """The environment for this plan, built from `commit` if it is not there yet. Raises SetupFailed."""
        if not plan.commands:
            return Environment(plan.kind)
        folder = self.mirror.repos / "envs" / str(self.mirror.repo_id) / _name(plan)
        if (folder / "done.json").exists():
            return self._environment(plan, folder, built=False)
        with _lock(folder):
            if not (folder / "done.json").exists():
                self._build(plan, commit, folder, cancel)
                return self._environment(plan, folder, built=True)
        return self._environment(plan, folder, built=False)

    def _build(self, plan: SetupPlan, commit: str, folder: Path, cancel: Callable[[], bool] | None) -> None:
        for leftover in folder.parent.glob(f".{folder.name}.*.tmp"):
            remove_tree(leftover)
        # without a sandbox there is no constant /env, and a virtual environment cannot be moved: built where it stays
        in_place = self.kind == "none"
        temporary = folder if in_place else folder.with_name(f".{folder.name}.{os.getpid()}.tmp")
        remove_tree(temporary)
        (temporary / "env").mkdir(parents=True)
        try:
            log = self._install(plan, commit, temporary, cancel)
            failpoint("setup.rename")
            (temporary / "log.txt").write_text(log)
            (temporary / "done.json").write_text(json.dumps({"kind": plan.kind, "commands": plan.commands}))
            if not in_place:
                remove_tree(folder)
                temporary.rename(folder)
        finally:
            if temporary != folder or not (folder / "done.json").exists():
                remove_tree(temporary)

    def _install(self, plan: SetupPlan, commit: str, temporary: Path, cancel: Callable[[], bool] | None) -> str:
        checkout(self.mirror, commit, temporary / "work")
        box = Sandbox(
            temporary / "work" / "tree",
            temporary / "scratch",
            kind=self.kind,
            mounts=(Mount(temporary / "env", ENV, writable=True), *self.indexes.mounts),
            env=dict(self.indexes.env),
            limits=_LIMITS,
            network=True,
        )
        for path, text in plan.files:
            (box.scratch / path.lstrip("/")).write_text(text)
        log = []
        try:
            for command in plan.commands:
                result = box.run(
                    self._placed(command, box, temporary), timeout=self.seconds, cancel=cancel, show=20_000
                )
                log.append(f"$ {command}\n{result.output}")
                if result.exit_code:
                    raise SetupFailed(command, result)
        finally:
            box.close()
            for name in ("work", "scratch"):
                remove_tree(temporary / name)
        return "".join(log)

    def _placed(self, command: str, box: Sandbox, temporary: Path) -> str:
        if self.kind == "bwrap":
            return command
        return command.replace(f"{ENV}", str(temporary / "env")).replace("/tmp/", f"{box.scratch / 'tmp'}/")

    def _environment(self, plan: SetupPlan, folder: Path, *, built: bool) -> Environment:
        mounts = [Mount(folder / "env", ENV)]
        if (folder / "env" / "node_modules").is_dir():
            mounts.append(Mount(folder / "env" / "node_modules", f"{WORK}/node_modules"))
        shown = ENV if self.kind == "bwrap" else str(folder / "env")
        env = {"VIRTUAL_ENV": shown} if (folder / "env" / "bin").is_dir() else {}
        return Environment(
            plan.kind, folder / "env", tuple(mounts), env, (folder / "log.txt").read_text()[-TAIL:], built
        )


def _name(plan: SetupPlan) -> str:
    parts = (plan.lock, sys.version, sys.base_prefix, platform.machine())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
