"""Reading tools, on a commit (planner) and on a work tree (executor) alike."""

import time

import pytest

from ai.tools.sets import EXECUTOR, PLANNER_READ
from jobs.tools.errors import Refused
from jobs.tools.planner import PlannerTools
from jobs.tools.searching import search


@pytest.fixture(params=["commit", "tree"])
def tools(request, mirror, commit, desk):
    return PlannerTools(mirror, commit, {"tests": "pytest -q"}) if request.param == "commit" else desk.tools


def ok(tools, name, **args):
    result = tools.call(name, args)
    assert not result.is_error, result.text
    return result.text


def refused(tools, name, **args):
    result = tools.call(name, args)
    assert result.is_error, result.text
    return result.text


def test_each_toolbox_answers_exactly_the_tools_that_it_offers(mirror, commit, desk):
    for box, specs in ((PlannerTools(mirror, commit), PLANNER_READ), (desk.tools, EXECUTOR)):
        assert tuple(box.specs()) == specs
        assert set(box._tools) == {spec.name for spec in specs}
        assert "The tools are: list_files" in box.call("shell", {}).text


def test_a_file_is_shown_with_numbers_and_its_total(tools):
    said = ok(tools, "read_file", path="src/app.py", start=4, end=5)
    assert said == (
        "src/app.py: lines 4 to 5 of 13\n4\tdef total(prices):\n5\t    result = 0\n"
        "... 8 more lines: read on with start=6."
    )


READS = {
    "data/empty.txt": "is empty (0 bytes, 0 lines)",
    "data/blob.bin": "is binary (a PNG image) of 8 bytes; it has no lines to read. If its content matters",
    "src": "`src` is a folder.\n9 files below src:",
    "src/windows.py": "lines end in CRLF; edits keep that",
    "src/bom.py": "begins with a byte order mark",
    "src/bare.txt": "no newline at the end",
    "with space/été.txt": "1\tsummer",
    "./src//app.py": "src/app.py: lines 1 to 13 of 13",
}


@pytest.mark.parametrize("path", READS)
def test_what_is_read_is_named_for_what_it_is(tools, path):
    assert READS[path] in ok(tools, "read_file", path=path)


UNREADABLE = {
    "app.py": "Did you mean `src/app.py`",
    "src/App.py": "Did you mean `src/app.py`",
    "source/app.py": "Did you mean `src/app.py`",
    "src/ap.py": "`src/app.py`",
    "nothing/like/it.zig": "nothing like it. Look with list_files",
    "shortcut": "symbolic link to `src/app.py`",
}


@pytest.mark.parametrize("path", UNREADABLE)
def test_a_path_that_is_not_there_gets_the_nearest_ones(tools, path):
    assert UNREADABLE[path] in refused(tools, "read_file", path=path)


def test_a_start_past_the_end_gets_the_total(tools):
    assert "has 13 lines" in refused(tools, "read_file", path="src/app.py", start=50)
    assert "before `start`" in refused(tools, "read_file", path="src/app.py", start=5, end=2)


def test_a_long_file_says_how_to_read_on(bench):
    (bench.tree / "long.txt").write_text("".join(f"{number}\n" for number in range(1, 1001)))
    said = bench.ok("read_file", path="long.txt")
    assert said.endswith("400\t400\n... 600 more lines: read on with start=401.")
    assert "lines 401 to 800 of 1000" in bench.ok("read_file", path="long.txt", start=401)


def test_endless_lines_are_cut(bench):
    (bench.tree / "min.js").write_text("x" * 3_000_000)
    said = bench.ok("read_file", path="min.js")
    assert len(said) < 2_000
    assert "more characters in this line" in said


def test_files_are_listed_by_folder_and_glob(tools):
    assert ok(tools, "list_files", path="data", glob="*.{json,toml}") == (
        "2 files below data:\ndata/config.json\ndata/config.toml"
    )
    assert "tests/test_app.py" in ok(tools, "list_files", glob="**/test_*.py")
    assert "None of the 9 files below `src` matches" in ok(tools, "list_files", path="src", glob="*.rs")
    assert "not a folder" in ok(tools, "list_files", path="src/app.py")
    assert "Did you mean" in refused(tools, "list_files", path="tests/app.py")


def test_a_long_list_is_capped_and_what_is_left_out_is_counted(bench):
    for number in range(320):
        path = bench.tree / "many" / f"{number:03}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("x")
    said = bench.ok("list_files")
    assert "... and 43 more, in " in said
    assert "many/ (" in said


def test_ignored_files_are_not_listed(bench):
    (bench.tree / "a.log").write_text("x")
    assert "a.log" not in bench.ok("list_files")


def test_search_shows_lines_counts_and_context(tools):
    said = ok(tools, "search", pattern="return result", context=1)
    assert said.startswith("2 lines in 1 file:\n\nsrc/app.py (2)\n7-         result += price\n8:     return")
    assert "\n--\n" in said


SEARCHES = {
    "literal": ({"pattern": "a.*b"}, "Nothing found for the text `a.*b`"),
    "looks like an expression": ({"pattern": r"def \w+"}, "set `regex` to true"),
    "expression": ({"pattern": r"^def \w+\(", "regex": True}, "7 lines in 5 files"),
    "line ends do not hide": ({"pattern": r"return 1$", "regex": True}, "src/windows.py (1)"),
    "across lines": ({"pattern": "total(prices):\n    result = 0"}, "4: def total(prices):"),
    "across lines by expression": ({"pattern": r"result = 0\n\s+for", "regex": True}, "5:     result = 0"),
    "another case": ({"pattern": "SHOP"}, "In another case it stands in"),
    "glob": ({"pattern": "shop", "glob": "*.json"}, "1 line in 1 file"),
    "folder": ({"pattern": "return", "path": "tests"}, "in 1 file below `tests`"),
    "one file": ({"pattern": "return", "path": "src/other.py"}, "src/other.py (1)"),
    "not UTF-8": ({"pattern": "plain"}, "src/latin.txt (1)"),
}


@pytest.mark.parametrize("case", SEARCHES)
def test_search_finds_or_says_how_to(tools, case):
    args, words = SEARCHES[case]
    assert words in ok(tools, "search", **args)


BAD_SEARCHES = {
    "empty": ({"pattern": ""}, "`pattern` is empty"),
    "invalid": ({"pattern": "a(", "regex": True}, "not valid: missing )"),
    "no such folder": ({"pattern": "a", "path": "sources"}, "There is no `sources`"),
    "no such files": ({"pattern": "a", "glob": "*.rs"}, "Search without the glob"),
    "endless glob": ({"pattern": "a", "glob": "*a" * 40}, "The glob is too long"),
}


@pytest.mark.parametrize("case", BAD_SEARCHES)
def test_a_search_that_cannot_be_made_says_why(tools, case):
    args, words = BAD_SEARCHES[case]
    assert words in refused(tools, "search", **args)


def test_an_expression_that_backtracks_without_end_is_stopped(bench):
    (bench.tree / "trap.txt").write_text("a" * 60 + "!\n")
    started = time.monotonic()
    with pytest.raises(Refused, match="Nested repeats such as"):
        search(bench.tools.desk.tree, {"pattern": "(a+)+$", "regex": True}, seconds=0.5)
    assert time.monotonic() - started < 3


def test_many_hits_are_capped_and_counted_by_file(bench):
    for name in ("one", "two", "three"):
        (bench.tree / f"{name}.txt").write_text("needle\n" * 50)
    said = bench.ok("search", pattern="needle")
    assert said.startswith("150 lines in 3 files, the first 60 shown:")
    assert "... 90 more lines, in three.txt (40), two.txt (50)." in said


def test_history_names_commits_and_their_files(tools):
    said = ok(tools, "history", count=5)
    assert "p: first: a start" in said
    assert "p: first" in ok(tools, "history", path="src/app.py")
    assert "No commit touches `src/new.py`" in refused(tools, "history", path="src/new.py")


def test_conventions_are_the_rules_in_full_and_the_commands(mirror, commit):
    said = ok(PlannerTools(mirror, commit, {"tests": "pytest -q"}), "conventions")
    assert "--- AGENTS.md\nUse tabs never." in said
    assert "tests: pytest -q" in said
