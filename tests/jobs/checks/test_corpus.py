"""The static checks on the corpus: what is bad is found, what looks like it is not. The figures are printed."""

import pytest

from jobs.checks.changed import Pair, readable
from jobs.checks.conflicts import conflicts
from jobs.checks.ecma import ask
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


def ecma(rows, group):
    files = [Pair(path, "", text) for path, _, text in rows]
    now, _ = ask.found([Pair(f"{number}/{one.path}", "", one.after) for number, one in enumerate(files)], group)
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


@pytest.mark.parametrize("text", ["", "\0", "x" * 1_000_001, "(" * 20_000, "a=" * 5_000, "{" * 20_000])
def test_no_text_makes_a_check_crash(text):
    assert python_risks("a.py", text) == [] and conflicts("a.py", text) == []
    assert all(one.code == "unreadable" for one in ask.found([Pair("a.js", text, text)], "security")[0])


def test_byte_order_marks_and_windows_lines_are_read():
    text = readable("\ufeffdef run(x):\r\n    eval(x)\r\n")
    assert [one.line for one in python_risks("a.py", text)] == [2]
