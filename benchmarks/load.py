"""An HTTP load generator for loopback: keep-alive connections on raw sockets, one thread, prebuilt signed deliveries.

It costs about a tenth of the cheapest server it measures (`Result.cpu` says how much), so it is not what limits them.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import selectors
import socket
import time
import uuid
from collections import deque
from dataclasses import dataclass, field

SECRET = "bench"
SIZE = 8_000
PATIENCE = 30.0
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass
class Result:
    """What one run saw: seconds per answer, answers that were no 202, and CPU seconds of the generator itself."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    bad: int = 0
    cpu: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def quantile(self, q: float) -> float:
        """The latency in milliseconds below which the share `q` of the answers came."""
        return quantile(self.latencies, q) * 1000

    def add(self, other: Result) -> None:
        """Counts another run in."""
        self.seconds += other.seconds
        self.latencies += other.latencies
        self.bad += other.bad
        self.cpu += other.cpu


def quantile(values: list[float], q: float) -> float:
    """The smallest value below or at which the share `q` of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]


def body(size: int = SIZE) -> bytes:
    """A comment of this many bytes that carries no command."""
    text = "a comment without a command " * 40
    payload = {"action": "created", "issue": {"number": 1}, "comment": {"id": 1, "body": text}, "sender": {"id": 1}}
    raw = json.dumps(payload | {"pad": ""}).encode()
    return raw[:-2] + b"x" * (size - len(raw)) + raw[-2:]


def signature(raw: bytes, secret: str = SECRET) -> str:
    """The signature header of these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


class Request:
    """A signed delivery; each call gives the bytes of a new one with the same body."""

    def __init__(self, raw: bytes | None = None, event: str = "issue_comment", secret: str = SECRET) -> None:
        raw = raw or body()
        head = (
            f"POST /webhook HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"User-Agent: GitHub-Hookshot/bench\r\nContent-Length: {len(raw)}\r\nX-GitHub-Event: {event}\r\n"
            f"X-Hub-Signature-256: {signature(raw, secret)}\r\nX-GitHub-Delivery: "
        )
        self._head, self._raw = head.encode(), raw

    def __call__(self) -> bytes:
        return self._head + str(uuid.uuid4()).encode() + b"\r\n\r\n" + self._raw


class Connection:
    """One keep-alive connection; `due` is the moment from which the answer under way counts."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        self._got = b""

    def send(self, request: bytes, due: float) -> None:
        """Put a request on the wire."""
        self.due = due
        self.socket.sendall(request)

    def receive(self) -> int | None:
        """The status once the whole answer is here. Raises ConnectionError when the server hangs up."""
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the server closed the connection")
        self._got += data
        head, found, rest = self._got.partition(b"\r\n\r\n")
        if not found:
            return None
        length = LENGTH.search(head)
        if length and len(rest) < int(length[1]):
            return None
        self._got = b""
        return int(head[9:12])


def saturate(port: int, clients: int, seconds: float) -> Result:
    """`clients` connections that each send the next delivery as soon as the last one is answered."""
    with _Loop(port, clients) as loop:
        begun = time.perf_counter()
        for connection in loop.connections:
            connection.send(loop.request(), time.perf_counter())
        while loop.busy():
            for connection in loop.answered():
                if (now := time.perf_counter()) < begun + seconds:
                    connection.send(loop.request(), now)
                else:
                    loop.rest(connection)
        return loop.result(begun)


def open_loop(port: int, rate: float, seconds: float, clients: int = 24) -> Result:
    """Deliveries at fixed times, whether or not the last one is answered; latency counts from the planned time."""
    with _Loop(port, clients) as loop:
        begun, total, sent = time.perf_counter(), int(rate * seconds), 0
        idle = deque(loop.connections)
        while sent < total or len(idle) < clients:
            due = begun + sent / rate
            if sent < total and idle and due <= time.perf_counter():
                idle.popleft().send(loop.request(), due)
                sent += 1
                continue
            wait = due - time.perf_counter() if sent < total and idle else PATIENCE
            idle.extend(loop.answered(max(0.0, wait)))
        return loop.result(begun)


class _Loop:
    """Connections, the selector that watches them, and what they saw."""

    def __init__(self, port: int, clients: int) -> None:
        self.request = Request()
        self.connections = [Connection(port) for _ in range(clients)]
        self._selector = selectors.DefaultSelector()
        for connection in self.connections:
            self._selector.register(connection.socket, selectors.EVENT_READ, connection)
        self._result = Result()
        self._cpu = time.process_time()

    def __enter__(self) -> _Loop:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for connection in self.connections:
            connection.socket.close()

    def busy(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._selector.get_map())

    def rest(self, connection: Connection) -> None:
        """This connection sends nothing more."""
        self._selector.unregister(connection.socket)

    def answered(self, seconds: float = PATIENCE) -> list[Connection]:
        """Connections whose answer came within this time. Raises TimeoutError after PATIENCE without any."""
        ready = self._selector.select(seconds)
        if not ready and seconds >= PATIENCE:
            raise TimeoutError(f"no answer for {PATIENCE} s")
        found = []
        for key, _ in ready:
            connection: Connection = key.data
            status = connection.receive()
            if status is not None:
                self._result.latencies.append(time.perf_counter() - connection.due)
                self._result.bad += status != 202
                found.append(connection)
        return found

    def result(self, begun: float) -> Result:
        """What was seen since then."""
        self._result.seconds = time.perf_counter() - begun
        self._result.cpu = time.process_time() - self._cpu
        return self._result
