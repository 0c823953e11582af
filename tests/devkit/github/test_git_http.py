"""A real git against the stand-in: authentication, refusals in GitHub's words, and what a push causes."""

from __future__ import annotations

import gzip
import os

import pytest

AKIA = "AKIA" + "ABCDEFGHIJKLMNOP"


@pytest.fixture
def clone(stage, tmp_path):
    found = stage.clone(tmp_path)
    stage.git(found, "checkout", "-q", "-b", "devtask/1")
    return found


def test_a_push_lands_in_the_ledger_and_sends_a_push_event(stage, clone):
    sha = stage.commit(clone, {"src/calc.py": "def add(a, b):\n    return a + b\n"}, "fix: add")
    pushed = stage.push(clone, "devtask/1")
    assert pushed.returncode == 0, pushed.stderr
    assert stage.world.branch(stage.name, "devtask/1") == sha
    row = stage.world.pushes()[-1]
    assert (row["ref"], row["before"], row["after"]) == ("refs/heads/devtask/1", "0" * 40, sha)
    assert (row["actor"], row["forced"], row["repo"]) == ("devtask[bot]", False, stage.name)
    assert stage.world.wait(5)
    payload = stage.mailbox.of("push")[0]
    assert (payload["created"], payload["head_commit"]["id"]) == (True, sha)
    assert payload["commits"][0]["modified"] == ["src/calc.py"]
    assert stage.mailbox.of("check_suite", "requested")[0]["check_suite"]["head_sha"] == sha


def test_a_forced_push_and_a_deletion_are_told_apart(stage, clone):
    stage.commit(clone, {"a": "1"})
    stage.push(clone, "devtask/1")
    stage.git(clone, "commit", "-q", "--amend", "-m", "other")
    stage.push(clone, "--force devtask/1")
    stage.push(clone, ":devtask/1")
    rows = [row for row in stage.world.pushes() if row["repo"] == stage.name]
    assert [(row["forced"], row["after"] == "0" * 40) for row in rows] == [(False, False), (True, False), (False, True)]
    assert stage.world.wait(5)
    assert {row["deleted"] for row in stage.mailbox.of("push")} == {True, False}


def test_force_with_lease_is_a_compare_and_set(stage, clone):
    first = stage.commit(clone, {"a": "1"})
    assert stage.push(clone, f"--force-with-lease=refs/heads/devtask/1: {first}:refs/heads/devtask/1").returncode == 0
    second = stage.commit(clone, {"a": "2"})
    stale = stage.push(clone, f"--force-with-lease=refs/heads/devtask/1:{'1' * 40} {second}:refs/heads/devtask/1")
    assert stale.returncode == 1
    assert "stale info" in stale.stderr
    assert stage.world.branch(stage.name, "devtask/1") == first


@pytest.mark.parametrize("version", ["0", "1", "2"])
def test_every_protocol_version_clones_and_fetches(stage, tmp_path, version):
    options = ["-c", f"protocol.version={version}"]
    stage.git(tmp_path, *options, "clone", "-q", stage.world.clone_url(stage.name), "c", token=stage.mint())
    assert stage.git(tmp_path / "c", *options, "fetch", "-q", token=stage.mint()).returncode == 0
    assert (tmp_path / "c" / "README.md").exists()


def test_gzipped_request_bodies_are_understood(stage):
    sha = stage.world.branch(stage.name, "main")
    wants = f"want {sha}\n".encode()
    body = b"%04x" % (len(wants) + 4) + wants + b"0000" + b"0009done\n"
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/x-git-upload-pack-request"}
    address = f"{stage.world.clone_url(stage.name)}/git-upload-pack"
    answer = stage.http().post(address, content=gzip.compress(body), headers=headers)
    assert answer.status_code == 200
    assert b"PACK" in answer.content


def test_bearer_works_and_no_or_bad_credentials_ask_for_basic(stage):
    address = f"{stage.world.clone_url(stage.name)}/info/refs?service=git-upload-pack"
    assert stage.http().get(address).status_code == 200
    answer = stage.http("ghs_wrong").get(address)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="GitHub"')
    api = stage.http()
    del api.headers["Authorization"]
    assert api.get(address).status_code == 401


