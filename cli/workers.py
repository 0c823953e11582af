"""`devtask worker QUEUE` and `devtask scheduler`: the processes behind the gate."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cli.problems import told


def _prepare() -> None:
    from jobs.processes import die_with_parent, hide_memory

    hide_memory()
    if os.environ.get("DEVTASK_SUPERVISED"):
        die_with_parent()


@told
def worker(
    queue: Annotated[str, typer.Argument(help="chat (answers and effects), plan (planning) or step (execution)")],
    burst: Annotated[bool, typer.Option(help="end when the queue is empty")] = False,
) -> None:
    """Serve one queue: chat, plan or step. One worker serves exactly one; start several for more work side by side."""
    from jobs.runtime import settings
    from jobs.worker import QUEUES, work

    if queue not in QUEUES:
        raise typer.BadParameter(f"{queue!r} is not a queue; choose one of {', '.join(QUEUES)}")
    _prepare()
    work(queue, settings().redis_url.get_secret_value(), burst=burst)


@told
def scheduler() -> None:
    """Ring for due work every 2 s and reconcile every 60 s. One is enough; several do no harm."""
    from jobs.scheduler import run

    _prepare()
    run()
