"""What a sandbox looks like from inside: constant paths, a small system, an environment that is the same everywhere."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORK = "/work"
HOME = "/home/dev"
TMP = "/tmp"
OUT = "/devtask/out"
SUPPORT = "/devtask/support"
ENV = "/env"
USER_ID = "1000"
DOOR = "/devtask/door"
RELAY = "/devtask/relay.py"
RELAY_PORT = 3128
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf")
"""What programs cannot do without of /etc: copied into one folder, because every mount costs time at each command."""
_BOUND_ETC = ("/etc/alternatives", "/etc/ssl", "/etc/ca-certificates")
_KERNEL = ("/proc/sys", "/proc/irq", "/proc/bus", "/proc/fs", "/proc/acpi", "/proc/scsi", "/proc/driver")
FIXED: Mapping[str, str] = {
    "HOME": HOME,
    "TMPDIR": TMP,
    "LANG": "C.UTF-8",
    "CI": "1",
    "PAGER": "cat",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


@dataclass(frozen=True)
class Mount:
    """A host folder or file shown inside, read-only unless `writable`."""

    source: Path
    target: str
    writable: bool = False

    def arguments(self) -> list[str]:
        return ["--bind" if self.writable else "--ro-bind", str(self.source), self.target]


def system_arguments(etc: Path) -> list[str]:
    """bwrap arguments for the read-only system: programs, libraries, and of /etc only what programs cannot do
    without.
    """
    found: list[str] = []
    for path in _SYSTEM:
        if Path(path).is_symlink():
            found += ["--symlink", str(Path(path).readlink()), path]
        elif Path(path).is_dir():
            found += ["--ro-bind", path, path]
    found += ["--ro-bind", str(etc), "/etc"]
    for path in _BOUND_ETC:
        if Path(path).is_dir():
            found += ["--ro-bind", path, path]
    return [*found, *interpreter_arguments()]


@cache
def kernel_arguments() -> tuple[str, ...]:
    """Kernel settings made read-only. bubblewrap leaves them alone where the folder itself cannot be written, but
    root's files inside can (seen: core_pattern of the host, when the service ran as root).
    """
    return tuple(part for path in _KERNEL if _writable_inside(path) for part in ("--ro-bind", path, path))


def _writable_inside(path: str) -> bool:
    places = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return any(os.access(place, os.W_OK) for place in places)


def interpreter_arguments(prefix: str = sys.base_prefix) -> list[str]:
    """The Python that runs us, without the packages that were installed beside it: they are the service's, not the
    repository's.
    """
    found = [] if prefix == "/usr" or prefix.startswith("/usr/") else ["--ro-bind", prefix, prefix]
    variables = {"base": prefix, "platbase": prefix, "installed_base": prefix, "installed_platbase": prefix}
    for name in ("purelib", "platlib"):
        packages = sysconfig.get_path(name, "posix_prefix", vars=variables)
        if Path(packages).is_dir() and packages not in found:
            found += ["--tmpfs", packages]
    return found


def interpreter() -> str:
    """The Python that repositories get where nothing else is configured; outside any virtual environment."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return str(Path(sys.base_prefix, "bin", version))


def search_path(first: Sequence[str]) -> str:
    """PATH inside: `first`, the repository's environment, the interpreter, the system, and last our stand-in for
    `python`.
    """
    own = os.fspath(Path(sys.base_prefix, "bin"))
    parts = [*first, f"{ENV}/bin", own, "/usr/local/bin", "/usr/bin", "/bin", f"{SUPPORT}/last"]
    return ":".join(dict.fromkeys(parts))
