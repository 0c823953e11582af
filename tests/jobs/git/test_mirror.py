"""Clone, fetch, repair; addresses; facts."""

import os
import signal
import subprocess
import sys

import pytest

from jobs.git.errors import AddressRefused, GitError
from jobs.git.facts import base_branch, branch_commit, facts, file_at, is_empty, log, tree_files
from jobs.git.mirror import Mirror
from jobs.git.remote import github_remote
from jobs.git.workspace import Workspace
from tests.jobs.git.hub import TOKEN, WHO


def test_the_network_is_used_only_when_the_commit_is_missing(hub, mirror):
    first = hub.commit({"a": "1"})
    assert mirror.sync(hub.remote(), first) is True
    count = len(hub.requests)
    assert mirror.sync(hub.remote(), first) is False
    assert len(hub.requests) == count
    second = hub.commit({"a": "2"})
    assert mirror.sync(hub.remote(), second) is True
    assert branch_commit(mirror, "main") == second


def test_the_token_is_neither_in_the_mirror_nor_in_errors(hub, mirror):
    hub.commit({"a": "1"})
    mirror.sync(hub.remote())
    for path in mirror.path.rglob("*"):
        assert not path.is_file() or TOKEN.encode() not in path.read_bytes()
    with pytest.raises(GitError) as wrong:
        mirror.sync(hub.remote("ghs_" + "w" * 40))
    assert wrong.value.denied and "w" * 40 not in str(wrong.value) + wrong.value.stderr
    assert "w" * 40 not in repr(hub.remote("ghs_" + "w" * 40))


def test_a_busy_far_end_is_unreachable_not_damage(hub, mirror):
    hub.commit({"a": "1"})
    mirror.sync(hub.remote())
    hub.fail = 5
    with pytest.raises(GitError) as busy:
        mirror.sync(hub.remote())
    assert busy.value.unreachable and not busy.value.corrupt


def test_f46_a_damaged_mirror_is_cloned_afresh_and_our_refs_are_saved(hub, mirror):
    base = hub.commit({"a": "1"})
    mirror.sync(hub.remote(), base)
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(base)
    (workspace.tree / "a").write_text("2")
    mine = workspace.commit(["a"], "feat: x\n", WHO)
    for pack in (mirror.path / "objects" / "pack").glob("*.pack"):
        pack.chmod(0o600)
        pack.write_bytes(b"PACK" + os.urandom(40))
    newer = hub.commit({"b": "1"})
    mirror.sync(hub.remote(), newer)
    assert mirror.has(newer) and mirror.has(base)
    assert workspace.refs.get() in {mine, None}
    workspace.open(base)
    assert not list(mirror.path.parent.glob("*.bad-*"))


def test_a_mirror_that_is_no_repository_any_more_is_replaced(hub, mirror):
    base = hub.commit({"a": "1"})
    mirror.sync(hub.remote(), base)
    (mirror.path / "HEAD").unlink()
    mirror.sync(hub.remote(), base)
    assert mirror.has(base)


@pytest.mark.slow
def test_f8_a_clone_killed_in_the_middle_leaves_nothing_in_the_way(hub, mirror):
    base = hub.commit({"a": "1"})
    for point in ("git.clone", "git.clone.rename"):
        code = (
            "from pathlib import Path; from jobs.git.mirror import Mirror; from jobs.git.remote import github_remote\n"
            f"Mirror(Path({str(mirror.repos)!r}), 7).sync(github_remote({hub.url!r}, {hub.url!r}, {TOKEN!r}))"
        )
        env = {"PATH": os.defpath, "BOT_FAILPOINTS": f"{point}=kill"}
        done = subprocess.run([sys.executable, "-c", code], env=env, check=False)
        assert done.returncode == -signal.SIGKILL
        assert not mirror.path.exists()
    mirror.sync(hub.remote(), base)
    assert not list(mirror.path.parent.glob(".*tmp"))


