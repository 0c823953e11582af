"""The hash names exactly what was shown."""

import json
import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.plan.hashing import NOT_HASHED, canonical, plan_hash
from state.plan.model import Plan, Substep, SubstepStatus
from tests.state.plan.plans import plan, rich, step

RICH = rich()
LIVE = {"status": "completed", "actual_minutes": 3.5, "actual_hours": 1.5, "lessons": ["seen before"]} | dict.fromkeys(
    ("started_at", "completed_at"), "2026-01-01T00:00:00Z"
)


def leaves(node, path=()):
    """Paths to every plain value of the plan."""
    if isinstance(node, dict):
        return [leaf for key, part in node.items() for leaf in leaves(part, (*path, key))]
    if isinstance(node, list) and node:
        return [leaf for index, part in enumerate(node) for leaf in leaves(part, (*path, index))]
    return [path]


def changed(path):
    """The rich plan with the value at `path` replaced by another one of its kind."""
    data = RICH.model_dump(mode="json")
    node = data
    for part in path[:-1]:
        node = node[part]
    old, name = node[path[-1]], path[-1]
    enums = {"type": "text_matches", "change": "delete", "kind": "setup", "priority": "low", "complexity": "high"}
    enums |= {"origin": "new", "enforcement": "test"}
    options = [LIVE.get(name), *([enums[name]] if name in enums else []), "file_exists", "docs", "low", "create"]
    options += [not old if isinstance(old, bool) else None, (old or 0) + 7 if isinstance(old, int | float) else None]
    options += [f"{old}x" if isinstance(old, str) else None, ["x"], 5, "5", "critical"]
    options += [[{"path": "z"}], [{"type": "file_exists", "target": "z"}], [{"id": "z", "title": "z"}]]
    for option in options:
        if option is None or option == old:
            continue
        node[path[-1]] = option
        try:
            return Plan.model_validate(data)
        except ValueError:
            continue
    raise AssertionError(f"no other value for {path}")


@pytest.mark.parametrize("path", leaves(RICH.model_dump(mode="json")), ids=lambda path: ".".join(map(str, path)))
def test_any_shown_field_changes_the_hash_and_no_other(path):
    assert (plan_hash(changed(path)) == plan_hash(RICH)) == bool(set(path) & NOT_HASHED)


@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_is_irrelevant(random):
    def shuffled(node):
        if isinstance(node, list):
            return [shuffled(part) for part in node]
        if not isinstance(node, dict):
            return node
        keys = list(node)
        random.shuffle(keys)
        return {key: shuffled(node[key]) for key in keys}

    again = Plan.model_validate(shuffled(RICH.model_dump(mode="json")))
    assert plan_hash(again) == plan_hash(RICH)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_texts_are_hashed_as_they_are(text):
    first, second = Plan(title=text), Plan(title=unicodedata.normalize("NFD", text))
    assert (plan_hash(first) == plan_hash(second)) == (first.title == second.title)
    assert json.loads(canonical(first))["title"] == text
    assert plan_hash(Plan.model_validate_json(first.model_dump_json())) == plan_hash(first)


def test_what_happened_since_is_no_part_of_it():
    before = plan(step("a", substeps=[{"title": "x"}]))
    milestone = before.phases[0].milestones[0]
    done = Substep(id="s01.1", title="x", status=SubstepStatus.COMPLETED, actual_minutes=4)
    run = milestone.steps[0].model_copy(update={"substeps": [done]})
    later = milestone.model_copy(update={"steps": [run], "actual_hours": 2.0, "completed_at": datetime.now(UTC)})
    phase = before.phases[0].model_copy(update={"milestones": [later], "started_at": datetime.now(UTC)})
    after = before.model_copy(update={"phases": [phase], "lessons": ["like k3x9q2ab"]})
    assert plan_hash(after) == plan_hash(before)


def test_the_hash_of_a_known_plan_stays_what_it_was():
    assert (
        plan_hash(Plan(title="Añadir validación")) == "af9a9561c3e867e4d3484698f4267201f02646250a2e0049a709d9c5db9d6749"
    )
