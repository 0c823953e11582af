"""Which webhook a change sends, with its payload."""

from __future__ import annotations

from devkit.github.auth import covers
from devkit.github.hub import Hub
from devkit.github.model import CheckRun, CheckSuite, Comment, Installation, Issue, Json, Label, Pull, Repo, User
from devkit.github.shapes import checks, issues, pulls, repos, users

# An event reaches an App only with the permission that guards it.
GUARDS = {
    "issues": ("issues",),
    "issue_comment": ("issues", "pull_requests"),
    "pull_request": ("pull_requests",),
    "push": ("contents",),
    "check_run": ("checks",),
    "check_suite": ("checks",),
    "workflow_run": ("actions",),
    "repository": ("metadata",),
}
ALWAYS = ("check_suite",)  # sent to every App that may write checks, subscribed or not


def subject_guard(event: str, row: Issue) -> tuple[str, ...]:
    return GUARDS[event] if event != "issue_comment" else (("pull_requests", "issues") if row.pull_id else ("issues",))


def send(hub: Hub, event: str, repo: Repo, sender: User, body: Json, guards: tuple[str, ...] | None = None) -> None:
    """Send an event of a repository to the installation that covers it, if it asked for it and may read it."""
    for installation in hub.store.installations:
        if installation.suspended is not None or not covers(installation, repo):
            continue
        if event not in installation.events and event not in ALWAYS:
            continue
        if not any(name in installation.permissions for name in guards or GUARDS[event]):
            continue
        _post(hub, event, body, sender, installation, repo)


def _post(hub: Hub, event: str, body: Json, sender: User, installation: Installation, repo: Repo | None) -> None:
    payload = dict(body)
    if repo is not None:
        payload.setdefault("repository", repos.hooked(hub, repo))
        owner = hub.store.users[repo.owner_id]
        if owner.type == "Organization":
            payload["organization"] = organization(hub, owner)
    payload["sender"] = users.user(hub, sender)
    payload.setdefault("installation", {"id": installation.id, "node_id": f"MDIzOkludGVncmF0aW9u{installation.id}"})
    hub.sender.send(event, payload, installation, repo.id if repo else None)


def organization(hub: Hub, row: User) -> Json:
    url = hub.url(f"/orgs/{row.login}")
    shown = users.user(hub, row)
    links = {
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "description": None,
    }
    return {name: shown[name] for name in ("login", "id", "node_id", "avatar_url")} | {"url": url} | links


def issue(hub: Hub, action: str, repo: Repo, row: Issue, sender: User, **extra: Json) -> None:
    """``issues``; for a pull request the same change is a ``pull_request`` event."""
    if row.pull_id:
        pull_request(hub, action, repo, hub.store.pulls[row.pull_id], sender, **extra)
        return
    send(hub, "issues", repo, sender, {"action": action, "issue": issues.issue(hub, repo, row), **extra})


def labelled(hub: Hub, action: str, repo: Repo, row: Issue, label: Label, sender: User) -> None:
    issue(hub, action, repo, row, sender, label=issues.label(hub, repo, label))


def issue_comment(hub: Hub, action: str, repo: Repo, row: Comment, sender: User, old: str | None = None) -> None:
    parent = hub.store.issues[row.issue_id]
    body: Json = {
        "action": action,
        "issue": issues.issue(hub, repo, parent),
        "comment": issues.comment(hub, repo, row),
    }
    if action == "edited":
        body["changes"] = {"body": {"from": old}} if old is not None else {}
    send(hub, "issue_comment", repo, sender, body, subject_guard("issue_comment", parent))


def pull_request(hub: Hub, action: str, repo: Repo, pull: Pull, sender: User, **extra: Json) -> None:
    number = hub.store.issues[pull.issue_id].number
    body: Json = {"action": action, "number": number, "pull_request": pulls.pull(hub, repo, pull), **extra}
    send(hub, "pull_request", repo, sender, body)


def check_run(hub: Hub, action: str, repo: Repo, row: CheckRun, sender: User) -> None:
    send(hub, "check_run", repo, sender, {"action": action, "check_run": checks.hooked_run(hub, repo, row)})


def check_suite(hub: Hub, action: str, repo: Repo, row: CheckSuite, sender: User) -> None:
    send(hub, "check_suite", repo, sender, {"action": action, "check_suite": checks.hooked_suite(hub, repo, row)})


def repository(hub: Hub, action: str, repo: Repo, sender: User, changes: Json | None = None) -> None:
    send(hub, "repository", repo, sender, {"action": action} | ({"changes": changes} if changes else {}))


def installation(hub: Hub, action: str, row: Installation, sender: User) -> None:
    body: Json = {"action": action, "installation": users.installation(hub, row)}
    if action in ("created", "deleted", "new_permissions_accepted"):
        body["repositories"] = [repos.short(hub, repo) for repo in hub.store.repos if covers(row, repo)]
    _post(hub, "installation", body | {"requester": None}, sender, row, None)


def installation_repositories(
    hub: Hub, row: Installation, sender: User, added: list[Repo], removed: list[Repo]
) -> None:
    for action, changed in (("added", added), ("removed", removed)):
        if not changed:
            continue
        listed = [repos.short(hub, repo) for repo in changed]
        body: Json = {
            "action": action,
            "installation": users.installation(hub, row),
            "repository_selection": row.selection,
            "repositories_added": listed if action == "added" else [],
            "repositories_removed": listed if action == "removed" else [],
            "requester": None,
        }
        _post(hub, "installation_repositories", body, sender, row, None)
