"""`devtask eval`: how much of what is asked is really done, and whether the judges see through what is not."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.demo import has_keys
from cli.problems import told

if TYPE_CHECKING:
    from cli.evaluation.play import Case
    from cli.evaluation.results import Result

OUT = Path(".data") / "eval"
STEPS = 3


@told
def evaluate(
    only: Annotated[str | None, typer.Option(help="only this bundled repository")] = None,
    times: Annotated[int, typer.Option(min=1, help="with real models: how often each repository is tried")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object at the end instead of tables")] = False,
    out: Annotated[Path | None, typer.Option(help="folder for trajectories; default .data/eval/TIME")] = None,
    steps: Annotated[int, typer.Option(min=1, help="step workers side by side")] = STEPS,
) -> None:
    """Let the service solve the bundled repositories and print what came of it. Ends with 1 if a task ends otherwise.

    With ANTHROPIC_API_KEY and GOOGLE_API_KEY set the real models are asked, which costs money. Otherwise scripts
    answer, good ones and bad ones, and each task has to end as devkit/samples/eval/table.yml says. Everything else is
    real: a task is resolved if its branch was pushed and hidden checks pass on a fresh clone of it.
    """
    from cli.evaluation.play import play
    from cli.evaluation.results import good, summary

    real = has_keys()
    folder = (out or OUT / time.strftime("%Y%m%d-%H%M%S")).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    chosen = cases(only, times if real else 0)
    models = "real" if real else "scripted"
    begun = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was started is ended then too
    with tempfile.TemporaryDirectory(prefix="devtask-eval-") as stage:
        typer.echo(f"{len(chosen)} tasks, {models} models; trajectories are kept in {folder}", err=as_json)
        results = play(chosen, folder, Path(stage), lambda text: typer.echo(text, err=as_json), steps=steps)
    found = summary(results, time.monotonic() - begun, models)
    (folder / "results.json").write_text(json.dumps(found, indent=2) + "\n")
    typer.echo(json.dumps(found, indent=2)) if as_json else show(found, results)
    raise typer.Exit(0 if good(results) and len(results) == len(chosen) else 1)


def cases(only: str | None, times: int) -> list[Case]:
    """What is played: the rows of the table, or with `times` each repository so often with the real models."""
    from cli.evaluation.play import REAL, Case
    from cli.evaluation.samples import samples, table
    from state.errors import Told

    known = {sample.name: sample for sample in samples()}
    if only is not None and only not in known:
        raise Told(f"There is no bundled repository {only!r}.", f"There are: {', '.join(known)}")
    if times:
        return [Case(known[name], REAL, n) for n in range(1, times + 1) for name in known if only in (None, name)]
    rows = [row for row in table() if only in (None, row.repository)]
    return [Case(known[row.repository], row.script, 1, row) for row in rows]


def show(found: dict[str, Any], results: Sequence[Result]) -> None:
    """The table for people."""
    from rich.box import SIMPLE
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=SIMPLE)
    for column in ("repository", "resolved", "turns", "tokens", "dollars", "seconds", "exits"):
        shown.add_column(column, overflow="fold", justify="left" if column in ("repository", "exits") else "right")
    for name, one in [*found["repositories"].items(), ("all", found["all"])]:
        money = (f"{one['tokens']:,}", f"{one['dollars']:.4f}", f"{one['seconds']:.0f}")
        shown.add_row(name, f"{one['resolved']} of {one['tasks']}", str(one["turns"]), *money, one["exits"])
    Console().print(shown)
    wrong = [one for one in results if one.as_expected is False or (one.expected is None and not one.resolved)]
    for one in wrong:
        typer.echo(f"{one.repository} {one.script}-{one.number}: {one.verdict} {one.reason}, {one.mark()}\n  {one.why}")
    rate = f"{found['resolve_rate']:.0%}" if found["resolve_rate"] is not None else "-"
    asserted = (
        f"; {found['as_expected']} of {found['asserted']} asserted rows as the table says" if found["asserted"] else ""
    )
    typer.echo(f"resolve rate {rate} (of what is meant to be resolved){asserted}; {found['seconds']:.0f} s in all")
