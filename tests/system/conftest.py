"""The town: the running system, started once for all tests of one worker process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cli.stage import Stage
from tests.system.town import OWNER, READER, WRITER, Minds, Town, scripts


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A stage with ana (owner), ben (may write) and eve (may read)."""
    folder = tmp_path_factory.mktemp("town")
    minds = Minds()
    planner, executor = scripts(minds)
    with Stage(folder / "stage", planner, executor, steps=2) as stage:
        for login in (OWNER, WRITER, READER):
            stage.world.user(login)
        stage.world.install(OWNER)
        stage.world.tune(creates_per_minute=100_000, creates_per_hour=1_000_000)
        yield Town(stage, minds, folder)
