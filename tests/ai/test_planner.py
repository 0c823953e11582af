"""The planner against the stand-in: a plan, repairs, honest failure, and no plan at all."""

import json

import pytest

from ai.limits import Exit, Limits
from ai.planner.agent import PlanRequest, make_plan, prompts
from ai.planner.box import Cannot
from ai.port import Retryable, ToolResult
from ai.prompts import Prompts
from ai.roles import Terms
from ai.tools.sets import PLANNER_READ
from ai.trajectory import Trajectory
from devkit.rig.script import Script
from state.plan.checks import Ground, Manner, check
from state.plan.flat import read
from state.plan.model import Plan
from state.plan.problems import Problem
from tests.ai.kit import asker, claude, posted
from tests.state.plan.plans import step

REQUEST = PlanRequest("octo/shop", "main", "Stock must never be negative.")
GOOD = {"title": "Reject negative stock", "steps": [{"title": "Reject"}]}
READ = {"tool": "read_file", "input": {"path": "a.py"}}


class ReadBox:
    """A repository with one file."""

    def specs(self):
        return PLANNER_READ

    def call(self, name, args):
        return ToolResult(f"{args['path']}: lines 1 to 3 of 9\n     1\tx" if name == "read_file" else name)


def judge(handed):
    """Accepts what has a title of at least ten characters."""
    args = handed.raw
    if len(args.get("title", "")) >= 10:
        return Plan(title=args["title"])
    return [Problem("title", "is too short", "ten characters")]


def submit(**plan):
    return {"tool": "submit_plan", "input": plan}


def plan(script, path, validate=judge, request=REQUEST):
    terms = Terms(Prompts(), lambda usage: 0.01, Limits(turns=10), 20_000)
    with claude(script) as (provider, server):
        return make_plan(request, ReadBox(), asker(provider), validate, Trajectory(path, str), terms), posted(server)


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


NAMED = PlanRequest("octo/shop", "main", "Stock must never be negative.", named=("shop/stock.py",))
PHASES = [{"name": name, "steps": 30} for name in "ABCD"]


def long_plan(name, count=30):
    return submit(part=name, steps=[{"title": f"{name} {n}", "id": f"{name}{n}"} for n in range(count)])


def parts_judge(handed):
    """Accepts what can be read, with at most 50 steps at once; a title of `wrong` is one problem."""
    reading = read(handed.raw)
    if reading.plan is None:
        return reading.problems
    wrong = [step for step in reading.plan.steps() if step.title == "wrong"]
    many = len(list(reading.plan.steps())) > handed.most
    found = [Problem(f"step {step.number}", "is wrong", "right") for step in wrong if not handed.part]
    return [Problem("steps", "too many", "parts", justifiable=True)] if many else found or reading.plan


SKELETON = submit(title="Build the shop", phases=PHASES)


def test_a_plan_without_a_look_is_answered_once_with_what_to_look_at(tmp_path):
    outcome, bodies = plan(Script.in_order(submit(**GOOD), submit(**GOOD)), tmp_path / "t", request=NAMED)
    result = bodies[1]["messages"][2]["content"][0]
    assert outcome.plan and not result["is_error"] and "no repair was used" in result["content"]
    assert "- read_file shop/stock.py" in result["content"]


LOOKED = [
    ("read", [READ], NAMED),
    ("searched", [{"tool": "search", "input": {"pattern": "stock"}}], NAMED),
    ("nothing named", [], PlanRequest("octo/shop", "main", "Say hello.")),
    ("a revision", [], PlanRequest("octo/shop", "main", "x", previous="{}", named=("a.py",))),
]


@pytest.mark.parametrize(("what", "before", "request_"), LOOKED, ids=[row[0] for row in LOOKED])
def test_a_plan_after_a_look_is_judged_at_once(tmp_path, what, before, request_):
    outcome, bodies = plan(Script.in_order(*before, submit(**GOOD)), tmp_path / "t", request=request_)
    assert outcome.plan and len(bodies) == len(before) + 1


def test_what_was_read_is_known_after_a_crash_too(tmp_path):
    """The validator is told what the conversation showed, also by turns before the interruption."""
    told = []

    def note(handed):
        told.append(handed.seen)
        return judge(handed)

    broken = Script.from_rules({"answer": READ}, {"when": {}, "answer": {"error": "overloaded"}})
    with pytest.raises(Retryable):
        plan(broken, tmp_path / "t", note, request=NAMED)
    outcome, bodies = plan(Script.in_order(submit(**GOOD)), tmp_path / "t", note, request=NAMED)
    assert outcome.plan and len(bodies) == 1 and told[0].covers("a.py", 1, 3) and not told[0].covers("a.py", 1, 4)


def test_a_question_about_the_size_costs_no_repair_the_first_time(tmp_path):
    def small(handed):
        asked = Problem("steps", "there are 4", "fewer", justifiable=True)
        return Plan(title="fine") if handed.raw.get("size_reason") else [asked]

    script = Script.in_order(submit(**GOOD), *[submit(**GOOD, size_reason="")] * 2, submit(**GOOD, size_reason="two"))
    outcome, bodies = plan(script, tmp_path / "t", small)
    texts = [body["messages"][-1]["content"][0]["content"] for body in bodies[1:]]
    assert outcome.plan and "Repairs left" not in texts[0] and ["Repairs left: 2." in texts[1], len(texts)] == [True, 3]


