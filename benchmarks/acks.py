"""P1: what a durable acknowledgement costs beside a view that only checks the signature, under the same gunicorn.

Both servers run at the same time and are loaded in turns, so that whatever else the machine does hits both alike. The
turns are short and many: which of gunicorn's processes accepts how many connections is chance, and is drawn each time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.load import SECRET, Result, saturate
from benchmarks.servers import BARE, Web, gate, redis, web

ROUNDS = 9
CLIENTS = 32
WARM_SECONDS = 1.0
LOADED_SECONDS = 1.1
ALONE_SECONDS = 0.4


@dataclass
class Seen:
    """A server's runs added up."""

    server: Web
    loaded: Result = field(default_factory=Result)
    alone: Result = field(default_factory=Result)
    cpu: float = 0.0

    def round(self) -> None:
        """One turn of many clients and one of a single client."""
        before = self.server.cpu()
        self.loaded.add(saturate(self.server.port, CLIENTS, LOADED_SECONDS))
        self.cpu += self.server.cpu() - before
        self.alone.add(saturate(self.server.port, 1, ALONE_SECONDS))

    @property
    def cpu_each(self) -> float:
        """CPU seconds for one answer under load."""
        return self.cpu / len(self.loaded.latencies)


def run(folder: Path) -> Iterator[Figure]:
    """The figures of P1. Raises RuntimeError when a delivery was refused: then nothing was measured."""
    with (
        redis(folder / "redis") as url,
        web(BARE, folder / "bare", {"GITHUB_WEBHOOK_SECRET": SECRET}) as plain,
        gate(folder / "gate", url) as durable,
    ):
        bare, ours = Seen(plain), Seen(durable)
        for seen in (bare, ours):
            saturate(seen.server.port, CLIENTS, WARM_SECONDS)
        for _ in range(ROUNDS):
            bare.round()
            ours.round()
    if refused := bare.loaded.bad + ours.loaded.bad + bare.alone.bad + ours.alone.bad:
        raise RuntimeError(f"{refused} deliveries were refused")
    yield from figures(bare, ours)


def figures(bare: Seen, ours: Seen) -> Iterator[Figure]:
    """The ratios; the goals are those of a gate with group commit."""
    load = f"{ours.loaded.rate:.0f}/s of {bare.loaded.rate:.0f}/s"
    cpu = f"{ours.cpu_each * 1e6:.0f} us of {bare.cpu_each * 1e6:.0f} us"
    alone = f"{ours.alone.quantile(0.5):.2f} ms of {bare.alone.quantile(0.5):.2f} ms"
    yield at_least("P1", f"durable ack: rate beside a bare view ({load})", ours.loaded.rate / bare.loaded.rate, 0.5)
    yield at_most("P1", f"durable ack: CPU a request ({cpu})", ours.cpu_each / bare.cpu_each, 1.6)
    yield at_most(
        "P1", f"durable ack: one client, p50 ({alone})", ours.alone.quantile(0.5) / bare.alone.quantile(0.5), 2.5
    )
