"""Toolchains of this machine that stand outside the system's folders, such as a user's Rust: shown read-only."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from jobs.sandbox.box import MORE_PATH
from jobs.sandbox.layout import Mount

_SYSTEM = ("/usr/", "/bin/", "/sbin/", "/lib/")
_NEEDED = {
    "go": ("go",),
    "cargo": ("cargo",),
    **dict.fromkeys(("npm", "pnpm", "yarn"), ("node",)),
    "uv": ("uv",),
    "poetry": (),
    "pip": (),
    "none": (),
    "configured": ("go", "cargo", "node", "uv"),
}


def toolchains(kind: str) -> tuple[tuple[Mount, ...], tuple[str, ...]]:
    """What to show besides, and folders for the end of PATH, for a plan of this kind."""
    names = dict.fromkeys(name for part in kind.split("+") for name in _NEEDED.get(part, ()))
    found = [place for name in names if (place := _place(name))]
    return tuple(Mount(root, str(root)) for root, _ in found), tuple(folder for _, folder in found)


@cache
def _place(name: str) -> tuple[Path, str] | None:
    """The root of a toolchain and its folder of programs; None where the system shows it anyway or has none."""
    path = shutil.which(name)
    if path is None:
        return None
    if name == "cargo":
        return _rust(path)
    real = Path(path).resolve()
    if str(real).startswith("/usr/local/go/"):
        return Path("/usr/local/go"), "/usr/local/go/bin"
    if str(real).startswith(_SYSTEM):
        return None
    root, home = real.parent.parent, Path.home()
    own = not home.is_relative_to(root) and root not in (home / ".local", Path("/opt"))
    return (root if own and name != "uv" else real), str(real.parent)


def _rust(path: str) -> tuple[Path, str] | None:
    """rustup's programs only choose a toolchain, so the one that they choose is asked for."""
    try:
        said = subprocess.run(
            [str(Path(path).with_name("rustc")), "--print", "sysroot"],
            capture_output=True,
            text=True,
            timeout=20,
            cwd="/",
            check=False,
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return None
    root = Path(said)
    return None if not said or str(root).startswith("/usr") or root == Path("/") else (root, str(root / "bin"))


def shown(folders: Sequence[str]) -> dict[str, str]:
    """The variable that hands the folders to the sandbox's PATH."""
    return {MORE_PATH: ":".join(folders)} if folders else {}
