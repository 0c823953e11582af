"""Trees, indexes, commits: on real git."""

import os
import shutil
import stat

import pytest

from jobs.git.changes import changed_files, diff_text
from jobs.git.errors import Untrusted
from jobs.git.message import HOLD, message
from jobs.git.refs import Moved, trailers_of
from jobs.git.workspace import Workspace, adopt, checkout
from tests.jobs.git.hub import WHO, sh

TEXT = message("feat: do it", "Because.", {"Devtask-Task": "k3x9q2ab", "Devtask-Step": "s01"}, HOLD)


def test_the_tree_holds_the_files_and_no_git_directory(started):
    assert sorted(path.name for path in started.tree.iterdir()) == [".gitignore", "a.txt", "src"]
    assert started.changed() == []


def test_a_commit_takes_only_the_chosen_paths(started):
    (started.tree / "a.txt").write_text("two\n")
    (started.tree / "new.txt").write_text("new\n")
    (started.tree / "not mine.txt").write_text("x\n")
    made = started.commit(["a.txt", "new.txt"], TEXT, WHO)
    found = changed_files(started.mirror, f"{made}^", made)
    assert [(change.path, change.what, change.added) for change in found] == [
        ("a.txt", "modified", 1),
        ("new.txt", "created", 1),
    ]
    assert started.changed() == ["not mine.txt"]
    assert started.refs.get() == made == started.head()


def test_names_with_spaces_unicode_quotes_and_newlines_are_kept(started):
    names = ["with space.txt", "ñandú/größe ✓.py", '"quoted".txt', "line\nbreak", "-dash", ":(glob)x", "back\\slash"]
    for name in names[:-1]:
        path = started.tree / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    made = started.commit(names[:-1], TEXT, WHO)
    assert {change.path for change in changed_files(started.mirror, f"{made}^", made)} == set(names[:-1])


def test_deletions_modes_links_and_a_file_that_becomes_a_folder(started):
    (started.tree / "a.txt").unlink()
    (started.tree / "a.txt").mkdir()
    (started.tree / "a.txt" / "inner").write_text("i")
    (started.tree / "run.sh").write_text("#!/bin/sh\n")
    (started.tree / "run.sh").chmod(0o755)
    (started.tree / "link").symlink_to("./src/../src/b.py")
    made = started.commit(started.changed(), TEXT, WHO)
    modes = {change.path: change.new_mode for change in changed_files(started.mirror, f"{made}^", made)}
    assert modes == {"a.txt": "000000", "a.txt/inner": "100644", "run.sh": "100755", "link": "120000"}
    folder = started.root.parent / "fresh"
    checkout(started.mirror, made, folder)
    raw = os.readlink(folder / "tree" / "link")  # noqa: PTH115  (Path normalises)
    assert raw == "./src/../src/b.py"
    assert (folder / "tree" / "run.sh").stat().st_mode & stat.S_IXUSR


def test_no_change_is_no_commit(started):
    assert started.commit(["a.txt"], TEXT, WHO) is None


def test_the_message_has_trailers_that_git_reads(started):
    (started.tree / "a.txt").write_text("2\n")
    made = started.commit(["a.txt"], TEXT, WHO)
    assert trailers_of(started.mirror, made) == {
        "devtask-task": "k3x9q2ab",
        "devtask-step": "s01",
        "devtask-ci": "hold [skip ci]",
    }


def test_reset_brings_back_exactly_the_commit(started):
    (started.tree / "a.txt").write_text("spoilt\n")
    (started.tree / "src" / "b.py").unlink()
    (started.tree / "x.log").write_text("ignored")
    (started.tree / "deep").mkdir()
    (started.tree / "deep" / "f").write_text("f")
    (started.tree / "deep").chmod(0)
    started.reset(started.head())
    assert sorted(path.name for path in started.tree.rglob("*")) == [".gitignore", "a.txt", "b.py", "src"]
    assert (started.tree / "a.txt").read_text() == "one\n"


