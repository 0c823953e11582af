"""Named points where a test may kill, fail or slow the running product. No-ops unless BOT_FAILPOINTS is set.

Grammar: `name=action[@n]`, comma separated; actions: `kill` (SIGKILL to this process), `stop` (SIGSTOP), `raise`
(FailpointError), `delay:SECONDS`. `@n` means the n-th hit in this process only (default 1); a delay without `@n` is
done at every hit.

BOT_FAILPOINTS_DIR names a folder in which a test arms points while the product runs: a file with the point's name holds
the action. Whoever takes the file away acts, so it happens once among all processes; `kill always` stays.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "BOT_FAILPOINTS"
FOLDER = "BOT_FAILPOINTS_DIR"
ALWAYS = " always"


class FailpointError(Exception):
    """Raised where a test asked for it; never in production."""


@dataclass(frozen=True)
class Point:
    """One armed point. `hit` None = at every hit; `seconds` counts for delays only."""

    name: str
    action: str
    hit: int | None
    seconds: float = 0.0


_hits: dict[str, int] = {}
_lock = threading.Lock()


def parse(text: str) -> dict[str, Point]:
    """Points by name. Raises ValueError naming the part that cannot be read."""
    return {point.name: point for point in (_point(part.strip()) for part in text.split(",")) if point.name}


def failpoint(name: str) -> None:
    """Does what a test asks for at this name; nothing when neither variable is set."""
    if folder := os.environ.get(FOLDER):
        _armed(name, Path(folder, name))
    text = os.environ.get(VARIABLE)
    if not text:
        return
    point = parse(text).get(name)
    if point is None:
        return
    with _lock:
        count = _hits[name] = _hits.get(name, 0) + 1
    if point.hit is None or point.hit == count:
        _act(point)


def reset() -> None:
    """Forgets the hits counted so far (for tests in one process)."""
    with _lock:
        _hits.clear()


def _point(part: str) -> Point:
    if not part:
        return Point("", "", None)
    name, _, rest = part.partition("=")
    action, _, hit = rest.partition("@")
    action, _, seconds = action.partition(":")
    if not name or action not in {"kill", "stop", "raise", "delay"} or (hit and not hit.isdigit()):
        raise ValueError(f"{VARIABLE}: cannot read {part!r}; write name=kill@3, name=raise or name=delay:0.5")
    default = None if action == "delay" else 1
    return Point(name, action, int(hit) if hit else default, float(seconds or 0))


def _armed(name: str, file: Path) -> None:
    """What the file of this name says, if there is one; the file goes first, so that nobody does it again."""
    try:
        text = file.read_text().strip()
        if not text.endswith(ALWAYS):
            file.unlink()
    except FileNotFoundError:
        return
    _act(_point(f"{name}={text.removesuffix(ALWAYS)}"))


def _act(point: Point) -> None:
    if point.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif point.action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif point.action == "raise":
        raise FailpointError(point.name)
    else:
        time.sleep(point.seconds)
