"""The other tools, as the model meets them."""

import pytest

from ai.tools.sets import EXECUTOR, PLANNER_READ
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.testplan import TestPlan
from jobs.git.message import Authorship, Identity
from jobs.sandbox.shim import make_throwaway
from jobs.tools.boxes import PlannerTools
from jobs.tools.look import AtCommit
from tests.jobs.git.hub import WHO

DONE = {"summary": "Did it.", "handoff": "Nothing left."}
RED = CheckResult("tests", Layer.CRITICAL, Status.FAILED, "1 new failures", tail="E assert 1 == 2")
GREEN = CheckResult("tests", Layer.CRITICAL, Status.PASSED, "3 passed")


@pytest.fixture
def planner(workspace):
    return PlannerTools(AtCommit(workspace.mirror, workspace.head()), {"tests": "python -m unittest"})


def test_every_tool_that_is_described_is_there(tools, planner):
    assert set(tools._tools()) == {spec.name for spec in EXECUTOR}
    assert set(planner._tools()) == {spec.name for spec in PLANNER_READ}


@pytest.mark.parametrize(
    ("name", "args", "words"),
    [
        ("open_file", {}, "There is no tool 'open_file'. There are: list_files"),
        ("read_file", {}, "read_file takes path, start, end; missing: path."),
        ("read_file", {"file": "a"}, "missing: path; unknown: file."),
        ("run", {"command": ""}, "empty"),
        ("run", {"command": 3}, "empty"),
        ("run", {"command": "true", "timeout": "soon"}, "whole number"),
        ("write_file", {"path": "a", "content": {}}, "whole text"),
        ("search", {"pattern": ""}, "empty"),
        ("search", {"pattern": "a\nb"}, "single lines"),
        ("search", {"pattern": "(", "regex": True}, "could not be done"),
        ("read_file", {"path": "README.md", "start": 9}, "has 3 lines"),
        ("read_file", {"path": "image.png"}, "binary file of 7 bytes"),
        ("read_file", {"path": "src"}, "is a folder"),
        ("read_file", {"path": "link.md"}, "symbolic link to 'README.md'"),
        ("read_file", {"path": "READ.md"}, "Did you mean README.md?"),
        ("list_files", {"path": "nowhere"}, "no folder nowhere"),
        ("delete_file", {"path": "none"}, "no file none"),
        ("move_file", {"path": "README.md", "to": "data.json"}, "exists already"),
        ("write_file", {"path": "README.md", "content": "x"}, "exists already and you have not read it"),
        ("write_file", {"path": "n.json", "content": "{"}, "cannot be parsed: line 1"),
        ("run_tests", {"selection": "-x"}, "not options"),
        ("done", {"summary": "", "handoff": "x"}, "summary"),
        ("done", {"summary": "x", "handoff": "l\n" * 11}, "more than 10 lines"),
        ("done", {**DONE, "extra_files": "a"}, "list of"),
        ("done", {**DONE, "extra_files": [{"path": "a", "reason": ""}]}, "say why"),
    ],
)
def test_a_mistake_is_answered_and_never_raised(tools, name, args, words):
    found = tools.call(name, args)
    assert found.is_error and words in found.text


def test_reading_gives_numbers_total_and_how_to_go_on(tools, session):
    (session.tree / "long.txt").write_text("".join(f"line {n}\n" for n in range(1, 1001)))
    text = tools.call("read_file", {"path": "long.txt"}).text
    assert text.startswith("long.txt, lines 1 to 400 of 1000:\n    1\tline 1\n")
    assert text.endswith("[600 more lines; read on with start=401]")
    part = tools.call("read_file", {"path": "long.txt", "start": "999", "end": 2000}).text
    assert part == "long.txt, lines 999 to 1000 of 1000:\n  999\tline 999\n 1000\tline 1000"
    (session.tree / "empty").write_text("")
    assert tools.call("read_file", {"path": "empty"}).text == "empty is empty (0 lines)."


