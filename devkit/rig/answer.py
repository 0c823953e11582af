"""What a scripted model says: one shape for every provider, read from YAML, JSON or a Python callable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

BlockKind = Literal["text", "thinking", "tool"]
T = TypeVar("T")
ERRORS = (
    "rate_limit",
    "spend_cap",
    "usage_limit",
    "no_credit",
    "overloaded",
    "server_error",
    "timeout",
    "auth",
    "permission",
    "bad_request",
)


@dataclass(frozen=True)
class Block:
    """A piece of content. `text` for text and thinking; a tool call has `name` and `input`, which may be of any JSON
    type, or `raw_input`: text that need not be JSON (a cut call). `id` is made up where it is empty."""

    kind: BlockKind
    text: str = ""
    name: str = ""
    input: Any = None
    raw_input: str | None = None
    id: str = ""


@dataclass(frozen=True)
class ScriptedError:
    """The service's error of this kind (one of ERRORS). `status` and `message` replace the usual ones;
    `retry_after` is in seconds."""

    kind: str
    status: int | None = None
    message: str = ""
    retry_after: float | None = None


@dataclass(frozen=True)
class StreamFault:
    """What happens to a streamed answer after so many events: it ends cleanly, the connection drops, the service
    reports an error inside the stream; `pause` seconds pass before each event."""

    cut_after: int | None = None
    drop_after: int | None = None
    error_after: int | None = None
    pause: float = 0.0


@dataclass(frozen=True)
class Answer:
    """One answer. `stop` is the provider's own word (`end_turn`, `MAX_TOKENS`, ...), guessed from the content where it
    is empty; `delay` in seconds; `usage` replaces single numbers of the provider's usage; `block_reason` is Gemini's
    promptFeedback; `no_content` leaves the content out altogether."""

    content: tuple[Block, ...] = ()
    stop: str = ""
    error: ScriptedError | None = None
    delay: float = 0.0
    stream: StreamFault = field(default_factory=StreamFault)
    usage: dict[str, int] = field(default_factory=dict)
    block_reason: str = ""
    no_content: bool = False

    @property
    def tool_calls(self) -> list[Block]:
        """The tool calls in it."""
        return [block for block in self.content if block.kind == "tool"]


def text(said: str) -> Block:
    """A text block."""
    return Block("text", text=said)


def thinking(thought: str) -> Block:
    """A thinking block."""
    return Block("thinking", text=thought)


def tool(name: str, input: Any = None, /, **arguments: Any) -> Block:
    """A tool call; the arguments as one value or by name."""
    return Block("tool", name=name, input=arguments if input is None else input)


def answer_from(value: "Answer | Block | str | list[Any] | Mapping[str, Any]") -> Answer:
    """An answer from its short forms: a string is a text, a list is content, a mapping is written out.

    Raises ValueError that names the unknown or missing part.
    """
    match value:
        case Answer():
            return value
        case str() | Block():
            return Answer(content=(block_from(value),))
        case list():
            return Answer(content=tuple(block_from(item) for item in value))
        case Mapping():
            return _answer_from_mapping(dict(value))
    raise ValueError(f"an answer is a text, a list or a mapping, not {value!r}")


def _answer_from_mapping(given: dict[str, Any]) -> Answer:
    content: list[Any] = given.pop("content", None) or []
    if "text" in given:
        content = [given.pop("text"), *content]
    if "tool" in given:
        content = [*content, {key: given.pop(key) for key in ("tool", "input", "raw_input", "id") if key in given}]
    error = given.pop("error", None)
    stream = given.pop("stream", None) or {}
    _refuse_unknown(given, Answer, "answer")
    return Answer(
        content=tuple(block_from(item) for item in content),
        error=None if error is None else error_from(error),
        stream=_built(StreamFault, stream, "stream"),
        **given,
    )


def block_from(value: "Block | str | Mapping[str, Any]") -> Block:
    """A block from `"text"`, `{text:}`, `{thinking:}` or `{tool:, input: | raw_input:, id:}`. Raises ValueError."""
    if isinstance(value, Block):
        return value
    if isinstance(value, str):
        return text(value)
    given = dict(value)
    if "tool" in given:
        name = given.pop("tool")
        return _built(Block, {"kind": "tool", "name": name, "input": given.pop("input", {}), **given}, "tool call")
    for kind in ("text", "thinking"):
        if set(given) == {kind}:
            return Block("text" if kind == "text" else "thinking", text=str(given[kind]))
    raise ValueError(f"a block needs text, thinking or tool: {value!r}")


def error_from(value: str | Mapping[str, Any]) -> ScriptedError:
    """An error from its kind or from `{kind:, status:, message:, retry_after:}`. Raises ValueError."""
    given = {"kind": value} if isinstance(value, str) else dict(value)
    error = _built(ScriptedError, given, "error")
    if error.kind not in ERRORS:
        raise ValueError(f"unknown error {error.kind!r}; known: {', '.join(ERRORS)}")
    return error


def _built(kind: type[T], given: dict[str, Any], what: str) -> T:
    _refuse_unknown(given, kind, what)
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(f"{what}: {error}") from error


def _refuse_unknown(given: dict[str, Any], kind: type[Any], what: str) -> None:
    known = set(kind.__annotations__)
    if unknown := set(given) - known:
        raise ValueError(f"{what}: unknown {sorted(unknown)}; known: {sorted(known)}")
