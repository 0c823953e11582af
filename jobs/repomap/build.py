"""The map of a commit for a query."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from jobs.git.mirror import Mirror
from jobs.repomap import syntax, tags
from jobs.repomap.cache import Cache
from jobs.repomap.outline import Definition, Kind, words
from jobs.repomap.page import Entry, page
from jobs.repomap.parsing import parse
from jobs.repomap.query import Query, Wanted, wanted
from jobs.repomap.rank import Node, Ranking, is_test, rank
from jobs.repomap.row import Row
from jobs.repomap.sources import Source, batches, contents, readable, sources

TOKENS_A_FILE = 16
FLOWING = 0.5
KINDS: Final = {Kind.CLASS: 1.0, Kind.FUNCTION: 0.7, Kind.CONSTANT: 0.25, Kind.BLOCK: 0.1}


def repository_map(mirror: Mirror, commit: str, query: Query, budget: int, cache: Path) -> str:
    """The map in at most `budget` tokens (tokens.py); `cache` is the folder of the outlines' file.

    Byte for byte the same for the same commit, query and budget. Raises GitError.
    """
    files = sources(mirror, commit)
    rows = outlines(mirror, files, Cache(cache))
    asked = wanted(query, [file.path for file in files])
    nodes = [_node(file, rows.get(file.key)) for file in files]
    return page(_entries(nodes, files, rows, asked, rank(nodes, asked), budget // TOKENS_A_FILE), budget)


def outlines(mirror: Mirror, files: Sequence[Source], cache: Cache) -> dict[str, Row]:
    """The outline of every file that has one, out of the cache or read now. Raises GitError."""
    first = {file.key: file for file in files if file.key}
    rows = cache.get(list(first))
    for batch in batches([file for key, file in first.items() if key not in rows]):
        fresh = _read(mirror, batch)
        cache.put(fresh)
        rows.update(fresh)
    return rows


def _read(mirror: Mirror, batch: Sequence[Source]) -> dict[str, Row]:
    """Outlines of files, each packed; one that cannot be read has an empty one."""
    texts = [(file, data) for file, data in zip(batch, contents(mirror, batch), strict=True) if readable(data)]
    parsed = [(file, data) for file, data in texts if syntax.version(file.language)]
    tagged = [(file, data) for file, data in texts if not syntax.version(file.language)]
    unread = {file.key for file, _ in texts}
    found = {file.key: Row() for file in batch if file.key not in unread}
    for tool, chosen in ((parse, parsed), (tag, tagged)):
        rows = tool([(file.language, data) for file, data in chosen]) if chosen else []
        found.update((file.key, row) for (file, _), row in zip(chosen, rows, strict=False))
    return found


def tag(files: Sequence[tuple[str, bytes]]) -> list[Row]:
    """The packed outlines by ctags."""
    return [Row.of(outline) for outline in tags.read(files)]


def _node(file: Source, row: Row | None) -> Node:
    if row is None:
        return Node(file.path, foreign=file.foreign)
    return Node(file.path, _split(row.names), _split(row.refs), _split(row.words), file.foreign)


def _split(text: str) -> list[str]:
    return text.split("\n") if text else []


def _entries(
    nodes: Sequence[Node],
    files: Sequence[Source],
    rows: Mapping[str, Row],
    asked: Wanted,
    ranking: Ranking,
    most: int,
) -> list[Entry]:
    """Files by weight, those that the query names first; the definitions of as many as could be shown."""
    place = {path: number for number, path in enumerate(asked.named)}
    order = sorted(
        range(len(nodes)),
        key=lambda n: (place.get(nodes[n].path, len(place)), -round(ranking.files[n], 12), nodes[n].path),
    )
    found = []
    for position, number in enumerate(order):
        row, path = rows.get(files[number].key), nodes[number].path
        if row is None or position >= most:
            found.append(Entry(path, named=path in place))
            continue
        definitions = row.definitions()
        scores = _scores(path, definitions, ranking.files[number], ranking.names, asked)
        found.append(Entry(path, row.lines, definitions, scores, path in place))
    return found


def _scores(
    path: str, definitions: Sequence[Definition], weight: float, names: Mapping[str, float], asked: Wanted
) -> list[float]:
    """What a definition weighs: what flows to its name, and its share in what its file weighs."""
    share = weight / math.sqrt(3 + len(definitions))
    mentioned, said = frozenset(asked.identifiers), frozenset(asked.words)
    quiet = 0.2 if is_test(path) else 1.0
    found = []
    for each in definitions:
        hits = 4.0 if each.name in mentioned else float(len(said.intersection(words(each.name))))
        public = 0.3 if each.name.startswith("_") else 1.0
        found.append((FLOWING * names.get(each.name, 0.0) + share * (KINDS[each.kind] * public + 2.0 * hits)) * quiet)
    return found
