"""What a fault does to an answer: pure functions from (rule, the call that makes the true answer) to an answer."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus

from devkit.rig.faults import FaultRule

DRIP_PIECES = 20
GARBAGE = b'\x00\xff\xfe<html><!-- an answer from something in between -->{"id": 12, \x80'


class HangUp(Exception):
    """End the connection here, without (the rest of) an answer; `reset` sends RST instead of FIN."""

    def __init__(self, reset: bool = False) -> None:
        super().__init__("reset" if reset else "hang up")
        self.reset = reset


@dataclass
class Answer:
    """A response: a list of chunks is complete and can be sent at once, any other iterable is sent as it comes."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    chunks: Iterable[bytes] = field(default_factory=list)

    @property
    def status_line(self) -> str:
        """`404 Not Found`."""
        known = {item.value: item.phrase for item in HTTPStatus}
        return f"{self.status} {known.get(self.status, 'Unknown')}"


Call = Callable[[], Answer]


def consume(answer: Answer) -> bytes:
    """The whole body; the application has then done everything that it does for this request."""
    return b"".join(answer.chunks)


def sized(answer: Answer, body: bytes, chunks: Iterable[bytes]) -> Answer:
    """The answer with other chunks that promise to be `body`."""
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    return Answer(answer.status, [*headers, ("Content-Length", str(len(body)))], chunks)


def plain(status: int, body: bytes, headers: dict[str, str] | None = None) -> Answer:
    """A small complete answer."""
    given = headers or {}
    kind = [] if any(name.lower() == "content-type" for name in given) else [("Content-Type", "application/json")]
    return Answer(status, [*kind, *given.items(), ("Content-Length", str(len(body)))], [body])


def apply_fault(rule: FaultRule, call: Call) -> Answer:
    """The answer under this fault. Raises HangUp where the client gets none."""
    return _FAULTS[rule.kind](rule, call)


def _status(rule: FaultRule, call: Call) -> Answer:
    return plain(rule.status, rule.body.encode(), rule.headers)


def _delay(rule: FaultRule, call: Call) -> Answer:
    time.sleep(rule.seconds)
    return call()


def _drop_before(rule: FaultRule, call: Call) -> Answer:
    raise HangUp()


def _reset(rule: FaultRule, call: Call) -> Answer:
    raise HangUp(reset=True)


def _garbage(rule: FaultRule, call: Call) -> Answer:
    return plain(200, GARBAGE)


def _apply_then_500(rule: FaultRule, call: Call) -> Answer:
    consume(call())
    return plain(500, b'{"message": "Server Error"}')


def _apply_then_drop(rule: FaultRule, call: Call) -> Answer:
    consume(call())
    raise HangUp()


def _truncate(rule: FaultRule, call: Call) -> Answer:
    answer = call()
    body = consume(answer)
    return sized(answer, body, _half(body))


def _truncate_chunked(rule: FaultRule, call: Call) -> Answer:
    answer = call()
    body = consume(answer)
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    return Answer(answer.status, headers, _half(body))


def _shorten(rule: FaultRule, call: Call) -> Answer:
    answer = call()
    body = consume(answer)
    half = body[: len(body) // 2]
    return sized(answer, half, [half])


def _half(body: bytes) -> Iterator[bytes]:
    yield body[: len(body) // 2]
    raise HangUp()


def _slow_drip(rule: FaultRule, call: Call) -> Answer:
    answer = call()
    body = consume(answer)
    return sized(answer, body, _drip(body, rule.seconds / DRIP_PIECES))


def _drip(body: bytes, pause: float) -> Iterator[bytes]:
    size = max(1, -(-len(body) // DRIP_PIECES))
    for start in range(0, len(body), size):
        time.sleep(pause)
        yield body[start : start + size]


_FAULTS: dict[str, Callable[[FaultRule, Call], Answer]] = {
    "status": _status,
    "delay": _delay,
    "drop_before": _drop_before,
    "reset": _reset,
    "garbage": _garbage,
    "apply_then_500": _apply_then_500,
    "apply_then_drop": _apply_then_drop,
    "truncate": _truncate,
    "truncate_chunked": _truncate_chunked,
    "shorten": _shorten,
    "slow_drip": _slow_drip,
}
