"""edit_file and replace_lines: one table of what models send and what they are told."""

import pytest

PY = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    x = 1\n    return x\n"
QUOTES = "say = 'it is \"so\"'\nother = 2\n"
TABS = "def a():\n\tx = 1\n\treturn x\n"
CRLF = "one\r\ntwo\r\nthree\r\n"
MIXED = "one\r\ntwo\nthree\r\n"

# file content, old, new, words of the answer (None = it is done), content afterwards (None = unchanged)
TABLE = {
    "exactly one match": (PY, "def a():\n", "def aa():\n", None, PY.replace("def a", "def aa")),
    "a whole line less": (PY, "def a():\n    x = 1\n    return x\n\n\n", "", None, PY[PY.index("def b") :]),
    "inside a line": (QUOTES, "other = 2", "other = 3", None, QUOTES.replace("2", "3")),
    "not unique": (PY, "    x = 1\n", "    x = 2\n", "2 times, at lines 2, 7", None),
    "not unique by far": (
        "a\n" * 30,
        "a\n",
        "b\n",
        "30 times, at lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 20 more",
        None,
    ),
    "line numbers with tabs": (PY, "    1\tdef a():\n    2\t    x = 1\n", "y", "line numbers", None),
    "line numbers with bars": (PY, "1| def a():\n2|     x = 1", "y", "line numbers", None),
    "line numbers with arrows": (PY, "1→def a():\n2→    x = 1", "y", "line numbers", None),
    "a code fence": (PY, "```python\ndef a():\n```", "y", "code fence", None),
    "diff signs": (PY, "-def a():\n-    x = 1", "y", "diff", None),
    "spaces for tabs": (TABS, "def a():\n    x = 1\n", "y", "tabs and spaces", None),
    "tabs for spaces": (PY, "def a():\n\tx = 1\n", "y", "tabs and spaces", None),
    "trailing blanks in old": (PY, "def a():  \n    x = 1\n", "y", "Blanks at line ends", None),
    "trailing blanks in file": ("a = 1  \nb = 2\n", "a = 1\nb = 2\n", "y", "Blanks at line ends", None),
    "wrong indentation": (PY, "def a():\n  x = 1\n  return x\n", "y", "indentation", None),
    "curly quotes in old": (QUOTES, "say = \u2018it is \u201cso\u201d\u2019", "y", "typographic", None),
    "curly quotes in file": ("t = \u201cx\u201d\n", 't = "x"', "y", "typographic", None),
    "a long dash": ("a \u2014 b\n", "a - b", "y", "typographic", None),
    "a hard blank": ("a\u00a0b\n", "a b", "y", "typographic", None),
    "escaped line ends": (PY, "def a():\\n    x = 1\\n", "y", "escapes", None),
    "HTML entities": ("if a < b && c:\n", "if a &lt; b &amp;&amp; c:", "y", "HTML", None),
    "other case": (PY, "DEF A():", "y", "Upper and lower case", None),
    "an empty line more": (PY, "def a():\n\n    x = 1\n", "y", "Empty lines", None),
    "an empty line less": (PY, "    return x\ndef b():\n", "y", "Empty lines", None),
    "wrapped differently": ("call(a, b,\n     c)\n", "call(a, b, c)", "y", "line breaks differ", None),
    "lines left out": (PY, "def a():\n    ...\n    return x\n", "y", "leaves lines out", None),
    "already done": (PY, "def z():", "def b():\n    x = 1", "stands in the file already", None),
    "nothing like it": (PY, "import numpy as np", "y", "the passage is not there", None),
    "nearly it": (PY, "def a(self):\n    x = 1\n    return y\n", "y", "The nearest passage:\n    1\tdef a():", None),
    "empty old": (PY, "", "y", "`old` is empty", None),
    "nothing would change": (PY, "def a():", "def a():", "the same", None),
    "breaks the syntax": (PY, "def a():\n", "def a(:\n", "could no longer be parsed: line 1", None),
    "line ends are the file's": (CRLF, "two\n", "2\nb\n", None, "one\r\n2\r\nb\r\nthree\r\n"),
    "line ends given as the file's": (CRLF, "one\r\ntwo", "1\r\n2", None, "1\r\n2\r\nthree\r\n"),
    "mixed line ends": (MIXED, "one\ntwo", "y", "", None),
    "carriage returns in old": ("one\ntwo\n", "one\r\ntwo", "y", "\\r", None),
    "no line end at the end": ("a\nb", "b", "c", None, "a\nc"),
    "a byte order mark stays": ("\ufeffa = 1\n", "a = 1", "a = 2", None, "\ufeffa = 2\n"),
    "unicode": ("s = 'ñandú ✓'\n", "ñandú ✓", "größe", None, "s = 'größe'\n"),
    "regular expression signs are plain": ("a.*b\naxxb\n", "a.*b", "c", None, "c\naxxb\n"),
    "backreferences are plain": ("v = 1\n", "v = 1", "v = '\\\\1 \\g<0>'", None, "v = '\\\\1 \\g<0>'\n"),
}


