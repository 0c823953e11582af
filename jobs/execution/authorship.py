"""Who made a commit and what its message says: the App's bot, for the person who asked."""

from __future__ import annotations

from ai.executor.agent import StepOutcome
from ghapp.emit.commit import commit_subject, commit_text
from jobs.execution.work import Bench, Taken
from jobs.git.message import HOLD, WIP, Authorship, Identity, message
from state.clock import clock


def authorship(taken: Taken) -> Authorship:
    """The App's bot with its numeric noreply address."""
    bot = taken.runtime.github.identity(taken.task.repo)
    identity = Identity(bot.bot_login, bot.noreply)
    return Authorship(identity, identity, clock())


def trailers(taken: Taken, attempt: int) -> dict[str, str]:
    """What names the step's commit: by these a commit that was made but not recorded is known again."""
    assert taken.task.plan is not None
    return {
        "Devtask-Task": taken.task.key,
        "Devtask-Step": taken.view.id,
        "Devtask-Attempt": f"{taken.view.round}.{attempt}",
        "Devtask-Plan": taken.task.plan.plan_hash[:16],
        "Devtask-Model": taken.model,
        "Co-authored-by": _coauthor(taken),
    }


def is_mine(taken: Taken, found: dict[str, str]) -> bool:
    """Whether a commit's trailers are those of this step, in this round and no finished `wip:` one."""
    attempt = found.get("devtask-attempt", "")
    return (
        found.get("devtask-task") == taken.task.key
        and found.get("devtask-step") == taken.view.id
        and attempt.startswith(f"{taken.view.round}.")
        and "devtask-state" not in found
    )


def is_wip(taken: Taken, found: dict[str, str]) -> bool:
    """Whether a commit's trailers are those of unfinished work at this step, in this round."""
    return "devtask-state" in found and is_mine(taken, {k: v for k, v in found.items() if k != "devtask-state"})


def step_message(taken: Taken, bench: Bench, attempt: int, outcome: StepOutcome) -> str:
    """A conventional commit: subject from the plan, body from the executor's summary made inert."""
    return message(
        subject(taken), commit_text(outcome.summary), trailers(taken, attempt), HOLD if holds(bench) else None
    )


def wip_message(taken: Taken, bench: Bench, attempt: int, why: str) -> str:
    """The commit of work that did not pass: kept for people, never adopted as a finished step."""
    marks = {**trailers(taken, attempt), WIP[0]: WIP[1]}
    return message(commit_subject(f"wip: {taken.step.title}"), commit_text(why), marks, HOLD if holds(bench) else None)


def subject(taken: Taken) -> str:
    """`fix: Reject orders without stock`."""
    return commit_subject(f"{taken.plan.type.value}: {taken.step.title}")


def holds(bench: Bench) -> bool:
    """Whether CI is held until a person lets it run."""
    return bench.config.ci == "hold"


def _coauthor(taken: Taken) -> str:
    task = taken.task
    address = f"{task.requester_id}+{task.requester_login}@users.noreply.github.com"
    return Identity(task.requester_login, address).line()
