"""The Claude stand-in, driven through the real anthropic SDK."""

import json

import anthropic
import httpx
import httpx2
import pydantic
import pytest

from devkit.claude import make_app
from devkit.claude.message import signature
from devkit.rig import RunningServer, loopback_client
from devkit.rig.answer import Answer, thinking, tool
from devkit.rig.script import Script

MODEL = "claude-sonnet-5-5"
HELLO = [{"role": "user", "content": "hello"}]
READ = {
    "name": "read",
    "description": "Read a file.",
    "input_schema": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
}


class World:
    """A running stand-in with the script of this test, and a real client of it."""

    def __init__(self):
        self.script = Script()
        self.server = RunningServer(make_app(self.script), "claude").start()
        self.client = anthropic.Anthropic(api_key="sk-test", base_url=self.server.url, max_retries=0, timeout=5)

    def says(self, *rules):
        self.script.change(rules)

    def ask(self, messages=HELLO, **options):
        return self.client.messages.create(**{"model": MODEL, "max_tokens": 500, "messages": messages, **options})

    def stream(self, messages=HELLO, **options):
        return self.client.messages.stream(**{"model": MODEL, "max_tokens": 500, "messages": messages, **options})

    def raw(self, body, **headers):
        sent = {"authorization": "Bearer sk-test", "anthropic-version": "2026-10-21", **headers}
        with loopback_client(self.server.url) as http:
            return http.post("/v1/messages", json=body, headers=sent)

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


def test_a_text_is_answered_with_the_shape_of_the_service(world):
    reply = world.ask()
    assert (reply.content[0].text, reply.stop_reason, reply.model, reply.role) == (
        "fine",
        "end_turn",
        MODEL,
        "assistant",
    )
    assert reply._request_id.startswith("req_01")
    assert reply.usage.output_tokens == 1
    assert reply.usage.input_tokens > 0 and reply.usage.cache_read_input_tokens == 0
    entry = world.server.rig.ledger.read()[-1]
    assert entry.path == "/v1/messages" and "sk-test" not in json.dumps(entry.headers)


BLOCKS = [{"thinking": "hm, ä bug"}, "I read.", {"tool": "read", "input": {"path": "añ.py", "n": [1]}}]


def test_a_stream_adds_up_to_what_the_plain_call_returns(world):
    world.says({"when": {}, "answer": BLOCKS})
    plain = world.ask(tools=[READ])
    with world.stream(tools=[READ]) as stream:
        kinds = [event.type for event in stream]
        streamed = stream.get_final_message()
    assert {"message_start", "content_block_start", "input_json", "thinking", "text", "message_stop"} <= set(kinds)
    assert streamed.stop_reason == plain.stop_reason == "tool_use"
    assert [block.type for block in plain.content] == ["thinking", "text", "tool_use"]
    assert [(b.type, getattr(b, "input", None), getattr(b, "signature", None)) for b in streamed.content] == [
        (b.type, getattr(b, "input", None), getattr(b, "signature", None)) for b in plain.content
    ]
    assert streamed.usage.output_tokens == plain.usage.output_tokens


def test_a_tool_loop_goes_round_with_the_answer_echoed_verbatim(world):
    world.says(
        {"when": {"tool_result": "x = 1"}, "answer": "done"},
        {"when": {"has_tool": "read", "turn": 0}, "answer": BLOCKS},
    )
    first = world.ask(tools=[READ])
    call = first.content[-1]
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "x = 1"}
    history = [*HELLO, {"role": "assistant", "content": first.content}, {"role": "user", "content": [result]}]
    assert world.ask(history, tools=[READ]).content[0].text == "done"


STOPS = ["end_turn", "max_tokens", "stop_sequence", "refusal", "pause_turn", "model_context_window_exceeded"]


@pytest.mark.parametrize("stop", STOPS)
def test_every_stop_reason_can_be_scripted(world, stop):
    world.says({"when": {}, "answer": {"text": "so far", "stop": stop}})
    assert world.ask().stop_reason == stop
    with world.stream() as stream:
        assert stream.get_final_message().stop_reason == stop


