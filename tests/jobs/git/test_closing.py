"""The closing commit: one and the same however often it is made, on the head's tree or without our folder."""

from datetime import timedelta

import pytest

from jobs.git.changes import changed_files
from jobs.git.closing import closing_commit
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
    made = closing_commit(started.mirror, head, CLOSE, WHO)
    assert parent_of(started.mirror, made) == head and changed_files(started.mirror, head, made) == []
    assert "devtask-ci" in trailers_of(started.mirror, head)
    assert trailers_of(started.mirror, made) == {"devtask-task": "k3x9q2ab", "devtask-close": "ci"}


def test_made_again_after_a_crash_it_is_the_same_commit(started, head):
    first = closing_commit(started.mirror, head, CLOSE, WHO)
    assert closing_commit(started.mirror, head, CLOSE, WHO) == first
    later = type(WHO)(WHO.author, WHO.committer, WHO.at + timedelta(seconds=1))
    assert closing_commit(started.mirror, head, CLOSE, later) != first


def test_our_folder_goes_where_the_repository_wants_that_and_nothing_else(started, head):
    made = closing_commit(started.mirror, head, CLOSE, WHO, without=".dev-tasks")
    gone = [(change.path, change.what) for change in changed_files(started.mirror, head, made)]
    assert gone == [(".dev-tasks/README.md", "deleted"), (".dev-tasks/k3x9q2ab/plan.md", "deleted")]
