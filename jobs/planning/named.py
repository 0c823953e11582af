"""Which files of a repository a request is about, as far as its words tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

SHOWN: Final = 6
_WORD: Final = re.compile(r"[\w./-]+")
_PIECE: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])|[^\W_]+")
_SHORTEST: Final = 4
_EVERYWHERE: Final = frozenset({"init", "main", "index", "test", "tests", "readme", "with", "this", "that", "file"})


def named_paths(request: str, paths: Iterable[str], shown: int = SHOWN) -> Sequence[str]:
    """The paths that the request names, best first: by path, by file name, by a word of the file name."""
    text = request.casefold()
    words = {word.strip("./-") for word in _WORD.findall(text)}
    pieces = {piece.casefold() for word in _WORD.findall(request) for piece in _PIECE.findall(word)}
    useful = {piece for piece in words | pieces if len(piece) >= _SHORTEST} - _EVERYWHERE
    ranked = [(rank, path) for path in paths if (rank := _rank(path, words, useful))]
    return [path for _, path in sorted(ranked, key=lambda one: (-one[0], len(one[1]), one[1]))[:shown]]


def _rank(path: str, words: set[str], useful: set[str]) -> int:
    lowered = path.casefold()
    pure = PurePosixPath(lowered)
    if lowered in words or any("/" in word and lowered.endswith(f"/{word}") for word in words):
        return 4
    if pure.name in words and pure.suffix:
        return 3
    if pure.stem in useful:
        return 2
    return int(not useful.isdisjoint(_PIECE.findall(pure.stem)))