def test_reading_needs_contents_read_and_writing_contents_write(stage, clone):
    stage.commit(clone, {"a": "1"})
    refused = stage.push(clone, "devtask/1", stage.mint(permissions={"contents": "read"}))
    assert "403" in refused.stderr
    assert f"Permission to {stage.name}.git denied to devtask[bot]." in refused.stderr
    denied = stage.git(clone, "fetch", token=stage.mint(permissions={"issues": "read"}), check=False)
    assert "403" in denied.stderr
    stage.world.repo(f"{stage.name}-other")
    only_other = stage.world.token("bea")
    other = stage.git(clone, "ls-remote", stage.world.clone_url(f"{stage.name}-other"), token=only_other, check=False)
    assert "not found" in other.stderr.lower()


@pytest.mark.parametrize(
    ("settings", "push", "text"),
    [
        ({}, "HEAD:main", "Changes must be made through a pull request."),
        ({"required_status_checks": ["ci"]}, "HEAD:main", 'Required status check "ci" is expected.'),
        ({"allow_deletions": False}, ":main", "Cannot delete a protected branch"),
        ({"restrictions": ["ana"]}, "HEAD:main", "You're not authorized to push to this branch."),
        ({"allow_force_pushes": False}, "+HEAD~1:main", "Cannot force-push to this branch"),
    ],
)
def test_a_protected_branch_is_gh006(stage, clone, settings, push, text):
    stage.commit(clone, {"a": "1"})
    stage.push(clone, "HEAD:main") if push.startswith("+") else None
    before = stage.world.branch(stage.name, "main")
    stage.world.protect(stage.name, "main", **settings)
    refused = stage.push(clone, push)
    assert "GH006: Protected branch update failed for refs/heads/main." in refused.stderr
    assert text in refused.stderr
    assert "(protected branch hook declined)" in refused.stderr
    assert stage.world.branch(stage.name, "main") == before
    shown = stage.http().get(stage.path("/branches/main")).json()
    assert shown["protected"] is True


def test_a_protected_branch_that_asks_for_nothing_takes_ordinary_pushes(stage, clone):
    stage.world.protect(stage.name, "main", enforce_admins=True)
    stage.commit(clone, {"a": "1"})
    assert stage.push(clone, "HEAD:main").returncode == 0


def test_a_ruleset_violation_is_gh013_and_listed_by_the_rules_endpoint(stage, clone):
    stage.world.rules(stage.name, {"type": "pull_request", "pattern": "rel*"}, {"type": "creation", "pattern": "rel*"})
    refused = stage.push(clone, "HEAD:release-1")
    assert "GH013: Repository rule violations found for refs/heads/release-1." in refused.stderr
    assert "- Changes must be made through a pull request." in refused.stderr
    assert "(push declined due to repository rule violations)" in refused.stderr
    listed = stage.http().get(stage.path("/rules/branches/release-1")).json()
    assert {row["type"] for row in listed} == {"pull_request", "creation"}
    assert stage.http().get(stage.path("/rules/branches/main")).json() == []


def test_a_large_file_is_gh001_anywhere_in_the_pushed_history(stage, clone):
    stage.world.tune(max_blob=1024)
    try:
        stage.commit(clone, {"big.bin": os.urandom(2048)})
        stage.git(clone, "rm", "-q", "big.bin")
        stage.commit(clone, {"small": "x"})
        refused = stage.push(clone, "devtask/1")
    finally:
        stage.world.tune(max_blob=100 * 1024 * 1024)
    assert "GH001: Large files detected." in refused.stderr
    assert "File big.bin is" in refused.stderr
    assert "(pre-receive hook declined)" in refused.stderr


def test_a_secret_is_gh013_push_protection(stage, clone):
    stage.commit(clone, {"cfg.py": f"KEY = '{AKIA}'\n"})
    refused = stage.push(clone, "devtask/1")
    assert "Push cannot contain secrets" in refused.stderr
    assert stage.world.branch(stage.name, "devtask/1") is None


def test_workflow_files_need_the_workflows_permission(stage, clone):
    stage.commit(clone, {".github/workflows/ci.yml": "on: push\n"})
    refused = stage.push(clone, "devtask/1")
    text = "refusing to allow a GitHub App to create or update workflow `.github/workflows/ci.yml`"
    assert text in refused.stderr
    assert stage.push(clone, "devtask/1", stage.world.token("ana")).returncode == 0
    stage.commit(clone, {"other": "x"})
    assert stage.push(clone, "devtask/1").returncode == 0, "a workflow that is there already does not count"


