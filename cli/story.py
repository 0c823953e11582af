"""The demo's story: ask, revise, approve, watch, and look at the branch ourselves (a fresh clone and its tests)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cli.demo import has_keys, wait_for_ever
from cli.stage import Stage
from cli.thread import Thread

REPO, ASKER, WRITER = "ana/shop", "ana", "ben"
TITLE = "Customers can order what we do not have"
BODY = "A cart with 4 cups is accepted although only 3 are in stock, and the stock becomes negative."
SECONDS = 600.0  # a scripted answer takes seconds, a real model minutes
REAL_SECONDS = 3600.0
SAMPLES = ("shop.claude.yml", "shop.gemini.yml")


def play(folder: Path, *, stay: bool, say: Callable[[str], None]) -> bool:
    """The whole story; whether the branch on the stand-in's git really holds commits whose tests pass."""
    import devkit
    from devkit.rig.script import Script

    samples = Path(devkit.__file__).parent / "samples"
    scripts = [None, None] if has_keys() else [Script.from_file(samples / name) for name in SAMPLES]
    say("models: " + ("the real ones, with your keys" if has_keys() else "scripted answers; everything else is real"))
    say("starting: stand-ins, Redis, gate, chat, plan, step, scheduler ...")
    with Stage(folder, scripts[0], scripts[1], say=say) as stage:
        bare = folder / "shop.git"
        make_repository(samples / "shop", bare)
        number = set_up(stage, bare)
        issue = f"{stage.github.url}/{REPO}/issues/{number}"
        say(f"{ASKER} opens an issue: {TITLE}\n  {issue}\n")
        thread = Thread(stage.world, REPO, number, say)
        branch = tell(stage, thread, REAL_SECONDS if has_keys() else SECONDS)
        good = branch is not None and verify(stage, branch, say)
        if branch is None:
            say(f"no branch was finished; the logs are in {stage.folder / 'logs'}")
        if stay:
            invite(stage, issue, branch, say)
            wait_for_ever()
    return good


def make_repository(source: Path, bare: Path) -> None:
    """The sample as a bare repository with one commit on `main`."""
    if bare.exists():
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "shop"
        shutil.copytree(source, tree, ignore=shutil.ignore_patterns("__pycache__"))
        who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
        for command in (["init", "-q", "-b", "main"], ["add", "."], [*who, "commit", "-q", "-m", "A very small shop"]):
            subprocess.run(["git", "-C", str(tree), *command], check=True)
        subprocess.run(["git", "clone", "-q", "--bare", str(tree), str(bare)], check=True)


def set_up(stage: Stage, bare: Path) -> int:
    """People, repository, App, issue; the issue's number."""
    world = stage.world
    for login in (ASKER, WRITER):
        world.user(login)
    world.repo(REPO, from_bare=bare)
    world.role(REPO, WRITER, "write")
    world.install(ASKER, [REPO])
    return world.issue(REPO, ASKER, TITLE, BODY)


def tell(stage: Stage, thread: Thread, seconds: float) -> str | None:
    """The conversation, as two people would have it; the branch's name if the task was completed."""
    world = stage.world
    thread.person(ASKER, "/task add stock validation")
    if thread.wait_for("plan v1", seconds) is None:
        return None
    thread.person(WRITER, "/revise prove that the cart stays as it was, and keep the change log")
    second = thread.wait_for("plan v2", seconds)
    if second is None:
        return None
    thread.note(f"{WRITER} ticks “Approve and run”")
    world.tick(int(second["id"]), WRITER, 0)
    if thread.wait_for_end(seconds) is None:
        return None
    return next((name for name in world.branches(REPO) if name != "main"), None)


def verify(stage: Stage, branch: str, say: Callable[[str], None]) -> bool:
    """A fresh clone of the branch, and its tests run with nothing of ours."""
    token = stage.world.token(ASKER)
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "clone"
        url = f"{stage.github.url}/{REPO}.git".replace("://", f"://x-access-token:{token}@")
        subprocess.run(["git", "clone", "-q", "--branch", branch, url, str(clone)], check=True)
        log = subprocess.run(
            ["git", "-C", str(clone), "log", "--format=%h %s", "origin/main..HEAD"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        environment = tests_environment(stage)
        done = subprocess.run(
            [environment, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
            cwd=clone,
            capture_output=True,
            text=True,
            check=False,
        )
    say(f"\na fresh clone of {branch} holds:\n{log}")
    say(f"its tests: {done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr}")
    return bool(log.strip()) and done.returncode == 0


def tests_environment(stage: Stage) -> str:
    """A Python with the sample's own requirements: the one that the setup phase installed."""
    found = sorted((stage.folder / "repos" / "envs").glob("*/*/env/bin/python3"))
    return str(found[-1]) if found else sys.executable


def invite(stage: Stage, issue: str, branch: str | None, say: Callable[[str], None]) -> None:
    """Where a person goes on by hand."""
    home = f"{stage.github.url}/{REPO}"
    say("\neverything stays up; try it yourself in the browser (Ctrl-C ends it):")
    say(f"  the thread            {issue}   (sign in at the top as {ASKER} or {WRITER})")
    if branch:
        say(f"  what was changed      {home}/compare/main...{branch}")
    known = "" if has_keys() else " (the scripted answers know this one story)"
    say(f"  a new issue           {home}/issues/new   then comment /task ...{known}")
    say(f"  the Telegram mirror   {stage.telegram.url}/")
    say(f"  logs and data         {stage.folder}")
