"""Push by compare-and-set, against git's own server."""

import os
import signal
import subprocess
import sys

import pytest

from jobs.git.push import Outcome, push, refuse_name
from tests.jobs.git.hub import TOKEN, WHO, sh

BRANCH = "feature/stock-validation"


@pytest.fixture
def work(started):
    """The workspace with one commit of ours."""
    (started.tree / "a.txt").write_text("2\n")
    started.commit(["a.txt"], "feat: one\n", WHO)
    return started


def _next(work, text):
    (work.tree / "a.txt").write_text(text)
    return work.commit(["a.txt"], f"feat: {text}\n", WHO)


def _hook(hub, text):
    hook = hub.bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho '{text}' >&2\nexit 1\n")
    hook.chmod(0o755)


def test_a_new_branch_is_pushed_once(hub, work):
    head = work.head()
    assert push(work.mirror, hub.remote(), BRANCH, head, None).outcome is Outcome.PUSHED
    assert hub.head(BRANCH) == head
    assert push(work.mirror, hub.remote(), BRANCH, head, None).outcome is Outcome.ALREADY


def test_a_later_commit_moves_it_from_where_we_left_it(hub, work):
    first = work.head()
    push(work.mirror, hub.remote(), BRANCH, first, None)
    second = _next(work, "3\n")
    assert push(work.mirror, hub.remote(), BRANCH, second, first).outcome is Outcome.PUSHED
    assert hub.head(BRANCH) == second


def test_f47_someone_elses_commit_is_never_overwritten(hub, work):
    push(work.mirror, hub.remote(), BRANCH, work.head(), None)
    theirs = hub.commit({"z": "z"}, branch="main")
    sh("git", "update-ref", f"refs/heads/{BRANCH}", theirs, cwd=hub.bare)
    second = _next(work, "3\n")
    result = push(work.mirror, hub.remote(), BRANCH, second, work.head())
    assert (result.outcome, result.reason, result.remote_sha) == (Outcome.CONFLICT, "moved", theirs)
    assert hub.head(BRANCH) == theirs


def test_f47_a_branch_that_was_deleted_or_exists_already_is_a_conflict(hub, work):
    first = work.head()
    second = _next(work, "3\n")
    assert push(work.mirror, hub.remote(), BRANCH, second, first).reason == "deleted"
    push(work.mirror, hub.remote(), BRANCH, first, None)
    assert push(work.mirror, hub.remote(), BRANCH, second, None).outcome is Outcome.CONFLICT


def test_a_ref_never_moves_backwards(hub, work):
    first = work.head()
    second = _next(work, "3\n")
    push(work.mirror, hub.remote(), BRANCH, second, None)
    assert push(work.mirror, hub.remote(), BRANCH, first, second).reason == "backwards"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("error: GH006: Protected branch update failed", "GH006"),
        ("error: GH013: Repository rule violations found", "GH013"),
        ("error: GH001: Large files detected", "GH001"),
        ("refusing to allow a GitHub App to create or update workflow without `workflows` permission", "workflows"),
        ("no", "hook"),
    ],
)
def test_f47_a_refusal_of_the_far_end_is_named(hub, work, said, reason):
    _hook(hub, said.replace("'", ""))
    result = push(work.mirror, hub.remote(), BRANCH, work.head(), None)
    assert (result.outcome, result.reason) == (Outcome.REFUSED, reason)
    assert said in result.output and TOKEN not in result.output


def test_f29_a_push_that_was_applied_but_not_confirmed_counts(hub, work):
    hub.drop_push = True
    result = push(work.mirror, hub.remote(), BRANCH, work.head(), None)
    assert (result.outcome, result.reason) == (Outcome.ALREADY, "unconfirmed")


def test_a_busy_far_end_is_unavailable(hub, work):
    hub.fail = 9
    assert push(work.mirror, hub.remote(), BRANCH, work.head(), None).outcome is Outcome.UNAVAILABLE


def test_a_refused_token_is_named(hub, work):
    result = push(work.mirror, hub.remote("ghs_" + "w" * 40), BRANCH, work.head(), None)
    assert (result.outcome, result.reason) == (Outcome.REFUSED, "denied")
    assert "w" * 40 not in result.output


@pytest.mark.slow
@pytest.mark.parametrize("point", ["push.before", "push.after"])
def test_f12_killed_around_the_push_it_happens_once(hub, work, point):
    code = (
        "from pathlib import Path; from jobs.git.mirror import Mirror; from jobs.git.push import push\n"
        "from jobs.git.remote import github_remote\n"
        f"r = github_remote({hub.url!r}, {hub.url!r}, {TOKEN!r})\n"
        f"push(Mirror(Path({str(work.mirror.repos)!r}), 7), r, {BRANCH!r}, {work.head()!r}, None)"
    )
    env = {"PATH": os.defpath, "BOT_FAILPOINTS": f"{point}=kill"}
    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == -signal.SIGKILL
    result = push(work.mirror, hub.remote(), BRANCH, work.head(), None)
    assert result.outcome is (Outcome.PUSHED if point == "push.before" else Outcome.ALREADY)
    assert sum("git-receive-pack" in line and line.startswith("POST") for line in hub.requests) == 1


BAD = """main master dev develop development staging production release release/1.0 release-2 trunk-default ../x -f
refs/tags/v1 refs/heads/main a..b feature/a..b feature/-x feature/x- feature/x.lock feature/ feature feature/A HEAD @
feature/a_b feature/a/b feature/x@{1} feature/x^ feature/x~1 feature/x:main feature/x?y fix/ü other/x +feature/x"""


def test_abu_26_no_other_branch_is_ever_pushed(hub, work):
    before = len(hub.requests)
    for branch in (*BAD.split(), "", " ", "feature/" + "a" * 300, "feature/x\nmain", "feature/x main"):
        assert refuse_name(branch, {"trunk-default"}), branch
        result = push(work.mirror, hub.remote(), branch, work.head(), None, {"trunk-default"})
        assert result.outcome is Outcome.REFUSED and len(hub.requests) == before


def test_abu_26_a_default_branch_that_looks_like_a_task_branch_is_refused():
    assert refuse_name("feature/next", {"feature/next"}) == "protected_name"
    assert refuse_name("feature/next") is None
    assert refuse_name("fix/" + "a" * 40 + "-k3x9q2ab") is None
