"""Every way in which Gemini's wire can go wrong, against the stand-in, through the real library."""

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
from ai.providers.gemini import Gemini
from ai.trajectory import from_json, to_json
from devkit.rig.script import Script
from tests.ai.kit import LOOK, STOP, gemini, hello, posted

CALL = {"tool": "look", "input": {"path": "a"}}
REPLIES = [
    ("a text", "hello", Stop.END),
    ("a call", CALL, Stop.CALLS),
    ("parallel calls", [CALL, CALL, "and"], Stop.CALLS),
    ("a call without arguments", {"content": [{"tool": "look", "input": None}]}, Stop.CALLS),
    ("arguments that are a list", {"content": [{"tool": "look", "input": [1]}]}, Stop.MALFORMED),
    ("a number that is no JSON", {"tool": "look", "input": {"line": float("nan")}}, Stop.MALFORMED),
    ("arguments that are a text", {"content": [{"tool": "look", "input": "a"}]}, Stop.MALFORMED),
    ("a malformed call", {"content": [{"tool": "look", "raw_input": '{"pa'}]}, Stop.MALFORMED),
    ("an unexpected call", {"content": [], "stop": "UNEXPECTED_TOOL_CALL"}, Stop.MALFORMED),
    ("a malformed response", {"content": [], "stop": "MALFORMED_RESPONSE"}, Stop.MALFORMED),
    ("a recitation", {"content": [], "stop": "RECITATION"}, Stop.RECITED),
    ("safety", {"content": [], "stop": "SAFETY"}, Stop.REFUSED),
    ("prohibited", {"content": [], "stop": "PROHIBITED_CONTENT"}, Stop.REFUSED),
    ("safety after a text", {"content": ["x"], "stop": "SAFETY"}, Stop.REFUSED),
    ("a blocked prompt", {"block_reason": "PROHIBITED_CONTENT"}, Stop.BLOCKED),
    ("a limit eaten by thinking", [{"thinking": "hm " * 9_000}, "x"], Stop.LENGTH),
    ("a cut text", {"content": ["lo"], "stop": "MAX_TOKENS"}, Stop.LENGTH),
    ("an empty candidate with STOP", {"content": [], "stop": "STOP"}, Stop.EMPTY),
    ("no content at all", {"content": [], "stop": "STOP", "no_content": True}, Stop.EMPTY),
    ("an empty text", {"content": [{"text": ""}]}, Stop.EMPTY),
    ("another reason", {"content": [], "stop": "OTHER"}, Stop.EMPTY),
    ("a reason that nobody knows", {"content": [], "stop": "NEW_REASON"}, Stop.REFUSED),
]


@pytest.mark.filterwarnings("ignore:NEW_REASON is not a valid FinishReason")
@pytest.mark.parametrize(("what", "said", "stop"), REPLIES, ids=[row[0] for row in REPLIES])
def test_each_reply_is_read_as_what_it_is(what, said, stop):
    with gemini(Script.in_order(said)) as (provider, _):
        reply = provider.reply(hello(max_out=2_000))
    assert reply.stop is stop
    if stop not in (Stop.END, Stop.CALLS):
        assert (reply.calls, reply.text, reply.raw) == ((), "", None), "nothing of such a reply may be applied"


ERRORS = [
    ("a wrong key", "auth", Refused, 1),
    ("a forbidden model", "permission", Refused, 1),
    ("a wrong request", "bad_request", Broken, 1),
    ("a spending cap", "spend_cap", SpendCap, 1),
    ("a long wait", {"kind": "rate_limit", "retry_after": 900}, Retryable, 1),
    ("a limit for good", {"kind": "rate_limit", "retry_after": 0.01}, Retryable, 2),
    ("overloaded for good", "overloaded", Retryable, 2),
    ("500 for good", "server_error", Retryable, 2),
    ("504 for good", "timeout", Retryable, 2),
]


