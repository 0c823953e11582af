"""The loop against a real wire: order, endings, warnings, resuming, and requests that are prefixes of each other."""

import contextlib
import itertools
import json
import threading
import time

import pytest

from ai import rules
from ai.limits import Exit, Limits
from ai.loop import CALLS_A_TURN, Loop
from ai.port import Answered, Broken, Retryable, Said
from ai.trajectory import Trajectory, load
from devkit.rig.script import Script
from tests.ai.kit import BOTH, Box, CountingMeter, asker, claude, posted, talk

STOP = {"tool": "stop", "input": {"word": "end"}}


def look(*paths):
    return [{"tool": "look", "input": {"path": path}} for path in paths]


def run(script, path, box=None, *, make=claude, redact=str, cancel=lambda: False, limits=None, meter=None, **more):
    """One attempt; gives (how it ended, what reached the model)."""
    with make(script) as (provider, server):
        loop = Loop(
            talk(provider, limits, **more),
            asker(provider, cancel, meter),
            box or Box({"a": "A", "b": "B"}),
            Trajectory(path, redact),
        )
        return loop.run(), posted(server)


def answers(path):
    return [one for turn in load(path).turns if isinstance(turn, Answered) for one in turn.answers]


def test_several_calls_of_one_turn_are_answered_in_order(tmp_path):
    box = Box({"a": "A", "b": "B"})
    ended, _ = run(Script.in_order(look("b", "a", "b"), STOP), tmp_path / "t.jsonl", box)
    assert ended.exit is Exit.DONE and ended.call.args == {"word": "end"} and ended.used.turns == 2
    assert [args.get("path") for _, args in box.calls] == ["b", "a", "b", None]
    assert [one.text for one in answers(tmp_path / "t.jsonl")] == ["B", "A", "B", "bye"]


def test_what_stands_after_the_finishing_call_is_not_run(tmp_path):
    box = Box({"a": "A"})
    ended, _ = run(Script.in_order([STOP, *look("a")]), tmp_path / "t.jsonl", box)
    assert ended.exit is Exit.DONE and [name for name, _ in box.calls] == ["stop"]


def test_a_flood_of_calls_is_cut_with_a_word(tmp_path):
    ended, _ = run(Script.in_order(look(*["a"] * (CALLS_A_TURN + 2)), STOP), tmp_path / "t.jsonl")
    assert ended.exit is Exit.DONE
    assert [one.is_error for one in answers(tmp_path / "t.jsonl")][CALLS_A_TURN - 1 : CALLS_A_TURN + 2] == [
        False,
        True,
        True,
    ]


TEACHING = [
    ({"tool": "lok", "input": {}}, "There is no tool named 'lok'. The tools are: look, stop."),
    ({"tool": "look", "input": {"path": 3}}, "look: 'path' must be a string, not 3."),
    ({"tool": "look", "input": {}}, "look needs 'path'."),
    ({"tool": "look", "input": {"file": "a", "path": "a"}}, "look has no argument 'file'."),
]


@pytest.mark.parametrize(("call", "text"), TEACHING, ids=[row[1] for row in TEACHING])
def test_a_wrong_call_is_answered_with_what_is_right(tmp_path, call, text):
    box = Box()
    ended, _ = run(Script.in_order(call, STOP), tmp_path / "t.jsonl", box)
    first = answers(tmp_path / "t.jsonl")[0]
    assert ended.exit is Exit.DONE and first.is_error and first.text.startswith(text) and len(box.calls) == 1


def test_the_third_reply_without_a_call_ends_it(tmp_path):
    ended, bodies = run(Script.in_order("hm", "well", "so"), tmp_path / "t.jsonl")
    assert (ended.exit, ended.detail, len(bodies)) == (Exit.SILENT, "so", 3)
    assert rules.NO_CALL.format(finish="stop") in json.dumps(bodies[1])


def test_a_call_between_idle_replies_starts_the_count_again(tmp_path):
    ended, _ = run(Script.in_order("hm", "well", look("a"), "hm", "well", STOP), tmp_path / "t.jsonl")
    assert ended.exit is Exit.DONE


def test_a_cut_reply_is_asked_for_again_with_more_room_and_then_taught(tmp_path):
    cut = {"content": look("a"), "stop": "max_tokens"}
    box = Box({"a": "A"})
    ended, bodies = run(Script.in_order(cut, cut, STOP), tmp_path / "t.jsonl", box)
    assert ended.exit is Exit.DONE and [name for name, _ in box.calls] == ["stop"], "a cut call is never carried out"
    assert [body["max_tokens"] for body in bodies] == [1_000, 2_000, 1_000]
    assert "cut off at 1000 tokens" in json.dumps(bodies[2])


