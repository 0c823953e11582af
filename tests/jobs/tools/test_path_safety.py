"""ABU-28, ABU-27: what a model may name. Nothing outside the tree is ever read or written."""

import contextlib
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.tools.paths import Mistake, clean, read_bytes, write_bytes

BAD = [
    "../x", "a/../../x", "/etc/passwd", "~/x", "~root/x", ".git/config", ".GIT/config", "a/.Git/hooks/x", "git~1/x",
    "GIT~1", ".git./x", ".git /x", ".git::$INDEX_ALLOCATION/x", "a\0b", "a\nb", "a\x1bb", "a:b", "a\\b", "..\\x",
    "dir/name.", "name ", "x" * 300, "d/" * 600 + "f", "", "   ", None, 3, ["a"], ".g\u200cit/config",
]  # fmt: skip
GOOD = {
    "a.py": "a.py",
    "./a.py": "a.py",
    "a//b.py": "a/b.py",
    "/work/a.py": "a.py",
    "a b/ñ.txt": "a b/ñ.txt",
    ".gitignore": ".gitignore",
    ".github/x": ".github/x",
    "git/x": "git/x",
    "a..b": "a..b",
    "...": None,
    "-x": "-x",
}


@pytest.mark.parametrize("path", BAD, ids=repr)
def test_abu_28_a_path_that_is_none_is_refused(path):
    with pytest.raises(Mistake):
        clean(path)


@pytest.mark.parametrize("path", [name for name in GOOD if GOOD[name]])
def test_one_spelling_for_every_good_path(path):
    assert clean(path) == GOOD[path]


@pytest.fixture
def trap(tmp_path):
    tree, outside = tmp_path / "tree", tmp_path / "outside"
    tree.mkdir()
    outside.mkdir()
    (outside / "secret").write_text("canary")
    (tree / "dir").symlink_to(outside)
    (tree / "file").symlink_to(outside / "secret")
    (tree / "up").symlink_to("..")
    (tree / "hard").mkdir()
    os.mkfifo(tree / "pipe")
    return tree


@pytest.mark.parametrize("path", ["dir/secret", "file", "up/outside/secret", "dir/new", "pipe", "hard"])
def test_abu_28_links_and_devices_are_neither_read_nor_written(trap, path):
    for act in (lambda: read_bytes(trap, path), lambda: write_bytes(trap, path, b"x")):
        with pytest.raises(Mistake):
            act()
    assert (trap.parent / "outside" / "secret").read_text() == "canary"
    assert [entry.name for entry in (trap.parent / "outside").iterdir()] == ["secret"]
    assert not [entry for entry in trap.iterdir() if "devtask" in entry.name]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["..", ".", "", "dir", "file", "up", "a", ".git", "/", "~", "b c", "\\", "outside"])))
def test_g13_no_composed_path_writes_outside(trap, parts):
    with contextlib.suppress(Mistake):
        write_bytes(trap, clean("/".join(parts)), b"x")
    assert (trap.parent / "outside" / "secret").read_text() == "canary"
    assert sorted(entry.name for entry in trap.parent.iterdir()) == ["outside", "tree"]
    assert len(list((trap.parent / "outside").iterdir())) == 1


WRITES = [
    ("write_file", {"content": "x"}),
    ("edit_file", {"old": "a", "new": "b"}),
    ("delete_file", {}),
    ("move_file", {"to": "free.txt"}),
]


@pytest.mark.parametrize(("name", "args"), WRITES)
@pytest.mark.parametrize("path", ["../x", "/etc/hosts", ".git/config", "link.md", "src", ".github/workflows/ci.yml"])
def test_every_writing_tool_refuses_and_changes_nothing(tools, session, name, args, path):
    found = tools.call(name, {"path": path, **args})
    assert found.is_error and not session.written
    assert session.workspace.changed() == []


def test_abu_27_the_reason_names_the_command_that_opens_a_path(tools):
    found = tools.call("write_file", {"path": ".github/workflows/new.yml", "content": "on: push\n"})
    assert "/allow-path .github/workflows/new.yml" in found.text
    assert "belongs to the service" in tools.call("write_file", {"path": ".dev-tasks/x", "content": ""}).text
    assert tools.call("move_file", {"path": "README.md", "to": "CODEOWNERS"}).is_error