def test_a_refusal_carries_details_and_an_answer_may_be_empty(world):
    world.says({"answer": {"stop": "refusal"}}, {"answer": {"content": []}})
    refused = world.ask()
    assert (refused.content, refused.stop_details.type) == ([], "refusal")
    empty = world.ask()
    assert (empty.content, empty.stop_reason) == ([], "end_turn")


def test_an_answer_longer_than_max_tokens_is_cut(world):
    world.says({"when": {}, "answer": ["a" * 100, {"tool": "read", "input": {"path": "b" * 100}}]})
    cut = world.ask(max_tokens=30, tools=[READ])
    assert (cut.stop_reason, cut.usage.output_tokens) == ("max_tokens", 30)
    assert cut.content[1].input == {"path": "b" * 11}
    assert len(world.ask(max_tokens=10).content) == 1


def test_a_cut_call_streams_broken_json_and_reads_as_far_as_it_goes(world):
    world.says({"when": {}, "answer": {"tool": "read", "raw_input": '{"path": "a.p', "stop": "max_tokens"}})
    assert world.ask(tools=[READ]).content[0].input == {"path": "a.p"}
    with world.stream(tools=[READ]) as stream:
        parts = [event.partial_json for event in stream if event.type == "input_json"]
    assert "".join(parts) == '{"path": "a.p'


ERRORS = [
    ("rate_limit", anthropic.RateLimitError, "rate_limit_error", "1"),
    ({"kind": "rate_limit", "retry_after": 17}, anthropic.RateLimitError, "rate_limit_error", "17"),
    ("spend_cap", anthropic.RateLimitError, "rate_limit_error", None),
    ("usage_limit", anthropic.BadRequestError, "invalid_request_error", None),
    ("no_credit", anthropic.BadRequestError, "invalid_request_error", None),
    ("overloaded", anthropic.OverloadedError, "overloaded_error", None),
    ("server_error", anthropic.InternalServerError, "api_error", None),
    ("timeout", anthropic.APIStatusError, "timeout_error", None),
    ("auth", anthropic.AuthenticationError, "authentication_error", None),
    ("permission", anthropic.PermissionDeniedError, "permission_error", None),
    ({"kind": "bad_request", "status": 402}, anthropic.APIStatusError, "billing_error", None),
]


@pytest.mark.parametrize(("error", "kind", "name", "retry_after"), ERRORS)
def test_scripted_errors_arrive_as_the_sdk_s_own_exceptions(world, error, kind, name, retry_after):
    world.says({"when": {}, "answer": {"error": error}})
    with pytest.raises(kind) as caught:
        world.ask()
    assert caught.value.type == name
    assert caught.value.response.headers.get("retry-after") == retry_after


def test_the_sdk_retries_a_rate_limit_by_itself(world):
    world.says({"answer": {"error": {"kind": "rate_limit", "retry_after": 0.01}}}, {"answer": "at last"})
    reply = world.client.with_options(max_retries=1).messages.create(model=MODEL, max_tokens=9, messages=HELLO)
    assert reply.content[0].text == "at last"


def test_a_slow_answer_times_out_in_the_sdk(world):
    world.says({"answer": {"text": "late", "delay": 0.4}})
    with pytest.raises(anthropic.APITimeoutError):
        world.client.with_options(timeout=0.1).messages.create(model=MODEL, max_tokens=9, messages=HELLO)


def test_a_stream_may_end_early_drop_or_report_an_error(world):
    world.says(
        {"answer": {"text": "partial " * 30, "stream": {"cut_after": 4}}},
        {"answer": {"text": "partial", "stream": {"drop_after": 3}}},
        {"answer": {"text": "partial", "stream": {"error_after": 3}}},
    )
    with world.stream() as stream:
        assert stream.get_final_message().stop_reason is None
    with pytest.raises(httpx2.RemoteProtocolError), world.stream() as stream:
        stream.get_final_message()
    with pytest.raises(anthropic.APIStatusError, match="Overloaded"), world.stream() as stream:
        stream.get_final_message()


FAULTS = {
    "status": ({"status": 529}, anthropic.OverloadedError),
    "delay": ({"seconds": 0.4}, anthropic.APITimeoutError),
    "drop_before": ({}, anthropic.APIConnectionError),
    "reset": ({}, anthropic.APIConnectionError),
    "garbage": ({}, ValueError),
    "apply_then_500": ({}, anthropic.InternalServerError),
    "apply_then_drop": ({}, anthropic.APIConnectionError),
    "truncate": ({}, anthropic.APIConnectionError),
    "slow_drip": ({"seconds": 6}, anthropic.APITimeoutError),
}


