"""Writing, running, testing, looking at the diff, finishing: on real files, real git, real bubblewrap."""

import json
import stat

import pytest

from jobs.checks.result import Case, CaseStatus, CheckResult, Layer, Status
from jobs.checks.result import TestReport as Report
from jobs.checks.testplan import TestPlan as Plan
from jobs.sandbox.limits import Result
from jobs.tools.memory import ToolSession
from jobs.tools.running import said
from jobs.tools.suite import SandboxTests, run_text
from tests.jobs.tools.kit import Bench


def test_a_new_file_is_made_with_its_folders(bench):
    assert bench.ok("write_file", path="new/deep/a.py", content="x = 1\n") == "Created new/deep/a.py, 1 line."
    assert (bench.tree / "new/deep/a.py").read_text() == "x = 1\n"
    bench.ok("edit_file", path="new/deep/a.py", old="x = 1", new="x = 2")


def test_a_file_is_not_overwritten_unseen(bench):
    said = bench.refused("write_file", path="README.md", content="x")
    assert "you have not read it" in said
    bench.ok("read_file", path="README.md")
    (bench.tree / "README.md").write_text("another hand\n")
    assert "changed since you read it" in bench.refused("write_file", path="README.md", content="x")
    bench.ok("read_file", path="README.md")
    assert "number of lines: 1 before, 2 now" in bench.ok("write_file", path="README.md", content="a\nb\n")


def test_replacing_a_whole_file_keeps_its_mode_ends_and_mark(bench):
    for path in ("bin/tool", "src/windows.py", "src/bom.py"):
        bench.ok("read_file", path=path)
    bench.ok("write_file", path="bin/tool", content="#!/bin/sh\necho other\n")
    bench.ok("write_file", path="src/windows.py", content="a = 1\nb = 2\n")
    bench.ok("write_file", path="src/bom.py", content="a = 1\n")
    assert stat.S_IMODE((bench.tree / "bin/tool").stat().st_mode) == 0o755
    assert (bench.tree / "src/windows.py").read_bytes() == b"a = 1\r\nb = 2\r\n"
    assert (bench.tree / "src/bom.py").read_bytes() == b"\xef\xbb\xbfa = 1\n"


def test_a_new_file_that_does_not_parse_is_written_and_said(bench):
    assert "not well formed at line 1" in bench.ok("write_file", path="tests/data/bad.py", content="def a(:\n")


def test_breaking_a_whole_file_is_refused(bench):
    bench.ok("read_file", path="src/app.py")
    assert "no longer be well formed" in bench.refused("write_file", path="src/app.py", content="def a(:\n")


def test_an_ignored_path_is_said(bench):
    assert ".gitignore names this path" in bench.ok("write_file", path="build/a.txt", content="x\n")


def test_the_last_file_takes_its_folder_along(bench):
    assert bench.ok("delete_file", path="bin/tool") == "Deleted bin/tool."
    assert not (bench.tree / "bin").exists()
    assert "Did you mean" in bench.refused("delete_file", path="app.py")
    assert "is a folder" in bench.refused("delete_file", path="src")


def test_a_moved_file_keeps_mode_and_what_was_read(bench):
    bench.ok("read_file", path="bin/tool")
    assert "Moved bin/tool to tools/tool" in bench.ok("move_file", path="bin/tool", to="tools/tool")
    bench.ok("edit_file", path="tools/tool", old="echo tool", new="echo moved")
    assert stat.S_IMODE((bench.tree / "tools/tool").stat().st_mode) == 0o755
    assert "exists, so nothing was moved" in bench.refused("move_file", path="tools/tool", to="README.md")
    assert bench.session.written == ["bin/tool", "tools/tool"]


RUNS = {
    "status first": ("echo out; exit 3", "exit status 3, "),
    "every part of a pipeline": ("false | true | cat", "exit status 0 (parts of the pipeline: 1, 0, 0)"),
    "a part that failed": ("false | cat", "part 1 of the pipeline failed"),
    "nothing printed": ("true", "\n(no output)"),
    "cd": ("cd src && ls", "`cd` does not last"),
    "cd alone": ("cd src", "Join what belongs together: `cd src && COMMAND`."),
    "a variable": (
        "export A=b",
        "do not last to the next command. Join what belongs together: `export A=b && COMMAND`.",
    ),
    "a virtual environment": ("source ./x", "Join what belongs together: `source ./x && COMMAND`."),
    "the network": (
        "python3 -c \"import socket; socket.getaddrinfo('a.example', 1)\"",
        "say in `done` what could not be had",
    ),
    "no such program": ("frobnicate", "there is no such program here"),
    "pip": ("pip install numpy", "nothing can be installed"),
    "a prompt": ("python3", "a prompt ends at once"),
    "left behind": ("sleep 30 & sleep 0.2", "left processes running (sleep); they were killed"),
    "the root": ("pwd", "\n/work"),
}


