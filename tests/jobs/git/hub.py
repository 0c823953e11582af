"""A repository served over smart HTTP by git's own backend, on loopback, with token check and scriptable trouble."""

import base64
import os
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from jobs.git.message import Authorship, Identity
from jobs.git.remote import Remote, github_remote

TOKEN = "ghs_" + "t" * 40
BOT = Identity("devtask[bot]", "1+devtask[bot]@users.noreply.github.com")
WHO = Authorship(BOT, BOT, datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))


def sh(*args: str, cwd: Path, **env: str) -> str:
    clean = {"PATH": os.defpath, "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1", **env}
    return subprocess.run(args, cwd=cwd, env=clean, check=True, capture_output=True, text=True).stdout.strip()


@dataclass
class Hub:
    """The far end. `fail` answers that many requests with 503; `drop_push` applies a push and then says 500."""

    root: Path
    port: int = 0
    fail: int = 0
    drop_push: bool = False
    requests: list[str] = field(default_factory=list)

    @property
    def bare(self) -> Path:
        return self.root / "o" / "r.git"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/o/r.git"

    def remote(self, token: str | None = TOKEN) -> Remote:
        return github_remote(self.url, f"http://127.0.0.1:{self.port}", token)

    def commit(self, files: dict[str, str | bytes | None], branch: str = "main", text: str = "work") -> str:
        """A commit by a person on the far end."""
        work = self.root / "person"
        if not work.exists():
            sh("git", "init", "-q", "--template=", "-b", branch, str(work), cwd=self.root)
            sh("git", "remote", "add", "origin", str(self.bare), cwd=work)
        if sh("git", "symbolic-ref", "--short", "HEAD", cwd=work) != branch:
            sh("git", "checkout", "-q", "-B", branch, cwd=work)
        for name, content in files.items():
            path = work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.unlink()
            else:
                path.write_bytes(content if isinstance(content, bytes) else content.encode())
        sh("git", "-c", "core.autocrlf=false", "add", "-A", cwd=work)
        who = {f"GIT_{w}_{k}": f"p{v}" for w in ("AUTHOR", "COMMITTER") for k, v in (("NAME", ""), ("EMAIL", "@x"))}
        sh("git", "commit", "-q", "--allow-empty", "-m", text, cwd=work, **who)
        sh("git", "push", "-q", "origin", f"HEAD:refs/heads/{branch}", cwd=work)
        return sh("git", "rev-parse", "HEAD", cwd=work)

    def head(self, branch: str) -> str | None:
        out = sh("git", "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}", cwd=self.bare)
        return out or None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Quiet."""

    @property
    def hub(self) -> Hub:
        return self.server.hub

    def _answer(self) -> None:
        self.hub.requests.append(f"{self.command} {self.path}")
        body = self._body()
        want = "Basic " + base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        if self.hub.fail:
            self.hub.fail -= 1
            return self._send(503, [], b"busy")
        if self.headers.get("Authorization") != want:
            return self._send(401, [("WWW-Authenticate", "Basic")], b"")
        status, headers, out = self._backend(body)
        if self.hub.drop_push and self.path.endswith("git-receive-pack") and self.command == "POST":
            return self._send(500, [], b"")
        return self._send(status, headers, out)

    do_GET = do_POST = _answer

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _backend(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        path, _, query = self.path.partition("?")
        env = {
            "PATH": os.defpath,
            "GIT_PROJECT_ROOT": str(self.hub.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": "bot",
        }
        out = subprocess.run(["git", "http-backend"], input=body, env=env, capture_output=True, check=False).stdout
        head, _, rest = out.partition(b"\r\n\r\n")
        pairs = [line.decode().split(": ", 1) for line in head.split(b"\r\n") if b": " in line]
        status = next((int(value.split()[0]) for name, value in pairs if name == "Status"), 200)
        return status, [(name, value) for name, value in pairs if name != "Status"], rest

    def _send(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
