"""Every text in both languages, word for word. `UPDATE_SNAPSHOTS=1` writes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ghapp.clients.github.facts import CheckOutput
from ghapp.emit.gate import KEEP, gate, gate_telegram, live_lines
from ghapp.say import buttons, money, telegram
from ghapp.say.check_run import check_run
from ghapp.say.facts import BudgetShare, FailureFacts, FinalFacts, PlanFacts, StandIn, Standing, StepDone
from ghapp.say.failure import failure_report
from ghapp.say.links import Links
from ghapp.say.plan import plan_comment
from ghapp.say.replies import Question, questions
from ghapp.say.replies import paused as paused_comment
from ghapp.say.report import final_report
from ghapp.say.status import status_comment
from ghapp.say.turn import MIRROR_LABELS, asked, label, turn
from state.errors import BudgetReached
from state.lifecycle import PauseReason, StepStatus, TaskStatus
from state.redact import Redactor
from state.views import CostLine, CostView, TaskView
from tests.ghapp.say.samples import (
    ANALYSED,
    BAD,
    ESTIMATE,
    FAILURE,
    FINAL,
    FINDINGS,
    FULL_FACTS,
    HOSTILE,
    HUGE,
    ITEMS,
    LINKS,
    NOW,
    PLAN,
    SKIPPED,
    SMALL,
    SUSPICIOUS,
    completed,
    failed,
    paused,
    running,
    task,
    version,
    waiting,
)

WARNINGS = (BudgetShare("task", 4.1, 5.0), BudgetShare("repository", 40.2, 50.0), BudgetShare("day", 81.0, 100.0))
STAND_INS = (StandIn("executor", "claude:claude-sonnet-5-5", "gemini:gemini-3.8-flash"),)
TASK_BUDGET, DAY_BUDGET = BudgetReached("task", 5.0, 4.93, 0.31), BudgetReached("day", 100.0, 99.9, 0.31)
COST = CostView(
    CostLine("", "", 14, 120_400, 101_000, 12_000, 9_300, 0.41),
    (
        CostLine("executor", "gemini:gemini-3.8-flash", 12, 90_400, 80_000, 0, 8_000, 0.3),
        CostLine("planner", "claude:claude-sonnet-5-5", 2, 30_000, 21_000, 12_000, 1_300, 0.11),
    ),
    (CostLine("", "", 2, 30_000, 21_000, 12_000, 1_300, 0.11), CostLine("1", "Add the `stock` | table", 12, 90_400)),
)


def spent_up(lang: str, *, days: bool = False) -> TaskView:
    view = replace(running(lang), status_reason="spent")
    return money.paused(view, NOW + timedelta(hours=11) if days else None)


def notes(lang: str) -> list[str]:
    return [*money.warnings(running(lang), WARNINGS), *money.stood_in(lang, STAND_INS)]


def shown_check(run: CheckOutput) -> str:
    """A check run as one page."""
    return "\n\n".join([run.title, f"{run.status} · {run.conclusion}", run.summary, run.text])


SNAPSHOTS = Path(__file__).parent / "snapshots"
HOSTILE_FAILURE = FailureFacts(reason="checks", step_number=1, step_title=HOSTILE, command="`x`", tail=HOSTILE, safe=())
COMMENTS: dict[str, Callable[[str], str]] = {
    "plan-small": lambda lang: plan_comment(task(SMALL, lang=lang), version(SMALL), PlanFacts()),
    "plan": lambda lang: plan_comment(task(PLAN, lang=lang), version(PLAN), PlanFacts(ESTIMATE, 5.0)),
    "plan-second": lambda lang: plan_comment(task(PLAN, lang=lang), version(PLAN, 2), FULL_FACTS),
    "plan-huge": lambda lang: plan_comment(task(HUGE, lang=lang), version(HUGE), PlanFacts(ESTIMATE, 5.0)),
    "plan-hostile": lambda lang: plan_comment(task(BAD, lang=lang), version(BAD), PlanFacts()),
    "plan-approved": lambda lang: plan_comment(
        task(SMALL, lang=lang), version(SMALL), PlanFacts(standing=Standing.APPROVED, approved_by="ana")
    ),
    "plan-superseded": lambda lang: plan_comment(
        task(SMALL, lang=lang), version(SMALL), PlanFacts(standing=Standing.SUPERSEDED)
    ),
    "plan-last-round": lambda lang: plan_comment(task(SMALL, lang=lang), version(SMALL, 11), PlanFacts(round=10)),
    "status-planning": lambda lang: status_comment(task(lang=lang, status=TaskStatus.PLANNING, steps=()), LINKS, NOW),
    "status-planned": lambda lang: status_comment(task(lang=lang), LINKS, NOW, ESTIMATE),
    "status-running": lambda lang: status_comment(running(lang), LINKS, NOW, ESTIMATE),
    "status-huge": lambda lang: status_comment(running(lang, HUGE, 25), LINKS, NOW, ESTIMATE),
    "status-failed": lambda lang: status_comment(failed(lang), LINKS, NOW, ESTIMATE),
    "status-paused": lambda lang: status_comment(paused(lang), LINKS, NOW),
    "status-waiting": lambda lang: status_comment(waiting(lang), LINKS, NOW),
    "paused": lambda lang: paused_comment(running(lang), PauseReason.LIMIT, "paused.by_limit", {"why": "200 turns"}),
    "paused-refused": lambda lang: paused_comment(
        running(lang), PauseReason.PROVIDER, "paused.by_provider", {"why": "401 invalid x-api-key"}
    ),
    "paused-budget": lambda lang: money.budget_reached(spent_up(lang), TASK_BUDGET, LINKS),
    "paused-budget-day": lambda lang: money.budget_reached(spent_up(lang, days=True), DAY_BUDGET, LINKS),
    "paused-budget-planning": lambda lang: money.budget_reached(
        money.paused(task(status=TaskStatus.PLANNING, lang=lang, steps=()), None), TASK_BUDGET, LINKS
    ),
    "status-warned": lambda lang: status_comment(running(lang), LINKS, NOW, ESTIMATE, notes(lang)),
    "cost": lambda lang: money.cost_answer(running(lang), COST),
    "cost-nothing": lambda lang: money.cost_answer(task(lang=lang), CostView(CostLine("", ""))),
    "report-warned": lambda lang: final_report(
        completed(lang), replace(FINAL, warnings=WARNINGS, stand_ins=STAND_INS), LINKS
    ),
    "status-completed": lambda lang: status_comment(completed(lang), LINKS, NOW, ESTIMATE),
    "report": lambda lang: final_report(completed(lang), FINAL, LINKS),
    "report-suspicious": lambda lang: final_report(completed(lang), SUSPICIOUS, LINKS),
    "report-bare": lambda lang: final_report(completed(lang), FinalFacts("fix/x", "main", held_ci=False), LINKS),
    "report-skipped": lambda lang: final_report(completed(lang), SKIPPED, LINKS),
    "report-empty": lambda lang: final_report(
        completed(lang), replace(FinalFacts("fix/x", "main"), skipped=SKIPPED.skipped, spent=0.1), LINKS
    ),
    "failure": lambda lang: failure_report(failed(lang), FAILURE, LINKS),
    "failure-analysed": lambda lang: failure_report(failed(lang), ANALYSED, LINKS),
    "failure-plan": lambda lang: failure_report(
        task(lang=lang, status=TaskStatus.FAILED), FailureFacts(reason="plan_failed"), LINKS
    ),
    "failure-hostile": lambda lang: failure_report(failed(lang), HOSTILE_FAILURE, LINKS),
    "check-completed": lambda lang: shown_check(check_run(completed(lang), SUSPICIOUS, findings=FINDINGS)),
    "check-failed": lambda lang: shown_check(check_run(failed(lang), failure=ANALYSED, findings=FINDINGS[:1])),
    "check-step": lambda lang: shown_check(check_run(running(lang), step=StepDone(1, ITEMS))),
    "questions": lambda lang: questions(
        lang, "Orders", [Question("Per warehouse?", "It changes the table", ("yes", "no"), "A"), Question("Who mails?")]
    ),
}
MESSAGES: dict[str, Callable[[str], str]] = {
    "telegram-plan": lambda lang: telegram.plan_ready(task(lang=lang), version(PLAN), PlanFacts(ESTIMATE, 5.0), LINKS),
    "telegram-approved": lambda lang: telegram.approved(task(lang=lang), "ana", LINKS),
    "telegram-steps": lambda lang: telegram.steps(running(lang), LINKS),
    "telegram-failed": lambda lang: telegram.failed(failed(lang), FAILURE, LINKS),
    "telegram-analysed": lambda lang: telegram.failed(failed(lang), ANALYSED, LINKS),
    "telegram-plan-failed": lambda lang: telegram.failed(failed(lang), FailureFacts(reason="plan_failed"), LINKS),
    "telegram-budget": lambda lang: telegram.budget_warning(running(lang), WARNINGS[0], LINKS),
    "telegram-budget-reached": lambda lang: telegram.budget_reached(spent_up(lang), "$5.00 is spent", LINKS),
    "telegram-finished": lambda lang: telegram.finished(completed(lang), FINAL, LINKS),
    "telegram-hostile": lambda lang: telegram.failed(
        replace(failed(lang), title=HOSTILE), HOSTILE_FAILURE, Links("https://github.com/acme/shop")
    ),
}
OPEN = [
    name
    for name in COMMENTS
    if name.startswith(("plan", "failure")) and name not in ("plan-approved", "plan-superseded")
]


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("name", [*COMMENTS, *MESSAGES])
def test_a_text_reads_word_for_word_as_agreed(name: str, lang: str) -> None:
    text = (COMMENTS | MESSAGES)[name](lang)
    file = SNAPSHOTS / f"{name}.{lang}.md"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text + "\n", "utf-8")
    assert file.read_text("utf-8") == text + "\n"


def test_no_snapshot_is_left_over() -> None:
    wanted = {f"{name}.{lang}.md" for name in [*COMMENTS, *MESSAGES] for lang in ("en", "es")}
    assert {file.name for file in SNAPSHOTS.iterdir()} == wanted


@pytest.mark.parametrize("name", COMMENTS)
def test_the_emit_gate_finds_nothing_to_change_in_a_comment(name: str) -> None:
    text = COMMENTS[name]("en")
    emitted = gate(text, Redactor(), links=LINKS.prefixes())
    assert emitted.text == text
    assert not live_lines(emitted.text)


@pytest.mark.parametrize("name", MESSAGES)
def test_the_emit_gate_finds_nothing_to_change_in_a_message(name: str) -> None:
    text = MESSAGES[name]("es")
    assert gate_telegram(text, Redactor(), links=LINKS.prefixes()).text == text
    assert len(text) <= 4096


@pytest.mark.parametrize("name", OPEN)
def test_the_two_likeliest_buttons_stand_on_the_first_screen(name: str) -> None:
    text = COMMENTS[name]("en")
    found = buttons.read(text)
    first = [item for item in found if item.line < 24]
    assert 1 <= len(first) <= 2
    assert len({item.button for item in found}) == len(found)
    assert all(item.line > text[: text.index(KEEP)].count("\n") for item in found[len(first) :])


def test_only_an_open_plan_has_buttons_and_the_status_has_none() -> None:
    assert not buttons.read(COMMENTS["plan-approved"]("en"))
    assert not buttons.read(COMMENTS["plan-superseded"]("en"))
    assert not any(buttons.read(text("en")) for name, text in COMMENTS.items() if name.startswith("status"))


def test_a_small_plan_is_a_small_comment() -> None:
    assert len(COMMENTS["plan-small"]("en").split("\n")) < 40
    assert "Part 1" not in COMMENTS["plan-small"]("en")


def test_fifty_steps_fit_and_the_running_one_stands_open() -> None:
    text = COMMENTS["status-huge"]("en")
    assert len(text) < 65_536
    closed = text[text.index("<details>") : text.index("</details>")]
    assert "25. 🔵" in text[text.index("</details>") :]
    assert "25. 🔵" not in closed


def test_a_check_run_mirrors_the_result_with_at_most_fifty_annotations() -> None:
    shown = check_run(failed(), failure=FAILURE, findings=FINDINGS)
    assert (shown.status, shown.conclusion, shown.external_id) == ("completed", "failure", "k3x9q2ab")
    assert shown.title == "Stopped · 1 of 4 steps done"
    assert len(shown.annotations) == 50
    assert "\x1b" not in shown.annotations[1].message and "@b" not in shown.annotations[1].message
    assert check_run(running()).conclusion is None
    assert check_run(completed(), final=FINAL).conclusion == "success"


def test_a_finished_step_has_a_check_run_of_its_own_while_the_task_goes_on() -> None:
    shown = check_run(running(), step=StepDone(1, ITEMS))
    assert (shown.status, shown.conclusion, shown.title) == ("completed", "success", "Step 1 of 4 done")
    assert check_run(failed(), failure=FAILURE, step=StepDone(1, ITEMS)).conclusion == "failure"


@pytest.mark.parametrize(
    ("status", "pause", "resumes", "name"),
    [
        (TaskStatus.PLANNING, None, None, "devtask: working"),
        (TaskStatus.EXECUTING, None, None, "devtask: working"),
        (TaskStatus.EXECUTING, None, NOW, "devtask: working"),
        (TaskStatus.PLANNED, None, None, "devtask: your turn"),
        (TaskStatus.DISCOVERY, None, None, "devtask: your turn"),
        (TaskStatus.FAILED, None, None, "devtask: your turn"),
        (TaskStatus.PAUSED, PauseReason.USER, None, "devtask: your turn"),
        (TaskStatus.PAUSED, PauseReason.PROVIDER, NOW, "devtask: waiting"),
        (TaskStatus.PAUSED, PauseReason.PROVIDER, None, "devtask: your turn"),
        (TaskStatus.PAUSED, PauseReason.REPO_GONE, NOW, "devtask: waiting"),
        (TaskStatus.BLOCKED, None, None, "devtask: waiting"),
        (TaskStatus.COMPLETED, None, None, "devtask: done"),
        (TaskStatus.ABORTED, None, None, None),
    ],
)
def test_one_label_mirrors_who_must_act(
    status: TaskStatus, pause: PauseReason | None, resumes: datetime | None, name: str | None
) -> None:
    view = task(status=status, pause_reason=pause, resume_at=resumes)
    found = label(view)
    assert (found.name if found else None) == name
    assert name is None or name in MIRROR_LABELS
    assert (turn(view) is None) == (name is None)


def test_a_pause_says_when_it_ends_by_itself_and_else_that_a_person_must_act() -> None:
    refused = replace(paused(), pause_reason=PauseReason.PROVIDER)
    assert "tries again by itself at 12:34 UTC" in asked(replace(refused, resume_at=NOW + timedelta(minutes=3)))
    assert "**Your turn:** the model's provider refuses this service." in asked(refused)
    for reason in PauseReason:
        said = asked(replace(paused(), pause_reason=reason))
        assert said.startswith("**Your turn:**") and "`/abort`" in said


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize("status", list(TaskStatus))
def test_every_status_pause_and_step_status_can_be_said(status: TaskStatus, lang: str) -> None:
    for pause in PauseReason:
        for step in StepStatus:
            view = replace(failed(lang), status=status, pause_reason=pause, status_reason="why")
            view = replace(view, steps=tuple(replace(item, status=step) for item in view.steps))
            assert status_comment(view, LINKS, NOW)
            assert status_comment(replace(view, resume_at=NOW), LINKS, NOW)
