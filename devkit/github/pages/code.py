"""Files, branches, commits, comparisons and check runs."""

from __future__ import annotations

from werkzeug.wrappers import Response

from devkit.github import gitrepo, protection
from devkit.github.errors import not_found
from devkit.github.model import Json
from devkit.github.pages.desk import Page, View
from devkit.github.rest.commits import EMPTY_TREE
from devkit.github.shapes import commits

ROOT = "/<owner>/<name>"
MAX_SHOWN = 512 * 1024


def split_ref(page: Page, rest: str) -> tuple[str, str, str]:
    """(ref, commit, path) of what follows ``/tree/``: a branch's name may hold slashes. 404 when nothing fits."""
    parts = rest.strip("/").split("/")
    for size in range(len(parts), 0, -1):
        ref = "/".join(parts[:size])
        sha = gitrepo.commit_sha(page.hub, page.repo, ref)
        if sha is not None:
            return ref, sha, "/".join(parts[size:])
    raise not_found()


def front(page: Page) -> Response:
    if gitrepo.commit_sha(page.hub, page.repo, page.repo.default_branch) is None:
        return page.show("tree.html", ref=page.repo.default_branch, path="", rows=[], readme=None, last=None)
    return tree(page, page.repo.default_branch)


def tree(page: Page, rest: str) -> Response:
    ref, sha, path = split_ref(page, rest)
    shown = gitrepo.text(page.hub, page.repo, "ls-tree", "-z", sha, "--", *([f"{path}/"] if path else ["."]))
    rows = [_row(line) for line in shown.split("\x00") if line]
    rows.sort(key=lambda row: (row["kind"] != "tree", row["name"].lower()))
    readme = next((row for row in rows if row["name"].lower() == "readme.md"), None)
    text = gitrepo.text(page.hub, page.repo, "cat-file", "blob", readme["sha"]) if readme else None
    last = gitrepo.commit(page.hub, page.repo, sha)
    return page.show("tree.html", ref=ref, path=path, rows=rows, readme=text, last=last)


def _row(line: str) -> Json:
    meta, path = line.split("\t", 1)
    return {"kind": meta.split()[1], "sha": meta.split()[2], "path": path, "name": path.rsplit("/", 1)[-1]}


def _blob(page: Page, rest: str) -> tuple[str, str, bytes]:
    ref, sha, path = split_ref(page, rest)
    if gitrepo.sha_of(page.hub, page.repo, f"{sha}:{path}") is None:
        raise not_found()
    return ref, path, gitrepo.git(page.hub, page.repo, "cat-file", "blob", f"{sha}:{path}")


def blob(page: Page, rest: str) -> Response:
    ref, path, data = _blob(page, rest)
    binary = b"\x00" in data[:8000] or len(data) > MAX_SHOWN
    text = "" if binary else data.decode("utf-8", "replace")
    return page.show("blob.html", ref=ref, path=path, text=text, binary=binary, size=len(data))


def raw(page: Page, rest: str) -> Response:
    headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}
    return Response(_blob(page, rest)[2], content_type="text/plain; charset=utf-8", headers=headers)


def branches(page: Page) -> Response:
    rows = []
    for ref, sha, _ in gitrepo.refs(page.hub, page.repo):
        name = ref.removeprefix("refs/heads/")
        base = gitrepo.sha_of(page.hub, page.repo, f"refs/heads/{page.repo.default_branch}") or sha
        span = gitrepo.text(page.hub, page.repo, "rev-list", "--left-right", "--count", f"{base}...{sha}", check=False)
        behind, ahead = (span.split() or ["0", "0"])[:2]
        last = gitrepo.commit(page.hub, page.repo, sha)
        guarded = protection.protection_of(page.repo, name) is not None
        rows.append({"name": name, "last": last, "behind": behind, "ahead": ahead, "protected": guarded})
    return page.show("branches.html", rows=rows)


def history(page: Page, rest: str = "") -> Response:
    ref, sha, path = split_ref(page, rest or page.repo.default_branch)
    rows = gitrepo.commits(page.hub, page.repo, "-100", sha, "--", *([path] if path else []))
    return page.show("commits.html", ref=ref, rows=rows)


def _runs(page: Page, sha: str) -> list[object]:
    return [run for run in page.hub.store.checks if (run.repo_id, run.head_sha) == (page.repo.id, sha)]


def commit(page: Page, sha: str) -> Response:
    full = gitrepo.commit_sha(page.hub, page.repo, sha)
    if full is None:
        raise not_found()
    row = gitrepo.commit(page.hub, page.repo, full)
    parent = row["parents"][0] if row["parents"] else EMPTY_TREE
    changed = commits.files(page.hub, page.repo, parent, full)
    return page.show("diff.html", title=row["message"], rows=[row], changed=changed, runs=_runs(page, full), span="")


def compare(page: Page, basehead: str) -> Response:
    base, dots, head = basehead.partition("...")
    if not dots:
        base, head = page.repo.default_branch, basehead
    old, new = (gitrepo.commit_sha(page.hub, page.repo, name) for name in (base, head))
    if old is None or new is None:
        raise not_found()
    merge_base = gitrepo.text(page.hub, page.repo, "merge-base", old, new, check=False) or old
    rows = gitrepo.commits(page.hub, page.repo, "-250", "--reverse", f"{old}..{new}")
    changed = commits.files(page.hub, page.repo, merge_base, new)
    title = f"Comparing {base}...{head}"
    return page.show(
        "diff.html", title=title, rows=rows, changed=changed, runs=_runs(page, new), span=f"{base}...{head}"
    )


def run(page: Page, run_id: int) -> Response:
    row = page.hub.store.checks.get(run_id)
    if row is None or row.repo_id != page.repo.id:
        raise not_found()
    return page.show("run.html", run=row)


TABLE: list[tuple[str, str, View]] = [
    ("GET", ROOT, front),
    ("GET", ROOT + "/tree/<path:rest>", tree),
    ("GET", ROOT + "/blob/<path:rest>", blob),
    ("GET", ROOT + "/raw/<path:rest>", raw),
    ("GET", ROOT + "/branches", branches),
    ("GET", ROOT + "/commits", history),
    ("GET", ROOT + "/commits/<path:rest>", history),
    ("GET", ROOT + "/commit/<sha>", commit),
    ("GET", ROOT + "/compare/<path:basehead>", compare),
    ("GET", ROOT + "/runs/<int:run_id>", run),
]
