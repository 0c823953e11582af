"""The static checks on the corpus: what is bad is found, what looks like it is not. The figures are printed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.checks import silenced, size
from jobs.checks.changed import Pair, readable
from jobs.checks.complexity import too_complex
from jobs.checks.conflicts import conflicts
from jobs.checks.debug import left_over, of_ecma
from jobs.checks.ecma import ask
from jobs.checks.performance import slow
from jobs.checks.python_risks import python_risks
from tests.jobs.checks import corpus


def python(path, text):
    return {one.code for one in python_risks(path, text)}


def told(rows, check, codes_of):
    """What was found where, and the figures as a line."""
    right = missed = false = 0
    wrong = []
    for (path, expected, text), codes in zip(rows, codes_of, strict=True):
        right += bool(expected) and expected in codes
        missed += bool(expected) and expected not in codes
        false += len(codes - {expected})
        if codes != ({expected} if expected else set()):
            wrong.append((path, expected, sorted(codes), text))
    precision, recall = right / max(1, right + false), right / max(1, right + missed)
    print(f"{check}: {len(rows)} snippets, precision {precision:.2f}, recall {recall:.2f}")
    return wrong


OF_ECMA = {"debug": of_ecma, "silenced": silenced.of_ecma}
"""Checks that sort what the process found; "silenced" reads what it found for "debug"."""


def ecma(rows, group):
    files = [Pair(path, "", text) for path, _, text in rows]
    now, _ = ask.found(
        [Pair(f"{number}/{one.path}", "", one.after) for number, one in enumerate(files)],
        "debug" if group == "silenced" else group,
    )
    now = OF_ECMA.get(group, list)(now)
    return [{one.code for one in now if one.path.startswith(f"{number}/")} for number in range(len(rows))]


def test_security_finds_what_is_bad_and_nothing_else():
    mine = [row for row in corpus.SECURITY if row[0] == corpus.PY]
    others = [row for row in corpus.SECURITY if row[0] != corpus.PY]
    assert told(mine, "security, Python", [python(path, text) for path, _, text in mine]) == []
    assert told(others, "security, JavaScript", ecma(others, "security")) == []
    assert len(corpus.SECURITY) >= 50


def test_conflict_marks_are_found_only_where_they_are_some():
    rows = corpus.CONFLICTS
    found = [{one.code for one in conflicts(path, text)} for path, _, text in rows]
    assert told(rows, "conflicts", found) == []


HABITS = {
    "debug": (corpus.DEBUG, left_over),
    "performance": (corpus.PERFORMANCE, slow),
    "silenced": (corpus.SILENCED, silenced.silenced),
    "complexity": (corpus.COMPLEXITY, too_complex),
}


@pytest.mark.parametrize("check", HABITS)
def test_hints_are_given_for_what_is_bad_and_nothing_else(check):
    rows, look = HABITS[check]
    mine, others = ([row for row in rows if row[0].endswith(".py") is wanted] for wanted in (True, False))
    found = [{one.code for one in look(path, text)} for path, _, text in mine]
    assert told(mine, f"{check}, Python", found) == []
    assert told(others, f"{check}, JavaScript", ecma(others, check)) == []


def test_branches_are_counted_as_ruff_counts_them(tmp_path):
    odd = """
def f(x):
    try:
        pass
    except A:
        pass
    else:
        pass
    finally:
        pass
    match x:
        case 1: pass
        case y if y: pass
        case _: pass
    async def g():
        async for a in b:
            pass
        else:
            pass
    class C:
        def h(self):
            while x: pass
    with x:
        if a: pass
        elif b: pass
        else: pass
    return [a for a in b if a and b]
"""
    (tmp_path / "odd.py").write_text(odd)
    files = [tmp_path / "odd.py", *sorted(Path(size.__file__).parent.glob("*.py"))]
    ours = {(str(file), f.line) for file in files for f in too_complex(str(file), file.read_text(), 3)}
    options = ["--isolated", "--no-cache", "--select", "C901", "--config", "lint.mccabe.max-complexity=3"]
    argv = [sys.executable, "-m", "ruff", "check", *options, "--output-format", "json", *map(str, files)]
    said = json.loads(subprocess.run(argv, capture_output=True, text=True, check=False).stdout)
    assert {(one["filename"], one["location"]["row"]) for one in said} == ours and len(ours) > 30


@pytest.mark.parametrize("text", ["", "\0", "x" * 1_000_001, "(" * 20_000, "a=" * 5_000, "{" * 20_000])
def test_no_text_makes_a_check_crash(text):
    assert python_risks("a.py", text) == [] and conflicts("a.py", text) == []
    assert all(one.code == "unreadable" for one in ask.found([Pair("a.js", text, text)], "security")[0])


def test_byte_order_marks_and_windows_lines_are_read():
    text = readable("\ufeffdef run(x):\r\n    eval(x)\r\n")
    assert [one.line for one in python_risks("a.py", text)] == [2]


@pytest.mark.slow
def test_a_text_that_keeps_the_parser_busy_kills_the_process_that_reads_it_and_is_told():
    busy = "f(" * 240_000 + ")" * 240_000
    now, _ = ask.found([Pair("a.js", "", "eval(x)"), Pair("b.js", "", busy), Pair("c.js", "", "eval(y)")], "security")
    assert [(one.path, one.code) for one in now] == [("a.js", "eval"), ("b.js", "unreadable"), ("c.js", "eval")]
