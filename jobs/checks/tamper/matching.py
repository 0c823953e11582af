"""What of the tests of before is found again after. Pure.

Each assertion of before has to be found again: in the same test, or in a new one anywhere (a test that moved, was
renamed, split or parametrized keeps what it asserts).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from jobs.checks.tamper.model import Assertion, Level, Module, Test
from jobs.checks.tamper.weaker import guarded

Key = tuple[str, str, str, float, str]


@dataclass
class Pair:
    """A test as it was and as it is, with what of it has not been found again, and what is new in it."""

    path: str
    old: Test
    new: Test
    lost: list[Assertion]
    fresh: list[Assertion]


@dataclass
class World:
    """Everything that changed: pairs, tests without a counterpart, and assertions that may stand for lost ones."""

    pairs: list[Pair] = field(default_factory=list)
    gone: list[tuple[str, Test]] = field(default_factory=list)
    added: list[tuple[str, Test]] = field(default_factory=list)
    pool: Counter[Key] = field(default_factory=Counter)

    def take(self, one: Assertion) -> bool:
        """Use up what stands for a lost assertion; False where nothing does."""
        if not self.pool[one.key]:
            return False
        self.pool[one.key] -= 1
        return True

    def take_twin(self, test: Test) -> bool:
        """A test without assertions lives on where a new one does the same, which is then no new one."""
        place = next((n for n, (_, one) in enumerate(self.added) if one.rest == test.rest and not one.off), None)
        if place is not None:
            del self.added[place]
        return place is not None


def world_of(before: Mapping[str, Module], after: Mapping[str, Module]) -> World:
    """The same name in another file stands for a test where its own file has it no more."""
    world = World()
    was, now = list(_tests(before)), {(path, test.name): test for path, test in _tests(after)}
    left = {key: now[key] for key in now.keys() - {(path, test.name) for path, test in was}}
    homes = _homes(left)
    for path, test in was:
        found = now.get((path, test.name))
        if found is None and homes.get(test.name):
            found = left.pop((homes[test.name].pop(), test.name))
        _paired(world, path, test, found)
    for (path, _), test in sorted(left.items()):
        world.added.append((path, test))
        if not test.name.startswith("helper:"):
            world.pool.update(one.key for one in test.asserts if _live(test, one))
    return world


def _tests(modules: Mapping[str, Module]) -> Iterator[tuple[str, Test]]:
    return ((path, test) for path, module in modules.items() for test in all_of(module))


def _homes(left: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The files that newly have a test, by its name; the first one stands last, to be taken first."""
    homes: dict[str, list[str]] = {}
    for path, name in sorted(left, reverse=True):
        homes.setdefault(name, []).append(path)
    return homes


def _paired(world: World, path: str, test: Test, found: Test | None) -> None:
    if found is None:
        world.gone.append((path, test))
        return
    lost, fresh = _unmatched(test.asserts, found.asserts)
    world.pairs.append(Pair(path, test, found, lost, fresh))
    world.pool.update(one.key for one in fresh if _live(found, one))


def all_of(module: Module) -> Iterable[Test]:
    """Its tests and helpers."""
    return (*module.tests, *module.helpers)


def _live(test: Test, one: Assertion) -> bool:
    return not test.off and not one.guards and one.level is not Level.NOTHING


def _unmatched(old: Iterable[Assertion], new: Iterable[Assertion]) -> tuple[list[Assertion], list[Assertion]]:
    """What of `old` is not found in `new` in the same form and as free, and what of `new` was not needed for it."""
    waiting: dict[Key, list[Assertion]] = {}
    for one in new:
        waiting.setdefault(one.key, []).append(one)
    lost = []
    for one in old:
        same = waiting.get(one.key, [])
        free = next((place for place, other in enumerate(same) if not guarded(one, other)), None)
        lost.append(one) if free is None else same.pop(free)
    return lost, [one for rest in waiting.values() for one in rest]
