"""Who may, what happens, and what is told: decisions as values (ABU-7, 12-15, F55-F57)."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from ghapp.changes import ApprovePlan, NewTask, Transition
from ghapp.commands import TABLE, Command, parse
from ghapp.commands.approve import Wanted, read_argument
from ghapp.commands.options import read_options
from ghapp.decide import LABEL_COMMAND, decide, decide_intent, suggest, tampered
from ghapp.decision import Actor, CommandComment, IssueNow, PlanComment, Source, SourceKind, Who
from ghapp.intent_rules import Intent, Ruled
from ghapp.say.messages import catalog
from state.lifecycle import PauseReason, TaskEvent, TaskStatus
from state.plan.select import Asked
from tests.ghapp.commands.kit import (
    HASH,
    ISSUE,
    LIVE,
    NOW,
    PLAN_VIEW,
    context,
    kinds,
    reactions,
    run,
    task,
    texts,
)

ACTORS = {
    "unanswerable": Actor(3, "x", None),
    "no role": Actor(3, "x", "none"),
    "read": Actor(3, "x", "read"),
    "requester with read": Actor(1, "alice", "read", is_requester=True),
    "triage": Actor(3, "x", "triage"),
    "write": Actor(3, "x", "write"),
    "maintain": Actor(3, "x", "maintain"),
    "admin": Actor(3, "x", "admin"),
    "custom role": Actor(3, "x", "release-captain"),
    "unanswerable requester": Actor(1, "alice", None, is_requester=True),
}
WRITERS = {"write", "maintain", "admin"}
MAY = {
    Who.WRITE: WRITERS,
    Who.APPROVER: WRITERS,
    Who.TRIAGE: WRITERS | {"triage"},
    Who.TRIAGE_OR_REQUESTER: WRITERS | {"triage", "requester with read"},
    Who.NOT_STRANGER: WRITERS | {"triage", "requester with read"},
}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
@pytest.mark.parametrize("name", ACTORS)
def test_every_command_is_refused_to_exactly_those_who_may_not(name, row):
    decision = decide(Command(row.name, "text"), context(actor=ACTORS[name]))
    assert decision.refused == (name not in MAY[row.who])
    if decision.refused:
        assert decision.changes == () and reactions(decision) == ["-1"] and texts(decision) == []
    else:
        assert "-1" not in reactions(decision)


def test_the_table_says_who_as_the_specification_does():
    who = {row.name: row.who for row in TABLE}
    seen = {"status", "tasks", "versions", "diff", "why"}
    assert {name for name, may in who.items() if may is Who.TRIAGE_OR_REQUESTER} == seen
    assert (who["plan"], who["approve"], who["help"]) == (Who.TRIAGE, Who.APPROVER, Who.NOT_STRANGER)
    rest = set(who) - seen - {"plan", "approve", "help"}
    assert {who[name] for name in rest} == {Who.WRITE}


def test_only_listed_approvers_approve_and_they_need_write_too():
    assert not run("/approve", context(approvers=frozenset((2,)))).refused
    assert run("/approve", context(approvers=frozenset((5,)))).refused
    assert run("/approve", context(approvers=frozenset((1,)), actor=ACTORS["requester with read"])).refused
    assert not run("/reject", context(approvers=frozenset((5,)))).refused


def test_a_stranger_who_had_a_reaction_within_the_hour_gets_nothing():
    decision = run("/approve", context(actor=ACTORS["read"], may_react=False))
    assert decision.refused and decision.effects == ()


@pytest.mark.parametrize("row", [row for row in TABLE if row.release], ids=lambda row: row.name)
def test_commands_of_later_releases_answer_so_in_one_line(row):
    decision = decide(Command(row.name), context())
    (text,) = texts(decision)
    assert f"`/{row.name}`" in text and "\n" not in text and decision.failed and decision.changes == ()


def test_every_command_has_its_help_line_in_both_languages():
    assert all(row.help in catalog(language) for row in TABLE for language in ("en", "es"))


# /task


def test_a_task_is_made_with_its_options():
    body = (
        "/task add stock validation type=fix base=development priority=high budget=3 deadline=2026-12-01 discovery=yes"
    )
    decision = run(body, context(task=None))
    new = decision.changes[0]
    assert isinstance(new, NewTask)
    assert (new.request, new.title, new.type, new.base) == (
        "add stock validation", "Stock goes negative", "fix", "development",
    )  # fmt: skip
    assert (new.priority, new.budget, new.discovery, new.deadline.date().isoformat()) == (
        "high", 3.0, True, "2026-12-01",
    )  # fmt: skip
    assert new.original == body and reactions(decision) == ["eyes"] and texts(decision) == []


def test_a_task_without_text_means_the_issue():
    new = run("/task", context(task=None)).changes[0]
    assert (new.request, new.original) == ("Stock goes negative\n\nPlease fix it.",) * 2


def test_the_command_itself_is_no_part_of_the_request_in_an_opening_text():
    issue = IssueNow(7, "Stock goes negative", "Please fix it.\n\n/task\n")
    new = run("/task", context(task=None, issue=issue)).changes[0]
    assert new.request == "Stock goes negative\n\nPlease fix it."


def test_the_label_is_a_task_with_title_and_text():
    source = Source(SourceKind.LABEL, "7:2026-11-21T12:00:00Z", NOW)
    decision = decide(LABEL_COMMAND, context(task=None, source=source))
    assert kinds(decision) == ["NewTask", "AddMessage"]
    assert decision.effects[0].target == {"issue": 7, "comment_id": None, "repo": "acme/shop"}


def test_hidden_parts_of_the_issue_are_left_out_and_counted():
    issue = IssueNow(7, "T", "visible <!-- EVIL -->")
    new = run("/task", context(task=None, issue=issue)).changes[0]
    assert "EVIL" not in new.request and new.hidden == 1 and "EVIL" in new.original


@pytest.mark.parametrize("status", [status for status in TaskStatus if status not in ("COMPLETED", "ABORTED")])
def test_a_second_task_on_an_issue_is_answered_with_the_open_one(status):
    decision = run("/task another", context(task=task(status)))
    assert decision.changes == () and "k3x9q2ab" in texts(decision)[0] and reactions(decision) == ["confused"]


def test_after_a_task_that_never_got_a_plan_one_may_ask_again():
    assert kinds(run("/task another", context(task=task(TaskStatus.FAILED, plan=None))))[0] == "NewTask"


def test_wrong_options_are_listed_and_no_task_is_made():
    decision = run("/task x type=nice budget=-1 deadline=2020-01-01 priority=now base=a..b", context(task=None))
    (text,) = texts(decision)
    assert decision.changes == () and text.count("\n- ") == 5


@pytest.mark.parametrize(
    ("argument", "request_text", "seen"),
    [
        ("add x", "add x", {}),
        ("type=fix add x", "add x", {"type": "fix"}),
        ("add x type=fix", "add x", {"type": "fix"}),
        ("type=fix add x budget=2.50", "add x", {"type": "fix", "budget": 2.5}),
        ("TYPE=FIX x", "x", {"type": "fix"}),
        ("add x budget=$3", "add x", {"budget": 3.0}),
        ("add x budget=3,5", "add x", {"budget": 3.5}),
        ("add x tipo=fix prioridad=crítica", "add x", {"type": "fix", "priority": "critical"}),
        ("add x discovery=no", "add x", {"discovery": False}),
        ("add x descubrimiento=sí", "add x", {"discovery": True}),
        ("add x base=feature/a-b_c.d", "add x", {"base": "feature/a-b_c.d"}),
        ("set type=admin in the form", "set type=admin in the form", {}),
        ("x = 1 stays", "x = 1 stays", {}),
        ("a=b stays", "a=b stays", {}),
        ("type=fix", "", {"type": "fix"}),
        ("add x type=fix\nsecond line", "add x\nsecond line", {"type": "fix"}),
        ("add x\ntype=fix", "add x\ntype=fix", {}),
        ("add x deadline=2026-11-21", "add x", {"deadline": NOW.replace(hour=23, minute=59, second=59)}),
    ],
)
def test_options_stand_at_the_ends_of_the_first_line(argument, request_text, seen):
    options = read_options(argument, NOW)
    fields = {name: getattr(options, name) for name in ("type", "base", "priority", "budget", "deadline", "discovery")}
    assert options.request == request_text and options.errors == ()
    assert {name: value for name, value in fields.items() if value is not None} == seen


@pytest.mark.parametrize(
    "word",
    [
        "type=", "type=nice", "base=-x", "base=a..b", "base=/x", "base=x/", "base=x.lock", "base=a//b", "base=@{1}",
        "priority=1", "budget=0", "budget=-3", "budget=nan", "budget=1e9", "budget=99999", "budget=3.555", "budget=٣",
        "deadline=tomorrow", "deadline=2026-13-01", "deadline=2026-11-20", "discovery=maybe", "deadline=20261201",
    ],
)  # fmt: skip
def test_options_that_cannot_be_used_come_back_as_values(word):
    (error,) = read_options(f"add x {word}", NOW).errors
    assert error.option == word.split("=")[0] and error.key == f"commands.option.{error.option}"


# /approve


def test_the_shown_plan_is_approved_and_bound_to_everything_it_was_shown_with():
    decision = run("/approve 7f3a", context())
    approval, transition = decision.changes[:2]
    assert approval == ApprovePlan(
        HASH, "all", ("s01", "s02", "s03"), 3.0, 2, "writer", "write", 900, "c" * 64, task().issue_hash, "b" * 40
    )
    assert transition == Transition(TaskEvent.APPROVE)
    assert reactions(decision) == ["eyes", "rocket"] and texts(decision) == []


def test_unfinished_dependencies_make_the_task_wait():
    decision = run("/approve", context(live=replace(LIVE, dependencies_done=False)))
    assert decision.changes[1] == Transition(TaskEvent.APPROVE_WAITING) and reactions(decision) == ["eyes"]


@pytest.mark.parametrize(
    ("argument", "steps"),
    [
        ("1", ("s01",)),
        ("2", ("s01", "s02")),
        ("7f3a 3", ("s03",)),
        ("7f3a 2-3", ("s01", "s02", "s03")),
        ("1,3", ("s01", "s03")),
        ("4", ("s04",)),
        ("s02", ("s01", "s02")),
        ("7f3a s2 - 3", ("s01", "s02", "s03")),
        ("1 3", ("s01", "s03")),
    ],
)
def test_a_scope_brings_what_its_steps_depend_on(argument, steps):
    approval = run(f"/approve {argument}", context()).changes[0]
    assert approval.step_ids == steps and approval.scope == ",".join(steps)


@pytest.mark.parametrize("argument", ["5", "0", "1-9", "3-1"])
def test_a_scope_of_steps_that_are_not_there_approves_nothing(argument):
    assert run(f"/approve {argument}", context()).changes == ()


@pytest.mark.parametrize(
    "argument", ["no", "not yet", "thanks!", "7f3", "7f3g", "7f3a7", "abcd", "7f3a 7f3a", "1-", "7f3a maybe", "all"]
)
def test_an_approval_that_is_not_understood_or_not_this_plan_approves_nothing(argument):
    decision = run(f"/approve {argument}", context())
    assert decision.changes == () and decision.failed and "`7f3a`" in texts(decision)[0]


@pytest.mark.parametrize("argument", ["7f3a", "7F3A", "7f3a0", HASH, "`7f3a`", "7f3a\nthanks!"])
def test_any_prefix_of_four_digits_or_more_names_the_plan(argument):
    assert kinds(run(f"/approve {argument}", context()))[0] == "ApprovePlan"


def test_digits_are_steps_and_four_of_them_a_hash():
    assert read_argument("12") == Wanted(Asked(None, (("12", "12"),))) and read_argument("1234").hash == "1234"
    assert read_argument("anyway=0123456789ab 1-3,5") == Wanted(Asked(None, (("1", "3"), ("5", "5"))), "0123456789ab")


def test_approve_anyway_asks_for_the_same_steps_again():
    decision = run("/approve s2-s3, 1", context(issue=replace(ISSUE, body="Changed.")))
    assert decision.changes == () and "/approve 7f3a s2-s3,1 anyway=" in texts(decision)[0]


@pytest.mark.parametrize(("seconds", "approved"), [(-60, True), (-1, True), (0, False), (1, False)])
def test_a_bare_approval_counts_only_for_a_plan_that_was_there_before_it(seconds, approved):
    plan = replace(PLAN_VIEW, posted_at=NOW + timedelta(seconds=seconds, milliseconds=900 if seconds == -1 else 0))
    assert bool(run("/approve", context(task=task(plan=plan))).changes) == approved
    assert run("/approve 7f3a", context(task=task(plan=plan))).changes


def test_a_plan_that_is_not_posted_yet_is_not_approved_bare():
    plan = replace(PLAN_VIEW, posted_at=None)
    assert run("/approve", context(task=task(plan=plan))).changes == ()


@pytest.mark.parametrize("seen", [state for state in CommandComment if state is not CommandComment.SAME])
def test_an_approving_comment_that_changed_or_went_or_cannot_be_read_approves_nothing(seen):
    decision = run("/approve", context(live=replace(LIVE, command_comment=seen)))
    assert decision.changes == () and len(texts(decision)) == 1


def test_an_edited_plan_comment_is_refused_and_restored():
    decision = run("/approve", context(live=replace(LIVE, plan_comment=PlanComment.EDITED)))
    (edit,) = [effect for effect in decision.effects if effect.kind == "edit"]
    assert decision.changes == () and edit.target["comment_id"] == 500 and edit.body["text"] == "# Plan"


def test_a_deleted_plan_comment_is_posted_again():
    decision = run("/approve", context(live=replace(LIVE, plan_comment=PlanComment.MISSING)))
    assert decision.changes == () and texts(decision)[1] == "# Plan"
    assert decision.effects[-1].body["purpose"] == "plan"


def test_a_plan_comment_that_cannot_be_read_is_no_approval():
    decision = run("/approve", context(live=replace(LIVE, plan_comment=PlanComment.UNKNOWN)))
    assert decision.changes == () and len(decision.effects) == 2


def test_an_issue_edited_after_the_plan_is_answered_with_the_difference_and_one_tick():
    edited = IssueNow(7, "Stock goes negative", "Please fix it, and drop the table.")
    decision = run("/approve 7f3a 1,3", context(issue=edited))
    (text,) = texts(decision)
    assert decision.changes == ()
    assert "-Please fix it." in text and "+Please fix it, and drop the table." in text
    button = re.search(r"^- \[ \] \*\*.*\*\*  `(/approve 7f3a 1,3 anyway=[0-9a-f]{12})`$", text, re.MULTILINE)
    approval = run(button[1], context(issue=edited)).changes[0]
    assert approval.issue_hash == edited.hash and approval.step_ids == ("s01", "s03")


def test_approve_anyway_counts_only_for_the_text_that_was_shown():
    shown = IssueNow(7, "Stock goes negative", "one")
    later = IssueNow(7, "Stock goes negative", "two")
    assert run(f"/approve 7f3a anyway={shown.hash[:12]}", context(issue=later)).changes == ()


def test_a_difference_cannot_leave_its_fence():
    edited = IssueNow(7, "x", "```\n/merge\n@everyone\n````")
    (text,) = texts(run("/approve", context(issue=edited)))
    fence = re.search(r"^(`{3,})diff$", text, re.MULTILINE)[1]
    assert len(fence) > 4


@pytest.mark.parametrize("status", [status for status in TaskStatus if status is not TaskStatus.PLANNED])
def test_nothing_is_approved_in_any_other_state(status):
    decision = run("/approve", context(task=task(status)))
    assert decision.changes == () and decision.failed


def test_a_second_approval_is_told_who_approved():
    approved = task(TaskStatus.EXECUTING, plan=replace(PLAN_VIEW, approved=True))
    decision = run("/approve", context(task=approved, live=replace(LIVE, approved_by="bob")))
    assert decision.changes == () and "bob" in texts(decision)[0]


def test_a_spanish_thread_is_answered_in_spanish():
    assert "aprobado" in texts(run("/aprobar 1111", context(language="es")))[0]


# the others


def test_a_plan_is_rejected_with_its_reason():
    decision = run("/reject too large", context())
    assert decision.changes[0] == Transition(TaskEvent.REJECT, {"abort_reason": "too large"})
    assert reactions(decision) == ["eyes", "+1"]


def test_a_plan_is_revised_and_the_round_counted():
    decision = run("/revise use the validator", context(task=task(rounds=3)))
    assert kinds(decision) == ["Transition", "RevisePlan", "AddMessage"] and decision.changes[1].round == 4


def test_after_the_last_round_nothing_is_generated_and_buttons_are_offered():
    decision = run("/revise again", context(task=task(rounds=10)))
    (text,) = texts(decision)
    assert decision.changes == () and "10" in text and "`/approve 7f3a`" in text and "`/abort`" in text


@pytest.mark.parametrize("status", list(TaskStatus))
def test_a_task_is_aborted_from_every_state_but_the_final_ones(status):
    decision = run("/abort enough", context(task=task(status)))
    final = status in (TaskStatus.COMPLETED, TaskStatus.ABORTED)
    assert bool(decision.changes) != final
    if not final:
        assert decision.changes[0] == Transition(TaskEvent.ABORT, {"abort_reason": "enough"})


@pytest.mark.parametrize("name", ["approve", "reject", "revise", "status", "plan", "abort"])
def test_without_a_task_there_is_one_answer_that_says_how_to_start(name):
    decision = decide(Command(name, "x"), context(task=None))
    assert decision.failed and "/task" in texts(decision)[0]


def test_status_answers_with_a_line_and_the_way_to_the_status_comment():
    decision = run("/status", context(task=task(status_comment_id=77)))
    (text,) = texts(decision)
    assert "#issuecomment-77" in text and "waiting for approval" in text
    assert [effect.kind for effect in decision.effects] == ["reaction", "comment", "status"]


def test_plan_answers_with_the_way_to_the_plan_comment():
    assert "v3 · 7f3a" in texts(run("/plan", context()))[0]
    assert "#issuecomment-500" in texts(run("/plan", context()))[0]


@pytest.mark.parametrize(
    ("status", "actor", "offered"),
    [
        (
            TaskStatus.PLANNED,
            "write",
            {"plan", "approve", "reject", "revise", "status", "cost", "abort", "help", "allow-path"},
        ),
        (TaskStatus.EXECUTING, "write", {"plan", "status", "cost", "abort", "help", "allow-path"}),
        (TaskStatus.EXECUTING, "triage", {"plan", "status", "help"}),
        (TaskStatus.EXECUTING, "requester with read", {"status", "help"}),
        (TaskStatus.COMPLETED, "write", {"task", "plan", "status", "cost", "help", "ci"}),
    ],
)
def test_help_lists_what_is_possible_now_for_whoever_asks(status, actor, offered):
    (text,) = texts(run("/help", context(task=task(status), actor=ACTORS[actor])))
    assert set(re.findall(r"^- `/([\w-]+)", text, re.MULTILINE)) == offered


@pytest.mark.parametrize(("reason", "listed"), [(PauseReason.BUDGET, True), (PauseReason.LIMIT, False)])
def test_help_lists_approve_where_a_budget_is_used_up(reason, listed):
    paused = task(status=TaskStatus.PAUSED, pause_reason=reason)
    (text,) = texts(run("/help", context(task=paused)))
    assert ("`/approve" in text) is listed


def test_no_answer_begins_a_line_with_a_command():
    for row in TABLE:
        for ctx in (context(), context(task=None), context(language="es")):
            for text in texts(decide(Command(row.name, "x"), ctx)):
                assert parse(text, thread_has_task=True).commands == ()


def test_the_same_command_twice_has_the_same_dedupe_keys_and_another_has_others():
    first, again = run("/approve", context()), run("/approve", context())
    other = decide(Command("approve", index=1), context())
    keys = {effect.dedupe for effect in first.effects}
    assert keys == {effect.dedupe for effect in again.effects}
    assert not keys & {effect.dedupe for effect in other.effects}
    assert all(len(key) <= 300 for key in keys)


# ticks, tampering, suggestions, plain words

TICK = Source(SourceKind.TICK, "500:x" * 50, NOW, comment_id=500, restore="# Plan\n- [ ] **Reject**  `/reject`")


def test_after_a_tick_the_box_is_emptied_whatever_came_of_it():
    for actor in ACTORS.values():
        decision = decide(Command("reject"), context(source=TICK, actor=actor))
        (edit,) = [effect for effect in decision.effects if effect.kind == "edit"]
        assert edit.body["text"] == TICK.restore and len(edit.dedupe) <= 300


def test_our_edited_comment_is_restored_and_that_is_said_once():
    decision = tampered(context(source=TICK))
    assert [effect.kind for effect in decision.effects] == ["edit", "comment"] and kinds(decision) == ["Note"]


def test_a_suggestion_is_one_line_and_nothing_for_strangers():
    assert "`/approve`" in texts(suggest("approve", context()))[0]
    assert suggest("approve", context(actor=ACTORS["read"])).effects == ()


def test_a_sure_approval_in_plain_words_is_an_approval_with_all_its_guards():
    decision = decide_intent(Ruled(Intent.PLAN_APPROVE, 0.95, "apruebo"), context())
    assert kinds(decision) == ["ApprovePlan", "Transition", "Note", "Note"]
    stale = context(live=replace(LIVE, plan_comment=PlanComment.EDITED))
    assert decide_intent(Ruled(Intent.PLAN_APPROVE, 0.95, "apruebo"), stale).changes == ()


@pytest.mark.parametrize("intent", [Intent.PLAN_APPROVE, Intent.TASK_ABORT])
def test_an_unsure_approval_or_abort_is_asked_back_and_never_acted_on(intent):
    decision = decide_intent(Ruled(intent, 0.89, "hm"), context())
    assert kinds(decision) == ["Note"] and "- [ ] **" in texts(decision)[0]
    refused = decide_intent(Ruled(intent, 0.89, "hm"), context(actor=ACTORS["read"]))
    assert refused.refused and refused.changes == ()


def test_plain_words_become_tasks_and_revisions_and_the_rest_is_silence():
    new = decide_intent(Ruled(Intent.TASK_NEW, 0.9, "add a search"), context(task=None)).changes[0]
    assert new.request == "add a search"
    revised = decide_intent(Ruled(Intent.PLAN_REVISE, 0.9, "drop step 2"), context())
    assert kinds(revised) == ["Transition", "RevisePlan", "AddMessage", "Note"]
    assert decide_intent(Ruled(Intent.UNRELATED, 0.9, "hi"), context()).effects == ()
    assert texts(decide_intent(Ruled(Intent.QUERY, 0.9, "where?"), context()))
