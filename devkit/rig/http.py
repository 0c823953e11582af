"""HTTP/1.1 on top of werkzeug's threaded server: keep-alive, one packet per small answer, and clean hang-ups.

werkzeug's own loop closes every connection and waits 10 ms after each answer; the rig has always read the whole body,
so neither is needed.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterable
from email.utils import formatdate
from enum import Enum, auto
from typing import Any
from wsgiref.types import WSGIApplication

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

from devkit.rig.wire import HangUp

BODYLESS = frozenset({204, 304})


class Framing(Enum):
    """How the client knows where the body ends."""

    NO_BODY = auto()
    LENGTH = auto()
    CHUNKED = auto()
    UNTIL_CLOSE = auto()


class RigHandler(WSGIRequestHandler):
    """One connection: answers requests until either side has enough."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "RigServer"

    def setup(self) -> None:
        """Tell the server about the connection, so that stopping ends it."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """Forget the connection."""
        self.server.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def run_wsgi(self) -> None:
        """Answer one request."""
        self.environ = self.make_environ()
        chunks: Iterable[bytes] = []
        try:
            chunks = self.server.app(self.environ, self._start_response)
            self._send(chunks)
        except HangUp as hang_up:
            self.close_connection = True
            if hang_up.reset:
                self._reset()
        except OSError:
            self.close_connection = True
        finally:
            if close := getattr(chunks, "close", None):
                close()

    def _start_response(self, status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> Any:
        self._status, self._headers = status, headers

    def _send(self, chunks: Iterable[bytes]) -> None:
        framing = self._framing()
        if framing is Framing.UNTIL_CLOSE:
            self.close_connection = True
        chunked = framing is Framing.CHUNKED
        head = self._head(chunked)
        for chunk in chunks:
            if chunk and framing is not Framing.NO_BODY:
                framed = b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunked else chunk
                self.connection.sendall(head + framed)
                head = b""
        if tail := head + (b"0\r\n\r\n" if chunked else b""):
            self.connection.sendall(tail)

    def _framing(self) -> Framing:
        if self.command == "HEAD" or int(self._status.split(" ", 1)[0]) in BODYLESS:
            return Framing.NO_BODY
        if "content-length" in {name.lower() for name, _ in self._headers}:
            return Framing.LENGTH
        return Framing.CHUNKED if self.request_version == "HTTP/1.1" else Framing.UNTIL_CLOSE

    def _head(self, chunked: bool) -> bytes:
        lines = [f"HTTP/1.1 {self._status}", f"Date: {formatdate(usegmt=True)}"]
        lines += [f"{name}: {value}" for name, value in self._headers]
        if chunked:
            lines.append("Transfer-Encoding: chunked")
        if self.close_connection:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _reset(self) -> None:
        # socketserver would shut the connection down first, and the client would see an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())


class RigServer(ThreadedWSGIServer):
    """A thread per connection; knows its connections so that it can end them."""

    def __init__(self, host: str, port: int, app: WSGIApplication) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__(host, port, app, RigHandler)

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end."""
        return f"http://{self.host}:{self.port}"

    def end_connections(self) -> None:
        """Shut every open connection down, as the end of the process would."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
