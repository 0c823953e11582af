"""Branches, their protection and rules, and git refs."""

from __future__ import annotations

from devkit.github import auth, gitrepo, protection
from devkit.github.errors import Refused, not_found, unprocessable
from devkit.github.hub import node_id
from devkit.github.model import Json
from devkit.github.ops import pushes
from devkit.github.routing import Answer, Call, route
from devkit.github.shapes import commits

BRANCHES = "/repos/<owner>/<repo>/branches"


def _short(call: Call, name: str, sha: str) -> Json:
    found = protection.protection_of(call.repo, name)
    body: Json = {
        "name": name,
        "commit": {"sha": sha, "url": call.hub.repo_url(call.repo, f"/commits/{sha}")},
        "protected": found is not None,
    }
    if found is not None:
        body["protection"] = protection.summary(call.hub, call.repo, found)
        body["protection_url"] = call.hub.repo_url(call.repo, f"/branches/{name}/protection")
    return body


@route("GET", BRANCHES, "contents=read", reads_git=True)
def list_branches(call: Call) -> Answer:
    found = gitrepo.refs(call.hub, call.repo)
    names = [(ref.removeprefix("refs/heads/"), sha) for ref, sha, _ in found]
    if call.args.get("protected") in ("true", "false"):
        wanted = call.args["protected"] == "true"
        names = [row for row in names if (protection.protection_of(call.repo, row[0]) is not None) == wanted]
    return call.page(names, lambda row: _short(call, row[0], row[1]))


def _sha(call: Call, branch: str) -> str:
    sha = gitrepo.sha_of(call.hub, call.repo, f"refs/heads/{branch}")
    if sha is None:
        raise Refused(404, "Branch not found")
    return sha


@route("GET", BRANCHES + "/<path:branch>/protection", "administration=read", reads_git=True)
def get_protection(call: Call, branch: str) -> Answer:
    _sha(call, branch)
    found = protection.protection_of(call.repo, branch)
    if found is None:
        raise Refused(404, "Branch not protected")
    return Answer(200, protection.whole(call.hub, call.repo, branch, found))


@route("GET", BRANCHES + "/<path:branch>", "contents=read", reads_git=True)
def get_branch(call: Call, branch: str) -> Answer:
    sha = _sha(call, branch)
    found = protection.protection_of(call.repo, branch)
    off: Json = {"enabled": False, "required_status_checks": {"enforcement_level": "off", "contexts": [], "checks": []}}
    url = call.hub.repo_url(call.repo, f"/branches/{branch}")
    body = {
        "name": branch,
        "commit": commits.commit(call.hub, call.repo, gitrepo.commit(call.hub, call.repo, sha)),
        "_links": {"self": url, "html": call.hub.web(call.repo, f"/tree/{branch}")},
        "protected": found is not None,
        "protection": protection.summary(call.hub, call.repo, found) if found is not None else off,
        "protection_url": f"{url}/protection",
    }
    return Answer(200, body)


@route("GET", "/repos/<owner>/<repo>/rules/branches/<path:branch>", "metadata=read")
def get_rules(call: Call, branch: str) -> Answer:
    def shape(rule: Json) -> Json:
        shown = {
            "type": rule["type"],
            "ruleset_source_type": "Repository",
            "ruleset_source": call.hub.store.full_name(call.repo),
            "ruleset_id": rule.get("ruleset_id", 1),
        }
        return shown | ({"parameters": rule["parameters"]} if rule.get("parameters") else {})

    return call.page(protection.rules_of(call.repo, branch), shape)


def _ref(call: Call, name: str, sha: str, kind: str) -> Json:
    url = call.hub.repo_url(call.repo, f"/git/{kind}s/{sha}")
    return {
        "ref": name,
        "node_id": node_id("REF", f"{call.repo.id}:{name}"),
        "url": call.hub.repo_url(call.repo, f"/git/{name}"),
        "object": {"sha": sha, "type": kind, "url": url},
    }


@route("GET", "/repos/<owner>/<repo>/git/ref/<path:name>", "contents=read", reads_git=True)
def get_ref(call: Call, name: str) -> Answer:
    for ref, sha, kind in gitrepo.refs(call.hub, call.repo, f"refs/{name}"):
        if ref == f"refs/{name}":
            return Answer(200, _ref(call, ref, sha, kind))
    raise not_found()


@route("GET", "/repos/<owner>/<repo>/git/matching-refs/<path:name>", "contents=read", reads_git=True)
def matching_refs(call: Call, name: str) -> Answer:
    found = [row for row in gitrepo.refs(call.hub, call.repo, "refs/") if row[0].startswith(f"refs/{name}")]
    return call.page(found, lambda row: _ref(call, *row))


@route("POST", "/repos/<owner>/<repo>/git/refs", "contents=write", reads_git=True)
def create_ref(call: Call) -> Answer:
    name, sha = str(call.body.get("ref", "")), str(call.body.get("sha", ""))
    if not name.startswith(("refs/heads/", "refs/tags/")) or gitrepo.commit_sha(call.hub, call.repo, sha) is None:
        raise unprocessable("Object does not exist")
    if gitrepo.sha_of(call.hub, call.repo, name):
        raise unprocessable("Reference already exists")
    pushes.move(call.hub, call.repo, call.actor, name, None, sha)
    return Answer(201, _ref(call, name, sha, "commit"))


@route("DELETE", "/repos/<owner>/<repo>/git/refs/<path:name>", "contents=write", reads_git=True)
def delete_ref(call: Call, name: str) -> Answer:
    old = gitrepo.sha_of(call.hub, call.repo, f"refs/{name}")
    if old is None:
        raise unprocessable("Reference does not exist")
    if protection.protection_of(call.repo, name.removeprefix("heads/")) is not None:
        raise unprocessable("Cannot delete this branch")
    pushes.move(call.hub, call.repo, call.actor, f"refs/{name}", old, None)
    return Answer(204)


@route("PATCH", "/repos/<owner>/<repo>/git/refs/<path:name>", "contents=write", reads_git=True)
def update_ref(call: Call, name: str) -> Answer:
    old, new = gitrepo.sha_of(call.hub, call.repo, f"refs/{name}"), str(call.body.get("sha", ""))
    if old is None or gitrepo.commit_sha(call.hub, call.repo, new) is None:
        raise unprocessable("Object does not exist")
    if protection.protection_of(call.repo, name.removeprefix("heads/")) is not None and not _admin(call):
        raise unprocessable("Cannot update this protected ref.")
    if not call.body.get("force") and not gitrepo.is_ancestor(call.hub, call.repo, old, new):
        raise unprocessable("Update is not a fast forward")
    pushes.move(call.hub, call.repo, call.actor, f"refs/{name}", old, new)
    return Answer(200, _ref(call, f"refs/{name}", new, "commit"))


def _admin(call: Call) -> bool:
    return call.viewer.kind == "user" and auth.role(call.hub, call.repo, call.viewer.user) == "admin"
