"""`python -m benchmarks.soak`: service processes are killed at random while scripted tasks run, then all is counted.

What could not be delivered while the gate was dead is sent again, as GitHub's page for webhooks offers it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.checks import backwards, doubled, left_running, markers
from benchmarks.figures import Figure, none
from benchmarks.starts import small_town
from tests.system.town import WRITER, Thread, Town, good_mind

STEPS = 2
VICTIMS = ("gate", "chat", "plan", "scheduler", *(f"step-{number}" for number in range(1, STEPS + 1)))
REPORTS = ("### ✅ Done", "### ❌ ")
ENDED = ("COMPLETED", "FAILED", "ABORTED", "PAUSED")
LOOK_SECONDS = 1.0


@dataclass
class Soak:
    """A run under way. `sessions` are those of all processes that were ever started."""

    town: Town
    dice: random.Random
    threads: list[Thread] = field(default_factory=list)
    approved: set[int] = field(default_factory=set)
    sent_again: set[str] = field(default_factory=set)
    sessions: set[int] = field(default_factory=set)
    kills: dict[str, int] = field(default_factory=dict)

    def kill(self) -> None:
        """SIGKILL to one service process if it is our own live child; its number may be somebody else's by now."""
        name = self.dice.choice(VICTIMS)
        pid = self.town.stage.supervisor.pid(name)
        if parent_of(pid) == os.getpid():
            os.kill(pid, signal.SIGKILL)
            self.kills[name] = self.kills.get(name, 0) + 1

    def look(self) -> int:
        """Do what people do: approve plans that came, send failed webhooks again; how many tasks have ended."""
        for number, thread in enumerate(self.threads):
            if number not in self.approved and any("plan v1 " in body for body in thread.bot()):
                thread.approve(WRITER)
                self.approved.add(number)
        world = self.town.world
        for sent in world.deliveries():
            if sent["status_code"] != 202 and sent["status"] != "pending" and str(sent["id"]) not in self.sent_again:
                self.sent_again.add(str(sent["id"]))
                world.redeliver(sent["id"])
        return sum(status in ENDED for status in self.statuses())

    def statuses(self) -> list[str]:
        """Where the tasks stand."""
        connection = sqlite3.connect(next((self.town.stage.folder / "data").glob("*.db")), timeout=30)
        try:
            return [row[0] for row in connection.execute("SELECT status FROM tasks")]
        finally:
            connection.close()

    def tick(self) -> None:
        """Start again what died, and remember who is ours."""
        supervisor = self.town.stage.supervisor
        supervisor.tick()
        self.sessions |= {supervisor.pid(name) for name in VICTIMS}


def parent_of(pid: int) -> int | None:
    """The parent of a live process; None for one that ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] == "Z" else int(fields[1])


def run(folder: Path, kills: int, tasks: int, seed: int, seconds: float) -> list[Figure]:
    """The soak and its counts. Killing is spread over the first two thirds of the time."""
    with small_town(folder, STEPS) as town:
        soak = Soak(town, random.Random(seed))
        soak.tick()
        soak.threads = [town.start(town.repo(), good_mind()) for _ in range(tasks)]
        began = time.monotonic()
        due = sorted(soak.dice.uniform(1, seconds * 2 / 3) for _ in range(kills))
        looked, ended = 0.0, 0
        while (spent := time.monotonic() - began) < seconds and (ended < tasks or due):
            soak.tick()
            if due and spent >= due[0]:
                due.pop(0)
                soak.kill()
            if time.monotonic() - looked >= LOOK_SECONDS:
                looked, ended = time.monotonic(), soak.look()
            time.sleep(0.05)
        time.sleep(LOOK_SECONDS * 3)
        figures = verdicts(soak, tasks, time.monotonic() - began)
    left = left_running(str(folder), soak.sessions)
    return [*figures, none("soak", f"processes left of {len(soak.sessions)} started", len(left))]


def verdicts(soak: Soak, tasks: int, seconds: float) -> list[Figure]:
    """What the stand-ins saw, counted."""
    world, found = soak.town.world, soak.statuses()
    ended, done = sum(status in ENDED for status in found), found.count("COMPLETED")
    bodies = [body for thread in soak.threads for body in thread.bot()]
    # The first comment of a thread is the status comment, which tells of the end as well.
    reports = [sum(body.startswith(REPORTS) for body in thread.bot()[1:]) for thread in soak.threads]
    pushes = world.pushes()
    killed = ", ".join(f"{name} {times}" for name, times in sorted(soak.kills.items())) or "nobody"
    print(f"killed {sum(soak.kills.values())} ({killed}); {len(soak.sent_again)} webhooks sent again; {seconds:.0f} s")
    print(
        f"no trouble in so many kills would bound its rate at about {3 / max(3, sum(soak.kills.values())):.0%} a kill"
    )
    return [
        none("soak", f"tasks of {tasks} that did not end", tasks - ended),
        none("soak", f"tasks of {tasks} that ended otherwise than done", ended - done),
        none("soak", f"doubled markers of {len(markers(bodies))} in {len(bodies)} comments", len(doubled(bodies))),
        none("soak", "tasks without exactly one final report", sum(count != 1 for count in reports)),
        none("soak", "tasks beyond those asked for", max(0, len(found) - tasks)),
        none("soak", f"pushes of {len(pushes)} that went backwards", len(backwards(pushes))),
    ]


def main() -> int:
    """Print the seed, the counts and a verdict; 0 when all hold."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=30, help="SIGKILLs to send (default %(default)s)")
    parser.add_argument("--tasks", type=int, default=6, help="tasks to run meanwhile (default %(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run's dice (default: a new one)")
    parser.add_argument("--seconds", type=float, default=240.0, help="give up after this time (default %(default)s)")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="devtask-soak-") as folder:
        figures = run(Path(folder), given.kills, given.tasks, seed, given.seconds)
    for figure in figures:
        print(figure.line())
    return 0 if all(figure.met for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
