"""What is checked before anyone sees a plan: each problem says where, what, and what is allowed."""

import pytest

from state.plan.checks import Ground, check
from state.plan.flat import read
from state.plan.model import Milestone, Phase, Plan
from tests.state.plan.plans import plan, rich, step, submission

TREE = {"shop/stock.py": 120, "README.md": 10, "shop/logo.png": None, ".github/workflows/ci.yml": 9, "shop/old.py": 3}
PROTECTED = (".github/workflows/", "CODEOWNERS", "*.lock")
GROUND = Ground(frozenset(TREE), TREE.__getitem__, PROTECTED)


def found(*steps, **fields):
    return [str(problem) for problem in check(plan(*steps, **fields), GROUND)]


def touch(path, change="modify", **fields):
    return step("a", files=[{"path": path, "change": change}], **fields)


def condition(kind, target, value=""):
    return step("a", postconditions=[{"type": kind, "target": target, "value": value}])


def test_a_good_plan_has_no_problem():
    assert found(step("a"), step("b", depends_on=["a"])) == []
    assert found(touch("shop/stock.py", citations=[{"path": "shop/stock.py", "lines": "1-120"}])) == []
    assert (
        found(step("a", files=[], symbols=[], postconditions=[{"type": "command_succeeds", "target": "make docs"}]))
        == []
    )


def test_the_plan_that_fills_every_field_passes_on_its_own_tree():
    tree = {"shop/a.py": 40, "shop/stock.py": 120}
    assert [str(one) for one in check(rich(), Ground(tree, tree.__getitem__))] == []


def test_a_plan_without_steps_is_none():
    assert found() == ["steps: the plan has no step. Allowed: 1 to 50 steps."]
    assert [str(one) for one in check(Plan(title="t"), GROUND)] == found()


def test_at_most_fifty_steps():
    assert found(*(step(f"n{n}") for n in range(50))) == []
    (problem,) = found(*(step(f"n{n}") for n in range(51)))
    assert problem.startswith("steps: the plan has 51 steps. Allowed: at most 50")


def test_a_cycle_is_named_step_by_step():
    steps = [step("a", depends_on=["c"]), step("b", depends_on=["a"]), step("c", depends_on=["b"]), step("d")]
    assert found(*steps) == [
        'depends_on: these steps wait for each other: step 1 "a" -> step 3 "c" -> step 2 "b" -> step 1 "a". '
        "Allowed: an order; remove one of these dependencies."
    ]