def test_f9_what_was_saved_comes_back_after_a_crash(started):
    (started.tree / "a.txt").write_text("half\n")
    (started.tree / "new.txt").write_text("new\n")
    (started.tree / "src" / "b.py").unlink()
    assert started.save("wip", WHO)
    (started.tree / "a.txt").write_text("torn")
    (started.root / "index.lock").write_text("")
    assert started.open(started.head()) and started.restore()
    assert (started.tree / "a.txt").read_text() == "half\n"
    assert started.changed() == ["a.txt", "new.txt", "src/b.py"]


def test_a_save_of_an_older_commit_is_not_restored(started):
    (started.tree / "a.txt").write_text("half\n")
    started.save("wip", WHO)
    started.commit(["a.txt"], TEXT, WHO)
    assert not started.restore()


def test_f10_a_commit_that_was_not_recorded_is_adopted_by_its_trailers(started):
    base = started.head()
    (started.tree / "a.txt").write_text("2\n")
    made = started.commit(["a.txt"], TEXT, WHO)
    assert adopt(started, base, lambda found: found["devtask-step"] == "s01") == made
    assert adopt(started, base, lambda found: found["devtask-step"] == "s02") is None
    assert adopt(started, made, lambda found: True) is None
    assert adopt(started, "0" * 40, lambda found: True) is None


def test_two_workers_cannot_both_move_the_task_ref(started):
    (started.tree / "a.txt").write_text("2\n")
    head = started.commit(["a.txt"], TEXT, WHO)
    with pytest.raises(Moved):
        started.refs.move("head", head, None)


def test_a_lost_index_is_built_again(started):
    (started.root / "index").write_bytes(b"garbage")
    started.open(started.head())
    assert started.changed() == []


@pytest.mark.parametrize("name", [".git", ".GIT", ".Git", "git~1", "GIT~1"])
def test_abu_28_planted_git_entries_are_removed_at_any_depth(started, name):
    (started.tree / "src" / "n" / name).mkdir(parents=True)
    (started.tree / "src" / "n" / name / "config").write_text("[core]\n\tfsmonitor = touch /tmp/ran\n")
    (started.tree / "src" / "n" / "kept.py").write_text("k = 1\n")
    made = started.commit(started.changed(), TEXT, WHO)
    assert [change.path for change in changed_files(started.mirror, f"{made}^", made)] == ["src/n/kept.py"]
    assert not (started.tree / "src" / "n" / name).exists()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_abu_28_a_git_entry_may_be_a_file_or_a_link(started, kind):
    outside = started.root / "outside"
    outside.mkdir()
    (outside / "keep").write_text("k")
    if kind == "file":
        (started.tree / ".git").write_text("gitdir: /somewhere")
    else:
        (started.tree / ".git").symlink_to(outside)
    assert started.changed() == []
    assert (outside / "keep").exists()


