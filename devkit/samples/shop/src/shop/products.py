"""Products and their prices."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """One thing that is sold; the price is in cents."""

    code: str
    name: str
    price: int
