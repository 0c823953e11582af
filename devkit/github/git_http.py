"""git over smart HTTP: ``git http-backend`` behind GitHub's authentication, refusals and what follows a push."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from devkit.github import auth, gitrepo, pktline
from devkit.github.auth import Viewer
from devkit.github.errors import Refused
from devkit.github.hub import Hub
from devkit.github.model import Repo
from devkit.github.ops import pushes

SERVICES = ("git-upload-pack", "git-receive-pack")


def mount(app: Flask, hub: Hub) -> None:
    """``/OWNER/REPO(.git)/info/refs``, ``git-upload-pack`` and ``git-receive-pack``."""

    def serve(owner: str, name: str, what: str) -> BaseResponse:
        try:
            return _serve(hub, owner, name.removesuffix(".git"), what)
        except Refused as error:
            headers = {"WWW-Authenticate": 'Basic realm="GitHub"'} if error.status == 401 else {}
            return Response(error.message + "\n", error.status, headers, content_type="text/plain; charset=utf-8")

    for what in ("info/refs", *SERVICES):
        app.add_url_rule(
            f"/<owner>/<name>/{what}", f"git-{what}", serve, defaults={"what": what}, methods=["GET", "POST"]
        )


def _serve(hub: Hub, owner: str, name: str, what: str) -> BaseResponse:
    service = request.args.get("service", "") if what == "info/refs" else what
    if service not in SERVICES:
        raise Refused(403, "Please upgrade your git client.")
    viewer = _viewer(hub)
    repo = _repo(hub, viewer, f"{owner}/{name}")
    if hub.store.full_name(repo).lower() != f"{owner}/{name}".lower():
        query = request.query_string.decode()
        return redirect(f"{hub.web(repo)}.git/{what}" + (f"?{query}" if query else ""), 301)
    _check(hub, viewer, repo, service)
    if service == "git-receive-pack" and what != "info/refs":
        return _receive(hub, viewer, repo)
    return _stream(hub, repo, what)


def _viewer(hub: Hub) -> Viewer:
    try:
        return auth.authenticate(hub, request.headers.get("Authorization"))
    except Refused as error:
        if error.status == 401:
            raise Refused(
                401, "Invalid username or token. Password authentication is not supported for Git operations."
            ) from error
        raise


def _repo(hub: Hub, viewer: Viewer, full_name: str) -> Repo:
    repo = hub.store.repo_named(full_name)
    if repo is not None and auth.can_see(hub, viewer, repo):
        return repo
    if viewer.kind == "anonymous":
        raise Refused(401, "Repository not found.")
    raise Refused(404, "Repository not found.")


def _check(hub: Hub, viewer: Viewer, repo: Repo, service: str) -> None:
    writes = service == "git-receive-pack"
    if writes and viewer.kind == "anonymous":
        raise Refused(401, "No anonymous write access.")
    if not auth.may(hub, viewer, repo, "contents=read") and repo.private:
        raise Refused(403, "Resource not accessible by integration")
    if writes and not auth.may(hub, viewer, repo, "contents=write"):
        login = viewer.user.login if viewer.user else "anonymous"
        raise Refused(403, f"Permission to {hub.store.full_name(repo)}.git denied to {login}.")
    if writes and repo.archived:
        raise Refused(403, "This repository was archived so it is read-only.")


def _environ(hub: Hub, repo: Repo, what: str) -> dict[str, str]:
    found = {
        **gitrepo.CLEAN,
        "GIT_PROJECT_ROOT": str(gitrepo.path_of(hub, repo).parent.resolve()),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": f"/{repo.id}.git/{what}",
        "REQUEST_METHOD": request.method,
        "QUERY_STRING": request.query_string.decode(),
        "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "REMOTE_ADDR": request.remote_addr or "",
        "REMOTE_USER": "git",
        "GIT_CONFIG_COUNT": "2",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_CONFIG_KEY_1": "core.hooksPath",
        "GIT_CONFIG_VALUE_1": str(install_hooks(hub)),
    }
    if "Git-Protocol" in request.headers:
        found["GIT_PROTOCOL"] = request.headers["Git-Protocol"]
    if "Content-Encoding" in request.headers:
        found["HTTP_CONTENT_ENCODING"] = request.headers["Content-Encoding"]
    return found


def install_hooks(hub: Hub) -> Path:
    """The folder with our two hooks, written once."""
    folder = (hub.store.data / "hooks").resolve()
    if not folder.exists():
        folder.mkdir(parents=True)
        script = Path(__file__).with_name("receive_hook.py").resolve()
        hooks = {"pre-receive": f'exec "{sys.executable}" -I -S "{script}"', "post-receive": 'cat > "$DEVKIT_MOVED"'}
        for name, line in hooks.items():
            (folder / name).write_text(f"#!/bin/sh\n{line}\n")
            (folder / name).chmod(0o755)
    return folder


def _start(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the child keeps it open
    while chunk := request.stream.read(1 << 20):
        spool.write(chunk)
    environ["CONTENT_LENGTH"] = str(spool.tell())
    spool.seek(0)
    command = ["git", "http-backend"]
    try:
        return subprocess.Popen(command, env=environ, stdin=spool, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    finally:
        spool.close()


def _head(process: subprocess.Popen[bytes]) -> tuple[int, list[tuple[str, str]]]:
    assert process.stdout is not None
    status, headers = 200, []
    while (line := process.stdout.readline().strip()) != b"":
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "status":
            status = int(value.split()[0])
        else:
            headers.append((name, value.strip()))
    return status, headers


def _stream(hub: Hub, repo: Repo, what: str) -> Response:
    process = _start(_environ(hub, repo, what))
    status, headers = _head(process)

    def body() -> Iterator[bytes]:
        assert process.stdout is not None
        try:
            while chunk := process.stdout.read1(65536):  # type: ignore[attr-defined]
                yield chunk
        finally:
            process.stdout.close()
            process.kill()
            process.wait()

    return Response(body(), status, headers)


def _receive(hub: Hub, viewer: Viewer, repo: Repo) -> Response:
    with tempfile.TemporaryDirectory(prefix="devkit-push-") as name:
        folder = Path(name)
        (folder / "policy.json").write_text(json.dumps(_policy(hub, viewer, repo)))
        environ = _environ(hub, repo, "git-receive-pack")
        for variable, file in (("POLICY", "policy.json"), ("REASONS", "reasons.json"), ("MOVED", "moved")):
            environ[f"DEVKIT_{variable}"] = str(folder / file)
        process = _start(environ)
        status, headers = _head(process)
        assert process.stdout is not None
        output = process.stdout.read()
        process.stdout.close()
        process.wait()
        _record(hub, viewer, repo, folder / "moved")
        reasons = folder / "reasons.json"
        said: dict[str, str] = json.loads(reasons.read_text()) if reasons.exists() else {}
    return Response(pktline.explain(output, said) if said else output, status, headers)


def _policy(hub: Hub, viewer: Viewer, repo: Repo) -> dict[str, Any]:
    user = viewer.user
    return {
        "protected": list(repo.protections.items()),
        "rules": repo.rules,
        "login": user.login if user else "",
        "admin": viewer.kind == "user" and auth.role(hub, repo, user) == "admin",
        "workflows": viewer.kind == "user" or viewer.permissions.get("workflows") == "write",
        "max_blob": hub.settings.max_blob,
        "secret_scanning": hub.settings.secret_scanning,
    }


def _record(hub: Hub, viewer: Viewer, repo: Repo, moved: Path) -> None:
    if not moved.exists() or viewer.user is None:
        return
    for line in os.fsdecode(moved.read_bytes()).splitlines():
        old, new, ref = line.split(" ", 2)
        pushes.moved(hub, repo, viewer.user, ref, old, new)
