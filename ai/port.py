"""The port between agents and models: what goes to a provider, what comes back, and who may interrupt or charge for it.

A conversation is an append-only list of turns, so that every request is a prefix of the next one and caches hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

Json = Mapping[str, Any]
Cancel = Callable[[], bool]


class Stop(StrEnum):
    """Why a model stopped.

    Only END, CALLS and PAUSE give a reply that may be used and echoed. LENGTH was cut, MALFORMED holds a call that
    cannot be read, EMPTY holds nothing, RECITED and REFUSED were withheld, BLOCKED never reached the model, CONTEXT
    found no room.
    """

    END = "end"
    CALLS = "calls"
    LENGTH = "length"
    PAUSE = "pause"
    REFUSED = "refused"
    BLOCKED = "blocked"
    RECITED = "recited"
    MALFORMED = "malformed"
    EMPTY = "empty"
    CONTEXT = "context"


@dataclass(frozen=True)
class ToolSpec:
    """A tool as the model sees it; `schema` is a JSON Schema object, not enforced by the service (non-strict).

    The loop checks names and types of the arguments, unless the tool says that it does so itself.
    """

    name: str
    description: str
    schema: Json
    checks_itself: bool = False


@dataclass(frozen=True)
class ToolCall:
    """One call; `problem` says in words for the model why the arguments could not be read (empty = they could)."""

    id: str
    name: str
    args: Json
    problem: str = ""


@dataclass(frozen=True)
class ToolResult:
    """What a tool answers, as plain text for the model; `final` ends the loop (the finishing tool accepted)."""

    text: str
    is_error: bool = False
    final: bool = False


@dataclass(frozen=True)
class Usage:
    """Tokens of one request. `tokens_in` is the whole input; `cached` and `cache_write` are parts of it.

    `supposed`: nobody waited for the answer, so these are the most that it can have used.
    """

    tokens_in: int = 0
    cached: int = 0
    cache_write: int = 0
    out: int = 0
    supposed: bool = False

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.tokens_in + other.tokens_in,
            self.cached + other.cached,
            self.cache_write + other.cache_write,
            self.out + other.out,
        )


@dataclass(frozen=True)
class Said:
    """A message of ours to the model."""

    text: str


@dataclass(frozen=True)
class Answer:
    """The result of one call, bound to it by id and name; `final` marks the one that ended the conversation."""

    call_id: str
    name: str
    text: str
    is_error: bool = False
    final: bool = False


@dataclass(frozen=True)
class Answered:
    """All results of one reply, in the order of its calls; `note` is a sentence of ours after them."""

    answers: tuple[Answer, ...]
    note: str = ""


@dataclass(frozen=True)
class Reply:
    """What the model said. `raw` is the provider's own JSON of the message and is echoed verbatim in later requests."""

    text: str
    calls: tuple[ToolCall, ...]
    usage: Usage
    stop: Stop
    raw: Any = None
    detail: str = ""


Turn = Said | Answered | Reply


@dataclass(frozen=True)
class Request:
    """One request: `system` parts stand in stable order (least changing first), then the conversation."""

    system: tuple[str, ...]
    turns: tuple[Turn, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_out: int = 8_192
    prompt_hash: str = ""
    answer_schema: Json | None = None


class Provider(Protocol):
    """A model behind a wire. `reply` raises only `ProviderError`s; retries within it are bounded."""

    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    def reply(self, request: Request) -> Reply: ...


class Toolbox(Protocol):
    """What a model may do. `call` never raises for a model's mistake: the text of the result teaches."""

    def specs(self) -> Sequence[ToolSpec]: ...

    def call(self, name: str, args: Json) -> ToolResult: ...


class Meter(Protocol):
    """Reserves the most that a call can cost before it, settles after it; raises `state.errors.BudgetReached`."""

    def reserve(self, role: str, model: str, tokens_in_estimate: int, max_out: int) -> object: ...

    def settle(self, token: object, usage: Usage, latency: float, prompt_hash: str) -> None: ...


class ProviderError(Exception):
    """A model could not be asked. The caller pauses the task (reason `provider`); no attempt is used up."""


class Retryable(ProviderError):
    """Busy, limited, unreachable or unreadable for longer than we wait here; `after` seconds if the service said so."""

    def __init__(self, message: str, after: float | None = None) -> None:
        super().__init__(message)
        self.after = after


class SpendCap(ProviderError):
    """The account's own spending limit or credit is used up: waiting does not help, a person must act."""


class Refused(ProviderError):
    """The service refuses us (key, permission, region) before any model saw the request."""


class Broken(ProviderError):
    """The service says that our request is wrong."""


class UnknownModel(ProviderError):
    """The service does not know the model."""


class Cancelled(Exception):
    """Somebody asked to stop; what was said so far is in the trajectory."""


@dataclass(frozen=True)
class Patience:
    """How long one request may take: `attempts` tries with at most `longest_wait` seconds between two of them.

    `timeout` is for one whole answer, thinking included; a service that hangs for that long is not tried again here.
    """

    attempts: int = 5
    timeout: float = 420.0
    longest_wait: float = 60.0
    first_wait: float = 1.0