@pytest.mark.parametrize(("kind", "fault"), FAULTS.items(), ids=FAULTS.keys())
def test_every_fault_of_the_rig_reaches_the_sdk_once(world, kind, fault):
    options, error = fault
    world.server.client.fault(kind, "^/v1/messages$", **options)
    with pytest.raises(error):
        world.client.with_options(timeout=0.2).messages.create(model=MODEL, max_tokens=9, messages=HELLO)
    assert world.ask().content[0].text == "fine"


def test_a_truncated_stream_is_no_answer(world):
    world.server.client.fault("truncate")
    with pytest.raises(httpx2.RemoteProtocolError), world.stream() as stream:
        stream.get_final_message()


class Intent(pydantic.BaseModel):
    """A small flat answer."""

    name: str
    sure: bool


def test_parse_gives_a_typed_answer(world):
    world.says({"answer": '{"name": "approve", "sure": true}'})
    reply = world.client.messages.parse(model=MODEL, max_tokens=99, messages=HELLO, output_format=Intent)
    assert reply.parsed_output == Intent(name="approve", sure=True)


def test_tokens_are_counted_and_models_listed(world):
    few = world.client.messages.count_tokens(model=MODEL, messages=HELLO).input_tokens
    many = world.client.messages.count_tokens(model=MODEL, messages=HELLO, system="x" * 400).input_tokens
    assert many - few in range(100, 115)
    assert MODEL in [model.id for model in world.client.models.list()]
    assert world.client.models.retrieve(MODEL).max_tokens == 128_000


BIG = "rules and tools " * 400


def cached(text=BIG, ttl=None):
    control = {"type": "ephemeral"} | ({"ttl": ttl} if ttl else {})
    return [{"type": "text", "text": text, "cache_control": control}]


def counts(reply):
    usage = reply.usage
    return usage.cache_creation_input_tokens, usage.cache_read_input_tokens, usage.input_tokens


def test_a_marked_prefix_is_written_once_and_then_read(world):
    system = cached(BIG + "first")
    written, read, rest = counts(world.ask(system=system))
    assert written > 1600 and read == 0 and rest < 30
    assert counts(world.ask(system=system)) == (0, written, rest)
    changed = counts(world.ask(system=cached(BIG + "other")))
    assert changed[1] == 0


def test_a_moving_breakpoint_reads_what_the_last_request_wrote(world):
    turns = [{"role": "user", "content": cached(BIG + "turn one")}]
    written, _, rest = counts(world.ask(turns))
    assert rest == 0
    turns += [{"role": "assistant", "content": "ok"}, {"role": "user", "content": cached("and now?")}]
    more, read, rest = counts(world.ask(turns))
    assert (read, rest) == (written, 0) and 0 < more < 40


def test_short_prefixes_are_not_cached_and_ttls_are_told_apart(world):
    assert counts(world.ask(system=cached("short")))[:2] == (0, 0)
    hour = world.ask(system=cached(BIG + "hour", ttl="1h")).usage
    assert hour.cache_creation.ephemeral_1h_input_tokens == hour.cache_creation_input_tokens > 0
    haiku = counts(world.ask(system=cached(BIG + "haiku"), model="claude-haiku-5-5"))
    assert haiku[:2] == (0, 0)


def test_automatic_caching_marks_the_last_block(world):
    messages = [{"role": "user", "content": BIG + "auto"}]
    written, _, rest = counts(world.ask(messages, cache_control={"type": "ephemeral"}))
    assert written > 1600 and rest == 0


def call(name="t1"):
    return {"type": "tool_use", "id": name, "name": "read", "input": {"path": "a"}}


def result(name="t1"):
    return {"type": "tool_result", "tool_use_id": name, "content": "text"}


def thought(said="hm"):
    return {"type": "thinking", "thinking": said, "signature": signature("hm")}


def user(*content):
    return {"role": "user", "content": list(content)}


def model(*content):
    return {"role": "assistant", "content": list(content)}


