"""`devtask migrate`: bring the database to this version's schema."""

from __future__ import annotations

import typer

from cli.problems import told


@told
def migrate() -> None:
    """Bring the database up to date. Run it once before the first start and after every upgrade; twice does no harm."""
    from jobs.runtime import settings
    from state.db.migrate import migrate as run

    known = settings()
    run(known.db_url)
    typer.echo("the database is up to date")
