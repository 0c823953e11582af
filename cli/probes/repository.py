"""One repository: what would be run for it, by the same code that runs it. A folder here, or owner/name by the App."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ghapp.clients.errors import Gone
from jobs.git.facts import base_branch, branch_commit, is_empty
from jobs.git.mirror import Mirror
from jobs.git.remote import Remote, local_remote
from jobs.git.runner import Git
from jobs.repository import remote_for
from jobs.runtime import Runtime
from jobs.setup.config import PATH, RepoConfig, parse_config, read_config
from jobs.setup.indexes import host_indexes
from jobs.setup.report import values, would_run
from jobs.setup.source import AtCommit, Files, Source
from state.errors import Told
from state.views import RepoRef

READ = {"metadata": "read"}
MOST_FILES = 20_000
MOST_BYTES = 1_000_000
_PASSED_OVER = {".git", "node_modules", ".venv", "venv", "__pycache__", "target"}


@dataclass(frozen=True)
class Place:
    """Where the files are read: a branch's commit, or (`commit` None) a folder as it lies there."""

    name: str
    source: Source
    config: RepoConfig
    base: str | None = None
    commit: str | None = None


def examined(wanted: str, here: Callable[[], Runtime]) -> dict[str, Any]:
    """What would be run, as values for JSON; `here` is the installation, asked for only where the App must read.

    Raises Told (ConfigError too), GitError, the errors of ghapp.clients.
    """
    with _place(wanted, here) as place:
        found = would_run(place.source, place.config)
        hosts = [str(host) for host in host_indexes(os.environ).hosts(found.setup.clients)]
        head = {"repository": place.name, "base": place.base, "commit": place.commit}
        return head | values(found, hosts)


@contextmanager
def _place(wanted: str, here: Callable[[], Runtime]) -> Iterator[Place]:
    folder = Path(wanted).expanduser()
    with tempfile.TemporaryDirectory(prefix="devtask-doctor-") as temporary:
        if not folder.is_dir():
            yield _remote(wanted, Path(temporary), here)
        elif (folder / ".git").exists() or (folder / "HEAD").is_file():
            git = Git(folder / ".git" if (folder / ".git").is_dir() else folder)
            _, said, _ = git.raw("symbolic-ref", "--short", "HEAD", stdin=b"", env=None, remote=None, seconds=30)
            yield _at_base(str(folder), Path(temporary), local_remote(folder), said.decode().strip() or "main")
        else:
            files = _files(folder)
            text = files.read(PATH)
            yield Place(str(folder), files, parse_config(text.encode()) if text is not None else RepoConfig())


def _at_base(name: str, temporary: Path, remote: Remote, default: str) -> Place:
    """The base branch as a task would choose it: configured, else the usual one."""
    mirror = Mirror(temporary, 1)
    mirror.sync(remote)
    if is_empty(mirror):
        raise Told(f"{name} has no commit yet.", "Make the first commit; a task needs one to branch from.")
    base, commit = _branch(mirror, default, None)
    config = read_config(mirror, commit)
    if config.base and config.base != base:
        base, commit = _branch(mirror, default, config.base)
        config = read_config(mirror, commit)
    return Place(name, AtCommit(mirror, commit), config, base, commit)


def _branch(mirror: Mirror, default: str, wanted: str | None) -> tuple[str, str]:
    base = base_branch(mirror, default, wanted)
    commit = branch_commit(mirror, base) if base else None
    if base is None or commit is None:
        raise Told(f"There is no branch {wanted or default} to start from.", f"Mend `base` in {PATH}.")
    return base, commit


def _remote(wanted: str, temporary: Path, here: Callable[[], Runtime]) -> Place:
    owner, _, name = wanted.partition("/")
    if not owner or not name or "/" in name or wanted.startswith("."):
        raise Told(f"{wanted} is neither a folder nor owner/name.", "Name a folder of this machine, or owner/name.")
    runtime = here()
    try:
        ref = _ref(runtime, owner, name)
        facts = runtime.github.talk(ref).repo_facts()
        return _at_base(wanted, temporary, remote_for(runtime, ref, facts, "read"), facts.default_branch)
    finally:
        runtime.github.close()


def _ref(runtime: Runtime, owner: str, name: str) -> RepoRef:
    """The repository's numbers; its own id stands in the answer to a token that may do nothing else."""
    try:
        installation = int(runtime.github.as_app("GET", f"/repos/{owner}/{name}/installation")["id"])
    except Gone:
        raise Told(f"The App is not installed on {owner}/{name}.", "Install it there, or name a folder.") from None
    asked = {"repositories": [name], "permissions": READ}
    token = runtime.github.as_app("POST", f"/app/installations/{installation}/access_tokens", asked)
    return RepoRef(int(token["repositories"][0]["id"]), f"{owner}/{name}", installation)


def _files(folder: Path) -> Files:
    found: dict[str, str] = {}
    for where, names, files in os.walk(folder):
        names[:] = [name for name in names if name not in _PASSED_OVER]
        for name in files:
            path = Path(where, name)
            if len(found) < MOST_FILES and path.is_file() and path.stat().st_size <= MOST_BYTES:
                found[str(path.relative_to(folder))] = path.read_text(errors="replace")
    return Files(found)


def shown(found: dict[str, Any]) -> Iterator[str]:
    """Lines for a terminal."""
    at = f"{found['base']} at {found['commit'][:12]}" if found["commit"] else "the folder as it lies there"
    yield f"{'repository':<10} {found['repository']}"
    yield f"{'base':<10} {at}"
    yield f"{'read':<10} {found['configuration'] or f'no {PATH}: everything is detected'}"
    yield from _setup(found["setup"])
    yield from _tests(found["tests"])
    yield f"{'lint':<10} {found['lint'] or 'not configured'}"
    yield f"{'types':<10} {found['types'] or 'not configured'}"
    yield f"{'blocking':<10} {', '.join(found['blocking']) or 'critical and important checks alone'}"
    yield f"{'protected':<10} {', '.join(found['protected'])}"
    yield f"{'network':<10} indexes: {', '.join(found['network']['indexes']) or 'none'}"
    yield f"{'':<10} repository: {', '.join(found['network']['repository']) or 'none'}"


def _setup(setup: dict[str, Any]) -> Iterator[str]:
    yield f"{'setup':<10} {setup['kind']} ({setup['why']}), at most {setup['seconds']} s"
    yield from (f"{'':<10}   $ {command}" for command in setup["commands"] or ["nothing to install"])
    for path, text in setup["files"].items():
        yield f"{'':<10}   {path}: {' '.join(text.split())}"


def _tests(tests: dict[str, Any]) -> Iterator[str]:
    yield f"{'tests':<10} {tests['kind']} ({tests['why']}), at most {tests['seconds']} s"
    if tests["command"]:
        yield f"{'':<10}   $ {tests['command']}"
