"""The Gemini stand-in, driven through the real google-genai SDK."""

import json

import httpx
import httpx2
import pytest
from google import genai
from google.genai import errors, types

from devkit.gemini import make_app
from devkit.rig import RunningServer, loopback_client
from devkit.rig.script import Script

MODEL = "gemini-3.8-flash"
READ = {"name": "read", "description": "d", "parametersJsonSchema": {"type": "object", "properties": {"path": {}}}}


class World:
    """A running stand-in with the script of this test, and a real client of it."""

    def __init__(self):
        self.script = Script()
        self.server = RunningServer(make_app(self.script), "gemini").start()
        options = types.HttpOptions(base_url=self.server.url, timeout=5000)
        self.client = genai.Client(api_key="test-key", http_options=options)

    def says(self, *rules):
        self.script.change(rules)

    def ask(self, contents="hello", model=MODEL, **config):
        return self.client.models.generate_content(model=model, contents=contents, config=self.config(config))

    def stream(self, contents="hello", model=MODEL, **config):
        return list(
            self.client.models.generate_content_stream(model=model, contents=contents, config=self.config(config))
        )

    def config(self, given):
        off = types.AutomaticFunctionCallingConfig(disable=True)
        return types.GenerateContentConfig(automatic_function_calling=off, **given)

    def raw(self, body, model=MODEL, method="generateContent", **headers):
        with loopback_client(self.server.url) as http:
            url = f"/v1beta/models/{model}:{method}"
            return http.post(url, json=body, headers={"x-goog-api-key": "test-key", **headers})

    def stop(self):
        self.client.close()
        self.server.stop()


@pytest.fixture(scope="module")
def running():
    world = World()
    yield world
    world.stop()


@pytest.fixture
def world(running):
    running.says({"when": {}, "answer": "fine"})
    running.script.talk = None
    running.server.rig.faults.clear()
    return running


TOOLS = [types.Tool(function_declarations=[types.FunctionDeclaration.model_validate(READ)])]


def test_a_text_is_answered_with_the_shape_of_the_service(world):
    reply = world.ask()
    assert reply.text == "fine"
    assert reply.candidates[0].finish_reason == types.FinishReason.STOP
    assert (reply.model_version, reply.usage_metadata.candidates_token_count) == (MODEL, 1)
    entry = world.server.rig.ledger.read()[-1]
    assert entry.path.endswith(":generateContent") and "test-key" not in json.dumps(entry.headers)


