"""ABU-35 and spec 6: how many tasks may be open, the place in the line, plans that change the same files."""

from dataclasses import replace

import pytest

from ghapp.decision import Limits
from state.lifecycle import TaskStatus
from state.plan.model import FileChange, Step
from state.plan.overlap import Touching, files_of, overlaps
from state.quota import Crowd, full
from state.views import Place
from tests.ghapp.commands.kit import PLAN, PLAN_VIEW, context, kinds, reactions, run, task, texts

LIMITS = Limits(tasks=20)
FULL = {
    "person": (Crowd(20, 3, 20), "you have 20 open tasks here, and 20 is the most that one person"),
    "repository": (Crowd(3, 21, 21), "this repository has 21 open tasks, and 20 is the most"),
    "installation": (Crowd(19, 19, 100), "100 tasks are open in all repositories of this installation, and 100"),
}


@pytest.mark.parametrize("which", FULL)
def test_abu_35_without_room_no_task_is_made_and_the_limit_is_named(which):
    crowd, said = FULL[which]
    decision = run("/task more", context(task=None, crowd=crowd, limits=LIMITS))
    assert decision.failed and decision.changes == () and said in texts(decision)[0]


def test_with_room_for_one_more_it_is_made():
    assert kinds(run("/task more", context(task=None, crowd=Crowd(19, 19, 99), limits=LIMITS)))[0] == "NewTask"
    assert full(Crowd(19, 19, 99), 20) is None


def issue(number):
    ctx = context(task=None, crowd=Crowd(20, 20, 20), limits=LIMITS)
    source = replace(ctx.source, id=str(1000 + number), comment_id=1000 + number)
    return replace(ctx, issue=replace(ctx.issue, number=number), source=source)


def test_abu_35_a_thousand_refused_commands_are_answered_once():
    decisions = [run("/task more", issue(number)) for number in range(1000)]
    answers = {effect.dedupe for one in decisions for effect in one.effects if effect.kind == "comment"}
    assert len(answers) == 1
    later = run("/task more", replace(issue(1), now=issue(1).now.replace(hour=13)))
    assert {effect.dedupe for effect in later.effects if effect.kind == "comment"}.isdisjoint(answers)


def test_abu_35_a_thousand_commands_on_one_issue_are_answered_once():
    ctx = context(task=task(TaskStatus.EXECUTING))
    sources = [replace(ctx.source, id=str(number), comment_id=number) for number in range(1000)]
    decisions = [run("/task again", replace(ctx, source=source)) for source in sources]
    assert len({effect.dedupe for one in decisions for effect in one.effects if effect.kind == "comment"}) == 1
    flood = [run("/task again", replace(issue(7), source=source)) for source in sources]
    assert len({effect.dedupe for one in flood for effect in one.effects}) == 2


def test_f57_a_second_task_on_one_issue_is_answered_with_the_open_one():
    decision = run("/task something else", context(task=task(TaskStatus.EXECUTING)))
    assert decision.changes == () and "Task k3x9q2ab is open on this issue (running)" in texts(decision)[0]


def test_status_says_the_place_in_the_line():
    ctx = context(task=task(TaskStatus.EXECUTING), place=Place(3, 12))
    assert "In line: place 3 of 12." in texts(run("/status", ctx))[0]
    assert "In line" not in texts(run("/status", replace(ctx, place=None)))[0]


def touching(key, number, *files):
    return Touching(key, number, frozenset(files))


def plan_with(*files):
    steps = [Step(id="s01", number=1, title="one", files=[FileChange(path=path, change="modify") for path in files])]
    steps.append(Step(id="s02", number=2, title="two", files=[FileChange(path="late.py", change="create")]))
    milestone = PLAN.phases[0].milestones[0].model_copy(update={"steps": steps})
    phase = PLAN.phases[0].model_copy(update={"milestones": [milestone]})
    return PLAN.model_copy(update={"phases": [phase]})


def test_overlaps_are_found_by_file_the_largest_first():
    others = [touching("aaaaaaaa", 3, "a.py"), touching("bbbbbbbb", 5, "x.py"), touching("cccccccc", 4, "b.py", "a.py")]
    found = overlaps(files_of(plan_with("a.py", "b.py"), ["s01"]), others)
    assert [(one.task.key, one.files) for one in found] == [("cccccccc", ("a.py", "b.py")), ("aaaaaaaa", ("a.py",))]
    assert overlaps(["z.py"], others) == []


@pytest.mark.parametrize(("language", "said"), [("en", "whoever merges second"), ("es", "quien fusione el segundo")])
def test_an_approval_names_the_task_and_the_files_that_both_change_and_goes_on(language, said):
    view = task(plan=replace(PLAN_VIEW, plan=plan_with("a.py", "b.py")))
    many = touching("cccccccc", 4, "a.py", "b.py", "late.py")
    ctx = context(task=view, others=(many, touching("dddddddd", 6, "other.py")), language=language)
    decision = run("/approve 7f3a", ctx)
    (text,) = texts(decision)
    assert "ApprovePlan" in kinds(decision) and reactions(decision) == ["eyes", "rocket"]
    assert said in text and "#4 (cccccccc): `a.py`, `b.py`, `late.py`" in text and "dddddddd" not in text


def test_only_the_steps_that_are_approved_count():
    view = task(plan=replace(PLAN_VIEW, plan=plan_with("a.py")))
    ctx = context(task=view, others=(touching("cccccccc", 4, "late.py"),))
    assert texts(run("/approve 7f3a 1", ctx)) == []
    assert "late.py" in texts(run("/approve 7f3a", ctx))[0]


def test_a_long_list_of_files_is_cut():
    files = [f"f{number}.py" for number in range(9)]
    ctx = context(task=task(plan=replace(PLAN_VIEW, plan=plan_with(*files))), others=(touching("c" * 8, 4, *files),))
    assert "`f4.py` and 4 more" in texts(run("/approve", ctx))[0]
