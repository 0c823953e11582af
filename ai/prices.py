"""What a request costs: dated data in prices.yaml, never a guess. An unknown model names the file to edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from ai.port import Usage
from state.errors import Told

PRICES: Final = Path(__file__).with_name("prices.yaml")
MILLION: Final = 1_000_000


@dataclass(frozen=True)
class Rates:
    """US dollars per million tokens of fresh input, output, cached input and cache writes."""

    fresh: float
    out: float
    read: float
    write: float

    def cost(self, usage: Usage) -> float:
        """US dollars of one request."""
        fresh = usage.tokens_in - usage.cached - usage.cache_write
        paid = fresh * self.fresh + usage.cached * self.read + usage.cache_write * self.write + usage.out * self.out
        return paid / MILLION


@dataclass(frozen=True)
class Price:
    """The rates of a model, with those of long requests where the vendor has such."""

    model: str
    rates: Rates
    long_from: int | None = None
    long_rates: Rates | None = None

    def dollars(self, usage: Usage) -> float:
        """US dollars of one request."""
        long = self.long_rates if self.long_from is not None and usage.tokens_in > self.long_from else None
        return (long or self.rates).cost(usage)

    def most(self, tokens_in: int, max_out: int) -> float:
        """The most that a request can cost: nothing cached, all written, all output used."""
        fresh, written = Usage(tokens_in, 0, 0, max_out), Usage(tokens_in, 0, tokens_in, max_out)
        return max(self.dollars(fresh), self.dollars(written))


def price(model: str, on: date, path: Path = PRICES) -> Price:
    """The price of `provider:model` on a day. Raises Told where the table has no row for it."""
    rows = [row for row in table(path).get(model, ()) if row["from"] <= on]
    if not rows:
        raise Told(
            f"There is no price for the model {model} on {on.isoformat()}.",
            f"Add a row with its date and source to {path}, or choose one of: {', '.join(sorted(table(path)))}.",
        )
    row = max(rows, key=lambda each: each["from"])
    long = row.get("over")
    return Price(model, rates(row), long["tokens"] if long else None, rates(long) if long else None)


def rates(row: dict[str, Any]) -> Rates:
    """The four rates of a row."""
    return Rates(float(row["in"]), float(row["out"]), float(row["read"]), float(row["write"]))


@lru_cache
def table(path: Path) -> dict[str, list[dict[str, Any]]]:
    """The whole table, read once a process."""
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded
