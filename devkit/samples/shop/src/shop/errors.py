"""What a customer can get wrong."""

from __future__ import annotations


class ShopError(Exception):
    """Base of every error that a customer can cause."""


class UnknownProduct(ShopError):
    """No product has this code."""

    def __init__(self, code: str) -> None:
        super().__init__(f"there is no product {code!r}")
        self.code = code
