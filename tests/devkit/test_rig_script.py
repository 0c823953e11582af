"""The script of a scripted model: which rule answers, how often, and what is refused."""

import re
from pathlib import Path

import pytest
import yaml

from devkit.rig.answer import Answer, Block, answer_from, text, thinking, tool
from devkit.rig.script import Script, Seen, listed_rules, rule_from_json, tokens_of

HOUSE = Path(__file__).parents[2] / "devkit"


def seen(**given):
    usual = {"model": "claude-sonnet-5-5", "system": "You plan.", "user": "fix it", "tool_results": (), "tools": ()}
    return Seen(**{**usual, "turn": 0, "request": {}, **given})


def said(script, *requests):
    return [answer.content[0].text if answer else None for answer in map(script.reply, requests or (seen(),))]


MATCHES = [
    ({"model": "claude-*"}, True),
    ({"model": "gemini-*"}, False),
    ({"system": "plan"}, True),
    ({"system": ["You", "plan"]}, True),
    ({"system": ["You", "execute"]}, False),
    ({"user": "fix"}, True),
    ({"tool_result": "exit 1"}, True),
    ({"tool_result": "exit 0"}, False),
    ({"anywhere": "deep text"}, True),
    ({"anywhere": "nowhere"}, False),
    ({"lacks": "deep text"}, False),
    ({"lacks": ["nowhere", "never"]}, True),
    ({"has_tool": "read"}, True),
    ({"has_tool": "write"}, False),
    ({"turn": 2}, True),
    ({"turn": 0}, False),
    ({"user": "fix", "turn": 1}, False),
    ({}, True),
]


@pytest.mark.parametrize(("when", "matches"), MATCHES)
def test_all_of_when_must_hold(when, matches):
    request = {"messages": [{"content": [{"text": "deep text"}]}]}
    asked = seen(tool_results=("exit 1",), tools=("read",), turn=2, request=request)
    assert said(Script.from_rules({"when": when, "answer": "x"}), asked) == ["x" if matches else None]


def test_answers_without_when_are_a_queue():
    script = Script.in_order("one", "two")
    assert said(script, seen(), seen(), seen()) == ["one", "two", None]
    assert script.to_json()["unmatched"] == ["claude-sonnet-5-5 turn 0: fix it"]


def test_the_first_rule_that_is_not_spent_answers():
    script = Script.from_rules(
        {"when": {"user": "fix"}, "answers": ["a", "b"]},
        {"when": {"user": "fix"}, "answer": "c", "times": 1},
        {"when": {}, "answer": "rest"},
    )
    assert said(script, *[seen()] * 5) == ["a", "b", "c", "rest", "rest"]


def test_only_the_nth_matching_call_is_answered_by_call():
    script = Script.from_rules({"when": {"user": "fix", "call": 2}, "answer": "second"}, {"when": {}, "answer": "-"})
    assert said(script, seen(), seen(user="other"), seen(), seen()) == ["-", "-", "second", "-"]


def test_by_turn_gives_the_same_answer_to_the_same_request_after_a_crash():
    script = Script.from_rules({"when": {}, "by_turn": True, "answers": ["zero", "one"]})
    assert said(script, *(seen(turn=turn) for turn in (0, 1, 1, 0, 2))) == ["zero", "one", "one", "zero", None]


def test_a_callable_sees_how_often_it_was_asked():
    script = Script.from_callable(lambda request: None if request.calls > 1 else f"call {request.calls}")
    assert said(script, seen(), seen()) == ["call 1", None]


SHORT_FORMS = [
    ("hi", (text("hi"),)),
    (tool("read", path="a"), (Block("tool", name="read", input={"path": "a"}),)),
    (["hi", {"thinking": "hm"}], (text("hi"), thinking("hm"))),
    ({"tool": "read", "input": {"path": "a"}}, (tool("read", path="a"),)),
    ({"text": "hi", "content": [{"tool": "read"}]}, (text("hi"), tool("read", {}))),
    ({"tool": "read", "raw_input": "{"}, (Block("tool", name="read", input={}, raw_input="{"),)),
    ({"content": []}, ()),
]


@pytest.mark.parametrize(("short", "content"), SHORT_FORMS)
def test_an_answer_has_short_forms(short, content):
    assert answer_from(short) == Answer(content=content)


WRONG = [
    ({"answer": "x", "answers": ["y"]}, "either answer or answers"),
    ({"when": {}}, "either answer or answers"),
    ({"answers": []}, "at least one"),
    ({"answr": "x"}, "rule: unknown ['answr']"),
    ({"when": {"sytem": "x"}, "answer": "x"}, "when: unknown ['sytem']"),
    ({"answer": {"stopp": "x"}}, "answer: unknown ['stopp']"),
    ({"answer": {"error": "teapot"}}, "unknown error 'teapot'"),
    ({"answer": {"error": {"retry": 1}}}, "error: unknown ['retry']"),
    ({"answer": {"stream": {"cut": 1}}}, "stream: unknown ['cut']"),
    ({"answer": [{"say": "x"}]}, "a block needs text, thinking or tool"),
    ({"answer": 7}, "an answer is a text"),
]


@pytest.mark.parametrize(("rule", "reason"), WRONG)
def test_a_rule_that_cannot_be_meant_is_refused_with_the_reason(rule, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        rule_from_json(rule)


def test_a_wrong_change_changes_nothing():
    script = Script.in_order("one")
    with pytest.raises(ValueError):
        script.change([{"answer": "two"}, {"answr": "x"}])
    assert said(script) == ["one"]


@pytest.mark.parametrize("content", ["rules: {}", "- 1", "rules: ["])
def test_a_file_that_is_no_script_is_refused(tmp_path, content):
    file = tmp_path / "script.yaml"
    file.write_text(content)
    with pytest.raises(ValueError):
        Script.from_file(file)


@pytest.mark.parametrize("room", ["claude", "gemini"])
def test_the_scripts_in_the_readmes_can_be_loaded(room, tmp_path):
    (written,) = re.findall(r"```yaml\n(.*?)```", (HOUSE / room / "README.md").read_text(), re.DOTALL)
    file = tmp_path / "script.yaml"
    file.write_text(written)
    assert len(Script.from_file(file).rules) == len(listed_rules(yaml.safe_load(written))) > 5


def test_a_token_is_four_bytes():
    assert [tokens_of(b"x" * size) for size in (0, 1, 4, 5)] == [0, 1, 1, 2]
