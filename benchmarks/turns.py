"""P7 and P8: what the harness costs a turn, beside mini-swe-agent, and what the sandbox costs a command, beside bwrap.

P7 leaves out model, command and database on both sides: ours is the loop with its trajectory, which is on the disk
before the next turn begins; the peer's is its default agent, which saves its trajectory at every turn.
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median

from ai.asking import Asker
from ai.limits import Limits
from ai.loop import Loop, Talk
from ai.port import Json, Reply, Request, Stop, ToolCall, ToolResult, ToolSpec, Usage
from ai.tools.sets import EXECUTOR
from ai.trajectory import Opening, Trajectory
from benchmarks import peer
from benchmarks.figures import Figure, at_most
from benchmarks.tokens import NoMeter
from jobs.sandbox.box import Sandbox, bwrap_path
from jobs.sandbox.layout import WORK

TURNS = 100
FIRST = 10
ROUNDS = 3
COMMANDS = 40
ANSWER = "a line of some output, as long as lines are\n" * 24
SAID = "I look at the next file, because the cause must be there."


@dataclass
class Instant:
    """A provider that answers at once, and notes when it was asked."""

    times: list[float] = field(default_factory=list)
    provider: str = "none"
    model: str = "instant"

    def reply(self, request: Request) -> Reply:
        """The next call."""
        self.times.append(time.perf_counter())
        args = {"path": f"src/module_{len(self.times)}.py"}
        block = {"type": "tool_use", "id": f"call_{len(self.times)}", "name": "read_file", "input": args}
        call = ToolCall(f"call_{len(self.times)}", "read_file", args)
        return Reply(SAID, (call,), Usage(1_000, out=20), Stop.CALLS, [{"type": "text", "text": SAID}, block])


class Still:
    """Tools that do nothing."""

    def specs(self) -> Sequence[ToolSpec]:
        return EXECUTOR

    def call(self, name: str, args: Json) -> ToolResult:
        return ToolResult(f"{args['path']}\n{ANSWER}")


def run7(folder: Path) -> Iterator[Figure]:
    """The figures of P7."""
    mine = [ours(folder / f"{number}.jsonl") for number in range(ROUNDS)]
    early, late = median(first(each) for each in mine), median(last(each) for each in mine)
    if peer.python() is None:
        yield Figure("P7", f"not run: {peer.NOT_RUN}", "-", "<= 2 x", met=False)
    else:
        theirs = [peers(folder) for _ in range(ROUNDS)]
        anchor, grown = median(map(first, theirs)), median(last(each) / first(each) for each in theirs)
        what = f"harness a turn, turns 1-{FIRST}, beside mini-swe-agent ({early * 1e3:.2f} ms of {anchor * 1e3:.2f} ms)"
        yield at_most("P7", what, early / anchor, 2.0)
        print(f"    (mini-swe-agent's turns {TURNS - FIRST + 1}-{TURNS} take {grown:.1f} x its first ones)", flush=True)
    yield at_most("P7", f"harness a turn, turns {TURNS - FIRST + 1}-{TURNS} beside 1-{FIRST}", late / early, 1.3)


def ours(file: Path) -> list[float]:
    """Seconds of each of our turns."""
    model = Instant()
    opening = Opening.of(model, EXECUTOR, ("You are a test.",), "Begin.")
    limits = Limits(turns=TURNS, seconds=1e9, dollars=1e9, tokens=10**12)
    talk = Talk(opening, "hash", "done", limits, 1_000, lambda usage: 0.0)
    Loop(talk, Asker(model, NoMeter(), "executor", lambda: False), Still(), Trajectory(file, str)).run()
    return spans([*model.times, time.perf_counter()])


def peers(folder: Path) -> list[float]:
    """Seconds of each of the peer's turns."""
    calls = [(SAID, f"cat src/module_{number}.py") for number in range(TURNS)]
    return spans(peer.drive(folder, calls=calls, answer=ANSWER, task="Begin.")["times"])


def spans(times: Sequence[float]) -> list[float]:
    """From each to the next."""
    return [after - before for before, after in pairwise(times)]


def first(seconds: Sequence[float]) -> float:
    """The middle of the first turns."""
    return median(seconds[:FIRST])


def last(seconds: Sequence[float]) -> float:
    """The middle of the last turns."""
    return median(seconds[TURNS - FIRST : TURNS])


def run8(folder: Path) -> Iterator[Figure]:
    """The figure of P8."""
    tree = folder / "tree"
    tree.mkdir()
    box = Sandbox(tree, folder / "scratch")
    mine, bare = [], []
    try:
        for _ in range(COMMANDS):
            bare.append(seconds(bare_command(tree)))
            began = time.perf_counter()
            box.run("true", timeout=30)
            mine.append(time.perf_counter() - began)
    finally:
        box.close()
    here, anchor = median(mine), median(bare)
    what = f"sandbox a command beside bare bwrap ({here * 1e3:.1f} ms of {anchor * 1e3:.1f} ms)"
    yield at_most("P8", what, here / anchor, 1.3)


def bare_command(tree: Path) -> list[str]:
    """What a person would write: the system read-only, every namespace of its own, the tree writable."""
    links = [part for name in ("bin", "lib", "lib64", "sbin") for part in ("--symlink", f"usr/{name}", f"/{name}")]
    own = ("--unshare-all", "--die-with-parent", "--new-session", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp")
    seen = (
        "--ro-bind",
        "/usr",
        "/usr",
        "--ro-bind",
        "/etc",
        "/etc",
        *links,
        "--bind",
        str(tree),
        WORK,
        "--chdir",
        WORK,
    )
    return [bwrap_path(), *own, *seen, "/bin/bash", "-c", "true"]


def seconds(command: list[str]) -> float:
    """Wall seconds of a command whose output is read."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL)
    return time.perf_counter() - began
