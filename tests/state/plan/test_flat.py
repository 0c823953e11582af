"""The form that the planner hands in: small plans stay small, ids stay, errors teach."""

import json
import re

import jsonschema
import pytest

from state.plan.flat import flatten, is_test, read
from state.plan.model import Change
from state.plan.problems import Problem, teach
from state.plan.schema import submit_plan_schema
from tests.state.plan.plans import plan, rich, step, submission


def said(*steps, **fields):
    reading = read(submission(*steps, **fields))
    assert reading.plan is None
    return [str(problem) for problem in reading.problems]


def test_a_one_line_fix_is_one_step_in_one_milestone_made_by_code():
    small = plan({"title": "Fix the sum", "serves": "fix it", "files": [{"path": "a.py", "change": "modify"}]})
    assert [(phase.id, phase.name) for phase in small.phases] == [("p01", "Add stock validation")]
    assert [milestone.id for milestone in small.milestones()] == ["m01"]
    (only,) = small.steps()
    assert (only.id, only.number, only.extra) == ("s01", 1, False)
    assert only.expected_outputs.main_file == "a.py"
    assert small.phases[0].estimated_hours == 0.08


def test_steps_depend_by_id_or_by_title():
    steps = list(plan(step("a", id="first"), step("b", depends_on=["first"]), step("c", depends_on=["A", "b"])).steps())
    assert [one.depends_on for one in steps] == [[], ["s01"], ["s01", "s02"]]


def test_phases_and_milestones_may_be_listed_or_only_named():
    listed, named = rich(), plan(step("a", phase="X", milestone="M"), step("b"), step("c", phase="Y"))
    assert [[m.name for m in phase.milestones] for phase in listed.phases] == [["Model", "Rules"], ["Docs"]]
    assert listed.phases[1].depends_on_phases == ["p01"]
    assert [(m.name, len(m.steps)) for m in named.milestones()] == [("M", 2), ("Y", 1)]


def test_numbers_follow_the_phases_not_the_list():
    steps = plan(
        step("late", phase="Two"), step("early", phase="One"), phases=[{"name": "One"}, {"name": "Two"}]
    ).steps()
    assert [(one.title, one.number) for one in steps] == [("early", 1), ("late", 2)]


def test_a_step_that_serves_nothing_is_an_extra_until_ticked():
    first = plan(step("a"), step("b", serves="  "))
    extra = list(first.steps())[1]
    assert extra.extra
    milestone = first.phases[0].milestones[0]
    ticked = milestone.model_copy(update={"steps": [milestone.steps[0], extra.model_copy(update={"extra": False})]})
    on = first.model_copy(update={"phases": [first.phases[0].model_copy(update={"milestones": [ticked]})]})
    again = read(flatten(on), on).plan
    assert again is not None and not list(again.steps())[1].extra


def test_a_revision_keeps_the_ids_of_what_it_names_again_and_reuses_none():
    first = plan(step("a"), step("b"), step("c"))
    second = read(submission(step("new", id="s04"), step("c", id="s03")), first, used={"s01", "s02", "s03", "s07"}).plan
    assert second is not None
    assert [one.id for one in second.steps()] == ["s08", "s03"]
    assert [one.id for one in second.phases] == ["p01"]
    third = read(submission(step("c", id="s03"), title="Another title"), second, used={"s08"}).plan
    assert third is not None and (third.phases[0].id, third.phases[0].milestones[0].id) == ("p01", "m01")


def test_flattening_and_reading_again_changes_nothing():
    for one in (rich(), plan(step("a")), plan(step("a", phase="P"), step("b", phase="Q", serves=""))):
        assert read(flatten(one), one).plan == one