def test_nothing_but_nothing_ends_as_unreadable(tmp_path):
    script = Script.from_rules({"when": {}, "answer": {"content": [], "stop": "end_turn"}})
    ended, bodies = run(script, tmp_path / "t.jsonl")
    assert ended.exit is Exit.UNREADABLE and len(bodies) == 9


def test_a_refusal_ends_it_after_one_more_try(tmp_path):
    script = Script.from_rules({"when": {}, "answer": {"content": ["no"], "stop": "refusal"}})
    ended, bodies = run(script, tmp_path / "t.jsonl")
    assert ended.exit is Exit.REFUSED and len(bodies) == 2


def test_a_pause_is_gone_on_from(tmp_path):
    ended, _ = run(Script.in_order({"content": ["wait"], "stop": "pause_turn"}, STOP), tmp_path / "t.jsonl")
    assert ended.exit is Exit.DONE


LIMITS = [
    (Exit.TURNS, Limits(turns=4)),
    (Exit.MONEY, Limits(dollars=0.039)),
    (Exit.TIME, Limits(seconds=40)),
    (Exit.TOKENS, Limits(tokens=1_000)),
]


@pytest.mark.parametrize(("status", "limits"), LIMITS, ids=[row[0] for row in LIMITS])
def test_each_limit_warns_twice_and_ends(tmp_path, status, limits):
    ticks = itertools.count(0, 10)
    usage = {"input_tokens": 240, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 10}
    script = Script.from_rules(
        *({"answer": {"content": look(f"p{n}"), "usage": usage}} for n in range(6)),
    )
    box = Box({f"p{n}": "x" for n in range(9)})
    ended, bodies = run(script, tmp_path / "t.jsonl", box, limits=limits, clock=lambda: float(next(ticks)))
    assert ended.exit is status and len(bodies) == 4
    notes = [turn.note for turn in load(tmp_path / "t.jsonl").turns if isinstance(turn, Answered) and turn.note]
    assert notes and notes[0].startswith("Note: ") and "are used." in notes[0]


def test_75_and_90_percent_are_two_warnings(tmp_path):
    script = Script.from_rules(*({"answer": look(f"p{n}")} for n in range(20)))
    run(script, tmp_path / "t.jsonl", Box({f"p{n}": "x" for n in range(20)}), limits=Limits(turns=20))
    turns = [turn for turn in load(tmp_path / "t.jsonl").turns if isinstance(turn, Answered)]
    assert {n + 1: turn.note[:32] for n, turn in enumerate(turns) if turn.note} == {
        15: "Note: 15 of 20 turns are used. K",
        18: "Note: 18 of 20 turns are used. B",
    }


STUCK = [
    ("the same call with the same result", [look("a")] * 4, 4),
    ("the same error", [look("x"), look("x"), look("x")], 3),
    ("two calls in turn", [look("a"), look("b")] * 3, 6),
]


@pytest.mark.parametrize(("what", "said", "turns"), STUCK, ids=[row[0] for row in STUCK])
def test_going_in_circles_ends_it(tmp_path, what, said, turns):
    ended, bodies = run(Script.in_order(*said, STOP), tmp_path / "t.jsonl")
    assert ended.exit is Exit.STUCK and len(bodies) == turns


def test_the_third_time_is_told_before_the_fourth_ends_it(tmp_path):
    run(Script.in_order(look("a"), look("a"), look("a"), look("b"), STOP), tmp_path / "t.jsonl")
    notes = [turn.note for turn in load(tmp_path / "t.jsonl").turns if isinstance(turn, Answered)]
    assert "3 times; once more ends the attempt" in notes[2] and not any(notes[:2] + notes[3:])


def test_equal_calls_in_one_turn_are_no_circle(tmp_path):
    ended, _ = run(Script.in_order(look("a", "a", "a", "a"), look("x", "x", "x"), STOP), tmp_path / "t.jsonl")
    assert ended.exit is Exit.DONE


@pytest.mark.parametrize("name", BOTH)
def test_every_request_is_a_byte_prefix_of_the_next(tmp_path, name):
    said = [look("a"), look("b", "a"), "hm", look("x"), look("a"), STOP]
    _, bodies = run(Script.in_order(*said), tmp_path / "t.jsonl", make=BOTH[name])
    spoken = [json.dumps(unmarked(body.get("messages") or body["contents"])) for body in bodies]
    fixed = [{key: value for key, value in body.items() if key not in ("messages", "contents")} for body in bodies]
    assert len(bodies) == 6 and all(one == fixed[0] for one in fixed)
    for before, after in itertools.pairwise(spoken):
        assert after.startswith(before[:-1]) and len(after) > len(before)


