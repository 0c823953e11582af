"""Pull requests as JSON."""

from __future__ import annotations

from devkit.github import gitrepo
from devkit.github.hub import Hub, node_id, stamp
from devkit.github.model import Json, Pull, Repo
from devkit.github.shapes import issues, repos, users

ZERO = "0" * 40
SHARED = (
    *("number", "state", "locked", "title", "user", "body", "labels", "milestone", "assignee", "assignees"),
    *("created_at", "updated_at", "closed_at", "author_association", "active_lock_reason", "comments_url"),
)


def _side(hub: Hub, repo: Repo, ref: str) -> Json:
    owner = hub.store.users[repo.owner_id]
    return {
        "label": f"{owner.login}:{ref}",
        "ref": ref,
        "sha": gitrepo.sha_of(hub, repo, f"refs/heads/{ref}") or ZERO,
        "user": users.user(hub, owner),
        "repo": repos.simple(hub, repo),
    }


def pull_simple(hub: Hub, repo: Repo, row: Pull) -> Json:
    parent = hub.store.issues[row.issue_id]
    url = hub.repo_url(repo, f"/pulls/{parent.number}")
    page = hub.web(repo, f"/pull/{parent.number}")
    as_issue = issues.issue(hub, repo, parent)
    head, base = _side(hub, hub.store.repos[row.head_repo_id], row.head_ref), _side(hub, repo, row.base_ref)
    links = {
        "self": url,
        "html": page,
        "issue": as_issue["url"],
        "comments": as_issue["comments_url"],
        "review_comments": f"{url}/comments",
        "review_comment": hub.repo_url(repo, "/pulls/comments{/number}"),
        "commits": f"{url}/commits",
        "statuses": hub.repo_url(repo, f"/statuses/{head['sha']}"),
    }
    return {
        "url": url,
        "id": row.id,
        "node_id": node_id("PR", row.id),
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": as_issue["url"],
        **{name: as_issue[name] for name in SHARED},
        "merged_at": stamp(row.merged),
        "merge_commit_sha": row.merge_sha,
        "requested_reviewers": [],
        "requested_teams": [],
        "commits_url": links["commits"],
        "review_comments_url": links["review_comments"],
        "review_comment_url": links["review_comment"],
        "statuses_url": links["statuses"],
        "head": head,
        "base": base,
        "_links": {name: {"href": href} for name, href in links.items()},
        "auto_merge": None,
        "draft": row.draft,
    }


def pull(hub: Hub, repo: Repo, row: Pull) -> Json:
    shown = pull_simple(hub, repo, row)
    changed = gitrepo.counts(hub, repo, shown["base"]["sha"], shown["head"]["sha"])
    return (
        shown
        | {
            "merged": row.merged is not None,
            "mergeable": None if row.merged else True,
            "rebaseable": None if row.merged else True,
            "mergeable_state": "unknown" if row.merged else "clean",
            "merged_by": users.user_by_id(hub, row.merged_by_id),
            "comments": len(hub.store.comments_of(hub.store.issues[row.issue_id])),
            "review_comments": 0,
            "maintainer_can_modify": False,
        }
        | changed
    )
