"""What every effect needs while it is carried out, and how its outcome is written down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from ghapp.clients.errors import Bug, ClientError, Denied, Gone, Retry, Uncertain
from ghapp.clients.github import Talk
from ghapp.emit.gate import gate
from ghapp.say.links import Links
from ghapp.say.replies import cut_note
from jobs.runtime import Runtime
from state.clock import clock
from state.db.engine import read, write
from state.logs import get_log
from state.store import markers, outbox, tasks
from state.store.base import Lost
from state.store.outbox import OutboxRow
from state.views import RepoRef, TaskView

READS = 3
READ_SECONDS = 5.0
FIRST_READ_SECONDS = 1.0
FIRST_RETRY_SECONDS = 2.0
LONGEST_RETRY_SECONDS = 600.0
MOST_TRIES = 40


class Postponed(Exception):
    """Not now: the effect is due again after `seconds`, and that is no failure."""

    def __init__(self, seconds: float, *, counts: bool = False) -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.counts = counts


class NotSeenYet(Exception):
    """The read-back did not find what an earlier try may have made, and it is too early to say that it made nothing."""


@dataclass(frozen=True)
class Sending:
    """One outbox row being carried out by this process."""

    run: Runtime
    row: OutboxRow

    @property
    def repo(self) -> RepoRef:
        """The repository the effect is for."""
        name = self.task.repo.full_name if self.task else str(self.row.target.get("repo", ""))
        return RepoRef(self.row.repo_id or 0, name, self.row.installation_id or 0)

    @cached_property
    def task(self) -> TaskView | None:
        """The task as it is now, if the effect belongs to one."""
        if self.row.task_id is None:
            return None
        with read(self.run.engine) as session:
            return tasks.by_id(session, self.row.task_id)

    @cached_property
    def talk(self) -> Talk:
        """GitHub, for this repository."""
        return self.run.github.talk(self.repo)

    @property
    def links(self) -> Links:
        """Pages of this repository; nothing else is ever linked."""
        return Links(f"{self.run.web_url}/{self.repo.full_name}")

    def emitted(self, text: str) -> str:
        """The text after the emit gate: what may leave. A body that has a `whole` names where all of it is."""
        log = f"{self.task.key}/execution.log" if self.task else "orchestrator.log"
        where = str((self.row.body or {}).get("whole") or log)
        lang = self.task.language if self.task else self.run.settings.language
        return gate(text, self.run.redactor, links=self.links.prefixes(), cut_note=cut_note(lang, where)).text

    def asking(self) -> None:
        """Just before something is made at the far end. Raises Lost when another sender has the row by now."""
        with write(self.run.engine) as session:
            if not outbox.hold(session, self.row.op_id, self.run.owner, asking=True):
                raise Lost(f"effect {self.row.op_id}")

    def marker(self, op_id: str) -> str:
        """The hidden signed line by which a comment of ours is found again."""
        return markers.make(self.run.marker_key, op_id)

    def is_marked(self, body: str, op_id: str) -> bool:
        """Whether the body carries our marker for this operation."""
        return markers.found(self.run.marker_key, body) == op_id


def carry_out(sending: Sending, act: Callable[[Sending], str | int | None]) -> bool:
    """Do one effect and write down what became of it; whether it stands now."""
    row, engine, owner = sending.row, sending.run.engine, sending.run.owner
    key = {"task_key": sending.task.key} if sending.task else {}
    log = get_log(effect=row.kind.value, op=row.op_id, **key)
    try:
        remote_id = act(sending)
    except Postponed as later:
        with write(engine) as session:
            due = clock() + timedelta(seconds=later.seconds)
            outbox.retry(session, row.op_id, owner, due, counts=later.counts)
        return False
    except NotSeenYet:
        with write(engine) as session:
            outbox.uncertain(session, row.op_id, owner, clock() + timedelta(seconds=READ_SECONDS), read=True)
        return False
    except ClientError as error:
        log.warning("effect not done", error=str(error), kind=type(error).__name__)
        _failed(sending, error)
        return False
    with write(engine) as session:
        outbox.done(session, row.op_id, remote_id)
    log.info("effect done", tries=row.tries)
    return True


def _failed(sending: Sending, error: ClientError) -> None:
    row, owner = sending.row, sending.run.owner
    now = clock()
    with write(sending.run.engine) as session:
        if isinstance(error, Uncertain):
            # Each sending is followed by `READS` takes that look for it, and then by the next sending.
            wait = FIRST_READ_SECONDS if row.tries == 1 else backoff(row.tries // READS)
            outbox.uncertain(session, row.op_id, owner, now + timedelta(seconds=wait), sent=True, error=str(error))
        elif isinstance(error, Retry) and row.tries < MOST_TRIES:
            wait = error.after if error.after is not None else backoff(row.tries)
            keep = outbox.uncertain if row.verify else outbox.retry
            keep(session, row.op_id, owner, now + timedelta(seconds=wait), error=str(error))
        elif isinstance(error, Gone | Denied | Bug | Retry):
            outbox.dead(session, row.op_id, f"{type(error).__name__}: {error}")
        else:
            raise error


def backoff(tries: int) -> float:
    """Seconds until the next try: doubled each time, ten minutes at most."""
    return min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2.0 ** max(0, tries - 1))
