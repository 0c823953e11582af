"""What a request or a step asks about: paths, identifiers and words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from jobs.repomap.outline import distinctive, words

MOST = 400
AMBIGUOUS = 4
_PATH: Final = re.compile(r"[\w.@+-]*(?:/[\w.@+-]+)+/?|[\w@+-]+(?:\.[\w@+-]+)+")
_IDENTIFIER: Final = re.compile(r"(?<=`)[^\W\d]\w{2,}(?=[`(.])|[^\W\d]\w{2,}")


@cache
def common() -> frozenset[str]:
    """Words that say nothing about code, English and Spanish."""
    return frozenset(Path(__file__).with_name("common.txt").read_text(encoding="utf-8").split())


@dataclass(frozen=True)
class Query:
    """`text`: what was said; `paths`: files that are known to matter, the most important first."""

    text: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A query read against the paths of a commit; every sequence is in the order of mention."""

    named: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=())


def wanted(query: Query, paths: Sequence[str]) -> Wanted:
    """Find the files and folders that the query names, and its words without the common ones."""
    said = [*query.paths, *(match.strip("./") for match in _PATH.findall(query.text))]
    said = list(dict.fromkeys(one for one in said if one))[:MOST]
    identifiers = [one for one in _IDENTIFIER.findall(query.text) if distinctive(one) and one.lower() not in common()]
    return Wanted(
        tuple(_named(said, paths)),
        tuple(_folders(said, paths)),
        tuple(dict.fromkeys(identifiers))[:MOST],
        tuple(dict.fromkeys(word for word in words(query.text) if word not in common()))[:MOST],
    )


def _named(said: Iterable[str], paths: Sequence[str]) -> list[str]:
    """Files that are named in full, or by an end of their path that few have."""
    known = frozenset(paths)
    by_name: dict[str, list[str]] = {}
    for path in paths:
        by_name.setdefault(path.rpartition("/")[2], []).append(path)
    found: list[str] = []
    for one in said:
        if one in known:
            found.append(one)
            continue
        ends = [path for path in by_name.get(one.rpartition("/")[2], ()) if path.endswith(f"/{one}")]
        found += ends if len(ends) < AMBIGUOUS else []
    return list(dict.fromkeys(found))


def _folders(said: Iterable[str], paths: Sequence[str]) -> list[str]:
    """Folders that are named, and those of named files: a file that is yet to be written has its neighbours."""
    known = {path[:at] for path in paths for at in _slashes(path)}
    found = []
    for one in said:
        folder = one.rstrip("/")
        while folder and folder not in known:
            folder = folder.rpartition("/")[0]
        found += [folder] if folder else []
    return list(dict.fromkeys(found))


def _slashes(path: str) -> list[int]:
    return [at for at, letter in enumerate(path) if letter == "/"]