def test_listing_leaves_ignored_files_out_and_takes_globs(tools, planner, session):
    (session.tree / "x.log").write_text("")
    (session.tree / "new.py").write_text("")
    names = tools.call("list_files", {}).text.splitlines()[1:]
    assert "new.py" in names and "ñ dir/größe.txt" in names and "x.log" not in names
    assert tools.call("list_files", {"glob": "*.py"}).text.splitlines()[0] == "3 files:"
    assert tools.call("list_files", {"path": "src", "glob": "shop/*.py"}).text.splitlines()[0] == "2 files:"
    assert "new.py" not in planner.call("list_files", {}).text


def test_search_counts_caps_and_says_what_it_took_literally(tools, planner, session):
    assert tools.call("search", {"pattern": "return"}).text == (
        "2 lines in 1 files:\nsrc/shop/stock.py:3\t        return False\nsrc/shop/stock.py:4\t    return True"
    )
    assert "src/shop/stock.py:2" in planner.call("search", {"pattern": r"n\s*<\s*0", "regex": True}).text
    assert "set regex to true" in tools.call("search", {"pattern": "ret.*e"}).text
    assert "größe.txt:1" in tools.call("search", {"pattern": "uno", "path": "ñ dir"}).text
    assert "Nothing matches" in tools.call("search", {"pattern": "uno", "glob": "*.py"}).text
    (session.tree / "many.txt").write_text("hit\n" * 100)
    text = tools.call("search", {"pattern": "hit"}).text
    assert text.startswith("100 lines in 1 files:") and text.endswith("[40 more lines; narrow with path or glob]")
    wide = tools.call("search", {"pattern": "return False", "context": 1}).text
    assert "src/shop/stock.py:2-\t" in wide and "src/shop/stock.py:3:\t" in wide


def test_a_search_that_would_never_end_is_answered(tools, session):
    (session.tree / "a.txt").write_text("a" * 60 + "b\n")
    found = tools.call("search", {"pattern": "(a+)+$", "regex": True})
    assert found.text


def test_creating_moving_and_deleting_files(tools, session):
    assert tools.call("write_file", {"path": "new/deep/a.py", "content": "A = 1\n"}).text.startswith("Created")
    assert tools.call("move_file", {"path": "new/deep/a.py", "to": "b.py"}).text.startswith("Moved")
    assert not (session.tree / "new").exists()
    assert not tools.call("edit_file", {"path": "b.py", "old": "1", "new": "2"}).is_error
    assert tools.call("delete_file", {"path": "README.md"}).text == "Deleted README.md."
    assert session.written == {"new/deep/a.py", "b.py", "README.md"}
    made = session.workspace.commit(session.takes(), "feat: x\n", WHO)
    assert made and session.workspace.changed() == []


def test_commands_say_status_output_and_what_does_not_last(tools):
    assert tools.call("run", {"command": "true"}).text == "exit status 0.\n(no output)"
    assert tools.call("run", {"command": "echo a; exit 3"}).text == "exit status 3.\na"
    assert tools.call("run", {"command": "false | echo x"}).text == "exit statuses of the pipeline: 1 | 0.\nx"
    assert "does not last" in tools.call("run", {"command": "cd src"}).text
    assert "killed after 1 s" in tools.call("run", {"command": "echo begun; sleep 9", "timeout": 1}).text
    assert "Background processes were killed" in tools.call("run", {"command": "sleep 50 & sleep 0.1"}).text
    assert "nothing can be installed" in tools.call("run", {"command": "pip install six"}).text
    long = tools.call("run", {"command": "seq 1 9999"}).text
    assert "sed -n '100,200p' /devtask/out/" in long and len(long) < 9_000


def test_a_git_folder_made_by_a_command_is_gone_afterwards(tools, session):
    tools.call("run", {"command": "mkdir -p a && cd a && GIT_DIR=.git /usr/bin/git init -q . && ls -a"})
    assert not (session.tree / "a" / ".git").exists()


