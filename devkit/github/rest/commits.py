"""Commits, comparison and file contents."""

from __future__ import annotations

import base64

from devkit.github import gitrepo
from devkit.github.errors import Refused, not_found
from devkit.github.model import Json
from devkit.github.routing import Answer, Call, route
from devkit.github.shapes import commits

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
COMMITS = "/repos/<owner>/<repo>/commits"


def sha_or_404(call: Call, ref: str) -> str:
    """The commit a ref names. 422 as GitHub says for no such commit."""
    found = gitrepo.commit_sha(call.hub, call.repo, ref.removeprefix("heads/"))
    if found is None:
        raise Refused(422, f"No commit found for SHA: {ref}")
    return found


@route("GET", COMMITS, "contents=read", reads_git=True)
def list_commits(call: Call) -> Answer:
    start = call.args.get("sha") or call.repo.default_branch
    sha = gitrepo.commit_sha(call.hub, call.repo, start)
    if sha is None:
        raise Refused(409, "Git Repository is empty.") if not gitrepo.refs(call.hub, call.repo) else not_found()
    path = call.args.get("path")
    rows = gitrepo.commits(call.hub, call.repo, "-1000", sha, "--", *([path] if path else []))
    return call.page(rows, lambda row: commits.commit(call.hub, call.repo, row))


@route("GET", COMMITS + "/<path:ref>", "contents=read", reads_git=True)
def get_commit(call: Call, ref: str) -> Answer:
    row = gitrepo.commit(call.hub, call.repo, sha_or_404(call, ref))
    parent = row["parents"][0] if row["parents"] else EMPTY_TREE
    changed = commits.files(call.hub, call.repo, parent, row["sha"])
    added, gone = sum(f["additions"] for f in changed), sum(f["deletions"] for f in changed)
    stats = {"additions": added, "deletions": gone, "total": added + gone}
    return Answer(200, commits.commit(call.hub, call.repo, row) | {"stats": stats, "files": changed})


@route("GET", "/repos/<owner>/<repo>/git/commits/<sha>", "contents=read", reads_git=True)
def get_git_commit(call: Call, sha: str) -> Answer:
    shown = commits.commit(call.hub, call.repo, gitrepo.commit(call.hub, call.repo, sha_or_404(call, sha)))
    inner = {name: shown["commit"][name] for name in ("author", "committer", "message", "tree", "verification")}
    outer = {name: shown[name] for name in ("sha", "node_id", "html_url", "parents")}
    return Answer(200, outer | inner | {"url": shown["commit"]["url"]})


@route("GET", "/repos/<owner>/<repo>/compare/<path:basehead>", "contents=read", reads_git=True)
def compare(call: Call, basehead: str) -> Answer:
    base_name, dots, head_name = basehead.partition("...")
    hub, repo = call.hub, call.repo
    base, head = gitrepo.commit_sha(hub, repo, base_name), gitrepo.commit_sha(hub, repo, head_name)
    if not dots or base is None or head is None:
        raise not_found()
    merge_base = gitrepo.text(hub, repo, "merge-base", base, head, check=False)
    if not merge_base:
        raise Refused(404, f"No common ancestor between {base_name} and {head_name}.")
    ahead = gitrepo.commits(hub, repo, "--reverse", f"{base}..{head}")
    behind = int(gitrepo.text(hub, repo, "rev-list", "--count", f"{head}..{base}"))
    states = {(False, False): "identical", (True, False): "ahead", (False, True): "behind", (True, True): "diverged"}
    url, page = hub.repo_url(repo, f"/compare/{basehead}"), hub.web(repo, f"/compare/{basehead}")
    body: Json = {
        "url": url,
        "html_url": page,
        "permalink_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "base_commit": commits.commit(hub, repo, gitrepo.commit(hub, repo, base)),
        "merge_base_commit": commits.commit(hub, repo, gitrepo.commit(hub, repo, merge_base)),
        "status": states[(bool(ahead), bool(behind))],
        "ahead_by": len(ahead),
        "behind_by": behind,
        "total_commits": len(ahead),
        "commits": [commits.commit(hub, repo, row) for row in ahead[:250]],
        "files": commits.files(hub, repo, merge_base, head)[:300],
    }
    return Answer(200, body)


@route("GET", "/repos/<owner>/<repo>/contents", "contents=read", reads_git=True)
@route("GET", "/repos/<owner>/<repo>/contents/<path:path>", "contents=read", reads_git=True)
def get_contents(call: Call, path: str = "") -> Answer:
    hub, repo, path = call.hub, call.repo, path.strip("/")
    ref = call.args.get("ref") or repo.default_branch
    sha = gitrepo.commit_sha(hub, repo, ref)
    if sha is None:
        raise Refused(404, f"No commit found for the ref {ref}") if call.args.get("ref") else not_found()
    if path:
        found = _entries(call, sha, path)
        if not found:
            raise not_found()
        if found[0]["type"] != "dir":
            return Answer(200, _with_text(call, found[0]))
    return Answer(200, _entries(call, sha, f"{path}/" if path else ""))


def _entries(call: Call, sha: str, path: str) -> list[Json]:
    args = ["--", path] if path else []
    shown = gitrepo.text(call.hub, call.repo, "ls-tree", "-l", "-z", sha, *args)
    return [_entry(call, sha, line) for line in shown.split("\x00") if line]


def _entry(call: Call, sha: str, line: str) -> Json:
    meta, path = line.split("\t", 1)
    mode, kind, blob, size = meta.split()
    shown = {"tree": "dir", "commit": "submodule"}.get(kind, "symlink" if mode == "120000" else "file")
    url = call.hub.repo_url(call.repo, f"/contents/{path}?ref={sha}")
    page = call.hub.web(call.repo, f"/{'tree' if kind == 'tree' else 'blob'}/{sha}/{path}")
    git_url = call.hub.repo_url(call.repo, f"/git/{kind}s/{blob}")
    return {
        "name": path.rsplit("/", 1)[-1],
        "path": path,
        "sha": blob,
        "size": int(size) if size != "-" else 0,
        "url": url,
        "html_url": page,
        "git_url": git_url,
        "download_url": call.hub.web(call.repo, f"/raw/{sha}/{path}") if kind == "blob" else None,
        "type": shown,
        "_links": {"self": url, "git": git_url, "html": page},
    }


def _with_text(call: Call, entry: Json) -> Json:
    if entry["type"] == "submodule":
        return entry
    data = gitrepo.git(call.hub, call.repo, "cat-file", "blob", entry["sha"])
    if len(data) > 1024 * 1024:
        return entry | {"encoding": "none", "content": ""}
    return entry | {"encoding": "base64", "content": base64.encodebytes(data).decode()}
