"""The machine: folders and disk, the user, git, the sandbox."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from cli.findings import Finding, fine, warning, wrong
from ghapp.gate.facts import GIB
from jobs.sandbox.probe import probe
from state.settings import Settings

LEAST_GIT = (2, 38)  # safe.bareRepository


def folders(settings: Settings) -> list[Finding]:
    """Each folder can be written and its disk has the reserve below which the gate takes nothing in."""
    named = {"DATA_PATH": settings.data_path, "REPOS_PATH": settings.repos_path, "LOGS_PATH": settings.logs_path}
    return [_folder(name, path) for name, path in named.items()]


def _folder(name: str, path: Path) -> Finding:
    there = next(folder for folder in (path, *path.parents) if folder.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        mend = f"Create {path} and give it to the service's user: install -d -o USER -m 700 {path}"
        return wrong("disk", f"{name}: {there} cannot be written", mend)
    free = shutil.disk_usage(there).free
    text = f"{name}: {path}, {free / GIB:.1f} GiB free"
    if free < GIB:
        return wrong("disk", text, "Free space: below 1 GiB the gate refuses deliveries with 503.")
    return fine("disk", text)


def user(_: Settings) -> list[Finding]:
    """The service is nobody special."""
    if os.geteuid() == 0:
        text = "this runs as root; commands of repositories run under another user id inside the sandbox only"
        return [warning("user", text, "Run the service as a user of its own, as packaging/systemd does.")]
    return [fine("user", f"this runs as user {os.geteuid()}, not as root")]


def git(_: Settings) -> list[Finding]:
    """The git that the workers call."""
    try:
        said = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError) as error:
        return [wrong("git", f"git does not run: {error}", "Install it: apt-get install git")]
    found = re.search(r"(\d+)\.(\d+)", said)
    if found is None or (int(found[1]), int(found[2])) < LEAST_GIT:
        return [wrong("git", said.strip(), f"Version {LEAST_GIT[0]}.{LEAST_GIT[1]} or newer is needed.")]
    return [fine("git", said.strip())]


def sandbox(settings: Settings) -> list[Finding]:
    """A command is really run in the sandbox."""
    kind = "none" if settings.sandbox == "none" else "bwrap"
    seen = probe(kind)
    if kind == "none":
        return [warning("sandbox", seen.reason, seen.mend)]
    if not seen.ok:
        return [wrong("sandbox", f"nothing will be executed: {seen.reason}", seen.mend)]
    if seen.weak:
        mend = "Let the service manage a cgroup (systemd: Delegate=yes), or accept it."
        return [warning("sandbox", f"bubblewrap works; not bounded here: {', '.join(seen.weak)}", mend)]
    return [fine("sandbox", "bubblewrap works; a trial command was contained")]
