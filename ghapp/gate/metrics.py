"""The gate's numbers for Prometheus. With PROMETHEUS_MULTIPROC_DIR set, all processes of the gate are added up."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
RESULTS = ("accepted", "duplicate", "unsigned", "malformed", "too_large", "unavailable")


class Metrics:
    """Counts deliveries by result and the seconds to the acknowledgement."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        deliveries = Counter("devtask_deliveries", "Deliveries by result", ["result"], registry=self.registry)
        self._results = {result: deliveries.labels(result) for result in RESULTS}
        self._seconds = Histogram(
            "devtask_ack_seconds", "Seconds from request to 202", buckets=BUCKETS, registry=self.registry
        )

    def count(self, result: str) -> None:
        """One more delivery with this result of `RESULTS`."""
        self._results[result].inc()

    def took(self, seconds: float) -> None:
        """An acknowledgement took so long."""
        self._seconds.observe(seconds)

    def render(self) -> bytes:
        """The text format of Prometheus."""
        if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)