def test_git_in_the_sandbox_looks_and_answers(tools, session):
    make_throwaway(session.workspace.git, session.base, session.box.scratch / "git")
    (session.tree / "README.md").write_text("# Other\n")
    assert "+# Other" in tools.call("run", {"command": "git diff"}).text
    assert "# Shop" in tools.call("run", {"command": "git show HEAD:README.md"}).text
    assert " M README.md" in tools.call("run", {"command": "git status --short"}).text
    assert "start of this step" in tools.call("run", {"command": "git log --oneline"}).text
    for command, words in {
        "commit -am x": "Commits are made for you",
        "-c a=b commit": "Commits are made",
        "push origin main": "Nothing is pushed",
        "checkout -- README.md": "git show HEAD:path",
        "reset --hard": "git show HEAD:path",
        "stash": "no stash",
        "clone x": "no network",
    }.items():
        found = tools.call("run", {"command": f"git {command}"}).text
        assert found.startswith("exit status 1.") and words in found, command
    assert "work" in tools.call("run", {"command": "git branch --show-current"}).text
    assert not list(session.tree.glob("**/.git"))


def test_diff_and_history_come_from_objects(tools, planner, session):
    assert tools.call("diff", {}).text == "Nothing is changed since the step began."
    (session.tree / "README.md").write_text("# Other\n")
    (session.tree / ".gitattributes").write_text("*.md -diff\n")
    text = tools.call("diff", {"path": "README.md"}).text
    assert text.startswith("1 files differ") and "modified  README.md (+1 -3)" in text and "+# Other" in text
    assert "ana: first" in planner.call("history", {"path": "README.md", "count": 1}).text
    assert "No commit touches none" in tools.call("history", {"path": "none"}).text


def test_conventions_show_commands_and_rule_files(planner):
    text = planner.call("conventions", {}).text
    assert "tests: python -m unittest" in text and "=== README.md ===\n# Shop" in text


def test_tests_show_failures_first(tools, session):
    session.tests = lambda: TestPlan("unittest", "python3 -m unittest discover -v")
    code = "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): self.assertEqual(1, 2)\n"
    (session.tree / "test_x.py").write_text(code)
    text = tools.call("run_tests", {}).text
    assert text.index("test_x.T.test_a") < text.index("FAILED: 1 new failures")
    (session.tree / "test_x.py").write_text(code.replace("1, 2", "1, 1"))
    assert "PASSED: 1 passed" in tools.call("run_tests", {"selection": "test_x"}).text


def test_done_is_refused_while_red_shown_once_then_accepted(tools, session):
    session.acceptance = ["negative stock is refused"]
    session.judge = lambda: [RED]
    tools.call("write_file", {"path": "a.py", "content": "A = 1\n"})
    (session.tree / "b.txt").write_text("made by a command")
    first = tools.call("done", DONE)
    assert first.is_error and not first.final and "1 new failures" in first.text and "assert 1 == 2" in first.text
    session.judge = lambda: [GREEN]
    seen = tools.call("done", DONE)
    assert not seen.final and "+A = 1" in seen.text and "- tests: passed, 3 passed" in seen.text
    assert (
        "- [ ] negative stock is refused" in seen.text
        and "Left out of the commit" in seen.text
        and "b.txt" in seen.text
    )
    assert tools.call("done", {**DONE, "extra_files": [{"path": "b.txt", "reason": "data"}]}).final


def test_work_after_the_review_is_shown_again(tools, session):
    session.judge = lambda: [GREEN]
    tools.call("done", DONE)
    tools.call("write_file", {"path": "a.py", "content": "A = 1\n"})
    assert not tools.call("done", DONE).final
    assert tools.call("done", DONE).final


def test_an_identity_cannot_end_its_own_line():
    bad = Identity("x> <y\nz", "a b\n<c>")
    assert Authorship(bad, bad, WHO.at).environment()["GIT_AUTHOR_NAME"] == "x y z"
