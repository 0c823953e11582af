"""How the map reads, and what of it goes into the budget.

src/shop/stock.py (58 lines)
  12: class Stock
  17:   def take(self, sku: str, count: int) -> None
  ⋮ 4 more
Other files:
src/shop/: errors.py prices.py
and 312 more files; list_files shows them
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from jobs.repomap.outline import Definition, visible
from jobs.repomap.tokens import line_tokens, piece_tokens

DETAILED = 0.75
A_FILE = 24
MISSES = 300
OTHERS: Final = "Other files:"
GAP: Final = "  ⋮ {} more"
REST: Final = "and {} more files; list_files shows them"


@dataclass(frozen=True)
class Entry:
    """A file in the order of its weight. `scores` belong to `definitions`; those of a named file come first."""

    path: str
    lines: int = 0
    definitions: Sequence[Definition] = ()
    scores: Sequence[float] = ()
    named: bool = False


@dataclass
class Page:
    """What was chosen so far and its exact cost in tokens."""

    entries: Sequence[Entry]
    budget: int
    used: int = 0
    shown: dict[int, set[int]] = field(default_factory=dict)
    listed: dict[int, None] = field(default_factory=dict)
    folders: set[str] = field(default_factory=set)

    def define(self, file: int, chosen: Sequence[int]) -> bool:
        """Show definitions of a file, none for its name alone, if they fit."""
        entry, before = self.entries[file], self.shown.get(file)
        added = [number for number in chosen if before is None or number not in before]
        if before is not None and not added:
            return True
        cost = sum(line_tokens(_line(entry.definitions[number])) for number in added)
        cost += line_tokens(_head(entry)) if before is None else 0
        count = len(added) + len(before or ())
        cost += _gap_tokens(entry, count) - (_gap_tokens(entry, len(before)) if before is not None else 0)
        if self.used + cost > self.budget:
            return False
        self.used += cost
        self.shown.setdefault(file, set()).update(added)
        return True

    def name(self, file: int) -> bool:
        """List a file without its definitions, if it fits."""
        folder, name = _parts(self.entries[file].path)
        cost = piece_tokens(name)
        if folder not in self.folders:
            cost += line_tokens(_folder(folder)) + (line_tokens(OTHERS) if not self.folders else 0)
        if self.used + cost > self.budget:
            return False
        self.used += cost
        self.listed[file] = None
        self.folders.add(folder)
        return True

    def text(self) -> str:
        """The page: files with definitions by weight, the names of others by folder, the count of the rest."""
        lines: list[str] = []
        for file in sorted(self.shown):
            lines += self._file(file)
        names: dict[str, list[str]] = {}
        for folder, name in sorted(_parts(self.entries[file].path) for file in self.listed):
            names.setdefault(folder, []).append(name)
        lines += [OTHERS] if names else []
        lines += [f"{_folder(folder)} {' '.join(each)}" for folder, each in names.items()]
        left = len(self.entries) - len(self.shown) - len(self.listed)
        return "\n".join([*lines, REST.format(left)] if left else lines)

    def _file(self, file: int) -> Iterator[str]:
        entry = self.entries[file]
        yield _head(entry)
        for number in sorted(self.shown[file]):
            yield _line(entry.definitions[number])
        if left := len(entry.definitions) - len(self.shown[file]):
            yield GAP.format(left)


def page(entries: Sequence[Entry], budget: int) -> str:
    """Fill the budget, in tokens by `tokens.py`; everything where it fits. Never more."""
    whole = Page(entries, budget)
    if all(_whole(whole, number) for number in range(len(entries))):
        return whole.text()
    made = Page(entries, int(budget * DETAILED) - line_tokens(REST.format(len(entries))))
    order = list(_by_score(entries))
    for number in (number for number, entry in enumerate(entries) if entry.named):
        made.define(number, ())
    _fill(made, order, A_FILE)
    made.budget = budget - line_tokens(REST.format(len(entries)))
    _list(made)
    _fill(made, order, len(order))
    return made.text()


def _whole(made: Page, number: int) -> bool:
    entry = made.entries[number]
    return made.define(number, range(len(entry.definitions))) if entry.definitions or entry.named else made.name(number)


def _by_score(entries: Sequence[Entry]) -> Iterable[tuple[int, int]]:
    """(file, definition), the best first; equal ones in the order of the page."""
    scored = [
        (-round(score, 12), file, number)
        for file, entry in enumerate(entries)
        for number, score in enumerate(entry.scores)
    ]
    return ((file, number) for _, file, number in sorted(scored))


def _fill(made: Page, order: Sequence[tuple[int, int]], most: int) -> None:
    misses = 0
    for file, number in order:
        if file in made.listed or (len(made.shown.get(file, ())) >= most and not made.entries[file].named):
            continue
        if made.define(file, _with_holders(made.entries[file].definitions, number)):
            misses = 0
        elif (misses := misses + 1) > MISSES:
            return


def _list(made: Page) -> None:
    misses = 0
    for number in range(len(made.entries)):
        if number in made.shown or made.name(number):
            misses = 0
        elif (misses := misses + 1) > MISSES:
            return


def _with_holders(definitions: Sequence[Definition], number: int) -> list[int]:
    """A definition and the classes around it."""
    found, level = [number], definitions[number].level
    for before in range(number - 1, -1, -1):
        if level == 0:
            break
        if definitions[before].level < level:
            found.append(before)
            level = definitions[before].level
    return found


def _head(entry: Entry) -> str:
    return f"{shown_path(entry.path)} ({entry.lines} lines)" if entry.lines else shown_path(entry.path)


def _line(definition: Definition) -> str:
    return f"  {definition.line}: {'  ' * definition.level}{definition.text}"


def _folder(folder: str) -> str:
    return f"{folder}/:" if folder else "./:"


def _gap_tokens(entry: Entry, shown: int) -> int:
    left = len(entry.definitions) - shown
    return line_tokens(GAP.format(left)) if left else 0


def _parts(path: str) -> tuple[str, str]:
    folder, _, name = path.rpartition("/")
    return shown_path(folder), shown_path(name)


def shown_path(path: str) -> str:
    """A path in one line; bytes that are no UTF-8 and characters that are not seen become �."""
    return visible(path)