SAID = {"type": "text", "text": "go"}
REFUSED = {
    "max_tokens missing": ({"max_tokens": None}, "max_tokens: Field required"),
    "max_tokens 0": ({"max_tokens": 0}, "greater than or equal to 1"),
    "max_tokens above the model": ({"max_tokens": 999_999}, "maximum allowed number of output tokens"),
    "messages missing": ({"messages": None}, "messages: Field required"),
    "no message": ({"messages": []}, "at least one message"),
    "temperature": ({"temperature": 1.0}, "temperature: Extra inputs are not permitted"),
    "top_p": ({"top_p": 1}, "top_p: Extra inputs are not permitted"),
    "top_k": ({"top_k": 5}, "top_k: Extra inputs are not permitted"),
    "unknown field": ({"colour": 1}, "colour: Extra inputs are not permitted"),
    "first message of the model": ({"messages": [model(SAID), user(SAID)]}, 'first message must use the "user" role'),
    "prefill": ({"messages": [user(SAID), model(SAID)]}, "does not support assistant message prefill"),
    "unknown role": ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
    "empty text": ({"messages": [user({"type": "text", "text": ""})]}, "text content blocks must be non-empty"),
    "blank text": ({"messages": [{"role": "user", "content": " \n"}]}, "non-whitespace text"),
    "empty content": ({"messages": [{"role": "user", "content": []}]}, "must have non-empty content"),
    "empty system": ({"system": [{"type": "text", "text": ""}]}, "system: text content blocks must be non-empty"),
    "call without result": (
        {"messages": [user(SAID), model(call()), user(SAID)]},
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1",
    ),
    "call at the end": ({"messages": [user(SAID), model(call())]}, "without `tool_result` blocks"),
    "one of two results": ({"messages": [user(SAID), model(call(), call("t2")), user(result())]}, "after: t2"),
    "text before the result": (
        {"messages": [user(SAID), model(call()), user(SAID, result())]},
        "without `tool_result`",
    ),
    "result without call": (
        {"messages": [user(result())]},
        "messages.0.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t1",
    ),
    "two results of one call": (
        {"messages": [user(SAID), model(call()), user(result(), result())]},
        "must have a single result",
    ),
    "an id twice in a turn": (
        {"messages": [user(SAID), model(call(), call()), user(result())]},
        "`tool_use` ids must be unique",
    ),
    "an id twice": (
        {"messages": [user(SAID), model(call()), user(result()), model(call()), user(result())]},
        "messages.3: `tool_use` ids must be unique",
    ),
    "thinking altered": (
        {"messages": [user(SAID), model(thought("changed"), call()), user(result())]},
        "messages.1.content.0: Invalid `signature` in `thinking` block",
    ),
    "thinking of the user": ({"messages": [user(thought())]}, "can only be used in `assistant` messages"),
    "document of the model": (
        {"messages": [user(SAID), model({"type": "document"}), user(SAID)]},
        "can only be used in `user` messages",
    ),
    "call input no object": (
        {"messages": [user(SAID), model({**call(), "input": "a"}), user(result())]},
        "tool_use.input: Input should be a valid dictionary",
    ),
    "five breakpoints": ({"messages": [user(*cached("a") * 5)]}, "A maximum of 4 blocks with cache_control"),
    "long life after short": (
        {"system": cached("a"), "messages": [user(*cached("b", "1h"))]},
        "must not come after a ttl='5m'",
    ),
    "tool name": ({"tools": [{**READ, "name": "read file"}]}, "tools.0.custom.name: String should match pattern"),
    "tool without schema": ({"tools": [{"name": "read"}]}, "tools.0.custom.input_schema: Field required"),
    "tool schema no object": ({"tools": [{**READ, "input_schema": {"type": "string"}}]}, "Input should be 'object'"),
    "tool schema with a union on top": (
        {"tools": [{**READ, "input_schema": {"type": "object", "anyOf": [{"type": "object"}]}}]},
        "does not support oneOf, allOf, or anyOf at the top level",
    ),
    "tool schema of unknown type": (
        {"tools": [{**READ, "input_schema": {"type": "object", "properties": {"a": {"type": "text"}}}}]},
        "JSON schema is invalid",
    ),
    "two tools of one name": ({"tools": [READ, READ]}, "Tool names must be unique"),
    "choice without tools": ({"tool_choice": {"type": "any"}}, "only be specified while providing tools"),
    "choice of no tool": (
        {"tools": [READ], "tool_choice": {"type": "tool", "name": "write"}},
        "Tool 'write' not found in provided tools",
    ),
    "thinking and a forced tool": (
        {"tools": [READ], "tool_choice": {"type": "any"}, "thinking": {"type": "adaptive"}},
        "Thinking may not be enabled when tool_choice forces tool use",
    ),
    "a thinking budget": (
        {"thinking": {"type": "enabled", "budget_tokens": 2000}},
        "is not supported for this model",
    ),
    "open output schema": (
        {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}},
        "must be explicitly set to false",
    ),
    "a prompt too long": ({"messages": [{"role": "user", "content": "x" * 4_100_000}]}, "prompt is too long"),
}


