"""Migrated databases for tests, each a cheap copy of a template."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from state.db.engine import make_engine
from state.db.migrate import migrate
from tests.support.postgres import Cluster


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file; copy it, never use it."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A PostgreSQL cluster of this test session with a migrated database `migrated` as template."""
    cluster = Cluster()
    try:
        migrate(cluster.create("migrated"))
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """URL of a fresh migrated SQLite database."""
    path = tmp_path / "orchestrator.db"
    shutil.copyfile(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a fresh migrated database: the test runs once on SQLite and once, marked slow, on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_url")
        return
    cluster: Cluster = request.getfixturevalue("postgres")
    name = "t" + request.getfixturevalue("tmp_path").name.replace("-", "_")[-40:].lower()
    yield cluster.create(name, "migrated")
    cluster.drop(name)


@pytest.fixture
def engine(database_url: str):
    """An engine on a fresh migrated database, on both kinds."""
    made = make_engine(database_url)
    yield made
    made.dispose()
