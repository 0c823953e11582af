import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from state.db.base import Base
from state.db.engine import make_engine, read, write
from state.db.migrate import current, head, migrate
from state.db.sqlviews import VIEWS


def test_the_migrated_schema_is_the_schema_of_the_models(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, Base.metadata) == []
    assert current(engine) == head()


def test_checks_of_the_migrated_schema_are_those_of_the_models(engine):
    found = inspect(engine)
    for table in Base.metadata.tables.values():
        modelled = {str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint"}
        assert {str(check["name"]) for check in found.get_check_constraints(table.name)} == modelled, table.name


def test_every_foreign_key_is_indexed():
    for table in Base.metadata.tables.values():
        leading = {next(iter(index.columns)).name for index in table.indexes}
        leading |= {next(iter(c.columns)).name for c in table.constraints if type(c).__name__ == "UniqueConstraint"}
        assert {key.parent.name for key in table.foreign_keys} <= leading, table.name


def test_every_table_and_view_that_the_specification_names_is_there(engine):
    named = """
        tasks dependencies task_logs conversations discovery_documents plan_versions approvals phases milestones steps
        substeps attempts snapshots deliveries outbox notifications participants shared_context notes progress_updates
        llm_calls lessons artifacts external_links identities commands sent_bodies rate_buckets budget_reservations
    """
    found = inspect(engine)
    assert set(named.split()) <= set(found.get_table_names())
    assert set(VIEWS) <= set(found.get_view_names())


def test_migrating_again_changes_nothing(engine):
    assert migrate(engine) == migrate(engine) == current(engine)


def test_two_processes_may_migrate_a_fresh_database_at_once(tmp_path):
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(lambda _: migrate(url), range(3))) == {head()}


def test_sqlite_is_private_in_wal_mode_and_synchronous(sqlite_template: Path):
    assert stat.S_IMODE(sqlite_template.stat().st_mode) == 0o600
    assert sqlite3.connect(sqlite_template).execute("PRAGMA journal_mode").fetchone() == ("wal",)
    engine = make_engine(f"sqlite:///{sqlite_template}")
    with read(engine) as session:
        pragmas = [session.scalar(text(f"PRAGMA {name}")) for name in ("synchronous", "foreign_keys", "busy_timeout")]
    engine.dispose()
    assert pragmas == [2, 1, 10_000]


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("tasks", "status", "DREAMING"),
        ("tasks", "priority", "someday"),
        ("tasks", "feedback_quality", 6),
        ("tasks", "pause_reason", "lunch"),
        ("steps", "status", "nearly"),
        ("steps", "status", "done"),  # without the approval that allowed it
    ],
)
def test_the_database_itself_refuses_words_and_numbers_outside_the_lists(engine, table, column, value):
    from tests.state.kit import planned

    with write(engine) as session:
        planned(session)
    with pytest.raises(IntegrityError), write(engine) as session:
        session.execute(text(f"UPDATE {table} SET {column} = :value"), {"value": value})


def test_downgrade_leaves_nothing_behind(sqlite_url):
    from alembic import command
    from alembic.config import Config

    from state.db.migrate import FOLDER

    engine = make_engine(sqlite_url)
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    engine.dispose()
