"""edit_file and replace_lines: what models send, what is done or what they are told."""

import stat

import pytest

PY = "def a():\n    x = 1\n    return x\n\n\ndef b():\n    y = 2\n    return y\n"
LONG = "".join(f"line {number}\n" for number in range(1, 301))

# name: file name, content, old, new, content afterwards
DONE = {
    "one place": ("a.py", PY, "    x = 1\n", "    x = 3\n", PY.replace("x = 1", "x = 3")),
    "part of a line": ("a.py", PY, "y = 2", "y = 20", PY.replace("y = 2", "y = 20")),
    "deleting": ("a.py", PY, "\n\ndef b():\n    y = 2\n    return y\n", "", PY[: PY.index("\n\ndef b")]),
    "unicode": ("a.txt", "größe ✓\n", "größe", "ñandú", "ñandú ✓\n"),
    "plain signs": ("a.txt", "a.*b\naxxb\n", "a.*b", r"\1 \g<0>", "\\1 \\g<0>\naxxb\n"),
    "windows ends stay": ("a.txt", "one\r\ntwo\r\nthree\r\n", "two\n", "2\nzwei\n", "one\r\n2\r\nzwei\r\nthree\r\n"),
    "windows ends sent": ("a.txt", "one\r\ntwo\r\n", "one\r\ntwo", "1\r\n2", "1\r\n2\r\n"),
    "windows file, within a line": ("a.txt", "one\r\ntwo\r\n", "two", "2\n3", "one\r\n2\r\n3\r\n"),
    "mixed ends stay": ("a.txt", "unix\nwindows\r\nend\n", "unix", "x", "x\nwindows\r\nend\n"),
    "mixed ends, windows line": ("a.txt", "unix\nwindows\r\nend\n", "windows\n", "w\nv\n", "unix\nw\r\nv\r\nend\n"),
    "mixed ends, across": ("a.txt", "unix\nwindows\r\nend\n", "unix\nwindows", "u", "u\r\nend\n"),
    "no newline at the end stays": ("a.txt", "first\nlast", "last", "end", "first\nend"),
    "a byte order mark stays": ("a.py", "\ufeffa = 1\n", "a = 1", "a = 2", "\ufeffa = 2\n"),
    "broken before": ("a.py", "def a(:\n    x\n", "    x", "    y", "def a(:\n    y\n"),
    "jinja is no yaml": ("a.yml", "{% if x %}\na: 1\n", "a: 1", "a: 2", "{% if x %}\na: 2\n"),
    "other languages are not parsed": ("a.go", "func a() {\n", "{", "((", "func a() ((\n"),
}

