"""What follows when a ref moved: ledger, webhooks, check suites, workflow runs, pull requests."""

from __future__ import annotations

import re

from devkit.github import gitrepo
from devkit.github.auth import covers
from devkit.github.hooks import events
from devkit.github.hub import Hub
from devkit.github.model import CheckSuite, Json, Push, Repo, User, WorkflowRun, now
from devkit.github.ops import checks
from devkit.github.shapes import pushes as shape

ZERO = "0" * 40
SKIP = re.compile(r"\[(skip ci|ci skip|no ci|skip actions|actions skip)\]")
SKIP_TRAILER = re.compile(r"\n\n\n(?:[\w-]+: ?.*\n)*skip-checks: ?true\s*\Z")


def move(hub: Hub, repo: Repo, user: User, ref: str, old: str | None, new: str | None) -> None:
    """Create, move or delete a ref from the API. CalledProcessError when it changed meanwhile."""
    if new is None:
        gitrepo.git(hub, repo, "update-ref", "-d", ref, old or ZERO)
    else:
        gitrepo.git(hub, repo, "update-ref", ref, new, old or ZERO)
    moved(hub, repo, user, ref, old or ZERO, new or ZERO)


def moved(hub: Hub, repo: Repo, user: User, ref: str, old: str, new: str) -> Push:
    """Record one moved ref and send what GitHub sends for it."""
    forced = ZERO not in (old, new) and not gitrepo.is_ancestor(hub, repo, old, new)
    with hub.lock:
        row = hub.store.pushes.save(Push(hub.store.next_id(), repo.id, ref, old, new, user.id, forced))
        repo.pushed = repo.updated = now()
        hub.store.repos.save(repo)
    events.send(hub, "push", repo, user, shape.push(hub, repo, row))
    if ref.startswith("refs/heads/") and new != ZERO:
        _after_branch(hub, repo, user, ref.removeprefix("refs/heads/"), old, new)
    return row


def _after_branch(hub: Hub, repo: Repo, user: User, branch: str, old: str, new: str) -> None:
    for installation in hub.store.installations:
        if installation.permissions.get("checks") == "write" and covers(installation, repo):
            suite = checks.ensure_suite(hub, repo, installation.app_id, new, branch, old)
            events.check_suite(hub, "requested", repo, suite, user)
    message = gitrepo.commit(hub, repo, new)["message"]
    if not skips_ci(message):
        _run_workflows(hub, repo, branch, new)
    for pull in hub.store.pulls:
        if pull.head_repo_id == repo.id and pull.head_ref == branch and pull.merged is None:
            extra: Json = {"before": old, "after": new}
            events.pull_request(hub, "synchronize", repo, pull, user, **extra)


def skips_ci(message: str) -> bool:
    """Whether a head commit's message skips push and pull_request workflows."""
    return bool(SKIP.search(message) or SKIP_TRAILER.search(message))


def _run_workflows(hub: Hub, repo: Repo, branch: str, sha: str) -> None:
    listed = gitrepo.text(hub, repo, "ls-tree", "--name-only", sha, ".github/workflows/", check=False)
    for path in [name for name in listed.splitlines() if name.endswith((".yml", ".yaml"))]:
        run = WorkflowRun(hub.store.next_id(), repo.id, sha, branch, "push", path)
        hub.store.workflow_runs.save(run)
        checks.actions_run(hub, repo, run)


__all__ = ["CheckSuite", "move", "moved", "skips_ci"]
