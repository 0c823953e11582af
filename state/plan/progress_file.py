"""`progress.md`: how far the task came, and how a person goes on by hand."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from state.plan.branch_facts import (
    FINISHED,
    OPEN,
    BranchFacts,
    Item,
    NextAction,
    Tests,
    current,
    duration,
    instant,
    percent,
    shown_steps,
)
from state.plan.dod import DoneItem, Proof, Why
from state.plan.model import Change, Plan
from state.plan.text import cell, code, fenced, line, table
from state.statuses import StepStatus, SubstepStatus, TestCaseStatus
from state.views import StepView, TaskView

LAYERS = {"critical": "critical", "important": "important", "nice_to_have": "nice to have", "": ""}
WHYS: dict[str, str] = {
    Why.PERSON: "no program can judge this",
    Why.STOPPED: "not run, a check before it failed",
    Why.NOTHING: "not run, nothing here to run it on",
    Why.SAID: "not run",
}
SEEN = "As the checks found the tree before this commit; the report on the issue has the last word on the commit."
PROOFS = 5
MARKS = {
    StepStatus.DONE: "x",
    StepStatus.SKIPPED: "-",
    StepStatus.CANCELLED: "-",
    StepStatus.FAILED: "!",
    StepStatus.BLOCKED: "!",
    StepStatus.PENDING: " ",
}
# A failed step leaves a `wip:` commit behind, so its files are begun.
UNTOUCHED = OPEN - {StepStatus.FAILED}
ITEM_MARKS = {
    SubstepStatus.COMPLETED: "x",
    SubstepStatus.IN_PROGRESS: "~",
    SubstepStatus.CANCELLED: "-",
    TestCaseStatus.PASSED: "x",
    TestCaseStatus.FAILED: "!",
}


def progress_md(task: TaskView, plan: Plan, facts: BranchFacts) -> str:
    """The whole file."""
    steps = shown_steps(task)
    groups = (
        ("Done", [step for step in steps if step.status in FINISHED]),
        ("Running", [step for step in steps if step.status not in OPEN | FINISHED]),
        ("Open", [step for step in steps if step.status in OPEN]),
    )
    blocks = [
        f"# {line(task.title)}",
        _head(task, steps, facts),
        *(f"## {title}\n\n" + "\n".join(_step(one, plan, facts) for one in group) for title, group in groups if group),
        "## Tests\n\n" + _tests(facts.tests),
        *_done(facts.done_items),
        *_by_hand(task, plan, steps, facts),
    ]
    if facts.timeline:
        blocks.append("## Timeline\n\n" + "\n".join(f"- {instant(at)} {line(text)}" for at, text in facts.timeline))
    return "\n\n".join(blocks) + "\n"


def _head(task: TaskView, steps: list[StepView], facts: BranchFacts) -> str:
    reason = f" ({task.pause_reason or task.fail_reason})" if task.pause_reason or task.fail_reason else ""
    rows = [
        ("Branch", code(task.branch or "")),
        ("State", f"{task.status}{reason}, {percent(steps)} %"),
        ("Updated", instant(facts.now) or ""),
    ]
    return table(("", ""), rows)


def _step(step: StepView, plan: Plan, facts: BranchFacts) -> str:
    """One step; the running and the failed ones with their substeps and test cases."""
    tail = "; ".join(_notes(step, plan))
    head = f"- [{MARKS.get(step.status, '~')}] {step.number}. {line(step.title)}" + (f" ({tail})" if tail else "")
    items = () if step.status in (StepStatus.PENDING, *FINISHED) else facts.items.get(step.id, ())
    return "\n".join([head, *(_item(item) for item in items)])


def _notes(step: StepView, plan: Plan) -> Iterator[str]:
    """What the step makes, how long it took, and its state where the mark does not say it."""
    planned = plan.step(step.id)
    symbols = planned.expected_outputs.symbols if planned else []
    if names := symbols or _files(step, plan)[:3]:
        yield ", ".join(map(code, names))
    spent = duration(step)
    if spent is not None:
        yield f"{spent // 60} min {spent % 60} s"
    if step.status not in (StepStatus.PENDING, StepStatus.DONE):
        yield step.status.value.replace("_", " ")


def _item(item: Item) -> str:
    return f"  - [{ITEM_MARKS.get(item.status, ' ')}] {line(item.name)}"


def _files(step: StepView, plan: Plan) -> list[str]:
    planned = plan.step(step.id)
    return list(step.files) or [file.path for file in (planned.files if planned else [])]


def _tests(tests: Tests) -> str:
    counts = [str(count) for count in (tests.passed, tests.failed, tests.pending, tests.total)]
    ran = f"\n\nLast run {instant(tests.last_run)}." if tests.last_run else "\n\nNot run yet."
    return table(("passed", "failed", "pending", "total"), [counts]) + ran


def _done(items: Sequence[DoneItem]) -> Iterator[str]:
    """The Definition of Done. The last word on a commit comes after it: the report and the check run have that."""
    if items:
        rows = [(f"{one.group}: {one.item.replace('_', ' ')}", LAYERS[one.layer], *_judged(one)) for one in items]
        yield "## Definition of Done\n\n" + SEEN + "\n\n" + table(("item", "layer", "result", "evidence"), rows)


def _judged(item: DoneItem) -> tuple[str, str]:
    verdict = item.verdict.replace("_", " ")
    if item.why:
        said = item.proofs[0].said if item.proofs else ""
        return verdict, WHYS[item.why] + (f": {cell(said[:200])}" if item.why == Why.SAID and said else "")
    return verdict, "<br>".join(dict.fromkeys(_proof(one) for one in item.proofs[:PROOFS]))


def _proof(proof: Proof) -> str:
    if not proof.command:
        return code(proof.said[:200]) if proof.said else ""
    ended = "" if proof.exit_code is None else f" → {proof.exit_code}, {proof.seconds:.1f} s"
    return f"{code(proof.command[:200])}{ended}"


def _by_hand(task: TaskView, plan: Plan, steps: list[StepView], facts: BranchFacts) -> Iterator[str]:
    branch = shlex.quote(task.branch or "")
    yield "## Continue by hand"
    yield "1. Get the branch\n\n" + fenced(
        f"git fetch origin\ngit checkout {branch}\ngit pull --ff-only origin {branch}"
    )
    yield "2. What is there\n\n" + _file_table(plan, steps)
    yield "3. Next\n\n" + _next(facts.next_action or _derived(steps, plan))
    verify = (facts.test_command, facts.coverage_command)
    commands = "\n".join(command for command in (*facts.setup, *verify) if command) if any(verify) else ""
    yield "4. Verify\n\n" + (fenced(commands) if commands else "The repository names no test command.")
    yield "5. Finish\n\n" + fenced(_finish(task, plan, steps, branch))


def _file_table(plan: Plan, steps: list[StepView]) -> str:
    touching: dict[str, list[StepView]] = {}
    for step in steps:
        for path in dict.fromkeys(_files(step, plan)):
            touching.setdefault(path, []).append(step)
    rows = [(code(path), *_file_state(users)) for path, users in sorted(touching.items())]
    return table(("file", "state", "notes"), rows) if rows else "No file is named."


def _file_state(users: Sequence[StepView]) -> tuple[str, str]:
    """(state, notes): complete when every step that touches the file is finished, partial when one is begun."""
    unfinished = [step for step in users if step.status not in FINISHED]
    if not unfinished:
        return "complete", ""
    begun = len(unfinished) < len(users) or any(step.status not in UNTOUCHED for step in unfinished)
    numbers = ", ".join(str(step.number) for step in unfinished)
    return "partial" if begun else "pending", f"open: step {numbers}"


def _derived(steps: list[StepView], plan: Plan) -> NextAction:
    step = current(steps)
    if step is None:
        return NextAction("Nothing is left to do: review the branch.")
    planned = plan.step(step.id)
    if planned is None:
        return NextAction(f"Step {step.number}: {step.title}")
    outputs = planned.expected_outputs
    return NextAction(f"Step {step.number}: {step.title}", outputs.main_file, None, tuple(outputs.symbols))


def _next(action: NextAction) -> str:
    place = action.file + (f":{action.line}" if action.line else "")
    missing = ", ".join(code(name) for name in action.missing)
    lines = [line(action.text), f"- where: {code(place)}" if place else "", f"- missing: {missing}" if missing else ""]
    return "\n".join(one for one in lines if one)


def _finish(task: TaskView, plan: Plan, steps: list[StepView], branch: str) -> str:
    step = current(steps)
    planned = plan.step(step.id) if step else None
    kept = [file.path for file in planned.files if file.change is not Change.DELETE] if planned else []
    paths = " ".join(shlex.quote(path) for path in kept) or "-A"
    message = shlex.quote(f"{plan.type.value}: {line(step.title if step else task.title)}")
    return f"git add {paths}\ngit commit -m {message}\ngit push origin {branch}"