@pytest.mark.parametrize(("change", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_the_service_s_refusals(world, change, reason):
    body = {"model": MODEL, "max_tokens": 100, "messages": HELLO, **change}
    answer = world.raw({key: value for key, value in body.items() if value is not None})
    said = answer.json()
    assert answer.status_code == 400
    assert (said["type"], said["error"]["type"]) == ("error", "invalid_request_error")
    assert reason in said["error"]["message"]
    assert said["request_id"] == answer.headers["request-id"]


ALLOWED = {
    "thinking echoed": [user(SAID), model(thought(), call()), user(result())],
    "text after the result": [user(SAID), model(call()), user(result(), SAID)],
    "results in any order": [user(SAID), model(call(), call("t2")), user(result("t2"), result())],
    "two user messages in a row": [user(SAID), user(SAID)],
}


@pytest.mark.parametrize("messages", ALLOWED.values(), ids=ALLOWED.keys())
def test_what_the_service_takes(world, messages):
    assert world.ask(messages).stop_reason == "end_turn"


def test_older_models_and_versions_keep_their_ways(world):
    body = {"model": MODEL, "max_tokens": 100, "messages": HELLO, "temperature": 0.5}
    assert world.raw(body, **{"anthropic-version": "2023-06-01"}).status_code == 200
    manual = {"model": "claude-sonnet-4-6", "max_tokens": 5000, "thinking": {"type": "enabled", "budget_tokens": 1024}}
    assert world.ask(**manual).stop_reason == "end_turn"
    with pytest.raises(anthropic.BadRequestError, match="Expected `thinking`"):
        world.ask([user(SAID), model(call()), user(result())], **manual)


KEYS = [
    ({"authorization": ""}, "x-api-key header is required"),
    ({"authorization": "Bearer invalid-key"}, "invalid bearer token"),
    ({"x-api-key": "invalid-key"}, "invalid x-api-key"),
]


@pytest.mark.parametrize(("headers", "reason"), KEYS)
def test_a_missing_or_wrong_key_is_a_401(world, headers, reason):
    answer = world.raw({"model": MODEL, "max_tokens": 1, "messages": HELLO}, **headers)
    assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")
    assert answer.json()["error"]["message"] == reason


def test_an_unknown_model_and_an_unknown_page_are_404(world):
    with pytest.raises(anthropic.NotFoundError, match="model: claude-9"):
        world.ask(model="claude-9")
    assert httpx.get(f"{world.server.url}/v1/nothing").json()["error"]["type"] == "not_found_error"


def test_a_callable_may_be_the_model(world):
    world.script.talk = lambda seen: Answer((thinking("hm"), tool("read", path=seen.user)))
    assert world.ask([user({"type": "text", "text": "a.py"})], tools=[READ]).content[1].input == {"path": "a.py"}


def test_the_script_is_read_and_changed_while_running(world):
    url = f"{world.server.url}/_script"
    httpx.post(url, json={"rules": [{"answer": "one"}]})
    httpx.post(url, json={"rules": [{"answer": "two"}], "append": True})
    assert [world.ask().content[0].text for _ in range(2)] == ["one", "two"]
    with pytest.raises(anthropic.BadRequestError, match="script has no answer"):
        world.ask()
    state = httpx.get(url).json()
    assert [rule["used"] for rule in state["rules"]] == [1, 1]
    assert "hello" in state["unmatched"][-1]
    assert httpx.post(url, json=[{"answr": 1}]).status_code == 400
