"""A step that is too large is refused with the number and what to do; what nobody reads line by line is not counted."""

import pytest

from jobs.checks import size
from jobs.checks.result import Status
from tests.jobs.checks.place import place


@pytest.fixture
def changed(tmp_path):
    def lines(before, after):
        here = place(tmp_path, before)
        scene = here.scene(after)
        here.box.close()
        return size.changed_lines(scene.mirror, scene.start, scene.tree)

    return lines


def test_lock_files_generated_and_binary_files_moves_and_deletions_are_not_counted(changed):
    long, lock = ("".join(f"{word} {number}\n" for number in range(400)) for word in ("line", "lock"))
    before = {"old.py": long, "gone.py": long, "kept.py": "a\nb\nc\n"}
    after = {
        "old.py": None,
        "new/place.py": long.replace("line 7\n", "line seven\n"),
        "gone.py": None,
        "kept.py": "a\nB\nc\n",
        "package-lock.json": lock,
        "web/yarn.lock": lock,
        "Cargo.lock": lock,
        "web/dist/app.js": lock,
        "api_pb2.py": lock,
        "tests/a.snap": lock,
        "logo.png": b"\x89PNG\0" + b"x\n" * 900,
        ".dev-tasks/k/plan.md": lock,
        "länge.py": "a = 1\n",
    }
    assert changed(before, after) == {"new/place.py": 2, "kept.py": 2, "länge.py": 1}


def test_attributes_of_the_tree_hide_no_line(changed):
    found = changed({}, {".gitattributes": "*.py -diff binary\n", "a.py": "x = 1\n" * 301})
    assert found["a.py"] == 301 and size.verdict(found).status is Status.FAILED


def test_windows_lines_and_what_is_not_utf_8_are_counted_as_lines(changed):
    assert changed({"a.txt": b"a\r\nb\r\n"}, {"a.txt": b"a\r\nc\xe9\r\n"}) == {"a.txt": 2}


def test_the_limit_itself_is_allowed_and_one_more_is_told_with_the_number_and_what_to_do():
    assert size.verdict({"a.py": 299, "b.py": 1}).status is Status.PASSED
    found = size.verdict({"a.py": 1, "b.py": 300, **{f"{n}.py": 0 for n in range(9)}})
    assert found.red and found.reason == "too_large" and found.summary.startswith("301 changed lines are too many")
    assert "may change 300" in found.summary and "say in `done`" in found.summary
    assert found.tail.split("\n")[1:] == [
        "   300 b.py",
        "     1 a.py",
        "     0 0.py",
        "     0 1.py",
        "     0 2.py",
        "and 6 more files",
    ]
