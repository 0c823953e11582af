"""The customer's cart."""

from __future__ import annotations

from shop.warehouse import Warehouse


class Cart:
    """What a customer wants to buy; every piece in it is reserved in the warehouse."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._pieces: dict[str, int] = {}

    def add(self, code: str, pieces: int = 1) -> None:
        """Put pieces of a product into the cart."""
        self._warehouse.take(code, pieces)
        self._pieces[code] = self._pieces.get(code, 0) + pieces

    def remove(self, code: str) -> None:
        """Take a product out of the cart altogether."""
        pieces = self._pieces.pop(code, 0)
        self._warehouse.give_back(code, pieces)

    def count(self, code: str) -> int:
        """How many pieces of a product are in the cart."""
        return self._pieces.get(code, 0)

    def total(self, discount_percent: int = 0) -> int:
        """The price of everything, in cents, rounded down."""
        full = sum(self._warehouse.product(code).price * pieces for code, pieces in self._pieces.items())
        return full * (100 - discount_percent) // 100
