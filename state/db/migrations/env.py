"""Runs migrations on the connection that `state.db.migrate` hands over, or on DATABASE_URL for the alembic command."""

import os
from typing import Any, Literal

from alembic import context
from sqlalchemy import Connection

from state.db.base import Utc
from state.db.engine import make_engine
from state.db.models import Base


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Our own types are written as SQLAlchemy's in a migration, so that old migrations need none of our code."""
    if kind == "type" and isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    return False


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with make_engine(os.environ["DATABASE_URL"]).begin() as connection:
        run(connection)