def test_a_stream_adds_up_to_the_same_text_and_finishes_once(world):
    world.says({"when": {}, "answer": [{"thinking": "hm"}, "a fairly long answer, ñ, " * 8]})
    chunks = world.stream()
    assert "".join(chunk.text or "" for chunk in chunks) == world.ask().text
    assert [bool(chunk.candidates[0].finish_reason) for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert len(chunks) > 3
    assert chunks[-1].usage_metadata.thoughts_token_count == 1


def test_several_calls_go_round_with_the_content_echoed_verbatim(world):
    calls = [{"tool": "read", "input": {"path": "a"}}, {"tool": "read", "input": {"path": 7, "x": [None]}}]
    world.says({"when": {"tool_result": ["one", "two"]}, "answer": "done"}, {"when": {"turn": 0}, "answer": calls})
    for echo in (lambda content: content, lambda c: types.Content.model_validate_json(c.model_dump_json())):
        first = world.ask(tools=TOOLS)
        assert [call.args for call in first.function_calls] == [{"path": "a"}, {"path": 7, "x": [None]}]
        parts = first.candidates[0].content.parts
        assert parts[0].thought_signature and not parts[1].thought_signature
        results = [
            types.Part(function_response=types.FunctionResponse(id=call.id, name="read", response={"result": text}))
            for call, text in zip(first.function_calls, ["one", "two"], strict=True)
        ]
        history = [
            types.UserContent("go"),
            echo(first.candidates[0].content),
            types.Content(role="user", parts=results),
        ]
        assert world.ask(history, tools=TOOLS).text == "done"


def test_calls_arrive_in_a_stream_whole_and_signed(world):
    world.says({"when": {}, "answer": ["reading", {"tool": "read", "input": {"path": "a"}}]})
    parts = [part for chunk in world.stream(tools=TOOLS) for part in chunk.candidates[0].content.parts]
    assert [part.function_call.args for part in parts if part.function_call] == [{"path": "a"}]
    assert parts[-1].thought_signature


STOPS = [
    "STOP",
    "MAX_TOKENS",
    "MALFORMED_FUNCTION_CALL",
    "UNEXPECTED_TOOL_CALL",
    "SAFETY",
    "RECITATION",
    "MALFORMED_RESPONSE",
    "TOO_MANY_TOOL_CALLS",
]


@pytest.mark.parametrize("stop", STOPS)
def test_every_finish_reason_can_be_scripted_with_nothing_said(world, stop):
    world.says({"when": {}, "answer": {"content": [], "stop": stop}})
    reply = world.ask()
    assert (reply.text, reply.candidates[0].finish_reason.value) == (None, stop)
    assert world.stream()[-1].candidates[0].finish_reason.value == stop


def test_a_blocked_prompt_has_feedback_and_no_candidate(world):
    world.says({"when": {}, "answer": {"block_reason": "PROHIBITED_CONTENT"}})
    reply = world.ask()
    assert reply.candidates is None and reply.text is None
    assert reply.prompt_feedback.block_reason == types.BlockedReason.PROHIBITED_CONTENT


def test_a_candidate_may_have_no_content_at_all(world):
    world.says({"when": {}, "answer": {"no_content": True}})
    assert world.ask().candidates[0].content is None


def test_a_cut_call_is_a_malformed_function_call(world):
    world.says({"when": {}, "answer": {"tool": "read", "raw_input": '{"pa'}})
    candidate = world.ask(tools=TOOLS).candidates[0]
    assert candidate.finish_reason == types.FinishReason.MALFORMED_FUNCTION_CALL
    assert not candidate.content.parts


def test_unknown_tools_and_missing_arguments_pass_through(world):
    world.says({"when": {}, "answer": [{"tool": "rm_rf", "input": {"now": "yes"}}, {"tool": "read", "input": None}]})
    calls = world.ask(tools=TOOLS).function_calls
    assert [(call.name, call.args) for call in calls] == [("rm_rf", {"now": "yes"}), ("read", None)]


def test_thinking_eats_max_output_tokens_and_is_shown_on_demand(world):
    world.says({"when": {}, "answer": [{"thinking": "t" * 400}, "answer"]})
    eaten = world.ask(max_output_tokens=50)
    assert (eaten.text, eaten.candidates[0].finish_reason.value) == (None, "MAX_TOKENS")
    assert eaten.usage_metadata.thoughts_token_count == 100
    assert world.ask(max_output_tokens=101).text == "answ"
    shown = world.ask(thinking_config=types.ThinkingConfig(include_thoughts=True)).candidates[0].content.parts
    assert [bool(part.thought) for part in shown] == [True, False]


ERRORS = [
    ("rate_limit", 429, "RESOURCE_EXHAUSTED", "1s"),
    ({"kind": "rate_limit", "retry_after": 37.5}, 429, "RESOURCE_EXHAUSTED", "37.5s"),
    ("spend_cap", 429, "RESOURCE_EXHAUSTED", None),
    ("no_credit", 429, "RESOURCE_EXHAUSTED", None),
    ("overloaded", 503, "UNAVAILABLE", None),
    ("server_error", 500, "INTERNAL", None),
    ("timeout", 504, "DEADLINE_EXCEEDED", None),
    ("auth", 400, "INVALID_ARGUMENT", None),
    ("permission", 403, "PERMISSION_DENIED", None),
    ("bad_request", 400, "INVALID_ARGUMENT", None),
]


@pytest.mark.parametrize(("error", "code", "status", "delay"), ERRORS)
def test_scripted_errors_arrive_as_the_sdk_s_own_exceptions(world, error, code, status, delay):
    world.says({"when": {}, "answer": {"error": error}})
    for ask in (world.ask, world.stream):
        with pytest.raises(errors.ServerError if code >= 500 else errors.ClientError) as caught:
            ask()
        assert (caught.value.code, caught.value.status) == (code, status)
        waits = [
            item["retryDelay"] for item in caught.value.details["error"].get("details", []) if "retryDelay" in item
        ]
        assert waits == ([delay] if delay else [])


def test_a_slow_answer_times_out_in_the_sdk(world):
    world.says({"answer": {"text": "late", "delay": 0.4}})
    with pytest.raises(httpx2.ReadTimeout):
        world.ask(http_options=types.HttpOptions(timeout=100))


def test_a_stream_may_end_early_drop_or_report_an_error(world):
    long = "partial answer " * 20
    world.says(
        {"answer": {"text": long, "stream": {"cut_after": 2}}},
        {"answer": {"text": long, "stream": {"cut_after": 0}}},
        {"answer": {"text": long, "stream": {"drop_after": 2}}},
        {"answer": {"text": long, "stream": {"error_after": 2}}},
    )
    early = world.stream()
    assert len(early) == 2 and early[-1].candidates[0].finish_reason is None
    assert world.stream() == []
    with pytest.raises(httpx2.RemoteProtocolError):
        world.stream()
    with pytest.raises(errors.ServerError, match="overloaded"):
        world.stream()


FAULTS = {
    "status": ({"status": 503}, errors.ServerError),
    "delay": ({"seconds": 0.4}, httpx2.ReadTimeout),
    "drop_before": ({}, httpx2.RemoteProtocolError),
    "reset": ({}, httpx2.ReadError),
    "garbage": ({}, ValueError),
    "apply_then_500": ({}, errors.ServerError),
    "apply_then_drop": ({}, httpx2.RemoteProtocolError),
    "truncate": ({}, httpx2.RemoteProtocolError),
    "slow_drip": ({"seconds": 6}, httpx2.ReadTimeout),
}


@pytest.mark.parametrize(("kind", "fault"), FAULTS.items(), ids=FAULTS.keys())
def test_every_fault_of_the_rig_reaches_the_sdk_once(world, kind, fault):
    options, error = fault
    world.server.client.fault(kind, ":generateContent$", **options)
    with pytest.raises(error):
        world.ask(http_options=types.HttpOptions(timeout=200))
    assert world.ask().text == "fine"


BIG = "a long system instruction " * 800


def cached(reply):
    return reply.usage_metadata.cached_content_token_count or 0


def test_the_longest_common_prefix_with_an_earlier_request_is_cached(world):
    first = world.ask("one", system_instruction=BIG + "A")
    assert cached(first) == 0
    again = world.ask("two", system_instruction=BIG + "A")
    assert first.usage_metadata.prompt_token_count - 10 < cached(again) < again.usage_metadata.prompt_token_count
    assert cached(world.ask("one", system_instruction=BIG + "B")) == 0
    assert cached(world.ask("one", system_instruction=BIG + "A", model="gemini-3.5-flash")) == 0


def test_prefixes_below_the_minimum_are_not_cached(world):
    assert [cached(world.ask("x" * 16_000)) for _ in range(2)] == [0, 0]
    sizes = [cached(world.ask("y" * 16_800)) for _ in range(2)]
    assert sizes[0] == 0 and sizes[1] > 4096


def test_tokens_are_counted_and_models_listed(world):
    few = world.client.models.count_tokens(model=MODEL, contents="hi").total_tokens
    assert world.client.models.count_tokens(model=MODEL, contents="hi" + "x" * 400).total_tokens == few + 100
    assert f"models/{MODEL}" in [model.name for model in world.client.models.list()]
    assert world.client.models.get(model=MODEL).output_token_limit == 65_536


USER = {"role": "user", "parts": [{"text": "go"}]}
SAID = {"role": "model", "parts": [{"text": "hm"}]}


def call(signature="skip_thought_signature_validator", name="read", **more):
    part = {"functionCall": {"name": name, "args": {}, **more}}
    return {**part, "thoughtSignature": signature} if signature else part


def model(*parts):
    return {"role": "model", "parts": list(parts)}


def answers(*names, **more):
    return {
        "role": "user",
        "parts": [{"functionResponse": {"name": name, "response": {"result": "x"}, **more}} for name in names],
    }


REFUSED = {
    "unknown field": ({"colour": 1}, 'Unknown name "colour": Cannot find field'),
    "no contents": ({"contents": []}, "contents is not specified"),
    "wrong role": ({"contents": [{"role": "assistant", "parts": [{"text": "x"}]}]}, "valid role: user, model"),
    "no parts": ({"contents": [{"role": "user", "parts": []}]}, "contents[0].parts"),
    "an empty part": ({"contents": [{"role": "user", "parts": [{}]}]}, "required oneof field 'data'"),
    "an empty system": ({"systemInstruction": {"parts": []}}, "system_instruction"),
    "call first": ({"contents": [model(call()), answers("read")]}, "immediately after a user turn"),
    "call after the model": (
        {"contents": [USER, SAID, model(call()), answers("read")]},
        "immediately after a user turn",
    ),
    "call never answered": ({"contents": [USER, model(call())]}, "number of function response parts"),
    "call followed by text": ({"contents": [USER, model(call()), USER]}, "number of function response parts"),
    "fewer answers": ({"contents": [USER, model(call(), call(None)), answers("read")]}, "number of function response"),
    "more answers": ({"contents": [USER, model(call()), answers("read", "read")]}, "number of function response parts"),
    "answers in another order": (
        {"contents": [USER, model(call(name="a"), call(None, name="b")), answers("b", "a")]},
        "in name, id and order",
    ),
    "an answer with another id": (
        {"contents": [USER, model(call(id="1")), answers("read", id="2")]},
        "in name, id and order",
    ),
    "answer without call": ({"contents": [USER, answers("read")]}, "immediately after a function call turn"),
    "answer no object": (
        {"contents": [USER, model(call()), answers("read", response="x")]},
        "Struct expected",
    ),
    "signature missing": (
        {"contents": [USER, model(call(None)), answers("read")]},
        "missing a thought_signature in functionCall parts",
    ),
    "signature missing in the second step": (
        {"contents": [USER, model(call()), answers("read"), model(call("")), answers("read")]},
        "function call `default_api:read` , position 4",
    ),
    "signature altered": (
        {"contents": [USER, model(call("AAAA" * 16)), answers("read")]},
        "Corrupted thought signature",
    ),
    "signature no base64": ({"contents": [USER, model(call("%")), answers("read")]}, "Corrupted thought signature"),
    "function name": ({"tools": [{"functionDeclarations": [{"name": "read file"}]}]}, "Invalid function name"),
    "two functions of one name": (
        {"tools": [{"functionDeclarations": [READ, READ]}]},
        "Duplicate function declaration",
    ),
    "two schemas": (
        {"tools": [{"functionDeclarations": [{**READ, "parameters": {"type": "OBJECT"}}]}]},
        "only one of parameters",
    ),
    "a mode that is none": ({"toolConfig": {"functionCallingConfig": {"mode": "SOMETIMES"}}}, "Invalid value at"),
    "names without ANY": (
        {"toolConfig": {"functionCallingConfig": {"allowedFunctionNames": ["read"]}}},
        "without function calling mode ANY",
    ),
    "too many output tokens": ({"generationConfig": {"maxOutputTokens": 70_000}}, "supported range is from 1"),
    "level and budget": (
        {"generationConfig": {"thinkingConfig": {"thinkingLevel": "low", "thinkingBudget": 1}}},
        "only set only one",
    ),
    "an unknown level": (
        {"generationConfig": {"thinking_config": {"thinking_level": "minimal"}}},
        "Thinking level minimal is not supported",
    ),
    "a prompt too long": (
        {"contents": [{"role": "user", "parts": [{"text": "x" * 4_300_000}]}]},
        "exceeds the maximum",
    ),
}


@pytest.mark.parametrize(("change", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_the_service_s_refusals(world, change, reason):
    answer = world.raw({"contents": [USER], **change})
    said = answer.json()["error"]
    assert (answer.status_code, said["code"], said["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert reason in said["message"]


ALLOWED = {
    "an older turn without signatures": [USER, model(call(None)), answers("read"), SAID, USER],
    "an answer with the id of its call": [USER, model(call(id="1")), answers("read", id="1")],
    "a text beside the call": [USER, model({"text": "hm"}, call()), answers("read")],
    "no role": [{"parts": [{"text": "go"}]}],
}


@pytest.mark.parametrize("contents", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_the_service_takes(world, contents):
    assert world.raw({"contents": contents}).status_code == 200


def test_older_models_need_no_signature_and_send_none(world):
    world.says({"when": {"turn": 0}, "answer": {"tool": "read"}}, {"when": {}, "answer": "ok"})
    (part,) = world.ask(model="gemini-2.5-flash", tools=TOOLS).candidates[0].content.parts
    assert part.thought_signature is None and part.function_call.id is None
    contents = [USER, model(call(None)), answers("read")]
    assert world.raw({"contents": contents}, "gemini-2.5-flash").status_code == 200


KEYS = [
    ({"x-goog-api-key": ""}, 403, "PERMISSION_DENIED"),
    ({"x-goog-api-key": "invalid"}, 400, "INVALID_ARGUMENT"),
]


@pytest.mark.parametrize(("headers", "code", "status"), KEYS)
def test_a_missing_key_is_a_403_and_a_wrong_one_a_400(world, headers, code, status):
    answer = world.raw({"contents": [USER]}, **headers)
    assert (answer.status_code, answer.json()["error"]["status"]) == (code, status)


def test_a_key_in_the_query_is_taken_and_not_kept(world):
    url = f"{world.server.url}/v1beta/models?key=abc"
    assert httpx.get(url).status_code == 200
    assert "abc" not in world.server.rig.ledger.read()[-1].query


def test_an_unknown_model_and_method_are_404(world):
    with pytest.raises(errors.ClientError, match="models/gemini-9 is not found") as caught:
        world.ask(model="gemini-9")
    assert (caught.value.code, caught.value.status) == (404, "NOT_FOUND")
    assert world.raw({"contents": [USER]}, method="fly").status_code == 404


def test_a_stream_without_sse_is_one_list(world):
    chunks = world.raw({"contents": [USER]}, method="streamGenerateContent").json()
    assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"


def test_a_callable_may_be_the_model(world):
    world.script.talk = lambda seen: f"{seen.user} / {seen.system} / {','.join(seen.tools)}"
    assert world.ask("hi", system_instruction="be brief", tools=TOOLS).text == "hi / be brief / read"