def test_an_empty_repository_is_said(hub, mirror):
    mirror.sync(hub.remote())
    assert is_empty(mirror)
    hub.commit({"a": "1"})
    mirror.sync(hub.remote())
    assert not is_empty(mirror)


def test_development_comes_before_the_default_branch(hub, mirror):
    hub.commit({"a": "1"})
    mirror.sync(hub.remote())
    assert base_branch(mirror, "main") == "main"
    hub.commit({"a": "2"}, branch="development")
    mirror.sync(hub.remote())
    assert base_branch(mirror, "main") == "development"
    assert base_branch(mirror, "main", "main") == "main"
    assert base_branch(mirror, "main", "nowhere") is None


def test_facts_are_read_without_a_checkout(hub, mirror):
    commit = hub.commit(
        {"sub/.gitattributes": "*.bin filter=lfs diff=lfs\n", "ü/a b.txt": "text", "x": b"\0\1"}, text="first"
    )
    mirror.sync(hub.remote(), commit)
    found = facts(mirror, commit)
    assert found.large_files and found.files == 3 and found.commits == 1 and found.submodules == ()
    assert file_at(mirror, commit, "ü/a b.txt") == b"text"
    assert file_at(mirror, commit, "x") == b"\0\1"
    assert file_at(mirror, commit, "none") is None and file_at(mirror, commit, "ü") is None
    assert {file.path for file in tree_files(mirror, commit)} == {"sub/.gitattributes", "ü/a b.txt", "x"}
    (only,) = log(mirror, commit, 5, "x")
    assert (only.subject, only.author, only.commit) == ("first", "p", commit)
    assert set(only.files) <= {"sub/.gitattributes", "ü/a b.txt", "x"}


@pytest.mark.parametrize(
    ("clone", "api", "good"),
    [
        ("https://github.com/o/r.git", "https://api.github.com", True),
        ("https://ghe.example/o/r.git", "https://ghe.example/api/v3", True),
        ("http://127.0.0.1:8080/o/r.git", "http://127.0.0.1:8080", True),
        ("https://api.github.com/o/r.git", "https://api.github.com", False),
        ("https://evil.example/o/r.git", "https://api.github.com", False),
        ("https://github.com.evil.example/o/r", "https://api.github.com", False),
        ("https://x:y@github.com/o/r.git", "https://api.github.com", False),
        ("http://github.com/o/r.git", "https://api.github.com", False),
        ("http://ghe.example/o/r.git", "http://ghe.example", False),
        ("http://127.0.0.1:9/o/r.git", "http://127.0.0.1:8080", False),
        ("https://ghe.example:8443/o/r.git", "https://ghe.example", False),
        ("ssh://git@github.com/o/r.git", "https://api.github.com", False),
        ("git@github.com:o/r.git", "https://api.github.com", False),
        ("file:///etc", "https://api.github.com", False),
        ("ext::sh -c id", "https://api.github.com", False),
        ("https://github.com/", "https://api.github.com", False),
        ("https://github.com:99999/o/r.git", "https://api.github.com", False),
        ("https://github.com/o/r?x=1", "https://api.github.com", False),
        ("--upload-pack=id", "https://api.github.com", False),
    ],
)
def test_abu_21_only_addresses_of_the_configured_github_are_accepted(clone, api, good):
    if good:
        assert github_remote(clone, api).url == clone
    else:
        with pytest.raises(AddressRefused):
            github_remote(clone, api)


@pytest.mark.slow
def test_two_processes_clone_one_after_the_other(hub, mirror):
    base = hub.commit({"a": "1"})
    code = (
        "from pathlib import Path; from jobs.git.mirror import Mirror; from jobs.git.remote import github_remote\n"
        f"Mirror(Path({str(mirror.repos)!r}), 7).sync(github_remote({hub.url!r}, {hub.url!r}, {TOKEN!r}), {base!r})"
    )
    running = [subprocess.Popen([sys.executable, "-c", code], env={"PATH": os.defpath}) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert Mirror(mirror.repos, 7).has(base)