@pytest.mark.parametrize("case", RUNS)
def test_a_command_is_answered_with_status_and_what_does_not_work_here(desk, case):
    command, words = RUNS[case]
    said = desk.ok("run", command=command)
    assert words in said
    assert said.startswith("exit status")


def test_reading_enough_of_a_pipe_is_no_failure(desk):
    assert "part 1" not in desk.ok("run", command="yes | head -1")


def test_long_output_keeps_head_and_tail_and_names_the_whole(desk):
    said = desk.ok("run", command="seq 1 20000")
    assert "\n1\n2\n" in said
    assert "\n20000\n[cut: 108,894 bytes in all. The whole is in /devtask/out/command-" in said
    path = said.partition("The whole is in ")[2].partition(";")[0]
    assert "\n10000" in desk.ok("run", command=f"sed -n '10000,10001p' {path}")


def test_a_command_that_hangs_is_killed_with_its_last_output(desk):
    said = desk.ok("run", command="echo before; sleep 60", timeout=1)
    assert said.startswith("killed after 1 s")
    assert "Narrow it" in said
    assert said.endswith("before")


def test_a_command_that_cannot_be_run_is_refused(desk):
    assert "is empty" in desk.refused("run", command=" ")
    assert "give 1 to 600" in desk.refused("run", command="true", timeout=0)


def test_a_limit_is_named_with_what_to_do():
    assert "more memory than there is" in said("x", Result(137, "", 1.0, limit="memory"), 5, [])
    assert "stopped by a person" in said("x", Result(137, "", 1.0, cancelled=True), 5, [])


def test_tests_get_the_selection_or_everything(bench):
    bench.ok("run_tests", selection="tests/test_app.py::test_total")
    bench.ok("run_tests")
    assert bench.tests.asked == ["tests/test_app.py::test_total", None]
    assert "holds an option" in bench.refused("run_tests", selection="--co")
    assert "Did you mean `tests/test_app.py`" in bench.refused("run_tests", selection="tests/test_ap.py::test_a")


def test_real_tests_show_the_failure_with_assertion_and_place_before_the_counts(bench):
    (bench.tree / "test_it.py").write_text(
        "import unittest\n\n\nclass T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(1 + 1, 3)\n"
    )
    runner = SandboxTests(bench.box.real(), Plan("unittest", "python3 -m unittest discover -v"))
    found = runner.run("test_it")
    assert not found.ok
    assert found.text.startswith("FAILED test_it.T.test_a")
    assert found.text.index("2 != 3") < found.text.index("Tests FAILED")


def test_failures_stand_first_and_old_ones_are_named():
    cases = (
        Case("t::old", CaseStatus.FAILED, "boom", "x.py:3: boom"),
        Case("t::new", CaseStatus.FAILED, "assert 1 == 2", "src/a.py:7: AssertionError"),
        *(Case(f"t::{number}", CaseStatus.FAILED, "m") for number in range(12)),
    )
    report = Report(15, 1, 14, 0, cases)
    found = CheckResult("tests", Layer.CRITICAL, Status.FAILED, "14 failed", "pytest", 1, 2.0, "tail", report)
    text = run_text(found, frozenset({"t::old"}))
    assert text.startswith("FAILED t::new at src/a.py:7\nassert 1 == 2")
    assert "Also failed: t::9, t::10, t::11, t::old." in text
    assert text.endswith("Tests FAILED: 14 failed, exit status 1, 2.0 s.\n\nRun as: pytest")


def change(bench, new="    result = 0.0\n"):
    bench.ok("read_file", path="src/app.py")
    bench.ok("edit_file", path="src/app.py", old="    result = 0\n", new=new)


def test_the_diff_is_against_the_start_of_the_step(bench):
    assert bench.ok("diff") == "Nothing has changed since the step began."
    change(bench)
    (bench.tree / "new.txt").write_text("x\n")
    said = bench.ok("diff")
    assert said.startswith("2 changed files:\ncreated new.txt (+1 -0)\nmodified src/app.py (+1 -1)\n")
    assert "-    result = 0\n+    result = 0.0\n" in said
    assert "new.txt" not in bench.ok("diff", path="src")
    assert bench.ok("diff", path="README.md") == "`README.md` is as it was when the step began."
    assert "There is no `app.py`" in bench.refused("diff", path="app.py")


def test_a_tree_that_no_commit_can_hold_is_said(bench):
    (bench.tree / "out").symlink_to("/etc")
    assert "leads out of the repository, so no commit can hold it. Remove it" in bench.refused("diff")


