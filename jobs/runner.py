"""The job runner: the composition root's values in, errors that nobody expected into the log."""

from __future__ import annotations

import functools
from collections.abc import Callable

from jobs.runtime import Runtime, runtime
from state.logs import bound, get_log
from state.store.base import Lost

Job = Callable[[Runtime, int], None]


def job(name: str) -> Callable[[Job], Callable[[int], None]]:
    """Make a function of (runtime, row id) what RQ calls with the row id.

    A job that fails leaves its row as it is: the lease ends, the sweep rings again, five takes without progress park
    it.
    """

    def wrap(work: Job) -> Callable[[int], None]:
        @functools.wraps(work)
        def run(row: int) -> None:
            now = runtime()
            with now.logging(), bound(job=name, row=row):
                try:
                    work(now, row)
                except Lost as lost:
                    get_log().info("somebody else was faster", what=str(lost))
                except Exception:  # noqa: BLE001 - the one place where a job's bug ends, see architecture
                    get_log().exception("job failed")

        return run

    return wrap
