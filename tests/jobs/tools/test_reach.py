"""What a path can reach (ABU-28): only regular files of the work tree, and of these only what may be written."""

import os
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

WRITES = ("write_file", "edit_file", "replace_lines", "delete_file", "move_file")
NOWHERE = {
    "/etc/passwd": "outside the work tree",
    "/work/src/app.py": "Use `src/app.py`",
    "/devtask/out/command-0001.txt": "sed -n '1,200p' /devtask/out/command-0001.txt",
    "~/.ssh/id_rsa": "outside the work tree",
    "../outside": "leads out of the repository",
    "src/../../outside": "leads out of the repository",
    "src/../README.md": "Use `README.md`",
    ".git/config": "no git directory here",
    ".GIT/hooks/post-commit": "no git directory here",
    "src/.Git/config": "no git directory here",
    "git~1/config": "no git directory here",
    ".git. /config": "no git directory here",
    ".git::$INDEX_ALLOCATION/config": "no git directory here",
    ".g\u200cit/config": "control character",
    "a\0b": "control character",
    "a\nb": "control character",
    "src\\app.py": "Use `src/app.py`",
    "x" * 256: "too long",
    "/".join(["deep"] * 300): "too long",
}
NEW = {
    "con": "device on Windows",
    "src/AUX.py": "device on Windows",
    "LPT1.txt": "device on Windows",
    "name:stream": "cannot be a file name",
    "trailing.": "cannot be a file name",
    "question?": "cannot be a file name",
    "readme.md": "`README.md` exists and differs",
    "SRC/new.py": "Use `src/new.py`",
    "README.md/x": "is a file, so nothing can be put below it",
    "shortcut/x": "symbolic link",
    "leaving/x": "symbolic link",
    ".dev-tasks/k3x9q2ab/plan.md": "belongs to the service",
    ".github/workflows/new.yml": ".github/workflows/new.yml is protected, so it is held until a person allows it",
    "CODEOWNERS": "CODEOWNERS is protected, so it is held until a person allows it",
    "secret/key": "secret/key is protected, so it is held until a person allows it",
}


@pytest.fixture(scope="module")
def walled(desk):
    """The tree with links that lead out, and things outside that could be hit."""
    outside = desk.tree.parent / "outside"
    outside.mkdir(exist_ok=True)
    (outside / "victim").write_text("untouched")
    (desk.tree / "leaving").symlink_to(outside)
    (desk.tree / "direct").symlink_to(outside / "victim")
    (desk.tree / "src/up").symlink_to("../..")
    (desk.tree / "mover.txt").write_text("x")
    os.mkfifo(desk.tree / "pipe")
    return desk


@pytest.fixture(scope="module")
def untouched(walled):
    return outside_of(walled)


def arguments(tool, path):
    return {
        "write_file": {"content": "x\n"},
        "edit_file": {"old": "a", "new": "b"},
        "replace_lines": {"start": 1, "end": 1, "first_line": "", "last_line": "", "new": "x"},
        "move_file": {"to": path},
    }.get(tool, {}) | {"path": "mover.txt" if tool == "move_file" else path}


def outside_of(desk):
    """Everything but the tree below the folder of all repositories: names, kinds, sizes and times of change."""
    root, found = desk.tree.parents[2], {}
    for folder, folders, names in os.walk(root):
        if folder == str(desk.tree.parent):
            folders.remove("tree")
        if "objects" in folders:
            folders.remove("objects")
        for name in names:
            status = os.lstat(os.path.join(folder, name))  # noqa: PTH118
            found[folder, name] = (status.st_mode, status.st_size, status.st_mtime_ns)
    return found


@pytest.mark.parametrize("path", NOWHERE, ids=range(len(NOWHERE)))
@pytest.mark.parametrize("tool", ["read_file", *WRITES])
def test_a_path_that_is_none_is_refused_with_the_right_one(walled, tool, path):
    assert NOWHERE[path] in walled.refused(tool, **arguments(tool, path))


@pytest.mark.parametrize("path", NEW)
def test_a_file_that_may_not_be_made_is_refused_with_the_reason(walled, path):
    assert NEW[path] in walled.refused("write_file", **arguments("write_file", path))
    assert NEW[path] in walled.refused("move_file", **arguments("move_file", path))


@pytest.mark.parametrize("path", ["direct", "leaving/victim", "src/up/outside/victim"])
@pytest.mark.parametrize("tool", ["read_file", "write_file", "edit_file"])
def test_no_link_is_followed(walled, tool, path):
    said = walled.refused(tool, **arguments(tool, path))
    assert "link" in said
    assert "untouched" not in said
    assert (walled.tree.parent / "outside/victim").read_text() == "untouched"


def test_a_pipe_is_no_file_and_nobody_waits_for_it(walled):
    assert "special" in walled.refused("read_file", path="pipe")


def test_protected_files_can_be_read_and_not_changed(walled):
    walled.ok("read_file", path=".github/workflows/ci.yml")
    for tool in WRITES[1:4]:
        assert "held until a person allows it" in walled.refused(tool, **arguments(tool, ".github/workflows/ci.yml"))


def test_a_rename_in_case_only_is_no_clash(bench):
    assert "Moved" in bench.ok("move_file", path="README.md", to="Readme.md")


PARTS = st.one_of(
    st.sampled_from(
        (
            *(
                "..",
                ".",
                "",
                ".git",
                ".GiT",
                "git~1",
                "src",
                "SRC",
                "leaving",
                "direct",
                "shortcut",
                "up",
                "pipe",
                "nul",
            ),
            *("/", "//etc", "~", "outside", "victim", "a\0b", "x" * 300, ".git\u200d", "app.py", ".dev-tasks", "..."),
        )
    ),
    st.text(alphabet=string.printable + "é\u202e\ufeff\u2044\u200b", max_size=12),
    st.text(max_size=6),
)


@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parts=st.lists(PARTS, min_size=1, max_size=5), tool=st.sampled_from(WRITES), lead=st.sampled_from(["", "/", "../"])
)
def test_abu_28_whatever_path_is_written_nothing_outside_changes(walled, untouched, parts, tool, lead):
    (walled.tree / "mover.txt").write_text("x")
    assert walled.call(tool, **arguments(tool, lead + "/".join(parts))).text
    assert outside_of(walled) == untouched
