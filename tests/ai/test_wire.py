import pytest

from ai.port import Reply, Stop, ToolCall, Usage
from ai.providers.wire import REPLY_CHARS, checked, read_call

RAW = [
    ("a flood", ["x" * (REPLY_CHARS + 1)], "over the limit"),
    ("NaN", [{"line": float("nan")}], "not JSON"),
    ("infinity", [{"line": float("-inf")}], "not JSON"),
]


@pytest.mark.parametrize(("what", "raw", "why"), RAW, ids=[row[0] for row in RAW])
def test_what_cannot_be_sent_back_is_not_used(what, raw, why):
    reply = checked(Reply("x", (ToolCall("1", "look", {}),), Usage(1, 0, 0, 9), Stop.CALLS, raw))
    assert (reply.stop, reply.calls, reply.raw, reply.usage.out) == (Stop.MALFORMED, (), None, 9)
    assert why in reply.detail


@pytest.mark.parametrize("args", [None, [], "{}", 3, True])
def test_arguments_that_are_no_object_are_a_problem(args):
    call = read_call("1", "look", args)
    assert call.args == {} and "must be a JSON object" in call.problem


@pytest.mark.parametrize("name", [None, 3, ["look"]])
def test_a_name_that_is_no_text_is_no_tool(name):
    assert read_call("1", name, {}).name == ""
