"""What a plan owes to the request and to the repository: its size, what it read, what it assumes, how it begins."""

import pytest

from state.plan.check_habits import idle_problems, share_problems, silence_problems
from state.plan.checks import Ground, Manner, check
from state.plan.greenfield import greenfield, greenfield_problems
from state.plan.model import Citation
from state.plan.seen import Seen, ranges
from tests.state.plan.plans import plan, step


def said(problems):
    return "\n".join(map(str, problems))


def bare(title, **fields):
    return step(title, files=[], symbols=[], **fields)


SHOWS = [{"type": "command_succeeds", "target": "make docs"}]
PASSES = [{"type": "test_passes", "target": "tests/test_a.py::test_a"}]
IDLE = [
    ("reading", bare("Read the parser", postconditions=SHOWS), True),
    ("a review", bare("Review all changes", postconditions=SHOWS), True),
    ("tests", bare("Run the whole test suite", postconditions=SHOWS), True),
    ("a check", bare("Make sure that nothing broke", postconditions=SHOWS), True),
    ("in Spanish", bare("Revisar el código", postconditions=SHOWS), True),
    ("tests in Spanish", bare("Ejecutar las pruebas", postconditions=SHOWS), True),
    ("only tests", bare("Prove it", postconditions=PASSES), True),
    ("tests by id", bare("Prove it", tests=["tests/test_a.py::test_a"]), True),
    ("a command of its own", bare("Build the manual", postconditions=SHOWS), False),
    ("a file", step("Review", files=[{"path": "REVIEW.md", "change": "create"}]), False),
    ("code with such a name", step("Validate stock"), False),
    ("a reader", step("Read numbers from the file"), False),
]


@pytest.mark.parametrize(("what", "given", "idle"), IDLE, ids=[row[0] for row in IDLE])
def test_a_step_that_changes_nothing_is_none(what, given, idle):
    assert ("it changes nothing" in said(idle_problems(plan(given)))) is idle


LONG = "word " * 30
SHARES = [
    ("a one-line fix in two", "Fix the typo.", [2, 3], "there are 2 steps for at most 5 changed lines"),
    ("a small change in four", LONG, [20] * 4, "Allowed: one to three steps; or the same plan with size_reason"),
    ("three small steps", LONG, [20] * 3, ""),
    ("a short request in nine", "Add a shop.", [90] * 9, "there are 9 steps for a request of 3 words"),
    ("a short request in eight", "Add a shop.", [90] * 8, ""),
    ("a long request in nine", LONG, [90] * 9, ""),
    ("sizes unknown", LONG, [0, 2], ""),
    ("one step", "Fix it.", [1], ""),
]


@pytest.mark.parametrize(("what", "request_", "sizes", "expected"), SHARES, ids=[row[0] for row in SHARES])
def test_the_plan_is_as_long_as_the_work(what, request_, sizes, expected):
    found = share_problems(plan(*(step(f"n{n}", lines_max=size) for n, size in enumerate(sizes))), request_)
    assert (expected in said(found)) and bool(found) == bool(expected) and all(one.justifiable for one in found)


def test_a_reason_settles_the_size_and_people_read_it():
    made = plan(step("a", lines_max=2), step("b", lines_max=2), size_reason="Two teams review them.")
    ground = Ground(frozenset(["x.py"]), lambda _: 1, request="Fix it.")
    assert "there are 2 steps" in said(check(made, ground))
    assert check(made, ground, Manner(reason="Two teams review them.")) == check(made, ground, Manner(kept=True)) == ()
    assert made.assumptions == ["Two teams review them."]


UNTESTED = frozenset({"tests"})
SILENT = [
    ("nothing said", {}, {}, True),
    ("assumed", {}, {"assumptions": ["The owner checks it by hand."]}, False),
    ("assumed in Spanish", {}, {"assumptions": ["No hay pruebas; lo comprueba una persona."]}, False),
    ("assumed something else", {}, {"assumptions": ["Python 3.11 is used."]}, True),
    ("a test", {"tests": ["tests/test_a.py"]}, {}, False),
    ("a test file", {"files": [{"path": "tests/test_a.py", "change": "create"}]}, {}, False),
    ("a command", {"postconditions": SHOWS}, {}, False),
    ("a text", {"files": [{"path": "README.md", "change": "modify"}]}, {}, False),
    ("a loose command", {"postconditions": [{**SHOWS[0], "critical": False}]}, {}, True),
]


@pytest.mark.parametrize(("what", "fields", "more", "asked"), SILENT, ids=[row[0] for row in SILENT])
def test_without_a_known_way_to_test_the_plan_says_one(what, fields, more, asked):
    made = plan(step("a", **fields), **more)
    assert ("no way to run tests was found" in said(silence_problems(made, UNTESTED))) is asked
    assert silence_problems(made, ()) == []


