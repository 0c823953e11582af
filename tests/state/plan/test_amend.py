"""A proposal's steps in a plan: the rest stays word for word."""

from __future__ import annotations

from state.plan.amend import amended, changes_known
from state.plan.flat import flatten, read
from state.plan.model import FileChange, Milestone, Phase, Plan, Step
from state.plan.words import Change

ONE = Step(id="s01", number=1, title="One", serves="it", files=[FileChange(path="a.py", change=Change.MODIFY)])
TWO = Step(id="s02", number=2, title="Two", serves="it too", depends_on=["s01"], description="as it was")
THREE = Step(id="s03", number=3, title="Three", serves="it", depends_on=["s02"])
DRAWN = Plan(
    title="Plan",
    phases=[
        Phase(id="p01", name="First", milestones=[Milestone(id="m01", name="Base", steps=[ONE])]),
        Phase(id="p02", name="Then", order=2, milestones=[Milestone(id="m02", name="Top", steps=[TWO, THREE])]),
    ],
)
PLAN = read(flatten(DRAWN), DRAWN).plan
USED = ("s01", "s02", "s03", "s04")


def made(*steps, closed=("s01",), failed="s02"):
    return amended(PLAN, steps, failed, closed, USED)


def test_a_new_step_stands_before_the_one_that_now_depends_on_it():
    plan = made({"proposal": 1, "title": "Lock first", "insert_before": "s02", "files": []}).plan
    assert [(one.id, one.number) for one in plan.steps()] == [("s01", 1), ("s05", 2), ("s02", 3), ("s03", 4)]
    assert plan.step("s02").depends_on == ["s01", "s05"]
    new = plan.step("s05")
    assert (new.title, new.serves, new.extra) == ("Lock first", "it too", False)
    assert [len(list(part.steps)) for part in plan.milestones()] == [1, 3]
    assert plan.step("s01") == PLAN.step("s01")
    assert plan.step("s03").model_copy(update={"number": 3}) == PLAN.step("s03")


def test_numbers_name_steps_too_and_the_failed_one_is_meant_where_none_is_named():
    for before in ("2", "s02", "", None):
        plan = made({"title": "Lock", "insert_before": before}).plan
        assert [one.title for one in plan.steps()] == ["One", "Lock", "Two", "Three"]


def test_a_changed_step_keeps_its_id_and_whatever_is_not_given():
    plan = made({"id": "s02", "title": "Two, smaller", "proposal": 3}).plan
    two = plan.step("s02")
    assert (two.title, two.description, two.depends_on, two.serves) == ("Two, smaller", "as it was", ["s01"], "it too")
    assert changes_known(PLAN, [{"id": " s02 "}]) and not changes_known(PLAN, [{"id": "new"}, {}])


def test_what_is_done_stays_and_what_is_not_there_is_said():
    (done,) = made({"id": "s01", "title": "One anew"}).problems
    (before,) = made({"title": "X", "insert_before": "s01"}).problems
    (nowhere,) = made({"title": "X", "insert_before": "s77"}).problems
    assert "is done and stays as it is" in str(done) and "Allowed: s02, s03" in str(done)
    assert "nothing comes before it" in str(before) and "is no step of the plan" in str(nowhere)


def test_new_steps_may_build_on_each_other_and_wrong_fields_are_told():
    plan = made({"id": "a", "title": "A"}, {"id": "b", "title": "B", "depends_on": ["a"]}).plan
    assert plan.step("s06").depends_on == ["s05"] and plan.step("s02").depends_on == ["s01", "s05", "s06"]
    (problem,) = made({"title": "X", "minutes": 3}).problems
    assert "there is no such field" in str(problem)
