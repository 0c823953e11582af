"""Structured logs: one JSON object a line, redacted, with task and delivery ids, never blocking the caller.

`LOGS_PATH/orchestrator.log` holds everything, `error.log` errors; `LOGS_PATH/<task key>/execution.log` and
`errors.log` the lines that carry `task_key`. Every file is 0600. Bind ids with `bound(task_key=...,
delivery_id=...)`.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
from collections.abc import Callable, MutableMapping
from contextlib import AbstractContextManager
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import IO, Any

import structlog

from state.clock import clock
from state.ids import is_key
from state.redact import Redactor

ROOT = "devtask"
QUEUE_SIZE = 10_000
Processor = Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]


class LogFiles(logging.Handler):
    """Writes finished JSON lines to their files; a line that cannot be written is counted, never raised."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self.lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Appends the line; files are opened for each line, so deleted or rotated ones come back."""
        line = record.getMessage() + "\n"
        for path in self._targets(record):
            try:
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with _open_private(path) as stream:
                    stream.write(line)
            except OSError:
                self.lost += 1

    def _targets(self, record: logging.LogRecord) -> list[Path]:
        names = ["orchestrator.log"]
        key = getattr(record, "task_key", None)
        if isinstance(key, str) and is_key(key):
            names.append(f"{key}/execution.log")
        if record.levelno >= logging.ERROR:
            names += ["error.log"] + ([f"{key}/errors.log"] if len(names) > 1 else [])
        return [self._folder / name for name in names]


class DroppingQueueHandler(QueueHandler):
    """Hands lines to the writer thread; when its queue is full the line is dropped and counted."""

    dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        """Never waits."""
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


class Logs:
    """The running set-up; `close()` writes what is queued. One per process, started after any fork."""

    def __init__(self, folder: Path, level: str, redactor: Redactor, echo: bool) -> None:
        self.files = LogFiles(folder)
        self.handler = DroppingQueueHandler(queue.Queue(QUEUE_SIZE))
        targets: list[logging.Handler] = [self.files]
        if echo:
            targets.append(logging.StreamHandler(sys.stderr))
        self._listener = QueueListener(self.handler.queue, *targets)
        self._logger = logging.getLogger(ROOT)
        self._logger.handlers = [self.handler]
        self._logger.setLevel(level)
        self._logger.propagate = False
        structlog.configure(
            processors=_processors(redactor),
            logger_factory=lambda *_: self._logger,
            wrapper_class=structlog.stdlib.BoundLogger,
            cache_logger_on_first_use=False,
        )
        self._listener.start()

    def close(self) -> None:
        """Writes what is queued and goes back to silence."""
        self._listener.stop()
        self._logger.handlers = [logging.NullHandler()]
        structlog.reset_defaults()


def start_logs(folder: Path, level: str = "INFO", redactor: Redactor | None = None, *, echo: bool = False) -> Logs:
    """Sets logging up for this process; `echo` repeats each line on stderr. Called by composition roots only."""
    return Logs(folder, level, redactor or Redactor(), echo)


def get_log(**fields: Any) -> Any:
    """A structlog logger with these fields on every line."""
    return structlog.get_logger().bind(**fields)


def bound(**fields: Any) -> AbstractContextManager[None]:
    """Within the block every line of this thread carries these fields (`task_key`, `delivery_id`, ...)."""
    return structlog.contextvars.bound_contextvars(**fields)


def redacting(redactor: Redactor) -> Processor:
    """A processor that redacts every string of an event, however deep."""

    def process(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        return {key: _clean(redactor, value) for key, value in event.items()}

    return process


def _clean(redactor: Redactor, value: Any) -> Any:
    if isinstance(value, str):
        return redactor.redact(value).text
    if isinstance(value, dict):
        return {_clean(redactor, key): _clean(redactor, item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(redactor, item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redactor.redact(str(value)).text


def _processors(redactor: Redactor) -> list[Any]:
    return [
        structlog.stdlib.filter_by_level,
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        _stamp,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        redacting(redactor),
        _render,
    ]


def _stamp(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["at"] = clock().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event["pid"] = os.getpid()
    return event


def _render(_: Any, name: str, event: MutableMapping[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    line = structlog.processors.JSONRenderer(ensure_ascii=False)(None, name, event)
    text = line if isinstance(line, str) else line.decode()
    return (text,), {"exc_info": False, "extra": {"task_key": event.get("task_key")}}


def _open_private(path: Path) -> IO[str]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    return os.fdopen(descriptor, "a", encoding="utf-8")
