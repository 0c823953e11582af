"""Opening and merging pull requests."""

from __future__ import annotations

from devkit.github import gitrepo
from devkit.github.auth import Viewer
from devkit.github.errors import Refused, not_found
from devkit.github.hooks import events
from devkit.github.hub import Hub
from devkit.github.model import Issue, Pull, Repo, now
from devkit.github.ops.issues import actor_of, check_length, may_write, next_number


def create(
    hub: Hub, repo: Repo, viewer: Viewer, title: str, body: str | None, head: str, base: str, draft: bool
) -> Pull:
    """Open a pull request between two branches of one repository. 422: one is open for the pair, or no difference."""
    user = actor_of(viewer)
    check_length(body, "PullRequest")
    _check_new(hub, repo, head, base)
    with hub.lock:
        parent = Issue(hub.store.next_id(), repo.id, next_number(hub, repo), user.id, title, body, app_id=viewer.app_id)
        row = Pull(hub.store.next_id(), repo.id, parent.id, head, base, repo.id, draft)
        parent.pull_id = row.id
        hub.store.pulls.save(row)
        hub.store.add_issue(parent)
    events.pull_request(hub, "opened", repo, row, user)
    return row


def _check_new(hub: Hub, repo: Repo, head: str, base: str) -> None:
    owner = hub.store.users[repo.owner_id].login
    for row in hub.store.pulls:
        same = (row.repo_id, row.head_ref, row.base_ref) == (repo.id, head, base)
        if same and hub.store.issues[row.issue_id].state == "open":
            _refuse(f"A pull request already exists for {owner}:{head}.")
    if not gitrepo.text(hub, repo, "rev-list", "-1", f"refs/heads/{base}..refs/heads/{head}"):
        _refuse(f"No commits between {base} and {head}")


def _refuse(message: str) -> None:
    error = {"resource": "PullRequest", "code": "custom", "message": message}
    raise Refused(422, "Validation Failed", errors=[error])


def close_merged(hub: Hub, repo: Repo, row: Pull, viewer: Viewer, sha: str) -> Pull:
    """Mark as merged with this merge commit; the caller has moved the base branch."""
    user, parent = actor_of(viewer), hub.store.issues[row.issue_id]
    row.merged, row.merged_by_id, row.merge_sha = now(), user.id, sha
    parent.state, parent.closed, parent.closed_by_id, parent.updated = "closed", row.merged, user.id, now()
    hub.store.pulls.save(row)
    hub.store.issues.save(parent)
    events.pull_request(hub, "closed", repo, row, user)
    return row


def merge(hub: Hub, repo: Repo, number: int, viewer: Viewer) -> Pull:
    """Merge with a merge commit, as the page's button. 404 none of that number, 405 conflicts, 403 without write."""
    from devkit.github.ops import pushes

    parent = hub.store.issue_numbered(repo, number)
    if parent is None or parent.pull_id is None:
        raise not_found()
    if not may_write(hub, repo, viewer):
        raise Refused(403, "Must have admin rights to Repository.")
    row = hub.store.pulls[parent.pull_id]
    base, head = (gitrepo.sha_of(hub, repo, f"refs/heads/{name}") or "" for name in (row.base_ref, row.head_ref))
    tree = gitrepo.text(hub, repo, "merge-tree", "--write-tree", base, head, check=False).splitlines()
    if len(tree) != 1:
        raise Refused(405, "Pull Request is not mergeable")
    user, message = actor_of(viewer), f"Merge pull request #{number} from {row.head_ref}\n\n{parent.title}"
    who = [f"-cuser.name={user.login}", f"-cuser.email={user.id}+{user.login}@users.noreply.github.com"]
    flags = [part for item in who for part in ("-c", item[2:])]
    sha = gitrepo.text(hub, repo, *flags, "commit-tree", tree[0], "-p", base, "-p", head, "-m", message)
    pushes.move(hub, repo, user, f"refs/heads/{row.base_ref}", base, sha)
    return close_merged(hub, repo, row, viewer, sha)