def _plant(tree, marker):
    """Every trap that ran code on a host in the measurements, and some more."""
    run = f"touch {marker}"
    nested = tree / "n" / ".git"
    for folder in (nested, nested / "hooks", nested / "refs", nested / "objects"):
        folder.mkdir(parents=True)
    (nested / "HEAD").write_text("ref: refs/heads/main\n")
    config = f'[core]\n\tfsmonitor = {run}\n\thooksPath = hooks\n[filter "x"]\n\tclean = {run}\n\tsmudge = {run}\n'
    config += (
        f'[diff "x"]\n\tcommand = {run}\n\ttextconv = {run}\n[diff]\n\texternal = {run}\n[core]\n\tpager = {run}\n'
    )
    (nested / "config").write_text(config)
    (nested / "hooks" / "pre-commit").write_text(f"#!/bin/sh\n{run}\n")
    (nested / "hooks" / "pre-commit").chmod(0o755)
    bare = tree / "bare"
    for folder in (bare / "objects", bare / "refs"):
        folder.mkdir(parents=True)
    (bare / "HEAD").write_text("ref: refs/heads/main\n")
    (bare / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = {run}\n")
    (tree / ".gitattributes").write_text("* filter=x diff=x merge=x -text ident working-tree-encoding=UTF-16\n")
    (tree / ".gitconfig").write_text(config)
    (tree / ".gitmodules").write_text(f'[submodule "s"]\n\tpath = s\n\turl = ext::sh -c {run}\n\tupdate = !{run}\n')
    (tree / "n" / "inner.txt").write_text("$Id$\r\n")


@pytest.mark.parametrize("step", [1, 2])
def test_abu_29_and_46_planted_configuration_never_runs_and_bytes_are_kept(started, tmp_path, step):
    marker = tmp_path / "ran"
    for _ in range(step):
        _plant(started.tree, marker)
        started.snapshot()
        made = started.commit(started.changed(), message(f"feat: {step}", "", {"Devtask-Step": "s"}), WHO)
        if made:
            diff_text(started.mirror, f"{made}^", made)
        started.save("wip", WHO)
        started.open(started.head())
        (started.tree / "bare" / "extra").write_text(str(_))
        for leftover in ("n", "bare"):
            shutil.rmtree(started.tree / leftover)
    folder = tmp_path / "fresh"
    checkout(started.mirror, started.head(), folder)
    assert (folder / "tree" / "n" / "inner.txt").read_bytes() == b"$Id$\r\n"
    assert not marker.exists()


def test_abu_28_links_that_leave_the_tree_and_special_files_are_refused(started):
    for name, target in {"l1": "/etc/passwd", "l2": "../../x", "l3": "src/../../x"}.items():
        (started.tree / name).symlink_to(target)
        with pytest.raises(Untrusted, match="leads out"):
            started.commit([name], TEXT, WHO)
        (started.tree / name).unlink()


def test_a_folder_replaced_by_a_link_does_not_show_what_lies_behind(started):
    outside = started.root / "outside"
    outside.mkdir()
    (outside / "b.py").write_text("secret\n")
    shutil.rmtree(started.tree / "src")
    (started.tree / "src").symlink_to(outside)
    with pytest.raises(Untrusted):
        started.commit(["src", "src/b.py"], TEXT, WHO)
    started.reset(started.head())
    assert (started.tree / "src" / "b.py").read_text() == "x = 1\n"
    assert (outside / "b.py").read_text() == "secret\n"


def test_attributes_in_the_tree_change_neither_files_nor_evidence(hub, mirror, tmp_path):
    base = hub.commit(
        {".gitattributes": "*.txt text eol=crlf\n*.py -diff\n*.bin filter=lfs\n", "a.txt": "x\n", "b.py": "1\n"}
    )
    mirror.sync(hub.remote(), base)
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(base)
    assert (workspace.tree / "a.txt").read_bytes() == b"x\n"
    (workspace.tree / "b.py").write_text("2\n")
    text, cut = diff_text(mirror, base, workspace.snapshot())
    assert "-1\n+2\n" in text and not cut


def test_a_diff_is_cut_at_its_limit(started):
    (started.tree / "big.txt").write_text("line\n" * 100_000)
    text, cut = diff_text(started.mirror, started.head(), started.snapshot(), limit=10_000)
    assert cut and len(text) == 10_000


def test_an_existing_submodule_is_kept_and_a_file_in_it_is_refused(hub, mirror):
    hub.commit({"a.txt": "x\n"})
    work = hub.root / "person"
    sh("git", "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub", cwd=work)
    who = {f"GIT_{w}_{k}": "p" for w in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
    sh("git", "commit", "-q", "-m", "sub", cwd=work, **who)
    sh("git", "push", "-q", "origin", "HEAD:main", cwd=work)
    base = hub.head("main")
    mirror.sync(hub.remote(), base)
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(base)
    assert workspace.changed() == []
    (workspace.tree / "sub").mkdir(exist_ok=True)
    (workspace.tree / "sub" / "f").write_text("f")
    with pytest.raises(Untrusted, match="submodule"):
        workspace.commit(["sub/f"], TEXT, WHO)


def test_a_snapshot_leaves_out_what_it_is_told_to(started):
    for name in ("kept.py", "left.pyc"):
        (started.tree / name).write_text("x\n")
    tree = started.snapshot(lambda path: path.endswith(".pyc"))
    assert [change.path for change in changed_files(started.mirror, started.head(), tree)] == ["kept.py"]
