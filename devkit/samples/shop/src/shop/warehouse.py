"""What is in stock."""

from __future__ import annotations

from shop.errors import UnknownProduct
from shop.products import Product


class Warehouse:
    """Products with the number of pieces that can still be sold."""

    def __init__(self) -> None:
        self._products: dict[str, Product] = {}
        self._stock: dict[str, int] = {}

    def put(self, product: Product, pieces: int) -> None:
        """Add pieces of a product."""
        self._products[product.code] = product
        self._stock[product.code] = self._stock.get(product.code, 0) + pieces

    def product(self, code: str) -> Product:
        """The product with this code."""
        try:
            return self._products[code]
        except KeyError:
            raise UnknownProduct(code) from None

    def available(self, code: str) -> int:
        """How many pieces can still be sold."""
        return self._stock.get(code, 0)

    def take(self, code: str, pieces: int) -> None:
        """Reserve pieces for a cart."""
        self.product(code)
        self._stock[code] -= pieces

    def give_back(self, code: str, pieces: int) -> None:
        """Undo a reservation."""
        self._stock[code] += pieces