def test_a_git_folder_that_a_command_planted_is_gone(bench):
    bench.ok("run", command="mkdir -p src/.git && echo x > src/.git/config")
    bench.ok("list_files")
    assert not (bench.tree / "src/.git").exists()


def test_done_is_refused_while_critical_checks_are_red(bench):
    change(bench)
    bench.checks.critical = ["tests: 1 new failure: tests/test_app.py::test_total"]
    said = bench.refused("done", summary="s", handoff="h")
    assert "- tests: 1 new failure: tests/test_app.py::test_total" in said
    assert bench.refused("done", summary="s", handoff="h") == said


def test_done_shows_everything_once_and_then_ends(bench):
    change(bench)
    bench.checks.others = ["lint: one finding"]
    first = bench.call("done", summary="s", handoff="h")
    assert not first.final
    for words in ("+    result = 0.0", "- lint: one finding", "- total of nothing is 0", "call done again"):
        assert words in first.text
    assert bench.call("done", summary="s", handoff="h").final


def test_a_change_after_the_review_is_reviewed_again(bench):
    change(bench)
    bench.ok("done", summary="s", handoff="h")
    bench.ok("run", command="echo more >> README.md")
    assert not bench.call("done", summary="s", handoff="h").final
    assert bench.call("done", summary="s", handoff="h").final


def test_done_says_what_the_commit_leaves_out(bench):
    change(bench)
    bench.ok("run", command="echo x > generated.txt")
    assert "Left out of the commit" in bench.ok("done", summary="s", handoff="h")
    extra = [{"path": "generated.txt", "reason": "made by the generator"}]
    bench.ok("run", command="echo y > generated.txt")
    assert "Left out" not in bench.ok("done", summary="s", handoff="h", extra_files=extra)


WRONG_EXTRA = {
    "unchanged": ([{"path": "README.md", "reason": "r"}], "has not changed in this step. Changed files: `src/app.py`"),
    "without a reason": ([{"path": "src/app.py"}], "needs `path` and `reason`"),
    "the service's own": ([{"path": ".dev-tasks/x/plan.md", "reason": "r"}], "belongs to the service"),
    "outside": ([{"path": "../x", "reason": "r"}], "leads out of the repository"),
}


@pytest.mark.parametrize("case", WRONG_EXTRA)
def test_extra_files_have_to_be_changed_and_allowed(bench, case):
    extra, words = WRONG_EXTRA[case]
    change(bench)
    assert words in bench.refused("done", summary="s", handoff="h", extra_files=extra)


def test_a_step_that_needs_a_protected_file_says_so_in_done_and_ends_there(bench):
    bench.checks.critical = ["tests: 1 new failure: the pipeline is missing"]
    told = bench.refused("write_file", path=".github/workflows/new.yml", content="on: push\n")
    for words in ("held until a person allows it", "Finish the rest", "`extra_files` of `done`"):
        assert words in told
    needs = [{"path": ".github/workflows/new.yml", "reason": "the test looks for it"}]
    said = bench.call("done", summary="s", handoff="h", extra_files=needs)
    assert (
        not said.is_error
        and "wait until a person allows these protected files:\n- .github/workflows/new.yml" in said.text
    )
    assert bench.call("done", summary="s", handoff="h", extra_files=needs).final
    assert not (bench.tree / ".github/workflows/new.yml").exists()


def test_a_protected_file_that_a_command_changed_falls_out_of_the_commit(bench):
    change(bench)
    bench.ok("run", command="echo 'on: pull_request' > .github/workflows/ci.yml")
    said = bench.ok("done", summary="s", handoff="h")
    assert "Left out of the commit" in said and "- .github/workflows/ci.yml" in said


def test_too_many_lines_are_said_before_the_checks_say_it(bench):
    bench.ok("write_file", path="src/big.py", content="x = 1\n" * 301)
    assert "would change 301 lines; more than 300 fail the step" in bench.ok("done", summary="s", handoff="h")


def test_a_session_that_goes_on_knows_what_was_read_and_written(bench, tmp_path):
    file = tmp_path / "attempt.json"
    first = Bench(bench.workspace, ToolSession.open(file, ["src/app.py"]))
    change(first)
    assert json.loads(file.read_text())["written"] == ["src/app.py"]
    again = Bench(bench.workspace, ToolSession.open(file, ["src/app.py"]))
    again.ok("edit_file", path="src/app.py", old="result = 0.0", new="result = 1")
    assert again.session.written == ["src/app.py"]
    file.write_text("{")
    assert ToolSession.open(file).seen == {}
    first.close()
    again.close()