def unmarked(value):
    """Without the rolling breakpoints, which are directions to the cache and no part of what is cached."""
    if isinstance(value, dict):
        return {key: unmarked(one) for key, one in value.items() if key != "cache_control"}
    return [unmarked(one) for one in value] if isinstance(value, list) else value


def test_a_crashed_attempt_goes_on_from_its_last_complete_turn(tmp_path):
    path = tmp_path / "t.jsonl"
    with pytest.raises(Retryable):
        run(Script.from_rules({"answer": look("a")}, {"when": {}, "answer": {"error": "overloaded"}}), path)
    with path.open("a") as file:
        file.write('{"kind":"turn","turns":[{"cut by a cra')
    box = Box({"a": "A"})
    ended, bodies = run(Script.in_order(STOP), path, box)
    assert ended.exit is Exit.DONE and ended.used.turns == 2 and [name for name, _ in box.calls] == ["stop"]
    assert '"A"' in json.dumps(bodies[0]) and len(load(path).turns) == 4


def test_a_resumed_request_has_the_same_bytes_as_the_lost_one(tmp_path):
    path = tmp_path / "t.jsonl"
    secret = "s3cret-value"
    script = Script.from_rules({"answer": look("a")}, {"when": {}, "answer": {"error": "bad_request"}})
    box = Box({"a": f"key {secret}"})
    bodies = []
    for make_script in (lambda: script, lambda: Script.in_order(STOP)):
        with claude(make_script()) as (provider, server):
            redact = Trajectory(path, lambda text: text.replace(secret, "[redacted:key]"))
            loop = Loop(talk(provider), asker(provider), box, redact)
            with contextlib.suppress(Broken):
                loop.run()
            bodies += posted(server)
    assert bodies[1] == bodies[2] and secret not in json.dumps(bodies) and secret not in path.read_text()


def test_another_model_begins_anew_and_keeps_the_old_file(tmp_path):
    path = tmp_path / "t.jsonl"
    run(Script.in_order(look("a"), STOP), path)
    text = path.read_text().replace("claude-sonnet-5-5", "another")
    path.write_text(text)
    ended, bodies = run(Script.in_order(STOP), path)
    assert ended.used.turns == 1 and len(bodies[0]["messages"]) == 1
    assert (tmp_path / "t.jsonl.1").read_text() == text


def test_stopping_between_two_calls_leaves_a_complete_turn(tmp_path):
    box = Box({"a": "A"})
    ended, _ = run(Script.in_order(look("a", "a")), tmp_path / "t.jsonl", box, cancel=lambda: bool(box.calls))
    assert ended.exit is Exit.CANCELLED and len(box.calls) == 1
    assert [one.is_error for one in answers(tmp_path / "t.jsonl")] == [False, True]


def test_stopping_while_the_model_thinks_takes_less_than_a_second(tmp_path):
    asked = threading.Event()
    threading.Timer(0.3, asked.set).start()
    script = Script.from_rules({"when": {}, "answer": {"text": "late", "delay": 2.0}})
    with claude(script) as (provider, _):
        loop = Loop(talk(provider), asker(provider, asked.is_set), Box(), Trajectory(tmp_path / "t.jsonl", str))
        started = time.monotonic()
        ended = loop.run()
        assert ended.exit is Exit.CANCELLED and time.monotonic() - started < 1.0


def test_every_call_is_reserved_before_and_settled_after(tmp_path):
    meter = CountingMeter()
    cut = {"content": look("a"), "stop": "max_tokens"}
    run(Script.in_order(look("a"), cut, STOP), tmp_path / "t.jsonl", meter=meter)
    assert len(meter.reserved) == len(meter.settled) == 3
    for (role, model, estimate, _), usage in zip(meter.reserved, meter.settled, strict=True):
        assert (role, model) == ("executor", "claude:claude-sonnet-5-5")
        assert usage.tokens_in <= estimate * 1.2


def test_a_failed_call_is_settled_too(tmp_path):
    meter = CountingMeter()
    with pytest.raises(Retryable):
        run(Script.from_rules({"when": {}, "answer": {"error": "overloaded"}}), tmp_path / "t.jsonl", meter=meter)
    assert [usage.tokens_in for usage in meter.settled] == [0]


def test_the_file_only_grows_and_each_line_is_a_turn(tmp_path):
    path = tmp_path / "t.jsonl"
    run(Script.in_order(look("a"), look("b"), STOP), path)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["kind"] for row in rows] == ["start", "turn", "turn", "turn", "end"]
    assert load(path).turns[0].calls[0].name == "look" and not isinstance(load(path).turns[0], Said)
