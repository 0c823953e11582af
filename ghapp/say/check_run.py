"""What the check run on the branch head shows: the same result as the comments, with annotations."""

from __future__ import annotations

from collections.abc import Sequence

from ghapp.clients.github.facts import Annotation, CheckOutput
from ghapp.emit.plain import plain_text
from ghapp.say import evidence
from ghapp.say.facts import FailureFacts, FinalFacts, Finding, StepDone
from ghapp.say.layout import FINISHED, ICONS, bar, blocks, bullets, clamp, short
from ghapp.say.messages import plain, say
from ghapp.say.report import counts
from state.lifecycle import TaskStatus
from state.plan.dod import DoneItem, Verdict
from state.views import TaskView

NAME = "devtask"
ANNOTATIONS = 50
MESSAGE = 1_000
CONCLUSIONS = {
    TaskStatus.COMPLETED: "success",
    TaskStatus.FAILED: "failure",
    TaskStatus.ABORTED: "cancelled",
    TaskStatus.PAUSED: "action_required",
}


def check_run(
    view: TaskView,
    final: FinalFacts | None = None,
    failure: FailureFacts | None = None,
    findings: Sequence[Finding] = (),
    details_url: str = "",
    step: StepDone | None = None,
) -> CheckOutput:
    """The check run for the task as it stands, or of a `step`'s commit while the task goes on; `external_id` is the
    task's key.
    """
    conclusion = CONCLUSIONS.get(view.status) or ("success" if step else None)
    items = (final or failure or step or FinalFacts("", "")).done_items
    return CheckOutput(
        name=NAME,
        status="completed" if conclusion else "in_progress",
        conclusion=conclusion,
        title=_title(view, step),
        summary=_summary(view, final, failure, items, findings),
        text=evidence.done_table(view.language, items),
        details_url=details_url,
        external_id=view.key,
        annotations=tuple(_annotation(item) for item in findings[:ANNOTATIONS]),
    )


def _title(view: TaskView, step: StepDone | None) -> str:
    if step and view.status not in CONCLUSIONS:
        return plain(view.language, "check.step", number=str(step.number), n=len(view.steps))
    done = sum(step.status in FINISHED for step in view.steps)
    state = plain(view.language, f"state.{view.status.value.lower()}")
    return f"{state} · {plain(view.language, 'status.progress', done=done, n=len(view.steps))}"


def _summary(
    view: TaskView,
    final: FinalFacts | None,
    failure: FailureFacts | None,
    items: Sequence[DoneItem],
    findings: Sequence[Finding],
) -> str:
    lang = view.language
    done = sum(step.status in FINISHED for step in view.steps)
    lines = [f"{ICONS[step.status]} {step.number}. {short(step.title, 120)}" for step in view.steps]
    return blocks(
        [
            bar(done, len(view.steps)),
            say(lang, f"failure.reason.{failure.reason}") if failure else "",
            counts(lang, final.tests_after) if final else "",
            f"⚠️ {say(lang, 'report.suspicion')}" if final and final.suspicions else "",
            f"{say(lang, 'report.done')}: {evidence.counted(lang, items)}" if items else "",
            bullets(f"❌ {evidence.item_name(lang, one.item)}" for one in items if one.verdict is Verdict.NOT_MET),
            say(lang, "check.annotated", n=len(findings)) if findings else "",
            bullets(lines),
        ]
    )


def _annotation(item: Finding) -> Annotation:
    message = plain_text(item.message)
    return Annotation(
        path=item.path,
        line=item.line,
        level=item.level,
        message=message if len(message) <= MESSAGE else message[: MESSAGE - 1] + "…",
        title=plain_text(clamp(item.title, 200)),
    )