ORDER = [
    ("all extras", [step("a", serves="")], {}, "steps: no step serves the request"),
    (
        "waits for an extra",
        [step("a", serves=""), step("b", depends_on=["a"])],
        {},
        'step 2 "b", depends_on: it waits for step 1 "a", which serves no sentence',
    ),
    (
        "five dependencies",
        [*(step(name) for name in "abcde"), step("f", depends_on=list("abcde"))],
        {},
        'step 6 "f", depends_on: it waits for 5 steps directly. Allowed: at most 4',
    ),
    (
        "phases in a circle",
        [step("a", phase="P"), step("b", phase="Q")],
        {"phases": [{"name": "P", "depends_on": ["Q"]}, {"name": "Q", "depends_on": ["P"]}]},
        'phases: these phases wait for each other: "P" -> "Q" -> "P"',
    ),
    (
        "against the phases",
        [step("a", phase="P", depends_on=["b"]), step("b", phase="Q")],
        {"phases": [{"name": "P"}, {"name": "Q", "depends_on": ["P"]}]},
        'step 1 "a", depends_on: it waits for a step of phase "Q", which comes after its own phase "P"',
    ),
]
SIZE = [
    (
        "301 lines",
        [step("a", lines_max=301)],
        {},
        'step 1 "a", lines_max: 301 lines are too many. Allowed: at most 300',
    ),
    ("min over max", [step("a", lines_min=9, lines_max=5)], {}, 'step 1 "a", lines_min: 9 is more than lines_max 5'),
    ("16 minutes", [step("a", estimated_minutes=16)], {}, 'step 1 "a", estimated_minutes: 16 minutes are too long'),
    ("no minute", [step("a", estimated_minutes=0)], {}, 'step 1 "a", estimated_minutes: less than a minute is no step'),
    (
        "two main files",
        [step("a", files=[{"path": "x.py", "change": "create"}, {"path": "y.py", "change": "create"}])],
        {},
        'step 1 "a", main_file: the step touches 2 files and names no main one. Allowed: one of x.py, y.py',
    ),
    ("foreign main file", [step("a", main_file="z.py")], {}, 'step 1 "a", main_file: "z.py" is not among the files'),
    (
        "nothing to judge",
        [touch("README.md", symbols=[])],
        {},
        'step 1 "a": the step is too small: it leaves nothing that a program can check. Allowed: a test, ',
    ),
]
FILES = [
    ("missing", [touch("shop/stok.py")], {}, 'there is no such file (did you mean "shop/stock.py"?)'),
    ("moved", [touch("src/stock.py")], {}, 'there is no such file (did you mean "shop/stock.py"?)'),
    ("delete missing", [touch("x.py", "delete")], {}, '"x.py" cannot be changed: there is no such file'),
    (
        "create existing",
        [touch("README.md", "create")],
        {},
        '"README.md" cannot be created: it exists. Allowed: change: modify',
    ),
    ("twice", [step("a", files=[{"path": "README.md", "change": "modify"}] * 2)], {}, '"README.md" is listed twice'),
    (
        "created twice",
        [step("a"), step("b", files=[{"path": "shop/a.py", "change": "create"}])],
        {},
        'step 2 "b", files: step 1 "a" creates "shop/a.py" too',
    ),
    (
        "created before",
        [step("a"), step("b", depends_on=["a"], files=[{"path": "shop/a.py", "change": "create"}])],
        {},
        'step 2 "b", files: "shop/a.py" cannot be created: step 1 "a" creates it',
    ),
    (
        "order not said",
        [step("a"), step("b", files=[{"path": "shop/a.py", "change": "modify"}])],
        {},
        '"shop/a.py" is created by step 1 "a", which need not be done before. Allowed: name that step in depends_on',
    ),
    (
        "deleted before",
        [
            touch("shop/old.py", "delete"),
            step("b", depends_on=["a"], files=[{"path": "shop/old.py", "change": "modify"}]),
        ],
        {},
        '"shop/old.py" cannot be changed: step 1 "a" deletes it',
    ),
    ("protected", [touch(".github/workflows/ci.yml")], {}, '".github/workflows/ci.yml" is protected'),
    ("protected pattern", [touch("deep/uv.lock", "create")], {}, '"deep/uv.lock" is protected'),
    ("ours", [touch(".dev-tasks/k/plan.md", "create")], {}, "it belongs to the bot"),
]
FILES += [
    (f"outside {path!r}", [touch(path, "create")], {}, 'step 1 "a", files: "')
    for path in (
        "/etc/passwd",
        "../x",
        "a/../../x",
        "~/x",
        "C:\\x",
        "a\\b",
        ".git/config",
        "a/.GIT/x",
        "",
        " a",
        "a/",
        "./a",
        ".",
    )
]
CITED = [
    ("no file", "shop/stok.py", "", 'there is no file "shop/stok.py" (did you mean "shop/stock.py"?)'),
    ("too far", "shop/stock.py", "100-121", "shop/stock.py has no lines 100-121. Allowed: 1-120"),
    ("zero", "shop/stock.py", "0", "shop/stock.py has no lines 0"),
    ("backwards", "shop/stock.py", "9-3", "shop/stock.py has no lines 9-3"),
    ("words", "shop/stock.py", "top", '"top" names no lines'),
    ("binary", "shop/logo.png", "1", "shop/logo.png has no lines 1. Allowed: no lines"),
]
CITATIONS = [
    (name, [step("a", citations=[{"path": path, "lines": lines}])], {}, f'step 1 "a", citations: {says}')
    for name, path, lines, says in CITED
]
CONDITIONS = [
    ("symbol without name", [condition("symbol_defined", "a.py")], {}, "symbol_defined needs the name in value"),
    ("text without expression", [condition("text_matches", "a.py")], {}, "text_matches needs a regular expression"),
    ("broken expression", [condition("text_matches", "a.py", "(")], {}, '"(" is no regular expression'),
    (
        "path outside",
        [condition("file_exists", "../a")],
        {},
        '"../a" is no path to check: it leads out of the repository',
    ),
    ("the root", [condition("directory_exists", "./")], {}, '"./" is no path to check: it is no plain file path'),
    ("module", [condition("import_available", "shop/stock.py")], {}, '"shop/stock.py" is no module name'),
    ("test outside", [condition("test_passes", "../t.py::x")], {}, '"../t.py::x" is no test id'),
    ("empty command", [condition("command_succeeds", " ")], {}, "the command is empty"),
    ("two lines", [condition("command_succeeds", "a\nb")], {}, "more than one line"),
    ("open quote", [condition("command_succeeds", "echo 'a")], {}, "is no command line: no closing quotation"),
    ("git", [condition("command_succeeds", "make x && git diff --exit-code")], {}, "git cannot be used in a check"),
    ("sudo", [condition("command_succeeds", "/usr/bin/sudo make")], {}, "sudo cannot be used in a check"),
    (
        "measurable",
        [step("a")],
        {"criteria": [{"criterion": "fast", "measurable": "tests.speed > 1"}]},
        'criteria[1], measurable: "tests.speed > 1" is nothing that a program can judge',
    ),
    (
        "measurable condition",
        [step("a")],
        {"criteria": [{"criterion": "ok"}, {"criterion": "x", "measurable": "file_exists: /etc/passwd"}]},
        'criteria[2], measurable: "/etc/passwd" is no path to check',
    ),
]
CASES = [*ORDER, *SIZE, *FILES, *CITATIONS, *CONDITIONS]


