"""The stand-in alone: its command line, and that a restart keeps everything."""

from __future__ import annotations

import subprocess
import sys

import pytest

from devkit.github.__main__ import parser
from devkit.github.app import GitHub
from devkit.github.client import World
from devkit.github.config import Config
from devkit.rig import RigClient


def test_a_restart_keeps_people_issues_tokens_branches_and_the_key(tmp_path, source):
    with GitHub(Config(tmp_path)) as first:
        world = World(first.url)
        world.user("kim", 4711)
        world.repo("kim/shop", from_bare=source)
        number = world.issue("kim/shop", "kim", "t", labels=["bug"])
        comment = world.comment("kim/shop", number, "kim", "c")
        world.react(comment, "kim", "eyes")
        world.tune(list_lag=0.5)
        before = (world.comments("kim/shop", number)[0]["body"], world.branches("kim/shop"), world.app_key())
        world.close()
    with GitHub(Config(tmp_path)) as second:
        world = World(second.url)
        assert (world.comments("kim/shop", number)[0]["body"], world.branches("kim/shop"), world.app_key()) == before
        assert world.user("kim")["id"] == 4711
        assert world.labels("kim/shop", number) == ["bug"]
        assert world.reactions("kim/shop", number, comment) == ["eyes"]
        assert second.hub.settings.list_lag == 0.5
        assert world.issue("kim/shop", "kim", "next") == number + 1
        world.close()


def test_help_lists_the_admin_surface():
    text = parser().format_help()
    for word in ("--webhook-url", "--app-slug", "/_admin/repos", "/_admin/installations"):
        assert word in text


def test_faults_of_the_rig_reach_the_api(stage):
    rig, number = RigClient(stage.world.url), stage.world.issue(stage.name, "ana", "t")
    rig.fault("apply_then_500", path=f"/api/v3/repos/{stage.name}/issues/{number}/comments", method="POST")
    api = stage.http()
    answer = api.post(stage.path(f"/issues/{number}/comments"), json={"body": "made all the same"})
    assert answer.status_code == 500
    assert [row["body"] for row in stage.world.comments(stage.name, number)] == ["made all the same"]
    entry = rig.ledger(path=f"/issues/{number}/comments", method="POST")[-1]
    assert entry.fault == "apply_then_500"


@pytest.mark.slow
def test_it_runs_alone(tmp_path):
    command = [sys.executable, "-m", "devkit.github", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        url = process.stdout.readline().split(" on ")[1].split()[0]
        world = World(url)
        world.repo("ana/shop")
        assert world.look("ana/shop")["clone_url"] == f"{url}/ana/shop.git"
        world.close()
        process.terminate()
