"""A machine without bubblewrap: nothing of a repository is executed, people are told, and once mended it goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.stage import Stage
from tests.system.scenes import executor_asked, pushes, sweep
from tests.system.town import OWNER, READER, WRITER, Minds, Town, good_mind, scripts

pytestmark = [pytest.mark.slow]


@pytest.fixture
def bare_town(tmp_path: Path) -> Iterator[Town]:
    """A town whose service finds every program but bwrap."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for folder in reversed(os.environ["PATH"].split(":")):
        for program in Path(folder).glob("*") if folder else ():
            link = programs / program.name
            if program.name != "bwrap" and os.access(program, os.X_OK):
                link.unlink(missing_ok=True)
                link.symlink_to(program)
    minds = Minds()
    planner, executor = scripts(minds)
    with Stage(tmp_path / "stage", planner, executor, env={"PATH": str(programs)}) as stage:
        for login in (OWNER, WRITER, READER):
            stage.world.user(login)
        yield Town(stage, minds, tmp_path)


def test_without_bubblewrap_nothing_is_executed_and_the_task_says_how_to_mend_it(bare_town: Town) -> None:
    thread = bare_town.start(bare_town.repo(), good_mind())
    thread.approve()
    told = thread.wait("bubblewrap does not work on this machine")["body"]
    assert "apt-get install bubblewrap" in told
    assert executor_asked(thread) == [] and pushes(thread) == []
    assert "nothing is executed without a sandbox" in (bare_town.stage.folder / "logs" / "error.log").read_text()
    (Path(bare_town.stage.env["PATH"]) / "bwrap").symlink_to("/usr/bin/bwrap")
    sweep(thread, "mended")
    thread.done()
