"""Folders that nobody needs any more: work trees of finished tasks."""

from __future__ import annotations

from jobs.git.hygiene import remove_tree
from jobs.runtime import Runtime
from state.db.engine import read
from state.lifecycle import TaskStatus
from state.store import tasks

OVER = (TaskStatus.COMPLETED, TaskStatus.ABORTED)


def tidy(runtime: Runtime) -> None:
    """Remove the work trees of tasks that are over, or that the database does not know."""
    trees = runtime.settings.repos_path / "trees"
    if not trees.is_dir():
        return
    for folder in trees.iterdir():
        with read(runtime.engine) as session:
            task = tasks.by_key(session, folder.name)
        if task is None or task.status in OVER:
            remove_tree(folder)
