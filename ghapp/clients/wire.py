"""One HTTP call to one host: a total deadline, no redirects, a cap on the answer.

A read time-out alone does not end an answer that drips one byte a second, so every connect, read and write is bounded
by what is left of the call's own deadline. Only name resolution is left to the system's resolver.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from ghapp.clients.errors import Retry, Uncertain

DEADLINE = 20.0
ANSWER_LIMIT = 16 * 1024 * 1024
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_due = threading.local()


@dataclass(frozen=True)
class Reply:
    """An answer as it came; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Calls to one origin (`scheme://host:port` of `base_url`). Safe for threads."""

    def __init__(self, base_url: str, deadline: float = DEADLINE) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a service address begins with http:// or https:// and names a host")
        self.base_url = base_url.rstrip("/")
        self.origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.deadline = deadline
        self._pool = _pool(parts.scheme, parts.hostname)

    def send(self, method: str, path: str, headers: Mapping[str, str], content: bytes | None = None) -> Reply:
        """One call to `origin + path`. Raises `Retry` if it did not arrive, `Uncertain` if a write may have."""
        _due.at = time.monotonic() + self.deadline
        limits = dict.fromkeys(("connect", "read", "write", "pool"), self.deadline)
        pairs = [(name.encode(), value.encode()) for name, value in {"Accept-Encoding": "identity", **headers}.items()]
        if not any(name.lower() == b"host" for name, _ in pairs):
            pairs.insert(0, (b"Host", urlsplit(self.origin).netloc.encode()))
        pairs.append((b"Content-Length", str(len(content or b"")).encode()))
        try:
            with self._pool.stream(
                method, self.origin + path, headers=pairs, content=content, extensions={"timeout": limits}
            ) as answer:
                body = _read(answer)
                found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
                return Reply(answer.status, found, body)
        except (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout, httpcore.ProxyError) as problem:
            raise Retry(f"{method} {_bare(path)}: no connection ({type(problem).__name__})") from None
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError) as problem:
            text = f"{method} {_bare(path)}: {type(problem).__name__}"
            raise (Retry(text) if method in SAFE else Uncertain(text)) from None

    def close(self) -> None:
        """Close the connections that are kept alive."""
        self._pool.close()


def _bare(path: str) -> str:
    return path.partition("?")[0]


def _read(answer: httpcore.Response) -> bytes:
    body = bytearray()
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) > ANSWER_LIMIT:
            raise httpcore.RemoteProtocolError("answer too long")
    return bytes(body)


def _pool(scheme: str, host: str) -> httpcore.ConnectionPool:
    proxy = None if proxy_bypass(host) else getproxies().get(scheme)
    options: dict[str, Any] = {
        "ssl_context": _context() if scheme == "https" else None,
        "max_connections": 16,
        "keepalive_expiry": 20.0,
        "network_backend": _Backend(),
    }
    if proxy:
        return httpcore.ConnectionPool(proxy=httpcore.Proxy(proxy), **options)
    return httpcore.ConnectionPool(**options)


def _context() -> ssl.SSLContext:
    from httpx import create_ssl_context

    return create_ssl_context()


def _left(timeout: float | None) -> float:
    left = float(_due.at) - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("deadline")
    return min(left, timeout) if timeout is not None else left


class _Backend(httpcore.NetworkBackend):
    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.connect_tcp(host, port, _left(timeout), local_address, socket_options))


class _Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, _left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)
