"""What becomes of a task when a job meets trouble that is no verdict on the work: it waits, or is parked and told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.orm import Session

from ai.port import ProviderError, Retryable
from ghapp.clients.errors import Bug, ClientError, Denied, Gone
from ghapp.say.messages import known
from jobs import budgets
from jobs.git.errors import GitError
from jobs.heart import Heart
from jobs.models import Relieved
from jobs.outcomes import pause, plan_failed
from jobs.processes import ending
from jobs.ringing import ring_now
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read, write
from state.effects import Effect
from state.errors import BudgetReached, Told
from state.lifecycle import PauseReason, TaskStatus
from state.logs import get_log
from state.store import leases, tasks
from state.store.leases import Lease, Poisoned
from state.views import TaskView

WAIT_SECONDS = 20
PROVIDER_SECONDS = 120.0
GONE_SECONDS = 1800.0


@dataclass
class Parking:
    """The task of one job, by its number; `ended` says that it was parked."""

    runtime: Runtime
    seq: int
    ended: bool = field(default=False)
    lease: Lease | None = field(default=None)

    @contextmanager
    def poison(self) -> Iterator[None]:
        """Around the take: five takes without progress park the task."""
        try:
            yield
        except Poisoned:
            self.park(PauseReason.POISON, "paused.by_poison")

    def task(self) -> TaskView:
        """The task as it is now."""
        with read(self.runtime.engine) as session:
            return tasks.by_seq(session, self.seq)

    def park(self, why: PauseReason, key: str, /, *, after: float | None = None, **params: object) -> None:
        """Pause with the reason told; `after` seconds it goes on by itself."""
        self.ended = True
        resume_at = clock() + timedelta(seconds=after) if after is not None else None
        with self._mine() as session:
            task = tasks.by_seq(session, self.seq)
            effects = pause(session, task, why, key, self.runtime.web_url, resume_at=resume_at, **params)
        self._ring(effects)

    def over_budget(self, reached: BudgetReached) -> None:
        """Pause as the budget that was reached asks for it, told with what continues it."""
        self.ended = True
        with self._mine() as session:
            effects = budgets.reached(session, tasks.by_seq(session, self.seq), reached, self.runtime.web_url)
        self._ring(effects)

    def again(self, lease: Lease) -> None:
        """The work is taken up again at once, and this take does not count."""
        with self._mine() as session:
            leases.excuse(session, lease)

    def no_plan(self, error: Told) -> None:
        """Planning failed, with the sentence for the person."""
        self.ended = True
        with self._mine() as session:
            task = tasks.by_seq(session, self.seq)
            effects = plan_failed(session, task, error, self.runtime.web_url)
        self._ring(effects)

    def later(self, lease: Lease, trouble: ClientError | GitError) -> None:
        """The work waits; the take does not count where the far end cannot be reached, else five of them are told."""
        get_log().warning("waiting", why=str(trouble))
        with self._mine() as session:
            if outside(trouble):
                leases.excuse(session, lease)
            tasks.set_fields(
                session, tasks.by_seq(session, self.seq).id, resume_at=clock() + timedelta(seconds=WAIT_SECONDS)
            )

    @contextmanager
    def _mine(self) -> Iterator[Session]:
        """A transaction under the lease, where one was taken. Raises Lost: whoever has it now decides."""
        with write(self.runtime.engine) as session:
            if self.lease is not None:
                leases.guard(session, self.lease)
            yield session

    def _ring(self, effects: list[Effect]) -> None:
        ring_now(self.runtime, effects, deliver=self.seq)


@contextmanager
def parked(parking: Parking, lease: Lease, heart: Heart) -> Iterator[None]:
    """Around the work under a lease: trouble that is known becomes a state of the task, and the lease is given back."""
    parking.lease = lease
    try:
        yield
    except (Told, ProviderError, ClientError, GitError) as trouble:
        if not heart.lost:
            _known(parking, lease, trouble)
    finally:
        with write(parking.runtime.engine) as session:
            if ending():
                leases.excuse(session, lease)
            leases.release(session, lease)


def _known(parking: Parking, lease: Lease, trouble: Told | ProviderError | ClientError | GitError) -> None:
    """What each kind of trouble means for the task."""
    if isinstance(trouble, BudgetReached):
        parking.over_budget(trouble)
    elif isinstance(trouble, Told):
        _told(parking, trouble)
    elif isinstance(trouble, Relieved):
        parking.again(lease)
    elif isinstance(trouble, ProviderError):
        _provider(parking, trouble)
    elif isinstance(trouble, Denied | Gone):
        parking.park(PauseReason.REPO_GONE, "paused.by_repo", after=GONE_SECONDS, why=str(trouble))
    else:
        parking.later(lease, trouble)


def outside(trouble: ClientError | GitError) -> bool:
    """Whether waiting may help: not where GitHub refuses what we sent, nor where git fails on this machine."""
    return trouble.unreachable if isinstance(trouble, GitError) else not isinstance(trouble, Bug)


def _provider(parking: Parking, error: ProviderError) -> None:
    """A busy or unreachable model is asked again later; one that refuses us needs a person."""
    waits = isinstance(error, Retryable)
    after = (getattr(error, "after", None) or PROVIDER_SECONDS) if waits else None
    parking.park(PauseReason.PROVIDER, "paused.by_provider", after=after, why=str(error))


def _told(parking: Parking, error: Told) -> None:
    if not known(error.key):  # of the settings or the command line, whose texts are no keys
        error = Told("paused.by_service", why=" ".join(filter(None, (error.key, error.hint))))
    if parking.task().status is TaskStatus.PLANNING:
        parking.no_plan(error)
    else:
        parking.park(PauseReason.DECISION, error.key, **error.params)
