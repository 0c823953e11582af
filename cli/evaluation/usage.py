"""What a task used, by its row in the database and its trajectories, which are kept."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from state.views import TaskView


@dataclass(frozen=True)
class Usage:
    """`exits` are the ends of its conversations, oldest first: the planner's, then one for each attempt of a step."""

    turns: int
    tokens: int
    cached: int
    dollars: float
    exits: tuple[str, ...]


def usage_of(task: TaskView, trajectories: Path, kept: Path) -> Usage:
    """Copies the trajectories to `kept` and reads them; tokens and money are what was settled."""
    from ai.trajectory import complete_rows

    turns, exits = 0, []
    for path in sorted(trajectories.glob("*.jsonl"), key=lambda path: path.stat().st_mtime):
        kept.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, kept / path.name)
        rows = complete_rows(path)
        turns += sum(row.get("kind") == "turn" for row in rows)
        exits += [str(row["exit"]) for row in rows if row.get("kind") == "end"] or ["unfinished"]
    return Usage(turns, task.tokens, task.cached_tokens, task.spent, tuple(exits))