TREE = {"shop/stock.py": 120, "README.md": 10}
GROUND = Ground(frozenset(TREE), TREE.__getitem__)
SEEN = Seen({"shop/stock.py": frozenset(range(1, 41))}, frozenset(["README.md"]))
CITED = [
    ("read", "shop/stock.py", "1-40", ""),
    ("one line", "shop/stock.py", "12", ""),
    ("a line too far", "shop/stock.py", "1-41", "lines 1-41 of shop/stock.py are cited but were not read"),
    ("the whole of a file read in part", "shop/stock.py", "", ""),
    ("shown without numbers", "README.md", "1-10", ""),
    ("lines that do not exist", "shop/stock.py", "121", "shop/stock.py has no lines 121"),
]


@pytest.mark.parametrize(("what", "path", "lines", "expected"), CITED, ids=[row[0] for row in CITED])
def test_only_what_was_read_is_cited(what, path, lines, expected):
    made = plan(step("a", citations=[{"path": path, "lines": lines}]))
    found = said(check(made, GROUND, Manner(SEEN)))
    assert expected in found and bool(found) == bool(expected)


def test_an_unread_citation_says_what_was_read_and_how_to_read_on():
    made = plan(step("a", citations=[{"path": "shop/stock.py", "lines": "90"}, {"path": "README.md"}]))
    assert said(check(made, GROUND, Manner(Seen({"shop/stock.py": frozenset([1, 2, 3, 7])})))) == (
        'step 1 "a", citations: lines 90 of shop/stock.py are cited but were not read. Allowed: lines that you have '
        "read (its lines 1-3, 7); read these now with read_file, or cite fewer.\n"
        'step 1 "a", citations: README.md is cited but was not read. Allowed: lines that you have read (nothing of it '
        "yet); read these now with read_file, or cite fewer."
    )


def test_what_the_version_before_cites_needs_no_second_reading():
    made = plan(step("a", citations=[{"path": "shop/stock.py", "lines": "90"}]))
    known = Ground(GROUND.paths, GROUND.lines, cited=(Citation(path="shop/stock.py", lines="90"),))
    assert check(made, known, Manner(Seen())) == ()


def test_lines_seen_add_up():
    both = Seen({"a": frozenset([1])}) | Seen({"a": frozenset([2]), "b": frozenset([9])}, frozenset(["c"]))
    assert both.covers("a", 1, 2) and not both.covers("a", 1, 3) and both.covers("c", 5, 6) and both.any_of("b")
    assert not Seen() and both and ranges([3, 1, 2, 9, 9]) == [(1, 3), (9, 9)]


GREEN = [
    (["README.md"], True),
    (["README", "LICENSE", ".gitignore", ".github/devtask.yml", "CODE_OF_CONDUCT.md", "AGENTS.md"], True),
    ([], True),
    (["README.md", "main.py"], False),
    (["README.md", "package.json"], False),
    (["README.md", "docs/README.md"], False),
]


@pytest.mark.parametrize(("paths", "green"), GREEN)
def test_a_repository_with_papers_only_is_still_green(paths, green):
    assert greenfield(paths) is green


STACK = [{"component": "language", "technology": "Python", "why": "The request names it.", "origin": "new"}]
SETUP = step("Set up", kind="setup", files=[{"path": "tests/test_smoke.py", "change": "create"}])
BEGINNINGS = [
    ("well", [SETUP, step("b", depends_on=["Set up"])], {"stack": STACK}, ""),
    ("no stack", [SETUP], {}, "stack: the repository has no code yet"),
    ("no reason", [SETUP], {"stack": [{**STACK[0], "why": " "}]}, 'stack[1], why: "Python" is chosen without a reason'),
    ("no setup", [{**SETUP, "kind": "implementation"}], {"stack": STACK}, "no step sets the project up"),
    ("a text only", [step("Say more", files=[{"path": "README.md", "change": "modify"}])], {}, ""),
    ("no first test", [step("Set up", kind="setup")], {"stack": STACK}, "of a new project leaves no test"),
]


@pytest.mark.parametrize(("what", "steps", "more", "expected"), BEGINNINGS, ids=[row[0] for row in BEGINNINGS])
def test_a_new_project_has_stack_setup_and_a_first_test(what, steps, more, expected):
    found = said(greenfield_problems(plan(*steps, **more)))
    assert expected in found and bool(found) == bool(expected)
    papers = Ground(frozenset(["README.md"]), lambda _: 1)
    assert said(check(plan(*steps, **more), papers)) == found
