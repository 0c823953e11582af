"""An invoice: lines with a net price, a number of pieces and a tax rate."""

from dataclasses import dataclass, field

from billing.tax import gross


@dataclass(frozen=True)
class Line:
    text: str
    net_cents: int
    pieces: int = 1
    rate: str = "standard"

    @property
    def gross_cents(self):
        return gross(self.net_cents * self.pieces, self.rate)


@dataclass
class Invoice:
    lines: list = field(default_factory=list)

    def total(self):
        return sum(line.gross_cents for line in self.lines)
