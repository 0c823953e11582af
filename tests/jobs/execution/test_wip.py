"""A `wip:` commit obeys the look for secrets: the file that holds one stays here, the rest is kept."""

from types import SimpleNamespace

from jobs.execution.wip import leaking, without_secrets
from jobs.git.message import message
from tests.jobs.execution.test_secrets import KEY, REDACTOR, TAIL
from tests.jobs.git.conftest import hub, mirror, started  # noqa: F401
from tests.jobs.git.hub import WHO


def places(workspace):
    """The parts of a take that are looked at."""
    taken = SimpleNamespace(
        runtime=SimpleNamespace(redactor=REDACTOR), task=SimpleNamespace(key="k3x9q2ab", branch="fix/x")
    )
    bench = SimpleNamespace(repository=SimpleNamespace(mirror=workspace.mirror), workspace=workspace)
    return taken, bench


def test_a_file_with_a_secret_is_left_out_and_the_rest_is_kept(started):  # noqa: F811
    (started.tree / "good.py").write_text("x = 1\n")
    (started.tree / "bad.py").write_text(f"key = '{KEY}'\n")
    taken, bench = places(started)
    assert without_secrets(taken, bench, started.head(), ["bad.py", "good.py"]) == ["good.py"]


def test_a_secret_in_a_files_name_lets_nothing_leave(started):  # noqa: F811
    (started.tree / f"{TAIL}.py").write_text("x = 1\n")
    taken, bench = places(started)
    assert without_secrets(taken, bench, started.head(), [f"{TAIL}.py"]) == []


def test_a_secret_in_the_message_stops_the_commit(started):  # noqa: F811
    parent = started.head()
    (started.tree / "good.py").write_text("x = 1\n")
    taken, bench = places(started)
    sha = started.commit(["good.py"], message("wip: x", f"It printed {TAIL}.", {}), WHO)
    assert leaking(taken, bench, parent, sha)
    started.undo(sha, None, parent)
    sha = started.commit(["good.py"], message("wip: x", "It printed nothing.", {}), WHO)
    assert not leaking(taken, bench, parent, sha)
