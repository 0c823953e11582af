"""`devtask status`: every task in a table, or one task with its plan, steps, money and last events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.problems import told

if TYPE_CHECKING:
    from rich.table import Table
    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from state.views import CostLine, TaskView

ICONS = {
    "pending": "·",
    "in_progress": "▸",
    "ready_for_test": "▸",
    "tested": "▸",
    "done": "✓",
    "failed": "✗",
    "blocked": "!",
    "skipped": "-",
    "cancelled": "-",
}


@told
def status(
    key: Annotated[str | None, typer.Argument(help="the task's 8-character key; without it all tasks")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON for scripts")] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, help="tasks, or events of one task, at most")] = 20,
) -> None:
    """Show the tasks of this installation, newest first, or one task in full. Reads the database only."""
    from cli.database import opened
    from jobs.runtime import settings

    engine = opened(settings())
    found = all_tasks(engine, limit) if key is None else one_task(engine, key, limit)
    if as_json:
        typer.echo(json.dumps(found, indent=2, default=str))
    elif isinstance(found, list):
        _print_all(found)
    else:
        _print_one(found)


def all_tasks(engine: Engine, limit: int) -> list[dict[str, Any]]:
    """The newest tasks, as values for JSON."""
    from state.db.engine import read
    from state.store import tasks

    with read(engine) as session:
        waiting = _waiting(session)
        return [_row(task, waiting) for task in tasks.recent(session, limit=limit)]


def one_task(engine: Engine, key: str, limit: int) -> dict[str, Any]:
    """One task with everything, as values for JSON. Raises Told for an unknown key."""
    from state.db.engine import read
    from state.errors import Told
    from state.store import events, llm_calls, tasks

    with read(engine) as session:
        task = tasks.by_key(session, key)
        if task is None:
            raise Told(f"There is no task {key!r}.", "List the tasks with: devtask status")
        costs = [_cost(line) for line in llm_calls.by_role(session, task.id)]
        log = [
            {"at": one.created_at, "event": one.event, "by": one.actor, "message": one.message}
            for one in events.latest(session, task.id, limit)
        ]
        return _row(task, _waiting(session)) | _details(task) | {"costs": costs, "events": log[::-1]}


def _cost(line: CostLine) -> dict[str, Any]:
    named = {"role": line.name, "model": line.about, **vars(line), "cache_hit_rate": round(line.cache_hit_rate, 4)}
    return {name: value for name, value in named.items() if name not in ("name", "about")}


def _waiting(session: Session) -> dict[int, int]:
    """Task number -> its place among those that wait for a planner or a step worker."""
    from state.store import tasks

    queues = (tasks.to_plan(session, 1000), tasks.to_execute(session, 1000))
    return {seq: place for queue in queues for place, seq in enumerate(queue, 1)}


def _row(task: TaskView, waiting: dict[int, int]) -> dict[str, Any]:
    return {
        "key": task.key,
        "repository": task.repo.full_name,
        "issue": task.issue_number,
        "title": task.title,
        "type": task.type,
        "status": task.status.value,
        "why": task.pause_reason or task.fail_reason,
        "activity": task.activity,
        "queue": waiting.get(task.seq),
        "steps": f"{sum(step.status == 'done' for step in task.steps)}/{len(task.steps)}",
        "branch": task.branch,
        "spent": round(task.spent, 4),
        "budget": task.budget,
        "by": task.requester_login,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }


def _details(task: TaskView) -> dict[str, Any]:
    plan = task.plan
    return {
        "request": task.request,
        "reason": task.status_reason,
        "base": task.base_branch,
        "base_sha": task.base_sha,
        "head_sha": task.head_sha,
        "tokens": task.tokens,
        "cached_tokens": task.cached_tokens,
        "plan": None
        if plan is None
        else {
            "version": plan.number,
            "hash": plan.plan_hash,
            "approved": plan.approved,
            "objective": plan.plan.objective,
        },
        "plan_steps": [
            {
                "number": step.number,
                "id": step.id,
                "title": step.title,
                "status": step.status.value,
                "attempts": step.attempts,
                "commit": step.commit_sha,
                "tests_passed": step.tests_passed,
                "tests_failed": step.tests_failed,
                "error": step.last_error,
            }
            for step in task.steps
        ],
    }


def _print_all(found: list[dict[str, Any]]) -> None:
    from rich.console import Console

    if not found:
        typer.echo("There are no tasks yet.")
        return
    table = _table("task", "where", "status", "steps", "spent", "branch", "title")
    for one in found:
        cells = (one["key"], f"{one['repository']}#{one['issue']}", _state(one), one["steps"], _money(one))
        table.add_row(*map(_text, (*cells, one["branch"] or "", one["title"])))
    Console().print(table)


def _print_one(one: dict[str, Any]) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False, markup=False)
    for name, value in _facts(one).items():
        if value:
            console.print(f"{name:<7} {value}")
    for step in one["plan_steps"]:
        error = f"  {step['error'].splitlines()[0]}" if step["error"] else ""
        console.print(f"  {ICONS[step['status']]} {step['number']:>2} {step['title']}{error}")
    for event in one["events"]:
        by = f" by {event['by']}" if event["by"] else ""
        console.print(f"{event['at']:%Y-%m-%d %H:%M:%S} {event['event']}{by}  {event['message'] or ''}".rstrip())


def _facts(one: dict[str, Any]) -> dict[str, str | None]:
    plan = one["plan"]
    return {
        "task": f"{one['key']}  {one['repository']}#{one['issue']}  {one['title']}",
        "status": f"{_state(one)}{'  ' + one['reason'] if one['reason'] else ''}",
        "now": one["activity"],
        "branch": one["branch"] and f"{one['branch']}  from {one['base']} at {(one['base_sha'] or '')[:10]}",
        "plan": plan
        and f"v{plan['version']} · {plan['hash'][:4]}  {'approved' if plan['approved'] else 'not approved'}",
        "money": f"{_money(one)}  ({one['tokens']:,} tokens, {one['cached_tokens']:,} of them cached)",
    }


def _state(one: dict[str, Any]) -> str:
    queue = f", number {one['queue']} in the queue" if one["queue"] else ""
    return f"{one['status']}{' (' + one['why'] + ')' if one['why'] else ''}{queue}"


def _money(one: dict[str, Any]) -> str:
    return f"${one['spent']:.2f}" + (f" of ${one['budget']:.2f}" if one["budget"] else "")


def _table(*columns: str) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _text(value: object) -> Any:
    """Titles are other people's words: never read as markup."""
    from rich.text import Text

    return Text(str(value))
