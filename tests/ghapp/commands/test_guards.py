"""`/allow-path` and `/ci`: what they open, for whom, and what they answer."""

import pytest

from ghapp.changes import AllowPath, AskCi
from ghapp.decision import Actor
from state.lifecycle import PauseReason, TaskEvent, TaskStatus
from state.views import ALLOWED, CI, HELD
from tests.ghapp.commands.kit import context, kinds, reactions, run, task, texts

WORKFLOW = ".github/workflows/ci.yml"
HEAD = "a" * 40


def held(*paths, **fields):
    """A task that waits for protected files."""
    given = {"pause_reason": PauseReason.DECISION, "came_from": TaskStatus.EXECUTING, "options": {HELD: list(paths)}}
    return task(TaskStatus.PAUSED, **{**given, **fields})


def test_the_path_that_the_step_waits_for_lets_it_go_on():
    decision = run(f"/allow-path {WORKFLOW}", context(task=held(WORKFLOW)))
    opened, goes_on = decision.changes
    assert opened == AllowPath(WORKFLOW, 2, "writer", ()) and goes_on.event is TaskEvent.RESUME
    assert reactions(decision) == ["eyes", "rocket"] and "The step goes on." in texts(decision)[0]


def test_a_step_that_waits_for_two_goes_on_with_the_second():
    decision = run(f"/allow-path {WORKFLOW}", context(task=held(WORKFLOW, ".husky/pre-push")))
    assert decision.changes == (AllowPath(WORKFLOW, 2, "writer", (".husky/pre-push",)),)
    assert "still waits for `.husky/pre-push`" in texts(decision)[0]
    assert "- [ ] **Allow this file**  `/allow-path .husky/pre-push`" in texts(decision)[0]
    second = run("/allow-path .husky/pre-push", context(task=held(".husky/pre-push")))
    assert kinds(second) == ["AllowPath", "Transition"]


def test_another_path_is_stored_and_wakes_nothing():
    decision = run("/allow-path CODEOWNERS", context(task=held(WORKFLOW)))
    assert decision.changes == (AllowPath("CODEOWNERS", 2, "writer", (WORKFLOW,)),)
    running = run("/permitir-ruta CODEOWNERS", context(task=task(TaskStatus.EXECUTING)))
    assert kinds(running) == ["AllowPath"] and "from the next time" in texts(running)[0]


def test_a_pause_for_another_reason_is_not_ended_by_a_path():
    ctx = context(task=held(WORKFLOW, pause_reason=PauseReason.BUDGET))
    assert kinds(run(f"/allow-path {WORKFLOW}", ctx)) == ["AllowPath"]


TYPED = {
    "/allow-path docs/__init__/x_y_z.yml": "docs/__init__/x_y_z.yml",
    "/allow-path `.npmrc`": ".npmrc",
    "/devtask allow-path ./action.yml": "action.yml",
    "/ALLOW-PATH sub dir/CODEOWNERS\nplease": "sub dir/CODEOWNERS",
    "/permitir-ruta .github/*.yml": ".github/*.yml",
}


@pytest.mark.parametrize("body", TYPED)
def test_the_path_is_exactly_what_was_typed(body):
    assert run(body, context(task=held())).changes[0].path == TYPED[body]


STOPPED = {
    "/allow-path": "Which file?",
    "/allow-path ../outside": "cannot be allowed",
    "/allow-path /etc/passwd": "cannot be allowed",
    "/allow-path .github/workflows/": "cannot be allowed",
    "/allow-path .git/config": "cannot be allowed",
    "/allow-path sub/.GIT/hooks/x": "cannot be allowed",
    "/allow-path .dev-tasks/k/plan.md": "cannot be allowed",
    "/allow-path .npmrc": "already, by ana",
}


@pytest.mark.parametrize("body", STOPPED)
def test_what_is_no_single_file_of_the_repository_opens_nothing(body):
    known = {HELD: [WORKFLOW], ALLOWED: [{"path": ".npmrc", "user_id": 1, "login": "ana"}]}
    decision = run(body, context(task=held(options=known)))
    assert decision.failed and decision.changes == () and STOPPED[body] in texts(decision)[0]


def test_without_a_path_the_held_one_is_one_tap_away():
    (text,) = texts(run("/allow-path", context(task=held(WORKFLOW))))
    assert f"**Allow this file**  `/allow-path {WORKFLOW}`" in text


@pytest.mark.parametrize("role", ["none", "read", "triage", None])
@pytest.mark.parametrize("body", [f"/allow-path {WORKFLOW}", "/ci"])
def test_who_may_not_write_opens_nothing(role, body):
    for one in (held(WORKFLOW), task(TaskStatus.COMPLETED, branch="fix/x", head_sha=HEAD)):
        decision = run(body, context(task=one, actor=Actor(9, "eve", role)))
        assert decision.refused and decision.changes == () and texts(decision) == []


@pytest.mark.parametrize("body", ["/allow-path x", "/ci"])
def test_without_a_task_there_is_nothing_to_open(body):
    assert "There is no task" in texts(run(body, context(task=None)))[0]


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.ABORTED])
def test_a_task_that_is_over_opens_no_path(status):
    assert run("/allow-path x.yml", context(task=task(status))).failed


def ended(status=TaskStatus.COMPLETED, **fields):
    return task(status, **{"branch": "fix/stock", "head_sha": HEAD, **fields})


@pytest.mark.parametrize("status", [TaskStatus.COMPLETED, TaskStatus.FAILED])
def test_ci_asks_for_the_closing_commit_once_the_task_has_ended(status):
    decision = run("/ci", context(task=ended(status)))
    assert decision.changes == (AskCi(2, "writer"),) and reactions(decision) == ["eyes"]
    (bell,) = [effect for effect in decision.effects if effect.kind == "ring"]
    assert bell.body == {"queue": "plan", "func": "jobs.ci.run", "arg": 1}


NOT_NOW = {
    "running": (ended(TaskStatus.EXECUTING), "until then the step commits hold it"),
    "no commit": (ended(TaskStatus.FAILED, head_sha=None), "no commit of this task"),
    "never held": (ended(options={"ci_hold": False}), "`ci: run` is set"),
    "asked": (ended(options={CI: {"state": "asked", "login": "ana"}}), "on its way already; ana"),
    "done": (ended(options={CI: {"state": "done", "login": "ana", "sha": HEAD}}), "let run already: ana"),
}


@pytest.mark.parametrize("why", NOT_NOW)
def test_ci_says_why_there_is_nothing_to_do(why):
    view, said = NOT_NOW[why]
    decision = run("/ci", context(task=view))
    assert decision.failed and decision.changes == () and said in texts(decision)[0]


def test_ci_that_failed_or_is_about_an_older_head_can_be_asked_again():
    for row in ({"state": "failed", "login": "ana"}, {"state": "done", "login": "ana", "sha": "b" * 40}):
        assert kinds(run("/ci", context(task=ended(options={CI: row})))) == ["AskCi"]
