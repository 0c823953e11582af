"""The few files of ours that a sandbox sees: who it runs as, how its shell reports, the stand-in for git."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from jobs.sandbox.execute import STATUS_FD
from jobs.sandbox.layout import ETC, HOME, USER_ID, interpreter
from jobs.sandbox.shim import GIT_WRAPPER

_STATUS = f'__s=("$?" "${{PIPESTATUS[@]}}"); trap - EXIT; printf "s %s\\n" "${{__s[*]}}" >&{STATUS_FD}'
_LEFT = f"""for __p in /proc/[0-9]*; do __p=${{__p#/proc/}}
  if [ "$__p" != 1 ] && [ "$__p" != "$$" ] && read -r __c </proc/$__p/comm; then echo "b $__p $__c"; fi
done >&{STATUS_FD} 2>/dev/null"""
FILES = {
    "shell": f"unset BASH_ENV\ntrap '{_STATUS}' EXIT\n",
    "shell-own-pids": f"unset BASH_ENV\ntrap '{_STATUS}\n{_LEFT}' EXIT\n",
    "etc/passwd": f"dev:x:{USER_ID}:{USER_ID}:dev:{HOME}:/bin/bash\nroot:x:0:0:root:/root:/bin/sh\n",
    "etc/group": f"dev:x:{USER_ID}:\nroot:x:0:\n",
    "etc/hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "bin/git": GIT_WRAPPER,
}


def write_support(folder: Path) -> Path:
    """Writes the files (again, where they differ) into `folder` and returns it. Only ever shown read-only."""
    _copy_etc(folder / "etc", ETC)
    for name, text in FILES.items():
        path = folder / name
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        path.chmod(0o755 if name.startswith("bin/") else 0o644)
    python = folder / "last" / "python"
    python.parent.mkdir(exist_ok=True)
    if not python.is_symlink():
        python.symlink_to(interpreter())
    return folder


def _copy_etc(folder: Path, names: Sequence[str]) -> None:
    for path in (folder / "alternatives", folder / "ssl", folder / "ca-certificates"):
        path.mkdir(parents=True, exist_ok=True)
    for name in names:
        source, target = Path("/etc", name), folder / name
        if not source.exists() or (target.exists() and target.stat().st_mtime >= source.stat().st_mtime):
            continue
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, symlinks=True)
        else:
            shutil.copy2(source, target)
