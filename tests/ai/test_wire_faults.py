"""What harness.md says of the wire, case by case, on both providers, through the real libraries: what a network or a
service can do to an answer, what the loop does about it, and that nothing of a broken answer is ever applied.
"""

import json

import pytest

from ai.limits import Exit
from ai.loop import Loop
from ai.port import Patience, Refused, Retryable, SpendCap, Stop
from ai.trajectory import Trajectory
from devkit.rig.script import Script
from tests.ai.kit import BOTH, Box, asker, claude, gemini, hello, posted, talk

both = pytest.mark.parametrize("name", BOTH)
PATHS = {"claude": "/v1/messages", "gemini": "generateContent"}
HTML = "<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>"
LOOK = {"tool": "look", "input": {"path": "a"}}
STOP = {"tool": "stop", "input": {"word": "bye"}}


def faulty(server, name, kind, **rule):
    server.client.fault(kind, PATHS[name], **rule)


def proxied(body, kind="application/json"):
    """200 from something in between that is not the service."""
    return {"status": 200, "body": body, "headers": {"Content-Type": kind}}


BODIES = [
    ("HTML with 200", proxied(HTML, "text/html")),
    ("HTML that says JSON", proxied(HTML)),
    ("nothing with 200", proxied("")),
    ("null with 200", proxied("null")),
    ("a text with 200", proxied('"ok"')),
    ("a list with 200", proxied("[]")),
    ("half an object", proxied('{"id": "msg_1", "content": [{"type": "te')),
    ("two objects", proxied("{}{}")),
]


@both
@pytest.mark.parametrize(("what", "rule"), BODIES, ids=[row[0] for row in BODIES])
def test_f43_what_is_no_answer_is_never_read_as_one(name, what, rule):
    with BOTH[name](Script.in_order("well")) as (provider, server):
        faulty(server, name, "status", times=0, **rule)
        try:
            reply = provider.reply(hello())
        except Retryable:
            return
    assert reply.stop in (Stop.EMPTY, Stop.MALFORMED) and (reply.text, reply.calls, reply.raw) == ("", (), None)


CUTS = ["truncate", "truncate_chunked", "reset", "drop_before", "apply_then_drop", "apply_then_500"]


@both
@pytest.mark.parametrize("cut", CUTS)
def test_f42_a_connection_that_ends_early_is_asked_again(name, cut):
    with BOTH[name](Script.in_order("well", "well")) as (provider, server):
        faulty(server, name, cut)
        assert provider.reply(hello()).text == "well"


@both
@pytest.mark.parametrize("cut", ["truncate", "truncate_chunked", "drop_before"])
def test_f42_one_that_always_ends_early_is_told(name, cut):
    script = Script.from_rules({"when": {}, "answer": "well"})
    with BOTH[name](script) as (provider, server):
        faulty(server, name, cut, times=0)
        with pytest.raises(Retryable):
            provider.reply(hello())


@both
def test_f43_half_an_answer_that_ends_cleanly_is_never_applied(name):
    script = Script.from_rules({"when": {}, "answer": [LOOK, {"tool": "stop", "input": {"word": "w" * 400}}]})
    with BOTH[name](script) as (provider, server):
        faulty(server, name, "shorten", times=0)
        with pytest.raises(Retryable):
            provider.reply(hello())


@both
def test_f42_a_silent_service_is_given_up_after_the_read_time_out(name):
    with BOTH[name](Script.in_order("well"), Patience(attempts=3, timeout=0.3)) as (provider, server):
        faulty(server, name, "delay", seconds=1.5, times=0)
        with pytest.raises(Retryable):
            provider.reply(hello())
        assert server.server.client.faults()[0]["fired"] == 1


@both
def test_f42_an_answer_that_drips_is_waited_for(name):
    with BOTH[name](Script.in_order("well")) as (provider, server):
        faulty(server, name, "slow_drip", seconds=0.4)
        assert provider.reply(hello()).text == "well"


