"""A recipe: name, portions, ingredients."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kitchen.amounts import read_amount, write_amount


@dataclass(frozen=True)
class Ingredient:
    amount: Fraction | None
    what: str

    def __str__(self) -> str:
        return f"{write_amount(self.amount)} {self.what}" if self.amount is not None else self.what


@dataclass(frozen=True)
class Recipe:
    name: str
    portions: int
    ingredients: tuple[Ingredient, ...]

    def __str__(self) -> str:
        return "\n".join([f"{self.name}, for {self.portions}", *map(str, self.ingredients)])


def read_recipe(text: str) -> Recipe:
    """The recipe of a text file."""
    head, *lines = text.strip().splitlines()
    name, _, portions = head.rpartition(", for ")
    return Recipe(name, int(portions), tuple(Ingredient(*read_amount(line)) for line in lines if line.strip()))