def test_almost_right_input_is_taken_as_meant():
    text = json.dumps([step("a", depends_on=None, citations="", tests="tests/test_a.py")])
    reading = read({"title": "t", "summary": None, "steps": text, "risks": "only one"})
    assert reading.plan is not None
    assert reading.plan.risks == ["only one"]
    assert next(reading.plan.steps()).tests == ["tests/test_a.py"]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        ({"steps": []}, "title: is missing and must be given."),
        ({"title": "t"}, "steps: is missing and must be given."),
        (
            {"title": "t", "steps": [], "type": "fxi"},
            "type: 'fxi' is not allowed. Allowed: feat, fix, refactor, docs, test or chore.",
        ),
        ({"title": "t", "steps": [3]}, "steps[1]: 3 has the wrong shape. Allowed: an object."),
        (
            {"title": "t", "steps": [step("a", estimated_minutes="ten")]},
            "step 1 \"a\", estimated_minutes: 'ten' has the wrong shape. Allowed: a whole number.",
        ),
        (
            {"title": "t", "steps": [step("a", files=[{"path": "a", "change": "edit"}])]},
            "step 1 \"a\", files[1], change: 'edit' is not allowed. Allowed: create, modify or delete.",
        ),
        (
            {"title": "t", "steps": [step("a", files=[{"pfad": "a", "change": "create"}])]},
            'step 1 "a", files[1], pfad: there is no such field. Allowed: path, change.',
        ),
        (
            {"title": "t", "steps": [], "coverage_target": 101},
            "coverage_target: 101: input should be less than or equal to 100.",
        ),
    ],
)
def test_a_wrong_shape_is_named_with_its_place_and_what_is_allowed(raw, says):
    assert says in [str(problem) for problem in read(raw).problems]


@pytest.mark.parametrize(
    ("steps", "fields", "says"),
    [
        (
            [step("a"), step("b", id="A")],
            {},
            'step 2 "b": the id "A" is already the id of step 1. Allowed: an id of its own for each step.',
        ),
        (
            [step("alpha"), step("b", depends_on=["alfa"])],
            {},
            'step "b", depends_on: there is no step "alfa" (did you mean "alpha"?). Allowed: alpha, b.',
        ),
        ([step("a", phase="P")], {"phases": [{"name": "Q"}]}, 'step 1 "a", phase: there is no phase "P". Allowed: Q.'),
        (
            [step("a")],
            {"phases": [{"name": "Q", "depends_on": ["R"]}]},
            'phase "Q", depends_on: there is no phase "R". Allowed: Q.',
        ),
        (
            [step("a", milestone="M")],
            {"milestones": [{"name": "N"}]},
            'step 1 "a": there is no milestone "M". Allowed: N.',
        ),
        (
            [step("a", phase="P", milestone="N")],
            {"milestones": [{"name": "N", "phase": "Q"}]},
            'step 1 "a": there is no milestone "N" in phase "P". Allowed: N (Q).',
        ),
        (
            [step("a")],
            {"phases": [{"name": "Q"}, {"name": "q"}]},
            'phases: "q" is listed twice. Allowed: each name once.',
        ),
        (
            [step("a")],
            {"milestones": [{"name": "M"}, {"name": "N"}]},
            'milestone "N": no step belongs to it. Allowed: leave it out, or name it in a step.',
        ),
        (
            [step("a")],
            {"phases": [{"name": "P"}, {"name": "Q"}]},
            'phase "Q": no step belongs to it. Allowed: leave it out, or name it in a step.',
        ),
    ],
)
def test_names_that_do_not_fit_are_errors_as_values(steps, fields, says):
    assert said(*steps, **fields) == [says]


def test_the_tool_result_counts_lists_and_says_how_to_go_on():
    text = teach([Problem("steps", "the plan has no step", "1 to 50 steps")] + [Problem("x", "y")] * 40)
    assert text.startswith(
        "The plan was not accepted: 41 problems.\n- steps: the plan has no step. Allowed: 1 to 50 steps.\n"
    )
    assert text.endswith(
        "- and 11 more of these kinds.\nCorrect all of them and call submit_plan again with the whole plan."
    )


def test_the_schema_takes_what_the_reader_takes():
    schema = submit_plan_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(flatten(rich()), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(submission(step("a", kind="magic")), schema)


def test_the_schema_is_flat_small_described_and_always_the_same_bytes():
    text = json.dumps(submit_plan_schema())
    assert text == json.dumps(submit_plan_schema())
    assert not re.search(r"\$ref|\$defs|anyOf|oneOf|additionalProperties|\"default\": (\[|\"|\d)", text)
    assert len(text) < 16_000
    assert submit_plan_schema()["required"] == ["title", "steps"]
    steps = submit_plan_schema()["properties"]["steps"]["items"]
    assert steps["required"] == ["title"]
    assert "300" in steps["properties"]["lines_max"]["description"]
    assert steps["properties"]["files"]["items"]["properties"]["change"]["enum"] == list(Change)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("tests/test_a.py", True),
        ("a_test.go", True),
        ("src/a.spec.ts", True),
        ("src/ATest.java", True),
        ("shop/testing.py", False),
        ("shop/stock.py", False),
        ("latest.py", False),
        ("conftest.py", True),
    ],
)
def test_tests_are_told_from_sources_by_name(path, answer):
    assert is_test(path) is answer
