"""The only way out of a setup: a proxy of ours behind a socket that is bound into the sandbox.

It admits a list of hosts, refuses all others with a line that names them, counts bytes both ways, and remembers what it
refused for the report. TLS is passed through unopened. No password of this machine crosses into the sandbox.
"""

from __future__ import annotations

import contextlib
import os
import select
import socket
import socketserver
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jobs.setup import upstream
from jobs.setup.admission import Asked, NoRequest, admitting, answer, asked, page_head, refusal
from jobs.setup.hosts import Host, is_address, is_public
from jobs.setup.upstream import Unreachable, Upstream
from state.logs import get_log

MIB = 1024 * 1024
_PART = 65_536
_MOST_REFUSED = 50


@dataclass(frozen=True)
class Caps:
    """Of one setup: bytes received and sent by it, seconds of silence on a connection, connections at a time."""

    received: int = 4_096 * MIB
    sent: int = 64 * MIB
    idle: float = 120.0
    connections: int = 64


@dataclass
class Gateway:
    """A context manager. Inside it listens on `socket_path`, or, where that is None, on a loopback port."""

    hosts: Sequence[Host]
    socket_path: Path | None
    upstream: Upstream = field(default_factory=Upstream)
    caps: Caps = field(default_factory=Caps)
    received: int = 0
    sent: int = 0
    spent: str | None = None
    _refused: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: set[socket.socket] = field(default_factory=set)
    _server: _Unix | _Loopback | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> Gateway:
        self._server = _listen(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None and self._thread is not None
        self._server.shutdown()
        self._thread.join()
        self._break_off()
        self._server.server_close()
        if self.socket_path is not None:
            self.socket_path.unlink(missing_ok=True)

    @property
    def url(self) -> str:
        """The address of the loopback port, where there is no socket."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"

    @property
    def refused(self) -> tuple[str, ...]:
        """The hosts that were asked for and not admitted, the first first."""
        with self._lock:
            return tuple(self._refused)

    def serve(self, near: socket.socket) -> None:
        """One connection from the sandbox, from its first byte to its last."""
        with self._kept(near), contextlib.suppress(OSError):
            near.settimeout(self.caps.idle)
            try:
                wanted = asked(upstream.read_head(near))
                far = self._reach(wanted)
            except NoRequest as wrong:
                near.sendall(answer(400, str(wrong)))
            except PermissionError as refused:
                near.sendall(answer(403, str(refused)))
            except Unreachable as wrong:
                near.sendall(answer(502, str(wrong)))
            else:
                with far, self._kept(far):
                    self._answer(wanted, near, far)

    def _reach(self, wanted: Asked) -> socket.socket:
        """The far end of an admitted request. Raises PermissionError with the line for the client, Unreachable."""
        if self.spent:
            raise PermissionError(f"the setup has {self.spent} more than it may: nothing more is passed on")
        if len(self._open) > 2 * self.caps.connections:
            raise Unreachable("too many connections at a time")
        host = admitting(wanted, self.hosts)
        if host is None or (not host.ours and is_address(wanted.host) and not is_public(wanted.host)):
            self._refuse(str(wanted))
            raise PermissionError(refusal(str(wanted)))
        proxy = self.upstream.proxy_for(wanted.host, tunnel=wanted.target is None)
        if proxy is None:
            return upstream.connect(wanted.host, wanted.port, private=host.ours)
        if wanted.target is None:
            return upstream.tunnel(proxy, wanted.host, wanted.port)
        return upstream.connect(proxy.host, proxy.port, private=True)

    def _answer(self, wanted: Asked, near: socket.socket, far: socket.socket) -> None:
        far.settimeout(self.caps.idle)
        if wanted.target is None:
            near.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._pump(near, far, both=True)
            return
        proxy = self.upstream.proxy_for(wanted.host, tunnel=False)
        far.sendall(page_head(wanted, None if proxy is None else proxy.opens))
        self._pump(near, far, both=False)

    def _pump(self, near: socket.socket, far: socket.socket, *, both: bool) -> None:
        """Bytes both ways, or only inwards, until the ends close, fall silent, or a cap is reached."""
        reading = {far, near} if both else {far}
        while reading and not self.spent:
            ready, _, _ = select.select(list(reading), [], [], self.caps.idle)
            if not ready:
                return
            for source in ready:
                data = source.recv(_PART)
                target = near if source is far else far
                if not data:
                    reading.discard(source)
                    target.shutdown(socket.SHUT_WR)
                elif self._count(len(data), inwards=source is far):
                    target.sendall(data)

    def _count(self, size: int, *, inwards: bool) -> bool:
        """Whether so many bytes may still pass."""
        with self._lock:
            self.received += size if inwards else 0
            self.sent += 0 if inwards else size
            if self.received > self.caps.received:
                self.spent = "received"
            elif self.sent > self.caps.sent:
                self.spent = "sent"
            return self.spent is None

    def _refuse(self, host: str) -> None:
        with self._lock:
            known = host in self._refused
            if known or len(self._refused) < _MOST_REFUSED:
                self._refused[host] = self._refused.get(host, 0) + 1
        if not known:
            get_log().warning("setup asked for a host that is not admitted", host=host)

    @contextlib.contextmanager
    def _kept(self, end: socket.socket) -> Any:
        with self._lock:
            self._open.add(end)
        try:
            yield
        finally:
            with self._lock:
                self._open.discard(end)

    def _break_off(self) -> None:
        with self._lock:
            ends = list(self._open)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class _Listener(socketserver.ThreadingMixIn):
    daemon_threads = True
    block_on_close = True
    request_queue_size = 128
    gateway: Gateway

    def finish_request(self, request: Any, _client: Any) -> None:
        self.gateway.serve(request)


class _Unix(_Listener, socketserver.UnixStreamServer):
    pass


class _Loopback(_Listener, socketserver.TCPServer):
    pass


def _listen(gateway: Gateway) -> _Unix | _Loopback:
    if gateway.socket_path is None:
        loopback = _Loopback(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        loopback.gateway = gateway
        return loopback
    # a socket's path may have 107 bytes only; the folder's descriptor stands for however many there are
    folder = os.open(gateway.socket_path.parent, os.O_DIRECTORY | os.O_RDONLY | os.O_CLOEXEC)
    try:
        unix = _Unix(f"/proc/self/fd/{folder}/{gateway.socket_path.name}", socketserver.BaseRequestHandler)
    finally:
        os.close(folder)
    gateway.socket_path.chmod(0o600)
    unix.gateway = gateway
    return unix
