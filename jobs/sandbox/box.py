"""The sandbox of one task: bubblewrap around each command, or, only where a person asked for it, a plain subprocess."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from jobs.git.hygiene import remove_tree
from jobs.sandbox import cgroup
from jobs.sandbox.execute import Job, execute
from jobs.sandbox.layout import (
    DOOR,
    ENV,
    FIXED,
    HOME,
    OUT,
    RELAY,
    RELAY_PORT,
    SUPPORT,
    TMP,
    USER_ID,
    WORK,
    Mount,
    interpreter,
    kernel_arguments,
    search_path,
    system_arguments,
)
from jobs.sandbox.limits import Limits, Result
from jobs.sandbox.shim import GIT_HOME
from jobs.sandbox.support import write_support

SHOW = 8_000
MORE_PATH = "DEVTASK_PATH"
"""Variable of `env` with more folders for PATH."""
_NAMESPACES = (
    "--unshare-user",
    "--disable-userns",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup",
    "--unshare-net",
)
RELAY_SCRIPT = Path(__file__).with_name("relay.py")


KINDS = ("bwrap", "none")


class SandboxRefused(Exception):
    """No sandbox can be had and none was waived: nothing is executed."""


@dataclass
class Sandbox:
    """Runs commands on `tree`; `scratch` is the host folder that keeps home, temporary files and outputs between
    commands.

    `kind` is `bwrap` or `none`. `mounts` are shown besides, `env` adds variables. `door` is a socket of the host that a
    relay inside hands its loopback port to; there is never any other network.
    """

    tree: Path
    scratch: Path
    kind: str = "bwrap"
    mounts: Sequence[Mount] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    door: Path | None = None
    _group: cgroup.Group | None = field(default=None, init=False)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1), init=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a sandbox is one of {KINDS}, not {self.kind!r}")
        for name in ("home", "tmp", "out", "git"):
            (self.scratch / name).mkdir(parents=True, exist_ok=True)
        write_support(self.scratch / "support")
        if self.kind == "bwrap":
            self._group = cgroup.make(self.limits)

    @property
    def root(self) -> str:
        """The repository's root as commands see it."""
        return WORK if self.kind == "bwrap" else str(self.tree)

    def run(
        self,
        command: str | Sequence[str],
        *,
        timeout: float,
        cancel: Callable[[], bool] | None = None,
        show: int = SHOW,
    ) -> Result:
        """Runs a shell command (fresh, never a login shell) or an argument list at the root; seconds to live,
        `cancel` is polled.
        """
        inner = ["/bin/bash", "-c", command] if isinstance(command, str) else list(command)
        name = f"command-{next(self._numbers):04d}.txt"
        sink = self.scratch / "out" / name
        shown_as = f"{OUT}/{name}" if self.kind == "bwrap" else str(sink)
        group, before = self._group, self._group.hits() if self._group else {}
        return execute(
            Job(
                argv=self._argv(inner),
                env={} if self.kind == "bwrap" else self.environment(),
                cwd=self.tree,
                sink=sink,
                shown_as=shown_as,
                limits=self.limits,
                timeout=timeout,
                show=show,
                cancel=cancel,
                hit=lambda: group.newly_hit(before) if group else None,
                kill=group.kill if group else lambda: None,
            )
        )

    def environment(self) -> dict[str, str]:
        """The whole environment of a command; nothing of the service's own."""
        if self.kind == "bwrap":
            path, shell = search_path([f"{SUPPORT}/bin"]), f"{SUPPORT}/shell-own-pids"
            return {"PATH": self._with_more(path), **FIXED, "BASH_ENV": shell, **self.env}
        support = self.scratch / "support"
        path = (
            search_path([f"{support}/bin"])
            .replace(ENV, self.env.get("VIRTUAL_ENV", ENV))
            .replace(SUPPORT, str(support))
        )
        own = {"HOME": str(self.scratch / "home"), "TMPDIR": str(self.scratch / "tmp"), "BASH_ENV": f"{support}/shell"}
        return {"PATH": self._with_more(path), **FIXED, **own, "DEVTASK_ROOT": str(self.tree), **self.env}

    def _with_more(self, path: str) -> str:
        """Toolchains outside the system's folders come last, so that they never stand in for what is there anyway."""
        return ":".join(filter(None, (path, self.env.get(MORE_PATH))))

    def clear(self) -> None:
        """Empties home, temporary files and outputs."""
        for name in ("home", "tmp", "out"):
            remove_tree(self.scratch / name)
            (self.scratch / name).mkdir()

    def close(self) -> None:
        """Gives the control group back. The folders stay."""
        if self._group is not None:
            self._group.kill()
            self._group.remove()
            self._group = None

    def _argv(self, inner: Sequence[str]) -> list[str]:
        join = f"echo 0 > {self._group.procs} || exit 125; " if self._group else ""
        launch = ["/bin/sh", "-c", f'{self.limits.shell()}{join}exec "$@"', "sh"]
        if self.kind != "bwrap":
            return [*launch, *inner]
        relay = [interpreter(), "-I", "-S", RELAY, str(RELAY_PORT), DOOR] if self.door else []
        return [*launch, *self._bwrap, *relay, *inner]

    @cached_property
    def _bwrap(self) -> list[str]:
        support = self.scratch / "support"
        own = [
            Mount(self.scratch / "tmp", TMP, writable=True),
            Mount(self.scratch / "home", HOME, writable=True),
            Mount(self.scratch / "git", GIT_HOME, writable=True),
            Mount(self.scratch / "out", OUT),
            Mount(support, SUPPORT),
            Mount(self.tree, WORK, writable=True),
            *([Mount(self.door, DOOR), Mount(RELAY_SCRIPT, RELAY)] if self.door else []),
            *self.mounts,
        ]
        return [
            bwrap_path(),
            *_NAMESPACES,
            *("--die-with-parent", "--new-session", "--cap-drop", "ALL", "--uid", USER_ID, "--gid", USER_ID),
            *("--hostname", "sandbox", "--proc", "/proc", "--dev", "/dev"),
            *("--size", str(self.limits.shm_bytes), "--tmpfs", "/dev/shm"),
            *kernel_arguments(),
            *system_arguments(support / "etc"),
            *(part for mount in own for part in mount.arguments()),
            *(part for name, value in self.environment().items() for part in ("--setenv", name, value)),
            *("--chdir", WORK, "--remount-ro", "/dev", "--remount-ro", "/", "--"),
        ]


def bwrap_path() -> str:
    """bubblewrap's place on this host. Raises SandboxRefused where it is missing."""
    found = shutil.which("bwrap")
    if found is None:
        raise SandboxRefused("bubblewrap is not installed")
    return found
