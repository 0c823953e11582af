"""How this machine itself gets out: directly, or through the proxy of its environment, whose password stays here."""

from __future__ import annotations

import base64
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from jobs.setup.hosts import is_public

SECONDS = 30.0
_MAX_HEAD = 65_536


class Unreachable(Exception):
    """The far end could not be had; the text says why."""


@dataclass(frozen=True)
class Proxy:
    """A proxy of this machine. `opens` is the header with its password, or empty."""

    host: str
    port: int
    opens: str = field(default="", repr=False)


@dataclass(frozen=True)
class Upstream:
    """`plain` serves http, `tunnel` everything else; `bypass` are the names that are reached without them."""

    plain: Proxy | None = None
    tunnel: Proxy | None = None
    bypass: str = ""

    def proxy_for(self, host: str, *, tunnel: bool) -> Proxy | None:
        """The proxy that a connection to this host takes, if any."""
        return None if self._bypassed(host) else self.tunnel if tunnel else self.plain

    def _bypassed(self, host: str) -> bool:
        names = [name.strip().lower().lstrip("*.").partition(":")[0] for name in self.bypass.split(",")]
        return self.bypass.strip() == "*" or any(host == name or host.endswith(f".{name}") for name in names if name)


def of_environment(env: Mapping[str, str]) -> Upstream:
    """As curl reads it: lower case first. Raises ValueError for a proxy that is none we can talk to."""
    lower = {name.lower(): value for name, value in sorted(env.items()) if value}
    every = lower.get("all_proxy")
    return Upstream(
        _proxy(lower.get("http_proxy", every)), _proxy(lower.get("https_proxy", every)), lower.get("no_proxy", "")
    )


def _proxy(url: str | None) -> Proxy | None:
    if not url:
        return None
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"the proxy of this machine must be http://host:port, not {parts.scheme}://")
    opens = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        opens = f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}"
    return Proxy(parts.hostname, parts.port or 8080, opens)


def connect(host: str, port: int, *, private: bool) -> socket.socket:
    """A connection of our own. Unless `private`, only to addresses of the internet: the one that was looked at is the
    one that is taken. Raises Unreachable.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as wrong:
        raise Unreachable(f"{host} has no address: {wrong.strerror or wrong}") from None
    good = [place for place in found if private or is_public(str(place[4][0]))]
    if not good:
        raise Unreachable(f"{host} is an address of a private network, which a repository may not name")
    trouble = ""
    for family, kind, protocol, _, address in good:
        far = socket.socket(family, kind, protocol)
        far.settimeout(SECONDS)
        try:
            far.connect(address)
        except OSError as wrong:
            far.close()
            trouble = str(wrong.strerror or wrong)
        else:
            return far
    raise Unreachable(f"{host}:{port} does not answer: {trouble}")


def tunnel(proxy: Proxy, host: str, port: int) -> socket.socket:
    """A connection through this machine's proxy. Raises Unreachable."""
    far = connect(proxy.host, proxy.port, private=True)
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {place} HTTP/1.1", f"Host: {place}", *([proxy.opens] if proxy.opens else [])]
    try:
        far.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        said = read_head(far)
    except OSError as wrong:
        far.close()
        raise Unreachable(f"this machine's proxy broke off: {wrong}") from None
    status = said.split(b" ", 2)[1:2]
    if status != [b"200"]:
        far.close()
        shown = status[0].decode("latin-1")[:3] if status else "nothing"
        raise Unreachable(f"this machine's proxy answered {shown} for {host}")
    return far


def read_head(source: socket.socket) -> bytes:
    """Bytes up to the empty line, which stays with the head; byte by byte where a tunnel's first bytes may follow."""
    head = b""
    while not head.endswith(b"\r\n\r\n") and len(head) < _MAX_HEAD:
        part = source.recv(1)
        if not part:
            break
        head += part
    return head
