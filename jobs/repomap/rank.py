"""How much each file and each name matters to a query: a PageRank over files and the names that they share.

A file passes its weight to the names that it uses, a name to the files that define it, and a part returns to what the
query is about. Pure arithmetic over lists in the order of the commit: the same input gives the same floats.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from jobs.repomap.outline import words
from jobs.repomap.query import Wanted

ROUNDS = 5
PASSED = 0.4
DEFINERS = 12
BASE, TOP = 0.02, 0.08
NAMED, MENTIONED, NEAR = 60.0, 8.0, 2.0
IN_NAME, IN_FOLDER, IN_SYMBOLS = 2.0, 0.7, 1.0
TEST, FOREIGN = 0.4, 0.002
_TEST: Final = re.compile(
    r"(^|/)(tests?|__tests__|spec|testing)/|(^|/)(test_[^/]*|conftest\.py$)|[._](test|spec)\.|_test\."
)


@dataclass(frozen=True)
class Node:
    """A file for the ranking: what it defines, uses, and the words of its names, each distinct and in a fixed order."""

    path: str
    names: Sequence[str] = ()
    uses: Sequence[str] = ()
    words: Sequence[str] = ()
    foreign: bool = False


@dataclass(frozen=True)
class Ranking:
    """Weight of each file, in the order given; weight that flows to each name, for one of its definers."""

    files: list[float]
    names: dict[str, float] = field(default_factory=dict)


def is_test(path: str) -> bool:
    """Whether a path looks like a test's."""
    return _TEST.search(path) is not None


def rank(nodes: Sequence[Node], asked: Wanted) -> Ranking:
    """Weigh all files and names."""
    if not nodes:
        return Ranking([])
    definers = _definers(nodes)
    start = _start(nodes, asked, definers)
    flow = Flow(nodes, definers, frozenset(asked.identifiers))
    weights = start
    for _ in range(ROUNDS):
        weights = flow.passed(weights, start)
    return Ranking(weights, flow.names(weights))


def _definers(nodes: Sequence[Node]) -> dict[str, list[int]]:
    definers: dict[str, list[int]] = {}
    for number, node in enumerate(nodes):
        for name in node.names:
            definers.setdefault(name, []).append(number)
    return definers


def _start(nodes: Sequence[Node], asked: Wanted, definers: dict[str, list[int]]) -> list[float]:
    """What the query says about each file by itself; the sum is 1."""
    weights = [BASE if "/" in node.path else TOP for node in nodes]
    _add_words(weights, nodes, asked)
    _add_identifiers(weights, asked, definers)
    named, folders = frozenset(asked.named), tuple(f"{folder}/" for folder in asked.folders)
    for number, node in enumerate(nodes):
        near = NEAR if node.path.startswith(folders) else 0.0
        weights[number] = (weights[number] + near) * _kind(node) + (NAMED if node.path in named else 0.0)
    total = math.fsum(weights)
    return [weight / total for weight in weights]


def _kind(node: Node) -> float:
    return (TEST if is_test(node.path) else 1.0) * (FOREIGN if node.foreign else 1.0)


def _add_identifiers(weights: list[float], asked: Wanted, definers: dict[str, list[int]]) -> None:
    for name in asked.identifiers:
        owners = definers.get(name, ())
        for number in owners:
            weights[number] += MENTIONED / len(owners)


def _add_words(weights: list[float], nodes: Sequence[Node], asked: Wanted) -> None:
    """A word weighs the more the fewer files have it, and two words in one file more than each in another."""
    wanted = frozenset(asked.words)
    if not wanted:
        return
    found = [_matches(node, wanted) for node in nodes]
    having = Counter(word for each in found for word in each)
    everything = math.log(1 + len(nodes))
    rare = {word: math.log(1 + len(nodes) / having[word]) / everything for word in asked.words if word in having}
    for number, each in enumerate(found):  # fsum gives the same for any order of a set
        weights[number] += math.fsum(rare[word] * factor for word, factor in each.items()) ** 2


def _matches(node: Node, wanted: frozenset[str]) -> dict[str, float]:
    """The wanted words that a file has, by the best place where it has them."""
    folder, _, name = node.path.rpartition("/")
    places = ((folder, IN_FOLDER), (name, IN_NAME))
    found = dict.fromkeys(wanted.intersection(node.words), IN_SYMBOLS)
    for text, factor in places:
        for word in wanted.intersection(words(text)):
            found[word] = max(factor, found.get(word, 0.0))
    return found


class Flow:
    """The graph in the shape that a round needs: for each file the numbers of the names that it uses."""

    def __init__(self, nodes: Sequence[Node], definers: dict[str, list[int]], mentioned: frozenset[str]) -> None:
        shared = {name: owners for name, owners in definers.items() if len(owners) <= DEFINERS and len(name) > 2}
        self.known = list(shared)
        self.owners = list(shared.values())
        self.used = _uses(nodes, shared)
        users = Counter(chain.from_iterable(self.used))
        self.weights = [
            _weight(name, len(owners), users[number], name in mentioned)
            for number, (name, owners) in enumerate(shared.items())
        ]
        self.sums = [math.fsum(self.weights[number] for number in numbers) for numbers in self.used]

    def inflow(self, files: Sequence[float]) -> list[float]:
        """What reaches each name, for one of its definers."""
        reached = [0.0] * len(self.known)
        for weight, numbers, total in zip(files, self.used, self.sums, strict=True):
            if numbers:
                share = weight / total
                for number in numbers:
                    reached[number] += share
        return [
            got * weight / len(owners) for got, weight, owners in zip(reached, self.weights, self.owners, strict=True)
        ]

    def passed(self, files: Sequence[float], start: Sequence[float]) -> list[float]:
        """One round; what a file without uses holds goes back to the start."""
        reached = [0.0] * len(files)
        for got, owners in zip(self.inflow(files), self.owners, strict=True):
            if got:
                for file in owners:
                    reached[file] += got
        back = 1.0 - PASSED * math.fsum(reached)
        return [PASSED * got + back * first for got, first in zip(reached, start, strict=True)]

    def names(self, files: Sequence[float]) -> dict[str, float]:
        """The weight that reaches each shared name at last."""
        return dict(zip(self.known, self.inflow(files), strict=True))


def _uses(nodes: Sequence[Node], shared: dict[str, list[int]]) -> list[list[int]]:
    """For each file the numbers of the shared names that it uses, those aside that it alone defines."""
    number_of = {name: number for number, name in enumerate(shared)}
    used: list[list[int]] = []
    for file, node in enumerate(nodes):
        names = (name for name in node.uses if name in shared and shared[name] != [file])
        used.append([number_of[name] for name in names])
    return used


def _weight(name: str, owners: int, users: int, mentioned: bool) -> float:
    """A mentioned name carries more; a private or short one less, and one that everybody uses says little."""
    weight = 10.0 if mentioned else 1.0
    if name.startswith("_"):
        weight *= 0.1
    if len(name) < 6 and not mentioned:
        weight *= 0.5
    return weight / math.sqrt(owners * max(users, 1))
