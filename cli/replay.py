"""`devtask replay`: conversations with a model as they were, for the terminal or as one page that loads nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.problems import told


@told
def replay(
    what: Annotated[
        str, typer.Argument(metavar="TRAJECTORY|KEY", help="a .jsonl file, a folder of them, or a task's key")
    ],
    out: Annotated[Path | None, typer.Option(help="write one self-contained HTML page instead of text")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="text: the system prompt in full as well")] = False,
) -> None:
    """Show trajectories turn by turn: what the model said, called and was answered, exactly as it saw it."""
    from cli.replaying.model import read
    from cli.replaying.page import page
    from cli.replaying.text import text
    from state.errors import Told

    files = trajectories(what)
    talks = [talk for talk in map(read, files) if talk is not None]
    if not talks:
        raise Told(
            f"There is no trajectory in {what!r}.", "Name a .jsonl file, a folder of them, or a task: devtask status"
        )
    if out is None:
        for talk in talks:
            typer.echo(text(talk, whole=whole))
        return
    out.write_text(page(talks), encoding="utf-8")
    typer.echo(f"wrote {out}")


def trajectories(what: str) -> list[Path]:
    """The files meant, oldest first. Raises Told for a key that is none."""
    from jobs.runtime import settings
    from state.errors import Told
    from state.ids import is_key

    path = Path(what)
    if path.is_file():
        return [path]
    if not path.is_dir():
        if not is_key(what.lower()):
            raise Told(f"{what!r} is neither a file nor a task's key.", "List the tasks with: devtask status")
        path = settings().data_path / "trajectories" / what.lower()
    return sorted(path.glob("*.jsonl"), key=lambda one: (one.stat().st_mtime, one.name))