@pytest.mark.parametrize(("what", "error", "kind", "tries"), ERRORS, ids=[row[0] for row in ERRORS])
def test_each_error_is_told_as_what_it_is(what, error, kind, tries):
    script = Script.from_rules({"when": {}, "answer": {"error": error}})
    with gemini(script) as (provider, _), pytest.raises(kind):
        provider.reply(hello())
    assert script.calls == tries


def test_a_long_wait_says_how_long():
    script = Script.in_order({"error": {"kind": "rate_limit", "retry_after": 900}})
    with gemini(script) as (provider, _), pytest.raises(Retryable) as told:
        provider.reply(hello())
    assert told.value.after == 900


@pytest.mark.parametrize("error", [{"kind": "rate_limit", "retry_after": 0.01}, "overloaded", "server_error"])
def test_what_passes_is_waited_for(error):
    with gemini(Script.in_order({"error": error}, "well")) as (provider, _):
        assert provider.reply(hello()).text == "well"


@pytest.mark.parametrize("fault", ["drop_before", "reset", "apply_then_drop", "truncate"])
def test_a_broken_connection_is_tried_again(fault):
    with gemini(Script.in_order("well", "well")) as (provider, server):
        server.client.fault(fault, "generateContent")
        assert provider.reply(hello()).text == "well"


def test_an_answer_that_is_no_json_passes_like_a_broken_connection():
    with gemini(Script.in_order("well")) as (provider, server):
        server.client.fault("garbage", "generateContent", times=0)
        with pytest.raises(Retryable):
            provider.reply(hello())


def test_a_service_that_hangs_is_given_up():
    with gemini(Script.in_order("well"), Patience(attempts=3, timeout=0.2)) as (provider, server):
        server.client.fault("delay", "generateContent", seconds=1.0, times=0)
        with pytest.raises(Retryable):
            provider.reply(hello())
        assert server.server.client.faults()[0]["fired"] == 1, "once is enough to know that it hangs"


def test_nobody_at_the_door_is_told():
    with pytest.raises(Retryable):
        Gemini("gemini-3.8-flash", "k", "http://127.0.0.1:9", Patience(attempts=1)).reply(hello())


def test_an_unknown_model_is_told():
    with gemini(Script.in_order("x")) as (_, server), pytest.raises(UnknownModel):
        Gemini("gemini-0", "k", server.url).reply(hello())


def test_signatures_survive_json_and_all_parallel_calls_are_answered_in_one_content():
    script = Script.in_order([CALL, {"tool": "stop", "input": {"word": "w"}}], "end")
    with gemini(script) as (provider, server):
        reply = provider.reply(hello())
        kept = from_json(json.loads(json.dumps(to_json(reply))))
        answers = tuple(Answer(call.id, call.name, f"seen {n}", n == 1) for n, call in enumerate(reply.calls))
        turns = (Said("Begin."), kept, Answered(answers, "Note."))
        assert provider.reply(Request(("You are a test.",), turns, (LOOK, STOP))).text == "end"
        sent = posted(server)[1]["contents"]
    assert [part.get("functionResponse", {}).get("response") for part in sent[2]["parts"]] == [
        {"output": "seen 0"},
        {"error": "seen 1"},
        None,
    ]


def test_a_prefix_is_read_from_the_cache():
    turns: tuple = (Said("Begin. " + "word " * 6_000),)
    script = Script.from_rules({"when": {}, "answer": CALL})
    with gemini(script) as (provider, _):
        for _ in range(3):
            reply = provider.reply(Request(("System.",), turns, (LOOK,)))
            turns = (*turns, reply, Answered((Answer(reply.calls[0].id, "look", "result " * 50),)))
    assert reply.usage.cached > 0.85 * reply.usage.tokens_in


def test_thinking_is_counted_as_output():
    usage = {"promptTokenCount": 100, "cachedContentTokenCount": 70, "candidatesTokenCount": 5, "thoughtsTokenCount": 4}
    with gemini(Script.in_order({"text": "x", "usage": usage})) as (provider, _):
        found = provider.reply(hello()).usage
    assert (found.tokens_in, found.cached, found.cache_write, found.out) == (100, 70, 0, 9)