@pytest.mark.parametrize("case", TABLE)
def test_an_edit_is_done_exactly_or_explained(tools, session, case):
    before, old, new, words, after = TABLE[case]
    path = session.tree / "f.py"
    path.write_bytes(before.encode())
    path.chmod(0o755)
    tools.call("read_file", {"path": "f.py"})
    found = tools.call("edit_file", {"path": "f.py", "old": old, "new": new})
    assert found.is_error is (words is not None), found.text
    assert words is None or words in found.text
    assert path.read_bytes() == (before if after is None else after).encode()
    assert path.stat().st_mode & 0o777 == 0o755
    assert ("f.py" in session.written) is (words is None)


def test_what_was_not_read_is_not_edited(tools, session):
    found = tools.call("edit_file", {"path": "README.md", "old": "A shop.", "new": "B"})
    assert found.is_error and "not read README.md" in found.text


def test_a_file_that_a_command_changed_is_shown_anew(tools, session):
    tools.call("read_file", {"path": "README.md"})
    tools.call("run", {"command": "echo changed > README.md"})
    found = tools.call("edit_file", {"path": "README.md", "old": "A shop.", "new": "B"})
    assert found.is_error and "changed since you read it" in found.text and "    1\tchanged" in found.text
    assert not tools.call("edit_file", {"path": "README.md", "old": "changed", "new": "B"}).is_error


def test_after_two_misses_the_other_tool_is_offered(tools):
    tools.call("read_file", {"path": "README.md"})
    wrong = {"path": "README.md", "old": "no such words here", "new": "B"}
    assert "replace_lines" not in tools.call("edit_file", wrong).text
    assert 'replace_lines(path="README.md"' in tools.call("edit_file", wrong).text


def test_a_missing_file_is_answered_with_the_likely_one(tools):
    found = tools.call("edit_file", {"path": "stock.py", "old": "a", "new": "b"})
    assert "Did you mean src/shop/stock.py?" in found.text


def test_an_edit_can_be_followed_by_another_without_reading_again(tools, session):
    tools.call("read_file", {"path": "src/shop/stock.py"})
    for old, new in (("n < 0", "n <= 0"), ("n <= 0", "n < 1")):
        assert not tools.call("edit_file", {"path": "src/shop/stock.py", "old": old, "new": new}).is_error
    assert "n < 1" in (session.tree / "src/shop/stock.py").read_text()


def test_a_file_that_was_broken_before_may_stay_broken(tools, session):
    (session.tree / "f.py").write_text("def (\nx = 1\n")
    tools.call("read_file", {"path": "f.py"})
    assert not tools.call("edit_file", {"path": "f.py", "old": "x = 1", "new": "x = 2"}).is_error


RANGE = {"path": "README.md", "start": 1, "end": 3, "first_line": "# Shop", "last_line": "A shop.", "new": "# New\n"}


@pytest.mark.parametrize(
    ("change", "words", "after"),
    [
        ({}, None, "# New\n"),
        ({"end": 1, "last_line": "# Shop", "new": "# New"}, None, "# New\n\nA shop.\n"),
        ({"new": ""}, None, ""),
        ({"start": 2, "end": 2, "first_line": "", "last_line": "", "new": ""}, None, "# Shop\nA shop.\n"),
        ({"start": "1", "end": 3.0}, None, "# New\n"),
        ({"first_line": "# Store"}, "Line 1 of README.md is not what you say", None),
        ({"last_line": "A store."}, "Line 3", None),
        ({"end": 4}, "has 3 lines", None),
        ({"start": 3, "end": 2}, "are not in README.md", None),
        ({"start": 0}, "at least 1", None),
        ({"start": "one"}, "whole number", None),
        ({"start": True}, "whole number", None),
    ],
)
def test_a_range_is_replaced_when_its_ends_are_as_said(tools, session, change, words, after):
    tools.call("read_file", {"path": "README.md"})
    found = tools.call("replace_lines", {**RANGE, **change})
    assert found.is_error is (words is not None), found.text
    assert words is None or words in found.text
    assert (session.tree / "README.md").read_text() == ("# Shop\n\nA shop.\n" if after is None else after)
