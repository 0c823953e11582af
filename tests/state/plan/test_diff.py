"""What changed between two versions, and what sort of version it is."""

import json

import pytest

from state.plan.diff import Changes, Modified, VersionKind, classify, compare, titled
from state.plan.flat import flatten
from tests.state.plan.plans import plan, rich, step

FIRST = plan(step("a"), step("b", depends_on=["a"]), step("c"))


def again(*steps, **fields):
    return plan(*steps, previous=FIRST, **fields)


def kept(title, step_id, **fields):
    return step(title, id=step_id, **fields)


A, B, C = kept("a", "s01"), kept("b", "s02", depends_on=["s01"]), kept("c", "s03")


def test_the_same_plan_has_no_changes():
    assert compare(rich(), rich()) == Changes()
    assert compare(FIRST, again(A, B, C)).empty()


def test_steps_are_added_removed_and_modified_by_id():
    changes = compare(FIRST, again(A, kept("b", "s02", depends_on=["s01"], tests=["t.py"]), step("new")))
    assert changes.steps_added == ("s04",)
    assert changes.steps_removed == ("s03",)
    assert changes.steps_modified == (Modified("s02", ("tests",)),)
    assert changes.phases_modified == changes.milestones_modified == ()


def test_moving_a_step_alone_is_no_change_of_the_step():
    assert compare(FIRST, again(C, A, B)).steps_modified == ()


def test_everything_else_is_found_too():
    before, flat = rich(), flatten(rich())
    flat["stack"] = [
        {**flat["stack"][0], "version": "10"},
        {"component": "db", "technology": "sqlite", "origin": "new"},
    ]
    flat["dependencies"].append({"package": "httpx"})
    flat["entities"] = [{"name": "Shop"}]
    flat["risks"] = []
    flat["phases"][1]["description"] = "other"
    flat["milestones"].append({"name": "More", "phase": "Edges"})
    flat["steps"][2]["milestone"] = "More"
    flat["milestones"] = [one for one in flat["milestones"] if one["name"] != "Docs"]
    after = plan(*flat.pop("steps"), previous=before, **{**flat, "title": "T"})
    changes = compare(before, after)
    assert changes.stack_changes == ("tests", "db")
    assert changes.new_dependencies == ("httpx",)
    assert (changes.entities_added, changes.entities_removed) == (("Shop",), ("Item",))
    assert (changes.milestones_added, changes.milestones_removed) == (("m04",), ("m03",))
    assert changes.phases_modified == (Modified("p02", ("description",)),)
    assert changes.other == ("title", "risks")
    assert titled(changes, before, after)["milestones_removed"] == ["Docs"]
    assert json.loads(json.dumps(changes.as_json()))["phases_modified"] == [{"id": "p02", "fields": ["description"]}]


def test_the_json_has_the_names_of_the_store():
    verbs = ("added", "removed", "modified")
    assert list(Changes().as_json()) == [
        *(f"{group}_{verb}" for group in ("phases", "milestones", "steps", "entities") for verb in verbs),
        "stack_changes",
        "new_dependencies",
        "other",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "running", "kind"),
    [
        ((A, B, C, step("d")), False, VersionKind.REVISION),
        ((A, B, C, step("d")), True, VersionKind.MODIFICATION),
        ((A, C), False, VersionKind.SCOPE_REDUCTION),
        ((kept("b", "s02"), C), True, VersionKind.SCOPE_REDUCTION),
        ((A, kept("c", "s03", tests=["t"])), False, VersionKind.REVISION),
        ((A, B, C, step("tidy", kind="refactoring")), True, VersionKind.REFACTORING),
        ((A, B, C), False, VersionKind.REVISION),
    ],
)
def test_the_kind_follows_from_what_changed(steps, running, kind):
    assert classify(FIRST, again(*steps), running) is kind


def test_a_plan_without_a_parent_is_the_initial_one():
    assert classify(None, FIRST) is VersionKind.INITIAL