def test_a_hundred_and_twenty_steps_come_in_four_parts(tmp_path):
    script = Script.in_order(SKELETON, *(long_plan(name) for name in "ABCD"))
    outcome, bodies = plan(script, tmp_path / "t", parts_judge)
    assert [step.number for step in outcome.plan.steps()] == list(range(1, 121))
    assert [phase.name for phase in outcome.plan.phases] == ["A", "B", "C", "D"]
    texts = [body["messages"][-1]["content"][0]["content"] for body in bodies[1:]]
    assert texts[0].startswith('The skeleton is accepted: 120 steps. Call submit_plan with `part`: "A"')
    assert texts[3].startswith('3 of 4 phases are in. Call submit_plan with `part`: "D" and its `steps`, at most 30.')


@pytest.mark.parametrize("done", range(5))
def test_a_plan_in_parts_goes_on_where_a_crash_left_it(tmp_path, done):
    answers = [SKELETON, *(long_plan(name) for name in "ABCD")]
    broken = Script.from_rules(
        *({"answer": one} for one in answers[:done]), {"when": {}, "answer": {"error": "overloaded"}}
    )
    with pytest.raises(Retryable):
        plan(broken, tmp_path / "t", parts_judge)
    outcome, bodies = plan(Script.in_order(*answers[done:]), tmp_path / "t", parts_judge)
    assert len(list(outcome.plan.steps())) == 120 and len(bodies) == 5 - done


def test_too_many_steps_at_once_are_told_how_parts_work_and_cost_no_repair(tmp_path):
    def real(handed):
        found = read(handed.raw)
        return check(found.plan, Ground(frozenset(["x.py"]), lambda _: 1), Manner(most=handed.most)) or found.plan

    many = {"title": "Build the shop", "steps": [step(f"n{n}") for n in range(60)]}
    script = Script.from_rules({"answer": submit(**many)}, {"when": {}, "answer": "Hm."})
    outcome, bodies = plan(script, tmp_path / "t", real)
    answer = bodies[1]["messages"][2]["content"][0]["content"]
    assert outcome.plan is None and "the plan has 60 steps" in answer and "first with the skeleton" in answer
    assert "with its name in `part`" in answer and "Repairs left" not in answer


def test_what_does_not_fit_together_is_mended_phase_by_phase(tmp_path):
    spoiled = {name: long_plan(name, 2) for name in "BC"}
    for one in spoiled.values():
        one["input"]["steps"][0]["title"] = "wrong"
    begun = [SKELETON, long_plan("A"), spoiled["B"], spoiled["C"], long_plan("D")]
    outcome, bodies = plan(Script.in_order(*begun, long_plan("B"), long_plan("C")), tmp_path / "t", parts_judge)
    told = bodies[5]["messages"][-1]["content"][0]["content"]
    assert '"A" has the steps 1 to 30; "B" has the steps 31 to 32' in told and "step 33: is wrong" in told
    assert len(list(outcome.plan.steps())) == 120 and len(bodies) == 7


ASTRAY = [
    ("a part without a skeleton", [long_plan("A")], "There is no skeleton yet"),
    ("no part", [SKELETON, submit(**GOOD)], "`part` is missing: this plan is handed in in parts"),
    ("a skeleton that is none", [submit(title="x", phases=[{"name": "A", "steps": 90}])], "split the phase if more"),
]


@pytest.mark.parametrize(("what", "said", "text"), ASTRAY, ids=[row[0] for row in ASTRAY])
def test_who_goes_astray_with_parts_is_told_the_way(tmp_path, what, said, text):
    outcome, bodies = plan(Script.in_order(*said, SKELETON, *map(long_plan, "ABCD")), tmp_path / "t", parts_judge)
    assert text in bodies[len(said)]["messages"][-1]["content"][0]["content"]
    assert len(list(outcome.plan.steps())) == 120


def test_a_part_wrong_three_times_has_failed(tmp_path):
    script = Script.in_order(SKELETON, *[long_plan("A", 31)] * 3)
    outcome, bodies = plan(script, tmp_path / "t", parts_judge)
    assert (outcome.plan, outcome.detail, len(bodies)) == (None, "invalid", 4)


FACTS = [
    ({"greenfield": True}, "only its first commit"),
    ({}, "No way to run tests was found here"),
    ({"base_said": False, "commands": {"tests": "pytest"}}, "the base branch is the default one"),
]


@pytest.mark.parametrize(("given", "said"), FACTS)
def test_the_first_message_says_what_is_special_here(given, said):
    terms = Terms(Prompts(), lambda usage: 0.0, Limits(), 4_000)
    first = prompts(PlanRequest("octo/shop", "main", "x", **given), PLANNER_READ, terms)[1].parts[0]
    plain = prompts(PlanRequest("octo/shop", "main", "x", commands={"tests": "pytest"}), PLANNER_READ, terms)[1].parts[
        0
    ]
    assert said in first and said not in plain
