"""The planner against the stand-in: a plan, repairs, honest failure, and no plan at all."""

import json

import pytest

from ai.limits import Exit, Limits
from ai.planner.agent import Cannot, PlanRequest, make_plan
from ai.port import Retryable, ToolResult
from ai.prompts import Prompts
from ai.roles import Terms
from ai.tools.sets import PLANNER_READ
from ai.trajectory import Trajectory
from devkit.rig.script import Script
from state.plan.model import Plan
from state.plan.problems import Problem
from tests.ai.kit import asker, claude, posted

REQUEST = PlanRequest("octo/shop", "main", "Stock must never be negative.")
GOOD = {"title": "Reject negative stock", "steps": [{"title": "Reject"}]}
READ = {"tool": "read_file", "input": {"path": "a.py"}}


class ReadBox:
    """A repository with one file."""

    def specs(self):
        return PLANNER_READ

    def call(self, name, args):
        return ToolResult(f"{name} {json.dumps(args)}")


def judge(handed):
    """Accepts what has a title of at least ten characters."""
    args = handed.raw
    if len(args.get("title", "")) >= 10:
        return Plan(title=args["title"])
    return [Problem("title", "is too short", "ten characters")]


def submit(**plan):
    return {"tool": "submit_plan", "input": plan}


def plan(script, path, validate=judge):
    terms = Terms(Prompts(), lambda usage: 0.01, Limits(turns=10), 4_000)
    with claude(script) as (provider, server):
        return make_plan(REQUEST, ReadBox(), asker(provider), validate, Trajectory(path, str), terms), posted(server)


def test_a_plan_is_read_from_the_repository_and_handed_in(tmp_path):
    outcome, bodies = plan(Script.in_order([READ, READ], submit(**GOOD)), tmp_path / "t")
    assert outcome.exit is Exit.DONE and outcome.plan.title == GOOD["title"] and not outcome.problems
    assert [tool["name"] for tool in bodies[0]["tools"]][-1] == "submit_plan"


def test_what_is_wrong_comes_back_and_is_mended(tmp_path):
    outcome, bodies = plan(Script.in_order(submit(title="no"), submit(**GOOD)), tmp_path / "t")
    result = bodies[1]["messages"][2]["content"][0]
    assert outcome.plan and result["is_error"] and "title: is too short. Allowed: ten characters" in result["content"]
    assert "Repairs left: 2." in result["content"]


def test_a_plan_wrong_three_times_has_failed(tmp_path):
    script = Script.in_order(submit(title="a"), submit(title="b"), submit(title="c"), submit(**GOOD))
    outcome, bodies = plan(script, tmp_path / "t")
    assert (outcome.plan, outcome.detail, len(bodies)) == (None, "invalid", 3)
    assert [problem.where for problem in outcome.problems] == ["title"]


def test_an_interruption_gives_no_more_repairs(tmp_path):
    broken = Script.from_rules(
        {"answer": submit(title="a")}, {"answer": submit(title="b")}, {"when": {}, "answer": {"error": "overloaded"}}
    )
    with pytest.raises(Retryable):
        plan(broken, tmp_path / "t")
    outcome, bodies = plan(Script.in_order(submit(title="c"), submit(**GOOD)), tmp_path / "t")
    assert outcome.detail == "invalid" and len(bodies) == 1


def test_nothing_to_do_is_an_outcome(tmp_path):
    said = submit(cannot={"kind": "nothing_to_do", "reason": "a.py:3 rejects it already."})
    outcome, _ = plan(Script.in_order(READ, said), tmp_path / "t")
    assert outcome.exit is Exit.DONE and outcome.cannot == Cannot("nothing_to_do", "a.py:3 rejects it already.")


@pytest.mark.parametrize("cannot", [{}, {"kind": "tired", "reason": "x"}, {"kind": "impossible"}, "no", ["no"]])
def test_a_reason_without_words_is_asked_for(tmp_path, cannot):
    outcome, bodies = plan(Script.in_order(submit(cannot=cannot), submit(**GOOD)), tmp_path / "t")
    assert outcome.plan and "`cannot` needs kind" in json.dumps(bodies[1])


SILENT = [
    ("prose", "Here is my plan: first ...", Exit.SILENT),
    ("nothing", {"content": [], "stop": "end_turn"}, Exit.UNREADABLE),
    ("a refusal", {"content": ["no"], "stop": "refusal"}, Exit.REFUSED),
    ("a cut plan", {"content": [submit(**GOOD)], "stop": "max_tokens"}, Exit.UNREADABLE),
    ("a plan in prose", json.dumps(GOOD), Exit.SILENT),
]


@pytest.mark.parametrize(("what", "said", "status"), SILENT, ids=[row[0] for row in SILENT])
def test_what_is_no_plan_never_becomes_one(tmp_path, what, said, status):
    outcome, _ = plan(Script.from_rules({"when": {}, "answer": said}), tmp_path / "t")
    assert (outcome.exit, outcome.plan, outcome.cannot) == (status, None, None)


def test_a_plan_accepted_before_a_crash_is_not_asked_for_again(tmp_path):
    plan(Script.in_order(submit(title="a"), submit(**GOOD)), tmp_path / "t")
    outcome, bodies = plan(Script.in_order(), tmp_path / "t")
    assert outcome.exit is Exit.DONE and outcome.plan.title == GOOD["title"] and bodies == []


@pytest.mark.parametrize("titles", ["abc", "abcd"])
def test_a_failure_before_a_crash_stays_one(tmp_path, titles):
    plan(Script.in_order(*(submit(title=title) for title in titles)), tmp_path / "t")
    outcome, bodies = plan(Script.in_order(submit(**GOOD)), tmp_path / "t")
    assert (outcome.plan, outcome.detail, bodies) == (None, "invalid", [])
