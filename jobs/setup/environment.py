"""The repository's dependencies, installed once in a sandbox of their own and then only read. The sandbox has no
network; the only way out is `jobs.setup.gateway`.

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
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ghapp.emit.inert import code, fence
from jobs.git.hygiene import remove_tree
from jobs.git.mirror import Mirror
from jobs.git.workspace import checkout
from jobs.sandbox.box import Sandbox
from jobs.sandbox.layout import ENV, RELAY_PORT, WORK, Mount
from jobs.sandbox.limits import Limits, Result
from jobs.setup.advice import advice
from jobs.setup.detect import SetupPlan
from jobs.setup.diagnose import Cause, diagnose, error_lines
from jobs.setup.gateway import Caps, Gateway
from jobs.setup.hosts import written
from jobs.setup.indexes import Indexes
from jobs.setup.toolchains import shown, toolchains
from state.errors import Told
from state.failpoint import failpoint

SECONDS = 1_200.0
TAIL = 3_000
SHOW = 1_000_000
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
    """The dependencies could not be installed: `diagnosis` says why, `log` holds the lines that matter."""

    def __init__(self, command: str, result: Result, refused: tuple[str, ...] = (), spent: bool = False) -> None:
        found = diagnose(result.output, timed_out=result.timed_out, limit=result.limit, refused=refused, spent=spent)
        self.command, self.result, self.diagnosis, self.refused = command, result, found, refused
        self.log = error_lines(result.output) or "(nothing)"
        super().__init__(f"setup.failed.{found.cause}", None, **self._params())

    def _params(self) -> dict[str, object]:
        first = " ".join(self.command.split())
        command = code(first if len(first) <= 200 else f"{first[:199]}…")
        params: dict[str, object] = {"command": command, "advice": fence(self.advice, "yaml"), "log": fence(self.log)}
        if self.diagnosis.cause in (Cause.HOST, Cause.PYTHON, Cause.SYSTEM):
            params["what"] = code(self.diagnosis.what)
        if self.diagnosis.cause is Cause.TIME:
            params["seconds"] = round(self.result.seconds)
        return params

    @property
    def advice(self) -> str:
        """What to put into the configuration."""
        return advice(self.diagnosis, self.command)


@dataclass(frozen=True)
class Builder:
    """Makes or finds environments. `kind` is the sandbox's; `indexes` are the host's package indexes without
    credentials; `network` are the repository's own hosts; `seconds` is for the whole of it.
    """

    mirror: Mirror
    indexes: Indexes
    kind: str = "bwrap"
    seconds: float = SECONDS
    network: tuple[str, ...] = ()
    caps: Caps = field(default_factory=Caps)

    def ready(self, plan: SetupPlan) -> bool:
        """Whether nothing has to be installed for this plan."""
        return not plan.commands or (self._folder(plan) / "done.json").exists()

    def _folder(self, plan: SetupPlan) -> Path:
        return self.mirror.repos / "envs" / str(self.mirror.repo_id) / _name(plan)

    def prepare(self, plan: SetupPlan, commit: str, cancel: Callable[[], bool] | None = None) -> Environment:
        """The environment for this plan, built from `commit` if it is not there yet. Raises SetupFailed."""
        if not plan.commands:
            mounts, folders = toolchains(plan.kind)
            return Environment(plan.kind, mounts=mounts, env={**plan.env, **shown(folders)})
        folder = self._folder(plan)
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
        door = temporary / "door" if self.kind == "bwrap" else None
        hosts = (*self.indexes.hosts(plan.clients), *(written(host) for host in self.network))
        try:
            with Gateway(hosts, door, self.indexes.upstream, self.caps) as gateway:
                return self._run(plan, self._box(plan, temporary, gateway), temporary, gateway, cancel)
        finally:
            for name in ("work", "scratch"):
                remove_tree(temporary / name)

    def _box(self, plan: SetupPlan, temporary: Path, gateway: Gateway) -> Sandbox:
        mounts, folders = toolchains(plan.kind)
        url = f"http://127.0.0.1:{RELAY_PORT}" if gateway.socket_path else gateway.url
        return Sandbox(
            temporary / "work" / "tree",
            temporary / "scratch",
            kind=self.kind,
            mounts=(Mount(temporary / "env", ENV, writable=True), *self.indexes.mounts, *mounts),
            env={**self.indexes.env, **_ways_out(url), **shown(folders)},
            limits=_LIMITS,
            door=gateway.socket_path,
        )

    def _run(
        self, plan: SetupPlan, box: Sandbox, temporary: Path, gateway: Gateway, cancel: Callable[[], bool] | None
    ) -> str:
        for path, text in plan.files:
            (box.scratch / path.lstrip("/")).write_text(text)
        log, end = [], time.monotonic() + self.seconds
        try:
            for command in plan.commands:
                left = max(1.0, end - time.monotonic())
                result = box.run(self._placed(command, box, temporary), timeout=left, cancel=cancel, show=SHOW)
                log.append(f"$ {command}\n{result.output}")
                if result.exit_code:
                    raise SetupFailed(command, result, gateway.refused, gateway.spent is not None)
        finally:
            box.close()
        asked = "".join(f"(refused: {host})\n" for host in gateway.refused)
        return "".join(log) + asked

    def _placed(self, command: str, box: Sandbox, temporary: Path) -> str:
        if self.kind == "bwrap":
            return command
        return command.replace(f"{ENV}", str(temporary / "env")).replace("/tmp/", f"{box.scratch / 'tmp'}/")

    def _environment(self, plan: SetupPlan, folder: Path, *, built: bool) -> Environment:
        mounts = [Mount(folder / "env", ENV)]
        if (folder / "env" / "node_modules").is_dir():
            mounts.append(Mount(folder / "env" / "node_modules", f"{WORK}/node_modules"))
        nested = folder / "env" / "nested"
        mounts += [Mount(one, f"{WORK}/{one.relative_to(nested)}") for one in _modules(nested)]
        more, folders = toolchains(plan.kind)
        place = ENV if self.kind == "bwrap" else str(folder / "env")
        env = {"VIRTUAL_ENV": place} if (folder / "env" / "bin").is_dir() else {}
        own = {
            name: value.replace(ENV, place, 1) if value.startswith(ENV) else value for name, value in plan.env.items()
        }
        log = (folder / "log.txt").read_text()[-TAIL:]
        return Environment(plan.kind, folder / "env", (*mounts, *more), {**env, **own, **shown(folders)}, log, built)


def _modules(nested: Path) -> list[Path]:
    """The outermost node_modules below a folder."""
    found = []
    for folder, names, _ in os.walk(nested):
        if "node_modules" in names:
            found.append(Path(folder, "node_modules"))
            names.remove("node_modules")
    return sorted(found)


def _ways_out(url: str) -> dict[str, str]:
    """Every client's name for the proxy; what runs inside talks to itself without it."""
    names = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "YARN_HTTP_PROXY", "YARN_HTTPS_PROXY")
    local = "localhost,127.0.0.1,::1"
    return {**dict.fromkeys(names, url), "NO_PROXY": local, "no_proxy": local}


def _name(plan: SetupPlan) -> str:
    parts = (plan.lock, sys.version, sys.base_prefix, platform.machine())
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[None]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f"{folder.name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
