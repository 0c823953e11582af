"""The database, which is the truth, and Redis, which is the bell."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from cli.findings import Finding, fine, warning, wrong
from state.db.engine import make_engine, write
from state.db.migrate import current, head
from state.settings import Settings

MIGRATE = "Run: devtask migrate"


def database(settings: Settings) -> list[Finding]:
    """It answers, it is at this version's schema, and it can be written."""
    url = make_url(settings.db_url)
    name = url.render_as_string(hide_password=True)
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite and not Path(url.database or "").is_file():
        return [wrong("database", f"{name} does not exist", MIGRATE)]
    engine = make_engine(settings.db_url)
    try:
        return [*_schema(engine, name), *(_wal(engine) if sqlite else [])]
    except SQLAlchemyError as error:
        said = str(error.__cause__ or error).splitlines()[0]
        mend = "Check DATABASE_URL, the server, and that the service's user may write the file and its folder."
        return [wrong("database", f"{name}: {said}", mend)]
    finally:
        engine.dispose()


def _schema(engine: Engine, name: str) -> list[Finding]:
    found, wanted = current(engine), head()
    if found != wanted:
        return [wrong("database", f"{name} is at revision {found or 'none'}, this version needs {wanted}", MIGRATE)]
    began = perf_counter()
    with write(engine) as session:
        session.execute(text("UPDATE alembic_version SET version_num = version_num"))
    took = (perf_counter() - began) * 1000
    return [fine("database", f"{name}, revision {found}, one write took {took:.0f} ms")]


def _wal(engine: Engine) -> list[Finding]:
    with engine.connect() as connection:
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
    if mode != "wal":
        text = f"SQLite's journal mode is {mode}, not wal: readers and writers will wait for each other"
        return [warning("database", text, f"{MIGRATE}; the file must lie on a local disk.")]
    return [fine("database", "SQLite keeps a write-ahead log")]


def redis(settings: Settings) -> list[Finding]:
    """It answers a ping, and does not throw bells away when its memory is full."""
    from redis import Redis
    from redis.exceptions import RedisError

    client = Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=2, socket_connect_timeout=2)
    try:
        client.ping()
        info = client.info("server")
    except (RedisError, OSError) as error:
        mend = "Start Redis, or mend REDIS_URL. Meanwhile webhooks are stored and work waits; nothing is lost."
        return [wrong("redis", f"no answer: {error}", mend)]
    finally:
        client.close()
    return [fine("redis", f"Redis {info.get('redis_version', '?')} answers")]