def test_one_bad_ref_refuses_the_whole_push(stage, clone):
    stage.world.protect(stage.name, "main")
    stage.commit(clone, {"a": "1"})
    assert stage.push(clone, "HEAD:main HEAD:fine").returncode == 1
    assert stage.world.branch(stage.name, "fine") is None


@pytest.mark.parametrize(
    ("message", "runs"),
    [
        ("work", 1),
        ("work\n\n[skip ci]", 0),
        ("work\n\nDevtask-CI: hold [skip ci]", 0),
        ("work\n\n\nTask: 1\nskip-checks: true", 0),
        ("work\n\nskip-checks: true", 1),
    ],
)
def test_skip_ci_skips_workflows_and_required_checks_stay_pending(stage, clone, message, runs):
    owner = stage.world.token("ana")
    stage.commit(clone, {".github/workflows/ci.yml": "on: push\n"}, "workflows [skip ci]")
    stage.push(clone, "devtask/1", owner)
    sha = stage.commit(clone, {"a": "1"}, message)
    assert stage.push(clone, "devtask/1").returncode == 0
    found = stage.world.check_runs(stage.name, sha)
    assert [(row["name"], row["app"]["slug"]) for row in found] == [("ci", "github-actions")] * runs
    assert stage.http().get(stage.path(f"/commits/{sha}/status")).json()["state"] == "pending"
    if runs:
        stage.world.end_check(stage.name, found[0]["id"], "failure")
        assert stage.world.check_runs(stage.name, sha)[0]["conclusion"] == "failure"


def test_a_renamed_repository_redirects_git_and_an_archived_one_refuses(stage, clone):
    stage.world.change_repo(stage.name, name=stage.name.split("/")[1] + "-new")
    assert stage.git(clone, "fetch", token=stage.mint()).returncode == 0
    stage.world.change_repo(f"{stage.name}-new", archived=True)
    stage.commit(clone, {"a": "1"})
    refused = stage.git(
        clone, "push", stage.world.clone_url(f"{stage.name}-new"), "HEAD:x", token=stage.mint(), check=False
    )
    assert "archived so it is read-only" in refused.stderr


def test_more_than_fifty_annotations_are_422_and_batches_add_up(stage):
    sha = stage.world.branch(stage.name, "main")
    note = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "m"}
    run = stage.pygithub().create_check_run("devtask", sha, status="in_progress")
    api = stage.http()
    url = stage.path(f"/check-runs/{run.id}")
    output = {"title": "t", "summary": "s", "annotations": [note] * 51}
    assert api.patch(url, json={"output": output}).status_code == 422
    for _ in range(2):
        assert api.patch(url, json={"output": output | {"annotations": [note] * 50}}).status_code == 200
    assert api.get(url).json()["output"]["annotations_count"] == 100
    run.edit(conclusion="success")
    assert api.get(url).json()["status"] == "completed"


def test_compare_and_contents_come_from_git(stage):
    repo = stage.pygithub()
    found = repo.compare("main", "work")
    assert (found.status, found.ahead_by, [file.filename for file in found.files]) == ("ahead", 1, ["src/new.py"])
    assert found.files[0].patch == "@@ -0,0 +1 @@\n+x = 1"
    assert repo.get_contents("src/calc.py").decoded_content.startswith(b"def add")
    assert {row.path for row in repo.get_contents("")} == {"README.md", "src"}
    assert repo.get_git_ref("heads/work").object.sha == stage.world.branch(stage.name, "work")


def test_branch_names_with_slashes_and_unicode_work_everywhere(stage, clone):
    stage.git(clone, "checkout", "-q", "-b", "feature/añadir-1")
    sha = stage.commit(clone, {"ñandú y más.txt": "1"})
    assert stage.push(clone, "feature/añadir-1").returncode == 0
    repo, api = stage.pygithub(), stage.http()
    assert repo.get_branch("feature/añadir-1").commit.sha == sha
    for path in ("/branches/{}", "/commits/{}", "/commits/{}/check-runs", "/commits/{}/status", "/git/ref/heads/{}"):
        assert api.get(stage.path(path.format("feature/añadir-1"))).status_code == 200, path
    changed = api.get(stage.path("/compare/main...feature/añadir-1")).json()["files"]
    assert [row["filename"] for row in changed] == ["ñandú y más.txt"]
    assert repo.get_contents("ñandú y más.txt", ref="feature/añadir-1").decoded_content == b"1"
    stage.world.protect(stage.name, "feature/*")
    assert api.get(stage.path("/branches/feature/añadir-1")).json()["protected"] is True
