"""Every way in which Claude's wire can go wrong, against the stand-in, through the real library."""

import json

import pytest

from ai.port import (
    Answer,
    Answered,
    Broken,
    Patience,
    Refused,
    Request,
    Retryable,
    Said,
    SpendCap,
    Stop,
    UnknownModel,
)
from ai.providers.claude import Claude
from devkit.rig.script import Script
from tests.ai.kit import LOOK, claude, hello, posted

REPLIES = [
    ("a text", "hello", Stop.END),
    ("a call", {"tool": "look", "input": {"path": "a"}}, Stop.CALLS),
    ("a text and two calls", ["so", {"tool": "look"}, {"tool": "look"}], Stop.CALLS),
    ("thinking before a call", [{"thinking": "hm"}, {"tool": "look", "input": {"path": "a"}}], Stop.CALLS),
    ("a pause", {"content": ["wait"], "stop": "pause_turn"}, Stop.PAUSE),
    ("a refusal", {"content": ["no"], "stop": "refusal"}, Stop.REFUSED),
    ("a cut", {"content": ["lo"], "stop": "max_tokens"}, Stop.LENGTH),
    ("a cut call", {"content": [{"tool": "look", "raw_input": '{"path": "a'}], "stop": "max_tokens"}, Stop.LENGTH),
    ("a full context", {"content": ["lo"], "stop": "model_context_window_exceeded"}, Stop.CONTEXT),
    ("nothing", {"content": [], "stop": "end_turn"}, Stop.EMPTY),
    ("an empty text", {"content": [{"text": ""}], "stop": "end_turn"}, Stop.EMPTY),
    ("a blank text", {"content": [{"text": " \n"}], "stop": "end_turn"}, Stop.EMPTY),
    ("thinking and nothing else", {"content": [{"thinking": "hm"}], "stop": "end_turn"}, Stop.EMPTY),
    ("arguments that are a list", {"content": [{"tool": "look", "input": [1]}]}, Stop.MALFORMED),
    ("a number that is no JSON", {"tool": "look", "input": {"line": float("nan")}}, Stop.MALFORMED),
    ("arguments that are a text", {"content": [{"tool": "look", "input": "a"}]}, Stop.MALFORMED),
    ("an unknown stop reason", {"content": ["x"], "stop": "new_reason"}, Stop.EMPTY),
]


@pytest.mark.parametrize(("what", "said", "stop"), REPLIES, ids=[row[0] for row in REPLIES])
def test_each_reply_is_read_as_what_it_is(what, said, stop):
    with claude(Script.in_order(said)) as (provider, _):
        reply = provider.reply(hello(max_out=2_000))
    assert reply.stop is stop
    if stop not in (Stop.END, Stop.CALLS, Stop.PAUSE):
        assert (reply.calls, reply.text, reply.raw) == ((), "", None), "nothing of such a reply may be applied"


ERRORS = [
    ("a wrong key", "auth", Refused, 1),
    ("a forbidden model", "permission", Refused, 1),
    ("a wrong request", "bad_request", Broken, 1),
    ("a spending cap", "spend_cap", SpendCap, 1),
    ("402", {"kind": "bad_request", "status": 402}, SpendCap, 1),
    ("a long wait", {"kind": "rate_limit", "retry_after": 900}, Retryable, 1),
    ("overloaded for good", "overloaded", Retryable, 2),
    ("500 for good", "server_error", Retryable, 2),
    ("504 for good", "timeout", Retryable, 2),
]


@pytest.mark.parametrize(("what", "error", "kind", "tries"), ERRORS, ids=[row[0] for row in ERRORS])
def test_each_error_is_told_as_what_it_is(what, error, kind, tries):
    script = Script.from_rules({"when": {}, "answer": {"error": error}})
    with claude(script) as (provider, _), pytest.raises(kind):
        provider.reply(hello())
    assert script.calls == tries


def test_a_long_wait_says_how_long():
    script = Script.in_order({"error": {"kind": "rate_limit", "retry_after": 900}})
    with claude(script) as (provider, _), pytest.raises(Retryable) as told:
        provider.reply(hello())
    assert told.value.after == 900