# name: file name, content, old, new, words of the answer
MISSED = {
    "line numbers": ("a.py", PY, "2\t    x = 1\n3\t    return x", "", "carries the line numbers"),
    "numbers with bars": ("a.py", PY, "2|    x = 1\n3|    return x", "", "carries the line numbers"),
    "numbers with arrows": ("a.py", PY, "    2→    x = 1", "", "carries the line numbers"),
    "numbers and indentation": ("a.py", PY, "2: x = 1\n3: return x", "", "carries the line numbers"),
    "spaces for a tab": (
        "a.go",
        "if a {\n\tb()\n}\n",
        "if a {\n    b()\n}",
        "",
        "indented with 1 tab there, `old` with 4",
    ),
    "a tab for spaces": ("a.py", PY, "def a():\n\tx = 1", "", "indented with 4 spaces there, `old` with 1 tab"),
    "no indentation": ("a.py", PY, "def a():\nx = 1\nreturn x", "", "4 spaces in the file, nothing in `old`"),
    "wrong indentation": ("a.py", PY, "def a():\n  x = 1\n  return x", "", "4 spaces in the file, 2 spaces in `old`"),
    "blanks at a line's end": ("a.txt", "one  \ntwo\n", "one\ntwo", "", "Line 1 of the file ends in 2 blanks"),
    "blanks at old's end": ("a.txt", "one\ntwo\n", "one \ntwo", "", "`old` has blanks at the end of a line"),
    "curly quotes sent": ("a.py", "a = 'b'\n", "a = \u2018b\u2019", "", "curly for straight"),
    "curly quotes there": ("a.md", "It\u2019s so.\n", "It's so.", "", "curly for straight"),
    "a long dash": ("a.md", "one \u2014 two\n", "one - two", "", "dashes"),
    "a hard blank": ("a.md", "one\u00a0two\n", "one two", "", "quotes, dashes or blanks"),
    "escaped line breaks": ("a.py", PY, "def a():\\n    x = 1\\n", "", "two characters"),
    "escaped quotes": ("a.py", 'a = "b"\n', 'a = \\"b\\"', "", "two characters"),
    "a code fence": ("a.py", PY, "```python\ndef a():\n    x = 1\n```", "", "code fence"),
    "a diff": ("a.py", PY, " def a():\n-    x = 1\n+    x = 2", "", "written as a diff"),
    "html": ("a.py", "if a < b and c:\n", "if a &lt; b and c:", "", "HTML-escaped"),
    "carriage returns": ("a.txt", "one\ntwo\n", "one\ntwo\r", "", "carriage returns"),
    "blanks within": ("a.py", "a = f(1, 2)\n", "a  =  f(1, 2)", "", "blanks within a line"),
    "case": ("a.py", PY, "DEF A():", "", "upper and lower case"),
    "empty lines around": ("a.txt", "one\ntwo\n", "\n\none\ntwo\n", "", "empty lines before or after"),
    "lines left out": ("a.py", PY, "def a():\n    ...\n    return x", "", "leaves lines out"),
    "already made": ("a.py", PY, "    old_name = 1\n", "def b():\n    y = 2\n", "seems to have been made"),
    "one line differs": (
        "a.py",
        PY,
        "def a():\n    x = 5\n    return x\n",
        "",
        "differs first in line 2: the file has `x = 1`",
    ),
    "nothing like it": ("a.py", PY, "import numpy as np", "", "No passage of the file is like it"),
    "another file's": ("z.py", PY, "def helper(value):\n    return value + 41\n", "", "`src/other.py` (line 1)"),
    "not unique": ("a.py", "a = 1\nb = 2\na = 1\n", "a = 1\n", "", "2 times in"),
    "not unique by far": ("a.txt", "a\n" * 30, "a\n", "b\n", "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 20 more"),
    "empty": ("a.py", PY, "", "x", "`old` is empty"),
    "no change": ("a.py", PY, "x = 1", "x = 1", "are the same"),
    "broken python": ("a.py", PY, "def a():\n", "def a(\n", "no longer be well formed at line"),
    "broken json": ("a.json", '{\n  "a": 1\n}\n', "1\n", "1,\n", "no longer be well formed at line 3"),
    "broken toml": ("a.toml", "[a]\nb = 1\n", "b = 1", "b = ", "no longer be well formed"),
    "broken yaml": ("a.yml", "a:\n  - b\n", "  - b", "  - b\n c: [", "no longer be well formed"),
    "half a character": ("a.txt", "one\n", "one", "\ud800", "lone surrogate"),
    "a NUL": ("a.txt", "one\n", "one", "a\0b", "NUL"),
}


def put(desk, name, content, read=True):
    folder = desk.tree / "table"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content.encode())
    desk.session.seen.pop(f"table/{name}", None)
    desk.session.misses.pop(f"table/{name}", None)
    if read:
        desk.ok("read_file", path=f"table/{name}")
    return path


@pytest.mark.parametrize("case", DONE)
def test_an_edit_that_matches_once_is_made_and_nothing_else_changes(desk, case):
    name, content, old, new, after = DONE[case]
    path = put(desk, name, content)
    assert "now" in desk.ok("edit_file", path=f"table/{name}", old=old, new=new)
    assert path.read_bytes() == after.encode()


@pytest.mark.parametrize("case", MISSED)
def test_an_edit_that_does_not_fit_says_why_and_changes_nothing(desk, case):
    name, content, old, new, words = MISSED[case]
    path = put(desk, name, content)
    said = desk.refused("edit_file", path=f"table/{name}", old=old, new=new)
    assert words in said
    assert path.read_bytes() == content.encode()


def test_a_refused_edit_shows_the_nearest_passage_with_numbers(desk):
    put(desk, "a.py", PY)
    said = desk.refused("edit_file", path="table/a.py", old="def b():\n    y = 3\n", new="")
    assert "6\tdef b():\n7\t    y = 2\n" in said


