"""The closing commit: one and the same however often it is made, on the head's tree or without our folder."""

from datetime import timedelta

import pytest

from jobs.git.changes import changed_files
from jobs.git.closing import closing_commit, tree_with, tree_without
from jobs.git.message import HOLD, message
from jobs.git.refs import parent_of, trailers_of
from tests.jobs.git.hub import WHO

STEP = message("feat: do it", "Because.", {"Devtask-Task": "k3x9q2ab"}, HOLD)
CLOSE = message("chore: let CI run", "ben asked for it.", {"Devtask-Task": "k3x9q2ab", "Devtask-Close": "ci"})


@pytest.fixture
def head(started):
    """A step's commit with our folder in it."""
    for path in ("a.txt", ".dev-tasks/k3x9q2ab/plan.md", ".dev-tasks/README.md", "sub/.dev-tasks"):
        (started.tree / path).parent.mkdir(parents=True, exist_ok=True)
        (started.tree / path).write_text("two\n")
    return started.commit(started.changed(), STEP, WHO)


def test_it_stands_on_the_head_with_its_tree_and_holds_ci_no_more(started, head):
    made = closing_commit(started.mirror, head, tree_without(started.mirror, head, None), CLOSE, WHO)
    assert parent_of(started.mirror, made) == head and changed_files(started.mirror, head, made) == []
    assert "devtask-ci" in trailers_of(started.mirror, head)
    assert trailers_of(started.mirror, made) == {"devtask-task": "k3x9q2ab", "devtask-close": "ci"}


def test_made_again_after_a_crash_it_is_the_same_commit(started, head):
    tree = tree_without(started.mirror, head, None)
    first = closing_commit(started.mirror, head, tree, CLOSE, WHO)
    assert closing_commit(started.mirror, head, tree, CLOSE, WHO) == first
    later = type(WHO)(WHO.author, WHO.committer, WHO.at + timedelta(seconds=1))
    assert closing_commit(started.mirror, head, tree, CLOSE, later) != first


def test_our_folder_goes_where_the_repository_wants_that_and_nothing_else(started, head):
    tree = tree_without(started.mirror, head, ".dev-tasks")
    gone = [(change.path, change.what) for change in changed_files(started.mirror, head, tree)]
    assert gone == [(".dev-tasks/README.md", "deleted"), (".dev-tasks/k3x9q2ab/plan.md", "deleted")]


def test_our_files_stand_in_the_tree_of_another_commit_whatever_stood_at_their_paths(started, head):
    mirror = started.mirror
    base = parent_of(mirror, head)
    plan = ".dev-tasks/k3x9q2ab/plan.md"
    files = {"a.txt/plan.md": "new\n", plan: "ñ\r\n"}
    tree = tree_with(mirror, base, files)
    assert {one.path: one.what for one in changed_files(mirror, base, tree)} == {
        "a.txt": "deleted",
        "a.txt/plan.md": "created",
        plan: "created",
    }
    assert mirror.git.run("show", f"{tree}:{plan}").decode() == files[plan]
    assert tree_with(mirror, base, files) == tree
