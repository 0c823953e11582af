"""Definitions and references by tree-sitter. The packages are imported when the first file is read.

`read` runs in a process of its own (worker.py): hostile text can keep a parser busy for hours.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jobs.repomap.languages import GRAMMARS
from jobs.repomap.outline import Kind, Mark, Outline, distinctive, outline

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

QUERIES: Final = Path(__file__).parent / "queries"
MATCHES = 20_000
HOLDERS: Final = (("class", Kind.CLASS), ("function", Kind.FUNCTION), ("block", Kind.BLOCK))


@cache
def version(language: str) -> str | None:
    """The wheels that read this language, as part of the cache's key; None when they cannot be used here."""
    known = GRAMMARS.get(language)
    if known is None:
        return None
    try:
        grammar(language)
        return "-".join(metadata.version(wheel) for wheel in ("tree-sitter", known.wheel))
    except (ImportError, OSError, ValueError):  # not installed, not loadable here, or of another ABI
        return None


def read(language: str, data: bytes) -> Outline:
    """What a file of this language defines and uses; a broken part of it is passed over."""
    from tree_sitter import QueryCursor

    parser, query = _tools(language)
    found = QueryCursor(query, match_limit=MATCHES).captures(parser.parse(data).root_node)
    marks = [_mark(node, kind) for name, kind in HOLDERS for node in found.get(name, ())]
    marks += [
        Mark(node.start_point[0], node.end_point[0], Kind.CONSTANT, _text(node)) for node in found.get("constant", ())
    ]
    used = [name for name in _names(found.get("ref", ())) if len(name) > 2]
    used += [name for name in _names(found.get("member", ())) if distinctive(name)]
    return outline(data, (mark for mark in marks if mark is not None), used)


def _names(nodes: Sequence[Node]) -> list[str]:
    return [name.decode("utf-8", "replace") for name in {node.text or b"" for node in nodes}]


def _mark(node: Node, kind: Kind) -> Mark | None:
    named = node.child_by_field_name("name") or node.child_by_field_name("type")
    if named is None:
        return None
    return Mark(named.start_point[0], node.end_point[0], kind, _text(named))


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


@cache
def _tools(language: str) -> tuple[Parser, Query]:
    """A parser and a query for a language."""
    from tree_sitter import Parser, Query

    made = grammar(language)
    names = GRAMMARS[language].queries
    source = "".join((QUERIES / f"{name}.scm").read_text(encoding="utf-8") for name in names)
    return Parser(made), Query(made, source)


@cache
def grammar(language: str) -> Language:
    """Raises ImportError, or ValueError for a grammar of another ABI."""
    from tree_sitter import Language

    known = GRAMMARS[language]
    module: Any = importlib.import_module(known.wheel.replace("-", "_"))
    return Language(getattr(module, known.function)())
