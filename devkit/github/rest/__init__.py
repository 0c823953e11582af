"""REST v3, one module per area; importing this package fills the route table."""

from devkit.github.rest import apps, branches, checks, comments, commits, issues, labels, misc, pulls, reactions, repos

__all__ = [
    "apps",
    "branches",
    "checks",
    "comments",
    "commits",
    "issues",
    "labels",
    "misc",
    "pulls",
    "reactions",
    "repos",
]
