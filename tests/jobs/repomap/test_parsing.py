"""Files that would keep a parser busy, or break it, cost only themselves."""

import io

import pytest

from jobs.repomap.parsing import parse
from jobs.repomap.row import Row
from jobs.repomap.worker import files

GOOD = ("python", b"class Good:\n    pass\n")


def test_outlines_come_back_in_order():
    rows = parse([GOOD, ("go", b"package x\nfunc Work() {}\n"), ("python", b"")])
    assert [row.names for row in rows] == ["Good", "Work", ""]
    assert parse([]) == []


@pytest.mark.slow
def test_a_file_that_takes_too_long_has_no_outline_and_the_next_one_has():
    hostile = ("python", b"function a() { " * 25_000)
    assert [row.names for row in parse([GOOD, hostile, GOOD])] == ["Good", "", "Good"]


def test_a_reader_that_fails_leaves_the_rest_unread():
    assert parse([GOOD, ("no such language", b"x"), GOOD]) == parse([GOOD])
    assert parse([GOOD])[0] != Row()


def test_texts_follow_their_language_and_size():
    stream = io.BytesIO(b"python 3\na\nbgo 0\nrust 1\n\n")
    assert list(files(stream)) == [("python", b"a\nb"), ("go", b""), ("rust", b"\n")]
