"""`devtask logs`: the service's log lines, readable, of everything or of one task."""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from cli.problems import told

FIRST = ("at", "level", "event")
QUIET = frozenset(("pid",))
POLL_SECONDS = 0.5
LEVELS = {"error": "bold red", "critical": "bold red", "warning": "yellow", "debug": "dim"}


@told
def logs(
    key: Annotated[str | None, typer.Argument(help="a task's 8-character key; without it the whole service")] = None,
    errors: Annotated[bool, typer.Option("--errors", help="errors only")] = False,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="go on with what is written from now on")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, help="how many of the last lines to show")] = 50,
    as_json: Annotated[
        bool, typer.Option("--json", help="print the lines as they are stored, one JSON object each")
    ] = False,
) -> None:
    """Show log lines: time, level, what happened, and the facts with it. Secrets never reach them."""
    from jobs.runtime import settings
    from state.errors import Told
    from state.ids import is_key

    folder = settings().logs_path
    if key is not None and not is_key(key):
        raise Told(f"{key!r} is no task's key.", "List the tasks with: devtask status")
    path = log_file(folder, key, errors)
    if not path.is_file() and not follow:
        typer.echo(f"Nothing is logged there yet ({path}).")
        return
    show = typer.echo if as_json else _printer()
    for line in tail(path, lines):
        show(line)
    if follow:
        for line in following(path, lambda: False):
            show(line)


def log_file(folder: Path, key: str | None, errors: bool) -> Path:
    """Where `state.logs` writes such lines."""
    if key is None:
        return folder / ("error.log" if errors else "orchestrator.log")
    return folder / key / ("errors.log" if errors else "execution.log")


def tail(path: Path, count: int) -> list[str]:
    """The last lines of a file; none where there is no file."""
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", errors="replace") as stream:
        return [line.rstrip("\n") for line in deque(stream, maxlen=count)]


def following(path: Path, stop: Callable[[], bool], pause: float = POLL_SECONDS) -> Iterator[str]:
    """Lines that are written from now on, also after the file was rotated or deleted, until `stop()`."""
    stream, kept = _end_of(path), ""
    try:
        while not stop():
            chunk = stream.read() if stream else ""
            if chunk:
                *whole, kept = (kept + chunk).split("\n")
                yield from whole
            elif stream is None or not _same(stream, path):
                _close(stream)
                stream, kept = _open(path), ""
                time.sleep(0 if stream else pause)
            else:
                time.sleep(pause)
    finally:
        _close(stream)


def readable(line: str) -> str:
    """A stored line for people; a line that is no JSON object stays as it is."""
    try:
        found: Any = json.loads(line)
    except ValueError:
        return line
    if not isinstance(found, dict):
        return line
    trace = str(found.pop("exception", "")).rstrip()
    facts = " ".join(f"{name}={_short(value)}" for name, value in found.items() if name not in (*FIRST, *QUIET))
    head = f"{found.get('at', '')} {found.get('level', ''):<7} {found.get('event', '')}  {facts}".rstrip()
    return f"{head}\n{trace}" if trace else head


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return json.dumps(text, ensure_ascii=False) if " " in text or "\n" in text else text


def _printer() -> Callable[[str], None]:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True)

    def show(line: str) -> None:
        text = readable(line)
        level = next((name for name in LEVELS if f" {name} " in text[:50]), "")
        console.print(Text(text, style=LEVELS.get(level, "")))

    return show


def _open(path: Path) -> IO[str] | None:
    return path.open(encoding="utf-8", errors="replace") if path.is_file() else None


def _end_of(path: Path) -> IO[str] | None:
    stream = _open(path)
    if stream:
        stream.seek(0, os.SEEK_END)
    return stream


def _close(stream: IO[str] | None) -> None:
    if stream:
        stream.close()


def _same(stream: IO[str], path: Path) -> bool:
    try:
        now = path.stat()
    except FileNotFoundError:
        return False
    return os.fstat(stream.fileno()).st_ino == now.st_ino and now.st_size >= stream.tell()
