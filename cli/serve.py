"""`devtask serve`: every process of the service under one supervisor, for a small installation."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Annotated

import typer

from cli.problems import told


@told
def serve(
    bind: Annotated[str, typer.Option(envvar="BIND", help="address of the gate")] = "127.0.0.1:8000",
    steps: Annotated[int, typer.Option(min=1, help="step workers side by side (one per core)")] = 2,
    chats: Annotated[int, typer.Option(min=1, help="chat workers: one may wait for GitHub while another answers")] = 2,
    plans: Annotated[int, typer.Option(min=1, help="plan workers: each waits for its model for minutes")] = 2,
    migrate: Annotated[bool, typer.Option(help="bring the database up to date first")] = True,
) -> None:
    """Run gate, chat, plan, step workers and scheduler together and restart what dies.

    Convenient on one small machine. What it costs: one parent for everything, so stopping it stops everything, and no
    separate users for the gate and the workers. The Procfile and packaging/systemd run the same processes one by one.
    """
    from cli.supervisor import Supervisor, service_processes
    from jobs.runtime import check_start, settings
    from state.db.migrate import migrate as migrate_database

    known = settings()
    check_start(known)
    if migrate:
        migrate_database(known.db_url)
    stopped: list[int] = []

    def stop(signum: int, frame: FrameType | None) -> None:
        stopped.append(signum)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with Supervisor(service_processes(bind, steps, chats, plans), known.logs_path, typer.echo) as supervisor:
        typer.echo(f"gate on http://{bind}/webhook; logs in {known.logs_path}; Ctrl-C stops everything")
        supervisor.watch(lambda: bool(stopped))
    typer.echo("stopped")