STATUS = {
    "claude": [
        (402, '{"type":"error","error":{"type":"billing_error","message":"no credit"}}', {}, SpendCap),
        (529, '{"type":"error","error":{"type":"overloaded_error","message":"busy"}}', {}, Retryable),
        (429, '{"type":"error","error":{"type":"rate_limit_error","message":"cap"}}', {}, SpendCap),
        (
            429,
            '{"type":"error","error":{"type":"rate_limit_error","message":"slow"}}',
            {"retry-after": "90"},
            Retryable,
        ),
        (503, HTML, {"Content-Type": "text/html"}, Retryable),
        (403, HTML, {"Content-Type": "text/html"}, Refused),
    ],
    "gemini": [
        (402, '{"error":{"code":402,"message":"pay","status":"FAILED_PRECONDITION"}}', {}, SpendCap),
        (503, '{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}', {}, Retryable),
        (429, '{"error":{"code":429,"message":"slow","status":"RESOURCE_EXHAUSTED"}}', {}, Retryable),
        (503, HTML, {"Content-Type": "text/html"}, Retryable),
        (403, HTML, {"Content-Type": "text/html"}, Refused),
    ],
}


@pytest.mark.parametrize(
    ("name", "status", "body", "headers", "kind"),
    [(name, *row) for name, rows in STATUS.items() for row in rows],
)
def test_f41_each_status_is_told_as_what_it_is(name, status, body, headers, kind):
    with BOTH[name](Script.in_order("x")) as (provider, server):
        faulty(server, name, "status", status=status, body=body, headers=headers, times=0)
        with pytest.raises(kind) as told:
            provider.reply(hello())
    assert "<html>" not in str(told.value) or len(str(told.value)) < 500


@pytest.mark.parametrize("kind", ["usage_limit", "no_credit", "spend_cap"])
@both
def test_f41_a_used_up_account_is_not_asked_again(name, kind):
    script = Script.from_rules({"when": {}, "answer": {"error": kind}})
    with BOTH[name](script) as (provider, _), pytest.raises(SpendCap):
        provider.reply(hello())
    assert script.calls == 1


def raw_gemini(**candidate):
    """A response of Gemini as bytes, for what the stand-in would never say."""
    return json.dumps({"candidates": [candidate] if candidate else [], "modelVersion": "gemini-3.8-flash"})


STRANGE_GEMINI = [
    ("no candidate at all", raw_gemini(), Stop.EMPTY),
    ("no candidates and no feedback", "{}", Stop.EMPTY),
    (
        "a candidate without a finish reason",
        raw_gemini(content={"role": "model", "parts": [{"text": "lo"}]}),
        Stop.EMPTY,
    ),
    ("parts that are null", raw_gemini(content={"role": "model", "parts": None}, finishReason="STOP"), Stop.EMPTY),
    ("content that is null", raw_gemini(content=None, finishReason="STOP"), Stop.EMPTY),
    (
        "a text that is null",
        raw_gemini(content={"role": "model", "parts": [{"text": None}]}, finishReason="STOP"),
        Stop.EMPTY,
    ),
    (
        "a thought and nothing else",
        raw_gemini(content={"role": "model", "parts": [{"text": "hm", "thought": True}]}, finishReason="STOP"),
        Stop.EMPTY,
    ),
    (
        "a call without a name",
        raw_gemini(content={"role": "model", "parts": [{"functionCall": {"args": {}}}]}, finishReason="STOP"),
        Stop.CALLS,
    ),
]


@pytest.mark.parametrize(("what", "body", "stop"), STRANGE_GEMINI, ids=[row[0] for row in STRANGE_GEMINI])
def test_f43_gemini_with_parts_missing(what, body, stop):
    with gemini(Script.in_order("x")) as (provider, server):
        faulty(server, "gemini", "status", **proxied(body))
        reply = provider.reply(hello())
    assert reply.stop is stop
    assert stop is Stop.CALLS or (reply.text, reply.calls, reply.raw) == ("", (), None)


def raw_claude(stop, *content):
    """A message of Claude as bytes, for what the stand-in would never say."""
    return json.dumps({"id": "msg_1", "type": "message", "role": "assistant", "content": content, "stop_reason": stop})


STRANGE_CLAUDE = [
    ("no stop reason", raw_claude(None, {"type": "text", "text": "lo"}), Stop.EMPTY),
    ("a text that is null", raw_claude("end_turn", {"type": "text", "text": None}), Stop.EMPTY),
    (
        "a call without arguments",
        raw_claude("tool_use", {"type": "tool_use", "id": "t", "name": "look"}),
        Stop.MALFORMED,
    ),
    (
        "tool_use announced and not there",
        raw_claude("tool_use", {"type": "thinking", "thinking": "hm", "signature": "s"}),
        Stop.EMPTY,
    ),
    ("a block that is no object", raw_claude("end_turn", "hello"), Stop.EMPTY),
]


