"""Plans, tasks and facts for the texts: a one-line fix, an ordinary task, fifty steps, hostile text."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ghapp.say.facts import (
    CommitFact,
    CriterionResult,
    Estimate,
    FailureFacts,
    FinalFacts,
    Finding,
    PlanFacts,
    Proposal,
    SkippedStep,
    TestCounts,
)
from ghapp.say.links import Links
from state.lifecycle import PauseReason, StepStatus, TaskStatus
from state.plan.dod import Evidence, Verdict, attempt_items, done_items, proof
from state.plan.model import (
    BusinessLogic,
    Change,
    Citation,
    Condition,
    ConditionType,
    Criterion,
    Entity,
    ExpectedOutputs,
    FileChange,
    Milestone,
    PackageDependency,
    Phase,
    Plan,
    Rule,
    StackItem,
    Step,
    TaskType,
)
from state.views import PlanView, RepoRef, StepView, TaskView

NOW = datetime(2026, 3, 4, 12, 31, tzinfo=UTC)
LINKS = Links("https://github.com/acme/shop", "https://github.com/acme/shop/runs/77")
ESTIMATE = Estimate(1500, 2400, 0.3, 0.8)
HOSTILE = "@everyone ![x](http://evil/?q=1) </details> <script>alert(1)</script> `/merge` Fixes #1 \u202egnp.exe | a"


def step(number: int, title: str, files: list[tuple[str, Change]], after: tuple[int, ...] = (), **more: object) -> Step:
    return Step(
        id=f"s{number:02}",
        number=number,
        title=title,
        files=[FileChange(path=path, change=change) for path, change in files],
        expected_outputs=ExpectedOutputs(main_file=files[0][0] if files else ""),
        depends_on=[f"s{other:02}" for other in after],
        **more,  # type: ignore[arg-type]
    )


def tree(*steps: Step, groups: int = 1) -> list[Phase]:
    size = -(-len(steps) // groups)
    milestones = [
        Milestone(id=f"m{n + 1:02}", name=f"Part {n + 1}", order=n + 1, steps=list(steps[n * size : (n + 1) * size]))
        for n in range(groups)
    ]
    return [Phase(id="p01", name="Work", milestones=milestones)]


SMALL = Plan(
    title="Fix the typo in the greeting",
    type=TaskType.FIX,
    summary="Corrects `Helo` to `Hello` in the greeting.",
    criteria=[Criterion(criterion="The greeting says Hello", measurable="tests.failed == 0")],
    phases=tree(step(1, "Correct the greeting", [("greet.py", Change.MODIFY)])),
)
PLAN = Plan(
    title="Reject orders without stock",
    type=TaskType.FEAT,
    objective="Orders are only taken for what is there.",
    summary=(
        "Adds a stock table and reads it before an order is taken. Orders for more than is there are refused with "
        "`OutOfStock`. The order page shows what is missing."
    ),
    assumptions=["Stock is counted per warehouse; the request does not say otherwise."],
    risks=["Two orders at once may both see the last item: the step locks the row."],
    out_of_scope=["Reordering from suppliers"],
    stack=[
        StackItem(component="web", technology="flask", version="3.1", why="as the repository has it"),
        StackItem(component="lock", technology="filelock", version="3.16", why="one writer", origin="new"),
    ],
    dependencies=[PackageDependency(package="filelock", constraint=">=3.16", why="one writer at a time")],
    business_logic=BusinessLogic(
        domain="shop", rules=[Rule(id="R1", description="No order above stock", enforcement="application_layer")]
    ),
    entities=[Entity(name="Stock", description="What is there of one article")],
    criteria=[
        Criterion(criterion="An order above stock is refused", measurable="tests.failed == 0"),
        Criterion(criterion="The message reads well"),
    ],
    phases=tree(
        step(
            1,
            "Add the stock table",
            [("shop/stock.py", Change.CREATE), ("tests/test_stock.py", Change.CREATE)],
            description="A table `stock` with article and count.",
            serves="add stock validation",
            citations=[Citation(path="shop/orders.py", lines="12-40")],
            postconditions=[
                Condition(type=ConditionType.SYMBOL_DEFINED, target="shop/stock.py", value="Stock", description="")
            ],
            tests=["tests/test_stock.py::test_counts"],
        ),
        step(2, "Check the stock before an order is taken", [("shop/orders.py", Change.MODIFY)], (1,)),
        step(3, "Say what is missing", [("shop/templates/order.html", Change.MODIFY)], (1,)),
        step(4, "Describe it in the manual", [("docs/orders.md", Change.MODIFY)], (2, 3)),
        step(5, "Mail the buyer", [("shop/mail.py", Change.CREATE)], extra=True),
    ),
    lessons=["Lock the row before reading the count"],
)
HUGE = Plan(
    title="Ünïcode everywhere: " + "a very long title " * 20,
    summary="",
    objective="",
    phases=tree(
        *(
            step(n, f"Übersetze Modul {n} ✨ " + "mit vielen Wörtern " * 8, [(f"src/módulo_{n}.py", Change.MODIFY)])
            for n in range(1, 51)
        ),
        groups=5,
    ),
)
BAD = Plan(
    title=HOSTILE,
    summary=HOSTILE,
    risks=[HOSTILE, "/merge"],
    assumptions=["@dependabot merge"],
    criteria=[Criterion(criterion=HOSTILE, measurable="`x` | y")],
    phases=tree(
        step(1, HOSTILE, [("a`b|c.py", Change.MODIFY)], description="# big\n/merge\n```\n@bob\n```\n<details>"),
        step(2, 'x"]; click n0 "http://evil"', [("b.py", Change.MODIFY)]),
        step(3, "y --> z", [("c.py", Change.MODIFY)], (1,)),
    ),
)


def version(plan: Plan, number: int = 1, **more: object) -> PlanView:
    return PlanView(number, "7f3a" + "0" * 60, plan, "initial", "", NOW, **more)  # type: ignore[arg-type]


def task(plan: Plan = PLAN, status: TaskStatus = TaskStatus.PLANNED, lang: str = "en", **more: object) -> TaskView:
    values: dict[str, object] = {
        "steps": tuple(StepView(s.id, s.number, s.title, StepStatus.PENDING) for s in plan.steps() if not s.extra),
        "plan": version(plan),
        "created_at": NOW - timedelta(minutes=40),
    }
    return TaskView(
        "id", 1, "k3x9q2ab", RepoRef(5, "acme/shop", 9), 12, 100, "ana", plan.title, "add stock validation", "feat",
        status, 3, lang, **(values | more),  # type: ignore[arg-type]
    )  # fmt: skip


def running(lang: str = "en", plan: Plan = PLAN, at: int = 2, status: TaskStatus = TaskStatus.EXECUTING) -> TaskView:
    """A task in the middle: steps before `at` done, `at` running."""
    view = task(
        plan,
        status,
        lang,
        branch="feature/stock-validation",
        base_branch="main",
        head_sha="1a2b3c4d5e6f",
        budget=5.0,
        spent=0.42,
        activity="running the tests of step 2",
        approved_at=NOW - timedelta(minutes=12),
    )
    steps = tuple(
        replace(s, status=StepStatus.DONE, commit_sha=f"{s.number:07x}abcdef")
        if s.number < at
        else replace(s, status=StepStatus.IN_PROGRESS, attempts=2)
        if s.number == at
        else s
        for s in view.steps
    )
    return replace(view, steps=steps)


def failed(lang: str = "en") -> TaskView:
    view = running(lang, status=TaskStatus.FAILED)
    steps = tuple(
        replace(s, status=StepStatus.FAILED, last_error="2 tests fail", attempts=4)
        if s.number == 2
        else replace(s, status=StepStatus.BLOCKED)
        if s.number == 4
        else s
        for s in view.steps
    )
    return replace(view, steps=steps, activity=None)


def completed(lang: str = "en") -> TaskView:
    return replace(running(lang, at=9, status=TaskStatus.COMPLETED), activity=None, completed_at=NOW)


def paused(lang: str = "en") -> TaskView:
    return replace(
        running(lang, status=TaskStatus.PAUSED), pause_reason=PauseReason.BUDGET, status_reason="$5.00 spent"
    )


def waiting(lang: str = "en") -> TaskView:
    return replace(
        running(lang, status=TaskStatus.PAUSED),
        pause_reason=PauseReason.PROVIDER,
        status_reason="529 overloaded",
        resume_at=NOW + timedelta(minutes=2),
    )


FULL_FACTS = PlanFacts(
    estimate=ESTIMATE,
    budget=5.0,
    round=2,
    lfs=True,
    signatures_required=True,
    hidden_parts=2,
    conventions=("AGENTS.md", "CONTRIBUTING.md"),
    approvers=("ana", "ben"),
    difference={"steps_added": ["Describe it in the manual"], "steps_modified": ["Say what is missing"]},
)
PYTEST, RUFF = "python3 -m pytest -q", "ruff check ."


def check(name: str, layer: str, status: str = "passed", **more: object) -> dict[str, object]:
    return {"name": name, "layer": layer, "status": status, "summary": "", "command": ""} | more


PARSED = check("syntax", "critical", summary="3 changed files parse")
HOLDS = [check("postcondition", "critical", summary=f"symbol_defined shop/stock.py {n}: defined") for n in "ABCDEFG"]
RAN = check(
    "tests", "critical", summary="46 passed", command=PYTEST, exit_code=0, seconds=2.46, tail="46 passed, 1 skipped"
)
CHECKS = [
    PARSED,
    check("types", "critical", "not_run", summary="nothing configures a type checker"),
    *HOLDS,
    RAN,
    check("lint", "important", command=RUFF, exit_code=0, seconds=0.04, fixed=2, tail=""),
    check(
        "audit",
        "important",
        "not_run",
        summary="no network for `pip-audit`",
        command="pip-audit",
        exit_code=1,
        seconds=12,
    ),
    check("complexity", "nice_to_have", "failed", summary="1 new problems", findings=[{}], tail="shop/orders.py:7: 12"),
    check("coverage", "nice_to_have", command=f"{PYTEST} --cov", exit_code=0, seconds=3.21, tail="TOTAL 87.5%"),
    check("own", "important", command="make own", exit_code=0, seconds=61, tail="ok"),
]
ITEMS = done_items([Evidence(CHECKS, "0000002abcdef", "0000002abcdef", True, "feature/stock-validation")])
BROKEN = [
    PARSED,
    check("tests", "critical", "failed", summary="1 new failures", command=PYTEST, exit_code=1, seconds=2.5),
]
SETUP = ("python3 -m venv .venv", ". .venv/bin/activate", "python -m pip install -r requirements-dev.txt")
FAILURE = FailureFacts(
    reason="checks",
    step_number=2,
    step_title="Check the stock before an order is taken",
    attempts=4,
    command="python -m pytest -q tests/test_orders.py --junitxml=/tmp/junit-1.xml -o junit_family=xunit1",
    exit_code=1,
    seconds=2.5,
    tail="E   assert 0 == 1\n/merge\n@bob\n```\nFAILED tests/test_orders.py::test_refused",
    branch="feature/stock-validation",
    safe=(CommitFact("0000001abcdef", "feat: add the stock table"),),
    blocked=(4,),
    log="k3x9q2ab/errors.log",
)
ANALYSED = replace(
    FAILURE,
    root_cause="The stock is read before the row is locked, so both orders see the last item.",
    symptoms=("`test_refused` sees a count of 0 instead of 1", "It passes when it runs alone"),
    proposals=(
        Proposal(
            1,
            "Lock the row before the count is read",
            "Reads with `SELECT ... FOR UPDATE`; the step was not told that the table has a lock helper.",
            "modify_step_context",
            0.8,
            5,
            "shop/db.py has `locked()`",
        ),
        Proposal(2, "Add a lock helper first", "A step of its own.", "create_dependency_step", 0.55, 12),
        Proposal(3, "Leave two orders at once out", "Only the plain case.", "modify_step_scope", 0.3, 3),
    ),
    done_items=attempt_items(BROKEN),
    setup=SETUP,
    wip="0000003abcdef",
)
FINAL = FinalFacts(
    branch="feature/stock-validation",
    base="main",
    created=("shop/stock.py", "tests/test_stock.py"),
    modified=("shop/orders.py", "shop/templates/order.html", "docs/orders.md"),
    left_out=("shop/__pycache__/x.pyc",),
    extra={"docs/orders.md": "the guide names the new error"},
    tests_before=TestCounts(41, 40, 0, 1),
    tests_after=TestCounts(47, 46, 0, 1),
    coverage=87.5,
    done_items=ITEMS,
    criteria=(
        CriterionResult("An order above stock is refused", Verdict.MET, "tests.failed == 0", "0", proof(RAN)),
        CriterionResult("It is quick", Verdict.NOT_MET, "duration.seconds < 600", "1860"),
        CriterionResult(
            "The help says it",
            Verdict.MET,
            "command_succeeds: python3 -m shop --help",
            proof=proof(check("criteria", "important", command="python3 -m shop --help", exit_code=0, seconds=0.2)),
        ),
        CriterionResult("The message reads well", Verdict.YOU_CHECK),
    ),
    seconds=1860,
    spent=0.42,
    estimate=ESTIMATE,
    commits=(CommitFact("0000001abcdef", "feat: add the stock table"), CommitFact("0000002abcdef", "feat: check")),
    setup=SETUP,
    verify=(PYTEST, RUFF),
    fixed=(("lint", 2),),
)
SUSPICIOUS = replace(
    FINAL,
    flaky=("tests/test_mail.py::test_sends", "tests/test_mail.py::test_waits"),
    suspicions=(Finding("shop/orders.py", 12, "warning", "42 stands in the test only", "suspicion: special_case"),),
    notes=tuple(
        Finding("shop/stock.py", n, "warning", f"the function `f{n}` is complex", "complexity: C901") for n in range(23)
    ),
)
SKIPPED = replace(FINAL, skipped=(SkippedStep(3, "Show it to `@bob`", "ana"),))
FINDINGS = tuple(Finding("shop/orders.py", n, "failure", f"E{n} \x1b[31mbad\x1b[0m @bob", "ruff") for n in range(60))