@pytest.mark.parametrize("error", [{"kind": "rate_limit", "retry_after": 0.05}, "overloaded", "server_error"])
def test_what_passes_is_waited_for(error):
    with claude(Script.in_order({"error": error}, "well")) as (provider, _):
        assert provider.reply(hello()).text == "well"


@pytest.mark.parametrize("fault", ["drop_before", "reset", "apply_then_drop", "truncate"])
def test_a_broken_connection_is_tried_again(fault):
    with claude(Script.in_order("well", "well")) as (provider, server):
        server.client.fault(fault, "/v1/messages")
        assert provider.reply(hello()).text == "well"


def test_an_answer_that_is_no_json_passes_like_a_broken_connection():
    with claude(Script.in_order("well")) as (provider, server):
        server.client.fault("garbage", "/v1/messages", times=0)
        with pytest.raises(Retryable):
            provider.reply(hello())


def test_a_service_that_hangs_is_given_up():
    with claude(Script.in_order("well"), Patience(attempts=3, timeout=0.2)) as (provider, server):
        server.client.fault("delay", "/v1/messages", seconds=1.0, times=0)
        with pytest.raises(Retryable):
            provider.reply(hello())
        assert server.server.client.faults()[0]["fired"] == 1, "once is enough to know that it hangs"


def test_nobody_at_the_door_is_told():
    with pytest.raises(Retryable):
        Claude("claude-sonnet-5-5", "k", "http://127.0.0.1:9", Patience(attempts=1)).reply(hello())


def test_an_unknown_model_is_told():
    with claude(Script.in_order("x")) as (_, server), pytest.raises(UnknownModel):
        Claude("claude-nobody-1", "k", server.url).reply(hello())


def test_the_message_goes_back_verbatim_with_its_thinking_and_every_call_is_answered():
    script = Script.in_order(
        [{"thinking": "first"}, {"tool": "look", "input": {"path": "a"}}, {"tool": "look", "input": {"path": "b"}}],
        "end",
    )
    with claude(script) as (provider, server):
        reply = provider.reply(hello())
        answers = tuple(Answer(call.id, call.name, f"seen {n}", n == 1) for n, call in enumerate(reply.calls))
        turns = (Said("Begin."), json_round_trip(reply), Answered(answers, "Note."))
        assert provider.reply(Request(("You are a test.",), turns, (LOOK,))).text == "end"
        first, second = server.client.ledger(method="POST")
    sent = second.json()["messages"]
    assert sent[1]["content"] == first.response_json()["content"]
    assert [block["type"] for block in sent[2]["content"]] == ["tool_result", "tool_result", "text"]
    assert [block["is_error"] for block in sent[2]["content"][:2]] == [False, True]


def json_round_trip(reply):
    from ai.trajectory import from_json, to_json

    return from_json(json.loads(json.dumps(to_json(reply))))


def test_the_prefix_is_cached_with_at_most_four_breakpoints():
    turns: tuple = (Said("Begin. " + "word " * 2_000),)
    script = Script.from_rules({"when": {}, "answer": {"tool": "look", "input": {"path": "a"}}})
    with claude(script) as (provider, server):
        for _ in range(5):
            reply = provider.reply(Request(("System. " + "rule " * 3_000,), turns, (LOOK,)))
            turns = (*turns, reply, Answered((Answer(reply.calls[0].id, "look", "result " * 500),)))
        bodies = posted(server)
    assert reply.usage.cached > 0.7 * reply.usage.tokens_in
    assert all(json.dumps(body).count("cache_control") <= 4 for body in bodies)


def test_the_usage_is_the_whole_input_with_its_parts():
    usage = {"input_tokens": 5, "cache_read_input_tokens": 70, "cache_creation_input_tokens": 25, "output_tokens": 9}
    with claude(Script.in_order({"text": "x", "usage": usage})) as (provider, _):
        found = provider.reply(hello()).usage
    assert (found.tokens_in, found.cached, found.cache_write, found.out) == (100, 70, 25, 9)
