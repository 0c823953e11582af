"""git as models type it in a command: looking works against the step's start, the rest says how that is done here."""

import pytest

from jobs.sandbox.shim import make_throwaway

ANSWERS = {
    "commit -am x": "Commits are made for you",
    "push origin main": "Nothing is pushed from here",
    "checkout -- src/app.py": "To undo a change use edit_file or write_file",
    "reset --hard": "git show HEAD:path prints it",
    "restore src/app.py": "To undo a change",
    "stash": "There is no stash here",
    "branch new": "only the work tree is yours",
    "merge main": "only the work tree is yours",
    "fetch": "There is no network here",
    "-C src clone x": "There is no network here",
    "init": "managed outside",
}
LOOKS = {
    "git diff --stat": "src/app.py | 2 +-",
    "git status --short": " M src/app.py",
    "git log --oneline": "start of this step",
    "git show HEAD:src/app.py": "result = 0\n",
    "git branch --show-current": "work",
    "cd src && git diff --name-only": "src/app.py",
}


@pytest.fixture(scope="module")
def working(desk):
    """The tree with a change, and the throwaway repository beside it."""
    desk.box.real()
    make_throwaway(desk.workspace.mirror.git, desk.workspace.head(), desk.workspace.scratch / "git")
    path = desk.tree / "src/app.py"
    path.write_text(path.read_text().replace("result = 0", "result = 1"))
    return desk


def test_what_would_change_history_or_reach_out_says_how_it_is_done_here(working):
    script = "; ".join(f"git {words}; echo ended $?" for words in ANSWERS)
    said = working.ok("run", command=script).split("ended 1\n")
    for words, part in zip(ANSWERS, said, strict=False):
        assert ANSWERS[words] in part, words
    assert "result = 1" in (working.tree / "src/app.py").read_text()


@pytest.mark.parametrize("command", LOOKS)
def test_looking_works_against_the_start_of_the_step(working, command):
    assert LOOKS[command] in working.ok("run", command=command)


def test_the_tree_itself_never_holds_a_repository(working):
    working.ok("run", command="git status")
    assert not (working.tree / ".git").exists()
