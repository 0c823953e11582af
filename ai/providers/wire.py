"""What both wires share: reading calls out of untrusted JSON, and refusing what cannot be sent back."""

from __future__ import annotations

import json
from typing import Any, Final

from ai.port import Reply, Stop, ToolCall, Usage

REPLY_CHARS: Final = 2_000_000


def echo_problem(raw: Any) -> str:
    """Why a message cannot be echoed in later requests; empty if it can. NaN and infinities are no JSON."""
    try:
        size = len(json.dumps(raw, allow_nan=False))
    except ValueError:
        return "numbers that are not JSON (NaN or infinity)"
    return f"{size:,} characters, over the limit of {REPLY_CHARS:,}" if size > REPLY_CHARS else ""


def read_call(call_id: str, name: Any, args: Any) -> ToolCall:
    """A call whose arguments are an object, or one whose `problem` says what they are instead."""
    given = name if isinstance(name, str) else ""
    if isinstance(args, dict):
        return ToolCall(call_id, given, args)
    kind = "nothing" if args is None else f"a {type(args).__name__}"
    return ToolCall(call_id, given, {}, f"The arguments must be a JSON object with named fields, not {kind}.")


def checked(reply: Reply) -> Reply:
    """The reply, or a MALFORMED one in its place when it cannot be echoed."""
    problem = echo_problem([reply.raw, *(dict(call.args) for call in reply.calls)])
    if not problem:
        return reply
    return nothing(Stop.MALFORMED, reply.usage, f"the reply held {problem}")


def nothing(stop: Stop, usage: Usage, detail: str) -> Reply:
    """A reply of which nothing may be used."""
    return Reply("", (), usage, stop, None, detail)
