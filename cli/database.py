"""The database for commands that only look."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from state.db.engine import make_engine
from state.db.migrate import current, head
from state.errors import Told
from state.settings import Settings

MIGRATE = "Run: devtask migrate"


def opened(settings: Settings) -> Engine:
    """The engine of a database that is there and at this version's schema. Raises Told."""
    url = make_url(settings.db_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise Told(f"There is no database at {url.database}.", MIGRATE)
    engine = make_engine(settings.db_url)
    try:
        found = current(engine)
    except SQLAlchemyError as error:
        said = str(error.__cause__ or error).splitlines()[0]
        raise Told(f"The database does not answer: {said}", "Run devtask doctor to see what is wrong.") from None
    if found != head():
        raise Told("The database is not at this version's schema.", MIGRATE)
    return engine
