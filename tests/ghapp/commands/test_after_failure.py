"""`/retry`, `/skip`, `/fix`: what may follow a failure, and what is answered when it may not."""

from dataclasses import replace

import pytest

from ghapp.changes import FixPlan, RestorePlan, RetrySteps, SkipSteps, Transition
from ghapp.say.facts import Proposal
from state.lifecycle import FailReason, StepStatus, TaskEvent, TaskStatus
from state.views import StepView
from tests.ghapp.commands.kit import PLAN_VIEW, context, kinds, reactions, run, task, texts

S = StepStatus
STEPS = (
    StepView("s01", 1, "one", S.DONE),
    StepView("s02", 2, "two", S.FAILED, depends_on=("s01",)),
    StepView("s03", 3, "three", S.BLOCKED, depends_on=("s02",)),
)
PROPOSALS = (
    Proposal(1, "Say how", "Compare first", "modify_step_context", 0.8, 3.0),
    Proposal(2, "Add a step", "Lock first", "create_dependency_step", 0.5, 8.0),
    Proposal(3, "Do less", "Only refuse", "modify_step_scope", 0.3, 4.0),
)


def failed(reason=FailReason.STEP_FAILED, steps=STEPS, **more):
    plan = replace(PLAN_VIEW, approved=True)
    view = task(TaskStatus.FAILED, **{"fail_reason": reason, "steps": steps, "plan": plan, **more})
    return context(task=view, proposals=PROPOSALS)


def told(decision):
    assert decision.failed and decision.changes == () and reactions(decision) == ["confused"]
    return texts(decision)[0]


@pytest.mark.parametrize("body", ["/retry", "/retry 2", "/retry s02", "/reintentar #2 please", "/devtask retry 2"])
def test_a_failed_step_is_tried_again(body):
    decision = run(body, failed())
    moved, again = decision.changes
    assert isinstance(moved, Transition) and moved.event is TaskEvent.RETRY and moved.fields["error_message"] is None
    assert again == RetrySteps(("s02",)) and reactions(decision) == ["eyes", "rocket"]


def test_a_plan_that_failed_is_made_again():
    decision = run("/retry", failed(FailReason.PLAN_FAILED, (), plan=None))
    (moved,) = decision.changes
    assert moved.event is TaskEvent.RETRY


def test_a_step_that_a_precondition_blocks_is_what_stands_in_the_way():
    blocked = (replace(STEPS[1], status=S.BLOCKED), STEPS[2])
    assert run("/retry", failed(steps=blocked)).changes[1] == RetrySteps(("s02",))
    assert run("/skip", failed(steps=blocked)).changes[1] == SkipSteps(("s02",))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("/retry 9", "no such step; the last one is 3. What failed: 2"),
        ("/retry 1", "Step 1 did not fail. What failed: 2"),
        ("/skip 3", "Step 3 did not fail"),
        ("/fix", "Which proposal? Write `/fix 1`; the last one is 3"),
        ("/fix 4", "Which proposal?"),
        ("/fix one", "Which proposal?"),
        ("/fix ci", "`/fix ci` is understood, but it is not built yet"),
    ],
)
def test_what_is_not_there_is_answered_with_what_is(body, said):
    assert said in told(run(body, failed()))


def test_skip_leaves_out_what_failed_and_fix_has_the_proposals_order():
    assert [type(one).__name__ for one in run("/skip", failed()).changes] == ["Transition", "SkipSteps"]
    moved, again = run("/fix 1", failed()).changes
    assert moved.event is TaskEvent.FIX and again == RetrySteps(("s02",), proposal=1)
    for body, number in (("/fix 2", 2), ("/reparar 3", 3), ("/fix #2", 2)):
        moved, planned = run(body, failed()).changes
        assert moved.event is TaskEvent.FIX_PLANNED and planned == FixPlan(number)


@pytest.mark.parametrize("body", ["/retry", "/skip", "/fix 1"])
@pytest.mark.parametrize("status", [one for one in TaskStatus if one is not TaskStatus.FAILED])
def test_nothing_of_it_happens_in_any_other_state(body, status):
    assert told(run(body, context(task=task(status), proposals=PROPOSALS)))


@pytest.mark.parametrize("body", ["/retry", "/skip", "/fix 1"])
def test_a_plan_whose_approval_was_withdrawn_is_not_carried_out(body):
    assert "not approved any more" in told(run(body, failed(plan=PLAN_VIEW)))


def test_without_a_plan_only_retry_means_something_and_without_proposals_fix_does_not():
    for body in ("/skip", "/fix 1"):
        assert "no plan could be made" in told(run(body, failed(FailReason.PLAN_FAILED, (), plan=None)))
    assert "There is no proposal" in told(run("/fix 1", replace(failed(), proposals=())))
    for body in ("/retry", "/skip", "/fix 1"):
        assert told(run(body, context(task=None)))


def test_help_offers_them_after_a_failure_only():
    after, before = texts(run("/help", failed()))[0], texts(run("/help", context()))[0]
    for shown in ("`/retry [step]`", "`/skip [step]`", "`/fix <n>`"):
        assert shown in after and shown not in before


def test_refusing_a_repair_puts_the_approved_plan_back():
    waiting = task(TaskStatus.PLANNED, before=TaskStatus.FAILED)
    assert kinds(run("/reject", context(task=waiting))) == ["Transition", "RestorePlan", "Note"]
    assert RestorePlan() not in run("/reject", context()).changes


def test_a_spanish_thread_is_answered_in_spanish():
    assert "no falló" in told(run("/omitir 1", replace(failed(), language="es")))