def test_bytes_that_are_not_utf8_survive_an_edit_beside_them(desk):
    path = put(desk, "latin.txt", "")
    path.write_bytes(b"caf\xe9\nplain\n")
    assert "not UTF-8" in desk.ok("read_file", path="table/latin.txt")
    desk.ok("edit_file", path="table/latin.txt", old="plain", new="simple")
    assert path.read_bytes() == b"caf\xe9\nsimple\n"


def test_the_mode_is_kept(desk):
    path = put(desk, "tool.sh", "#!/bin/sh\necho a\n")
    path.chmod(0o755)
    desk.ok("edit_file", path="table/tool.sh", old="echo a", new="echo b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_a_file_has_to_be_read_before_it_is_edited(desk):
    put(desk, "a.py", PY, read=False)
    assert "Call read_file" in desk.refused("edit_file", path="table/a.py", old="x = 1", new="x = 2")


def test_a_file_that_changed_since_is_shown_as_it_is_now_and_the_next_call_goes_through(desk):
    path = put(desk, "a.py", PY)
    path.write_text(PY.replace("x = 1", "x = 9"))
    said = desk.refused("edit_file", path="table/a.py", old="    x = 1\n", new="    x = 2\n")
    assert "changed since you read it" in said
    assert "2\t    x = 9\n" in said
    desk.ok("edit_file", path="table/a.py", old="    x = 9\n", new="    x = 2\n")


def test_a_long_file_that_changed_since_is_shown_around_the_passage(desk):
    path = put(desk, "long.txt", LONG)
    path.write_text("new first\n" + LONG)
    said = desk.refused("edit_file", path="table/long.txt", old="line 150\n", new="x\n")
    assert "151\tline 150" in said
    assert "line 20\n" not in said


def test_after_two_misses_replace_lines_is_offered(desk):
    put(desk, "a.py", PY)
    first = desk.refused("edit_file", path="table/a.py", old="def zebra():", new="")
    second = desk.refused("edit_file", path="table/a.py", old="def zebra(x):", new="")
    assert "replace_lines" not in first
    assert "replace_lines needs no exact passage" in second


LINES = {
    "some lines": (
        2,
        3,
        "    x = 1",
        "    return x",
        "    return 1",
        PY.replace("    x = 1\n    return x\n", "    return 1\n"),
    ),
    "blanks around do not count": (2, 2, "x = 1", "x = 1", "    x = 2\n", PY.replace("x = 1", "x = 2")),
    "deleting": (4, 5, "", "", "", PY.replace("\n\n\n", "\n")),
    "the last line": (8, 8, "    return y", "    return y", "    return 0", PY.replace("return y", "return 0")),
}


@pytest.mark.parametrize("case", LINES)
def test_lines_are_replaced_by_their_numbers(desk, case):
    start, end, first, last, new, after = LINES[case]
    path = put(desk, "a.py", PY)
    desk.ok("replace_lines", path="table/a.py", start=start, end=end, first_line=first, last_line=last, new=new)
    assert path.read_text() == after


WRONG_LINES = {
    "another first line": (2, 3, "    y = 2", "    return x", "`y = 2` is line 7"),
    "another last line": (2, 3, "    x = 1", "nonsense", "Line 3 of"),
    "with numbers": (2, 2, "2\t    x = 1", "2\t    x = 1", "without the number and tab"),
    "turned round": (3, 2, "    return x", "    x = 1", "are no range"),
    "from nought": (0, 1, "", "def a():", "are no range"),
    "past the end": (8, 9, "    return y", "", "has 8 lines"),
    "the same": (2, 2, "    x = 1", "    x = 1", "nothing would change"),
}


@pytest.mark.parametrize("case", WRONG_LINES)
def test_lines_that_are_not_what_was_said_stay(desk, case):
    start, end, first, last, words = WRONG_LINES[case]
    path = put(desk, "a.py", PY)
    given = {"first_line": first, "last_line": last, "new": "    x = 1" if case == "the same" else "    pass"}
    assert words in desk.refused("replace_lines", path="table/a.py", start=start, end=end, **given)
    assert path.read_text() == PY


def test_replace_lines_keeps_windows_ends_and_a_missing_newline(desk):
    path = put(desk, "w.txt", "one\r\ntwo\r\nthree")
    given = {"first_line": "three", "last_line": "three", "new": "3\n4\n"}
    desk.ok("replace_lines", path="table/w.txt", start=3, end=3, **given)
    assert path.read_bytes() == b"one\r\ntwo\r\n3\r\n4"
