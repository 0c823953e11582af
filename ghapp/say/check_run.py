"""What the check run on the branch head shows: the same result as the comments, with annotations."""

from __future__ import annotations

from collections.abc import Sequence

from ghapp.clients.github.facts import Annotation, CheckOutput
from ghapp.emit.plain import plain_text
from ghapp.say.facts import FailureFacts, FinalFacts, Finding
from ghapp.say.layout import FINISHED, ICONS, bar, blocks, bullets, clamp, short
from ghapp.say.messages import plain, say
from ghapp.say.report import counts
from state.lifecycle import TaskStatus
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
) -> CheckOutput:
    """The check run for the task as it stands; `external_id` is the task's key."""
    conclusion = CONCLUSIONS.get(view.status)
    return CheckOutput(
        name=NAME,
        status="completed" if conclusion else "in_progress",
        conclusion=conclusion,
        title=_title(view),
        summary=_summary(view, final, failure),
        details_url=details_url,
        external_id=view.key,
        annotations=tuple(_annotation(item) for item in findings[:ANNOTATIONS]),
    )


def _title(view: TaskView) -> str:
    done = sum(step.status in FINISHED for step in view.steps)
    state = plain(view.language, f"state.{view.status.value.lower()}")
    return f"{state} · {plain(view.language, 'status.progress', done=done, n=len(view.steps))}"


def _summary(view: TaskView, final: FinalFacts | None, failure: FailureFacts | None) -> str:
    lang = view.language
    done = sum(step.status in FINISHED for step in view.steps)
    lines = [f"{ICONS[step.status]} {step.number}. {short(step.title, 120)}" for step in view.steps]
    return blocks(
        [
            bar(done, len(view.steps)),
            say(lang, f"failure.reason.{failure.reason}") if failure else "",
            counts(lang, final.tests_after) if final else "",
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