@pytest.mark.parametrize(("what", "body", "stop"), STRANGE_CLAUDE, ids=[row[0] for row in STRANGE_CLAUDE])
def test_f43_claude_with_parts_missing(what, body, stop):
    with claude(Script.in_order("x")) as (provider, server):
        faulty(server, "claude", "status", **proxied(body))
        reply = provider.reply(hello())
    assert reply.stop is stop and (reply.text, reply.calls, reply.raw) == ("", (), None)


MENDED = [
    ("an unknown tool", {"tool": "teleport", "input": {}}),
    ("a wrong type", {"tool": "look", "input": {"path": ["a"]}}),
    ("a number for a text", {"tool": "look", "input": {"path": 3}}),
    ("no arguments", {"tool": "look", "input": {}}),
    ("another argument", {"tool": "look", "input": {"path": "a", "depth": 3}}),
]


@both
@pytest.mark.parametrize(("what", "call"), MENDED, ids=[row[0] for row in MENDED])
def test_f43_a_wrong_call_is_answered_beside_a_right_one_and_in_order(tmp_path, name, what, call):
    script = Script.in_order([call, LOOK], STOP)
    with BOTH[name](script) as (provider, server):
        ended = Loop(talk(provider), asker(provider), Box({"a": "seen"}), Trajectory(tmp_path / "t", str)).run()
        second = posted(server)[1]
    assert ended.exit is Exit.DONE
    assert results(name, second) == [True, False], "both are answered, in the order of the calls, in one message"


def results(name, body):
    """Whether each result of the last message is an error."""
    if name == "claude":
        return [block["is_error"] for block in body["messages"][-1]["content"] if block["type"] == "tool_result"]
    parts = body["contents"][-1]["parts"]
    return ["error" in part["functionResponse"]["response"] for part in parts if "functionResponse" in part]


USELESS = {
    "claude": [
        {"content": [{"tool": "stop", "raw_input": '{"word": "b'}], "stop": "max_tokens"},
        {"content": ["no"], "stop": "refusal"},
        {"content": [{"thinking": "hm"}], "stop": "end_turn"},
        {"content": [{"tool": "stop", "input": ["bye"]}]},
    ],
    "gemini": [
        {"content": [{"tool": "stop", "raw_input": '{"word": "b'}]},
        {"content": [STOP], "stop": "UNEXPECTED_TOOL_CALL"},
        {"content": [STOP], "stop": "RECITATION"},
        {"content": [STOP], "stop": "SAFETY"},
        {"content": [STOP], "stop": "MAX_TOKENS"},
        {"content": [{"thinking": "hm " * 9_000}, STOP]},
        {"content": [], "stop": "STOP"},
    ],
}


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, rows in USELESS.items() for said in rows])
def test_f43_a_useless_answer_costs_a_repetition_and_the_work_goes_on(tmp_path, name, said):
    with BOTH[name](Script.in_order(said, LOOK, STOP)) as (provider, _):
        box = Box({"a": "seen"})
        ended = Loop(talk(provider), asker(provider), box, Trajectory(tmp_path / "t", str)).run()
    assert ended.exit is Exit.DONE and [call for call, _ in box.calls] == ["look", "stop"]


def test_f43_a_blocked_prompt_ends_the_attempt_at_once(tmp_path):
    script = Script.from_rules({"when": {}, "answer": {"block_reason": "SAFETY"}})
    with gemini(script) as (provider, _):
        ended = Loop(talk(provider), asker(provider), Box(), Trajectory(tmp_path / "t", str)).run()
    assert ended.exit is Exit.REFUSED and script.calls == 1


def test_f43_a_pause_goes_on_and_keeps_its_thinking(tmp_path):
    paused = {"content": [{"thinking": "long"}, "wait"], "stop": "pause_turn"}
    with claude(Script.in_order(paused, LOOK, STOP)) as (provider, server):
        ended = Loop(talk(provider), asker(provider), Box({"a": "seen"}), Trajectory(tmp_path / "t", str)).run()
        first = server.client.ledger(method="POST")[0].response_json()["content"]
        sent = posted(server)[1]["messages"][1]["content"]
    assert ended.exit is Exit.DONE and sent == first and sent[0]["type"] == "thinking"
