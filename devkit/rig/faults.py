"""Fault rules: what a stand-in does wrong, to which requests, and how often.

| kind | what the client sees | was the request applied? |
|---|---|---|
| `status` | `status` with `headers` and `body` | no |
| `delay` | the true answer, `seconds` later | yes, after the wait |
| `drop_before` | the connection closes without an answer | no |
| `reset` | the connection is reset (RST) | no |
| `garbage` | 200 with bytes that are no JSON | no |
| `apply_then_500` | 500 | yes |
| `apply_then_drop` | the connection closes without an answer | yes |
| `truncate` | the head and half of the body, then the end | yes |
| `truncate_chunked` | the same of an answer in chunks, without the last chunk | yes |
| `shorten` | half of the body as if it were all of it | yes |
| `slow_drip` | the true answer in 20 pieces over `seconds` | yes |
"""

import re
import threading
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal, get_args

FaultKind = Literal[
    "status",
    "delay",
    "drop_before",
    "reset",
    "garbage",
    "apply_then_500",
    "apply_then_drop",
    "truncate",
    "truncate_chunked",
    "shorten",
    "slow_drip",
]
KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass
class FaultRule:
    """One rule. `method` matches in full, `path` and `body_matches` are searched, all three regular expressions.
    It fires `times` times (0 = always) after letting `skip` matching requests pass. `seconds` is for `delay` and
    `slow_drip`; `status`, `headers`, `body` are for `status`. Raises ValueError on an unknown kind or a bad regex."""

    kind: str
    path: str = ""
    method: str = ".*"
    body_matches: str = ""
    times: int = 1
    skip: int = 0
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = 1.0
    id: int = 0
    seen: int = 0
    fired: int = 0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"unknown fault kind {self.kind!r}; known: {', '.join(KINDS)}")
        for name in ("path", "method", "body_matches"):
            try:
                re.compile(getattr(self, name))
            except re.error as error:
                raise ValueError(f"{name} is no regular expression: {error}") from error

    def matches(self, method: str, path: str, body: bytes) -> bool:
        """Whether the rule is about this request, whatever its counters say."""
        if not re.fullmatch(self.method, method, re.IGNORECASE) or not re.search(self.path, path):
            return False
        return not self.body_matches or re.search(self.body_matches.encode(), body) is not None

    @property
    def spent(self) -> bool:
        """Whether the rule has fired as often as it may."""
        return 0 < self.times <= self.fired


def rule_from_json(data: dict[str, Any]) -> FaultRule:
    """A rule as POSTed to `/_rig/faults`. Raises ValueError for unknown fields, kinds and regular expressions."""
    settable = {f.name for f in fields(FaultRule)} - {"id", "seen", "fired"}
    if unknown := set(data) - settable:
        raise ValueError(f"unknown fields {sorted(unknown)}; known: {sorted(settable)}")
    if "kind" not in data:
        raise ValueError("a fault needs a kind")
    return FaultRule(**data)


class FaultBook:
    """The rules now in force, safe to use from the server's threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[FaultRule] = []
        self._last_id = 0

    def add(self, rule: FaultRule) -> int:
        """Put the rule last; returns its id."""
        with self._lock:
            self._last_id += 1
            rule.id = self._last_id
            self._rules.append(rule)
            return rule.id

    def clear(self, rule_id: int | None = None) -> None:
        """Remove one rule, or all."""
        with self._lock:
            self._rules = [] if rule_id is None else [rule for rule in self._rules if rule.id != rule_id]

    def take(self, method: str, path: str, body: bytes) -> FaultRule | None:
        """The first rule that fires on this request; counts it."""
        if not self._rules:
            return None
        with self._lock:
            for rule in self._rules:
                if rule.spent or not rule.matches(method, path, body):
                    continue
                rule.seen += 1
                if rule.seen > rule.skip:
                    rule.fired += 1
                    return rule
        return None

    def to_json(self) -> list[dict[str, Any]]:
        """All rules with their counters."""
        with self._lock:
            return [asdict(rule) for rule in self._rules]
