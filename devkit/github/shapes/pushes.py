"""The push webhook."""

from __future__ import annotations

from devkit.github import gitrepo
from devkit.github.hub import Hub
from devkit.github.model import Json, Push, Repo
from devkit.github.shapes import repos, users
from devkit.github.shapes.commits import user_of_mail

ZERO = "0" * 40


def push(hub: Hub, repo: Repo, row: Push) -> Json:
    user = hub.store.users[row.user_id]
    deleted, created = row.after == ZERO, row.before == ZERO
    listed = [] if deleted or row.ref.startswith("refs/tags/") else _commits(hub, repo, row)
    head = listed[-1] if listed else (None if deleted else one(hub, repo, row.after))
    span = f"{row.before[:12]}...{row.after[:12]}"
    owner = users.user(hub, hub.store.users[repo.owner_id])
    times = {name: int(at) for name, at in (("created_at", repo.created), ("pushed_at", repo.pushed or repo.created))}
    more: Json = {"stargazers": 0, "master_branch": repo.default_branch, "url": hub.web(repo)}
    return {
        "ref": row.ref,
        "before": row.before,
        "after": row.after,
        "created": created,
        "deleted": deleted,
        "forced": row.forced,
        "base_ref": None,
        "compare": hub.web(repo, f"/compare/{span}"),
        "commits": listed,
        "head_commit": head,
        "repository": repos.hooked(hub, repo)
        | times
        | more
        | {"owner": owner | {"name": owner["login"], "email": f"{user.id}+{owner['login']}@users.noreply.github.com"}},
        "pusher": {"name": user.login, "email": f"{user.id}+{user.login}@users.noreply.github.com"},
    }


def _commits(hub: Hub, repo: Repo, row: Push) -> list[Json]:
    # A new branch lists what no other branch has; the ref itself already points at the new commit.
    others = [f"^{sha}" for ref, sha, _ in gitrepo.refs(hub, repo) if ref != row.ref] if row.before == ZERO else []
    span = [row.after, *others] if row.before == ZERO else [row.after, f"^{row.before}"]
    found = gitrepo.commits(hub, repo, "-2048", "--reverse", *span)
    return [_commit(hub, repo, commit) for commit in found]


def one(hub: Hub, repo: Repo, sha: str) -> Json:
    """A commit as webhooks carry it."""
    return _commit(hub, repo, gitrepo.commit(hub, repo, f"{sha}^{{commit}}"))


def _commit(hub: Hub, repo: Repo, row: Json) -> Json:
    shown = gitrepo.text(hub, repo, "diff-tree", "--root", "--no-commit-id", "--name-status", "-r", "-z", row["sha"])
    parts = shown.split("\x00")
    changed = list(zip(parts[0::2], parts[1::2], strict=False))
    return {
        "id": row["sha"],
        "tree_id": row["tree"],
        "distinct": True,
        "message": row["message"],
        "timestamp": row["committer"]["date"],
        "url": hub.web(repo, f"/commit/{row['sha']}"),
        "author": _person(hub, row["author"]),
        "committer": _person(hub, row["committer"]),
        "added": [name for kind, name in changed if kind == "A"],
        "removed": [name for kind, name in changed if kind == "D"],
        "modified": [name for kind, name in changed if kind not in ("A", "D")],
    }


def _person(hub: Hub, who: Json) -> Json:
    found = user_of_mail(hub, who["email"])
    named = {"name": who["name"], "email": who["email"], "date": who["date"]}
    return named | ({"username": found.login} if found else {})
