"""A plan in parts: the skeleton, then its phases, merged; checked for every cut of every plan that hypothesis draws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.plan.checks import Ground, Manner, check
from state.plan.flat import read
from state.plan.parts import MAX_IN_PARTS, Parts, add, begin, is_skeleton
from tests.state.plan.plans import step

HEAD = {"title": "Build the shop", "summary": "All of it.", "assumptions": ["Python is there."]}


def skeleton(**sizes):
    return {**HEAD, "phases": [{"name": name, "steps": size} for name, size in sizes.items()]}


def part(name, *steps, **more):
    return {"part": name, "steps": list(steps), **more}


def handed(parts, *given):
    for one in given:
        parts = add(parts, one)
        assert isinstance(parts, Parts), parts
    return parts


sizes = st.lists(st.integers(1, 6), min_size=1, max_size=6)


@st.composite
def works(draw):
    """Phases as lists of steps, each waiting for some earlier steps of any phase."""
    phases, before = [], []
    for number, size in enumerate(draw(sizes)):
        names = [f"p{number}s{place}" for place in range(size)]
        steps = []
        for name in names:
            waits = draw(st.lists(st.sampled_from(before), unique=True, max_size=4)) if before else []
            steps.append(step(name, depends_on=waits))
            before.append(name)
        phases.append((f"Phase {number}", steps))
    return phases


@given(works(), st.randoms(use_true_random=False))
def test_whatever_the_order_of_the_parts_the_plan_is_the_one_that_one_call_would_have_made(work, random):
    begun = begin(skeleton(**{name: len(steps) for name, steps in work}))
    shuffled = [part(name, *steps) for name, steps in work]
    random.shuffle(shuffled)
    merged = handed(begun, *shuffled)
    at_once = {
        **HEAD,
        "phases": [{"name": name} for name, _ in work],
        "steps": [{**one, "phase": name} for name, steps in work for one in steps],
    }
    plan, other = read(merged.whole()).plan, read(at_once).plan
    assert merged.missing == () and plan is not None and plan == other
    assert [one.number for one in plan.steps()] == list(range(1, sum(len(steps) for _, steps in work) + 1))
    assert len({one.id for one in plan.steps()}) == len(list(plan.steps()))
    assert check(plan, Ground(frozenset(["a.py"]), lambda _: 1), Manner(most=MAX_IN_PARTS)) == ()


@given(works())
def test_each_part_alone_is_a_plan_without_what_it_waits_for_elsewhere(work):
    parts = begin(skeleton(**{name: len(steps) for name, steps in work}))
    for name, steps in work:
        parts = handed(parts, part(name, *steps))
        alone = read(parts.alone(name)).plan
        assert alone is not None and [one.title for one in alone.steps()] == [one["title"] for one in steps]


@given(works(), st.data())
def test_a_part_handed_in_again_takes_the_place_of_what_it_was(work, data):
    parts = begin(skeleton(**{name: len(steps) for name, steps in work}))
    parts = handed(parts, *(part(name, *steps) for name, steps in work))
    name, steps = data.draw(st.sampled_from(work))
    again = handed(parts, part(name.upper(), *({**one, "description": "new"} for one in steps)))
    assert again.missing == () and len(again.whole()["steps"]) == len(parts.whole()["steps"])
    changed = [one for one in again.whole()["steps"] if one.get("description") == "new"]
    assert [one["phase"] for one in changed] == [name] * len(steps)


def test_a_hundred_and_twenty_steps_are_one_plan_with_numbers_by_phase():
    parts = begin(skeleton(A=30, B=30, C=30, D=30))
    assert parts.total == 120 and [one.name for one in parts.missing] == ["A", "B", "C", "D"]
    for name in "ABCD":
        parts = handed(parts, part(name, *(step(f"{name}{n}") for n in range(30))))
    assert parts.numbers() == [("A", 1, 30), ("B", 31, 60), ("C", 61, 90), ("D", 91, 120)]
    assert len(list(read(parts.whole()).plan.steps())) == 120


def test_milestones_of_the_skeleton_are_kept_where_a_step_names_them():
    head = {**skeleton(A=2, B=1), "milestones": [{"name": "M", "phase": "A", "acceptance_criteria": ["it runs"]}]}
    parts = handed(begin(head), part("A", step("a", milestone="M"), step("b")), part("B", step("c")))
    found = [one for phase in read(parts.whole()).plan.phases for one in phase.milestones]
    assert [(one.name, one.acceptance_criteria) for one in found] == [("M", ["it runs"]), ("B", [])]


def test_a_second_skeleton_keeps_the_phases_that_it_still_has():
    parts = handed(begin(skeleton(A=1, B=1)), part("A", step("a")))
    again = begin(skeleton(A=2, C=1), parts)
    assert [one.name for one in again.missing] == ["C"] and again.whole()["steps"][0]["id"] == "a"


SKELETONS = [
    ("no number", {"phases": [{"name": "A", "steps": 1}, {"name": "B"}]}, 'phase "B", steps: 0 steps'),
    ("too many in one", {"phases": [{"name": "A", "steps": 51}]}, "Allowed: 1 to 50; split the phase"),
    ("too many in all", {"phases": [{"name": f"P{n}", "steps": 50} for n in range(7)]}, "350 steps in all"),
    ("twice", {"phases": [{"name": "A", "steps": 1}, {"name": "a", "steps": 1}]}, '"a" is listed twice'),
    ("unknown", {"phases": [{"name": "A", "steps": 1, "depends_on": ["X"]}]}, 'there is no phase "X"'),
    (
        "in a circle",
        {"phases": [{"name": "A", "steps": 1, "depends_on": ["B"]}, {"name": "B", "steps": 1, "depends_on": ["A"]}]},
        "wait for each other: a -> b -> a",
    ),
    ("a wrong shape", {"phases": [{"name": "A", "steps": 1}], "risks": 3}, "risks"),
    ("no title", {"title": None, "phases": [{"name": "A", "steps": 1}]}, "title: is missing"),
]


@pytest.mark.parametrize(("what", "given", "said"), SKELETONS, ids=[row[0] for row in SKELETONS])
def test_a_skeleton_is_taught(what, given, said):
    found = begin({**HEAD, **given})
    assert isinstance(found, tuple) and said in "\n".join(map(str, found))


PARTS = [
    ("of no phase", part("C", step("a")), 'there is no phase "C" in the skeleton. Allowed: A'),
    ("of no name", {"steps": [step("a")]}, 'there is no phase ""'),
    ("empty", part("A"), "was handed in with 0 steps, the skeleton says 2"),
    ("too long", part("A", *(step(f"x{n}") for n in range(3))), "with 3 steps, the skeleton says 2. Allowed: 1 to 2"),
    ("with a taken id", part("A", step("b")), 'the id "b" is taken in phase "B"'),
    ("of a wrong shape", part("A", {"title": "x", "kind": "cooking"}), 'step 1 "x", kind: '),
    ("that is no list", {"part": "A", "steps": 3}, "steps: 3 has the wrong shape"),
]


@pytest.mark.parametrize(("what", "given", "said"), PARTS, ids=[row[0] for row in PARTS])
def test_a_part_is_taught(what, given, said):
    parts = handed(begin(skeleton(A=2, B=1)), part("B", step("b")))
    found = add(parts, given)
    assert isinstance(found, tuple) and said in "\n".join(map(str, found))


@pytest.mark.parametrize(
    ("raw", "answer"),
    [
        (skeleton(A=1), True),
        ({**skeleton(A=1), "steps": [step("a")]}, False),
        ({**skeleton(A=1), "part": "A"}, False),
        ({"phases": [{"name": "A"}]}, False),
        ({"phases": "A"}, False),
        ({}, False),
    ],
)
def test_what_begins_a_plan_in_parts(raw, answer):
    assert is_skeleton(raw) is answer