@pytest.mark.parametrize(("steps", "fields", "says"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_each_problem_says_where_what_and_what_is_allowed(steps, fields, says):
    problems = found(*steps, **fields)
    assert any(says in problem for problem in problems), problems
    assert all(". Allowed: " in problem for problem in problems)


@pytest.mark.parametrize(
    ("kind", "target", "value"),
    [
        ("directory_exists", "docs/", ""),
        ("text_matches", "a.md", "^# .*$"),
        ("import_available", "shop.stock", ""),
        ("test_passes", "tests/test_a.py::test_b[x y]", ""),
        ("command_succeeds", "python -m shop | grep git", ""),
    ],
)
def test_good_conditions_pass(kind, target, value):
    assert found(condition(kind, target, value)) == []


def test_duplicate_ids_of_a_stored_plan_are_found():
    (first,) = plan(step("a")).steps()
    twin = first.model_copy(update={"number": 2, "files": [], "tests": ["t.py"]})
    milestones = [Milestone(id="m01", name="x", steps=[first]), Milestone(id="m01", name="y", steps=[twin])]
    doubled = Plan(title="t", phases=[Phase(id="p01", name="p", milestones=milestones)])
    said = [str(problem) for problem in check(doubled, GROUND)]
    assert 'milestones: "m01" is there twice. Allowed: each once.' in said
    assert 'steps: "s01" is there twice. Allowed: each once.' in said
    assert 'phase "p", order of milestones: "1" is there twice. Allowed: each once.' in said


def test_unknown_dependencies_of_a_stored_plan_are_found():
    (only,) = plan(step("a")).steps()
    lost = only.model_copy(update={"depends_on": ["s09"]})
    phase = Phase(
        id="p01", name="p", depends_on_phases=["p07"], milestones=[Milestone(id="m01", name="m", steps=[lost])]
    )
    said = [str(problem) for problem in check(Plan(title="t", phases=[phase]), GROUND)]
    assert 'step 1 "a", depends_on: there is no step "s09". Allowed: s01.' in said
    assert 'phase "p", depends_on: there is no phase "p07". Allowed: p.' in said


def test_all_problems_are_told_at_once():
    reading = read(submission(step("a", lines_max=400, estimated_minutes=20), touch("../x", id="b", depends_on=["a"])))
    assert reading.plan is not None
    assert len(check(reading.plan, GROUND)) >= 3
