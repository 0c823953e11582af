"""Commits, comparisons and changed files as JSON, from git itself."""

from __future__ import annotations

from devkit.github import gitrepo
from devkit.github.hub import Hub, node_id
from devkit.github.model import Json, Repo, User
from devkit.github.shapes import users

STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}


def user_of_mail(hub: Hub, mail: str) -> User | None:
    """The account of a noreply address ``ID+login@users.noreply...`` or of ``login@...`` that names a user here."""
    name = mail.split("@")[0]
    number, _, login = name.partition("+")
    if login and number.isdigit():
        return hub.store.users.get(int(number))
    return hub.store.user_named(name)


def _person(hub: Hub, mail: str) -> Json | None:
    found = user_of_mail(hub, mail)
    return users.user(hub, found) if found else None


def commit(hub: Hub, repo: Repo, row: Json) -> Json:
    url = hub.repo_url(repo, f"/commits/{row['sha']}")
    git_url = hub.repo_url(repo, f"/git/commits/{row['sha']}")
    unsigned = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}
    return {
        "sha": row["sha"],
        "node_id": node_id("C", row["sha"]),
        "commit": {
            "author": row["author"],
            "committer": row["committer"],
            "message": row["message"],
            "tree": {"sha": row["tree"], "url": hub.repo_url(repo, f"/git/trees/{row['tree']}")},
            "url": git_url,
            "comment_count": 0,
            "verification": unsigned,
        },
        "url": url,
        "html_url": hub.web(repo, f"/commit/{row['sha']}"),
        "comments_url": f"{url}/comments",
        "author": _person(hub, row["author"]["email"]),
        "committer": _person(hub, row["committer"]["email"]),
        "parents": [
            {"sha": sha, "url": hub.repo_url(repo, f"/commits/{sha}"), "html_url": hub.web(repo, f"/commit/{sha}")}
            for sha in row["parents"]
        ],
    }


def files(hub: Hub, repo: Repo, old: str, new: str) -> list[Json]:
    """Changed files between two trees, with patches. ``old`` may be the empty tree."""
    options = ["--no-ext-diff", "--no-textconv", "-M", "--no-color"]
    raw = gitrepo.text(hub, repo, "diff", *options, "--raw", "--abbrev=40", "-z", old, new)
    stat = _numstat(gitrepo.text(hub, repo, "diff", *options, "--numstat", "-z", old, new))
    patches = _patches(gitrepo.text(hub, repo, "diff", *options, old, new))
    parts, found = raw.split("\x00"), []
    while len(parts) > 1:
        meta = parts.pop(0).split(" ")
        kind, first = meta[4][0], parts.pop(0)
        name = parts.pop(0) if kind in "RC" else first
        added, gone = stat.get(name, (0, 0))
        found.append(_file(hub, repo, new, name, meta[3] if kind != "D" else meta[2], STATUS.get(kind, "changed")))
        found[-1] |= {"additions": added, "deletions": gone, "changes": added + gone}
        if kind in "RC":
            found[-1]["previous_filename"] = first
        if len(patches) > len(found) - 1 and patches[len(found) - 1]:
            found[-1]["patch"] = patches[len(found) - 1]
    return found


def _file(hub: Hub, repo: Repo, new: str, name: str, blob: str, status: str) -> Json:
    return {
        "sha": blob,
        "filename": name,
        "status": status,
        "blob_url": hub.web(repo, f"/blob/{new}/{name}"),
        "raw_url": hub.web(repo, f"/raw/{new}/{name}"),
        "contents_url": hub.repo_url(repo, f"/contents/{name}?ref={new}"),
    }


def _numstat(shown: str) -> dict[str, tuple[int, int]]:
    parts, found = shown.split("\x00"), {}
    while len(parts) > 1:
        added, gone, name = parts.pop(0).split("\t")
        if not name:
            parts.pop(0)
            name = parts.pop(0)
        found[name] = (int(added) if added != "-" else 0, int(gone) if gone != "-" else 0)
    return found


def _patches(shown: str) -> list[str]:
    """The hunks of each file, in order, without the head lines; empty for binary files."""
    sections = [part for part in ("\n" + shown).split("\ndiff --git ")[1:]]
    return [section[section.index("\n@@ ") + 1 :] if "\n@@ " in section else "" for section in sections]
