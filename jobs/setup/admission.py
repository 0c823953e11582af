"""What a client asks the way out for, and whether it gets it. Pure: bytes in, values and sentences out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from jobs.setup.config import PATH
from jobs.setup.hosts import Host

MAX_HEAD = 65_536
_CONNECT = re.compile(r"CONNECT (?P<host>\[[0-9a-fA-F:.%]+\]|[^\s:/@]+):(?P<port>\d{1,5}) HTTP/1\.[01]")
_PLAIN = re.compile(r"(?P<method>[A-Z]+) (?P<url>http://\S+) HTTP/1\.[01]")
_DROPPED = ("proxy-", "connection:", "keep-alive:", "te:", "trailer:", "upgrade:", "transfer-encoding:")


class NoRequest(Exception):
    """What came is no request that this way out understands."""


@dataclass(frozen=True)
class Asked:
    """One request: a tunnel to host and port, or (`target`) one page of a plain address."""

    host: str
    port: int
    target: str | None = None
    method: str = "CONNECT"
    headers: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.host if self.port in (80, 443) else f"{self.host}:{self.port}"


def asked(head: bytes) -> Asked:
    """The request out of its head (up to the empty line). Raises NoRequest."""
    first, *headers = head.decode("latin-1").split("\r\n")
    if tunnel := _CONNECT.fullmatch(first):
        return Asked(_host(tunnel["host"]), int(tunnel["port"]))
    if page := _PLAIN.fullmatch(first):
        return _page(page["method"], page["url"], headers)
    raise NoRequest("only CONNECT and plain http addresses go through here")


def _page(method: str, url: str, headers: Sequence[str]) -> Asked:
    if method not in ("GET", "HEAD"):
        raise NoRequest(f"{method} is not passed on: packages are only fetched")
    parts = urlsplit(url)
    try:
        port = parts.port or 80
    except ValueError:
        raise NoRequest("the address has no good port") from None
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    kept = tuple(line for line in headers if line and not line.lower().startswith((*_DROPPED, "host:")))
    return Asked(_host(parts.hostname or ""), port, target, method, kept)


def _host(name: str) -> str:
    found = name.lower().strip("[]").rstrip(".")
    if not re.fullmatch(r"[a-z0-9_.:%-]{1,253}", found):
        raise NoRequest("the host's name has letters that no host has")
    return found


def admitting(wanted: Asked, hosts: Sequence[Host]) -> Host | None:
    """The entry of the list that admits the request, one of this machine's own first; None where it is refused."""
    found = [host for host in hosts if host.admits(wanted.host, wanted.port)]
    return next((host for host in found if host.ours), found[0] if found else None)


def page_head(wanted: Asked, through: str | None = None) -> bytes:
    """The head of a plain request as it leaves; `through` is the header that opens the machine's own proxy, or ''."""
    place = str(wanted) if wanted.port == 80 else f"{wanted.host}:{wanted.port}"
    target = wanted.target if through is None else f"http://{place}{wanted.target}"
    lines = [f"{wanted.method} {target} HTTP/1.1", f"Host: {place}", *wanted.headers, "Connection: close"]
    return ("\r\n".join([*lines, *([through] if through else [])]) + "\r\n\r\n").encode("latin-1")


def refusal(wanted: str) -> str:
    """One line for the client and its log: what was refused, and what admits it."""
    return f"{wanted} is no package index of this installation; to admit it add it to network in {PATH}"


def answer(status: int, line: str) -> bytes:
    """A whole HTTP answer; the line stands in its first line too, which is all that most clients show."""
    body = f"{line}\n".encode()
    head = f"HTTP/1.1 {status} {line}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Connection: close\r\n\r\n".encode() + body
