"""Which languages the map knows, by the ends of file names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Grammar:
    """A tree-sitter wheel: the distribution, the function of its module that gives the grammar, our query files."""

    wheel: str
    function: str
    queries: tuple[str, ...]


GRAMMARS: Final[Mapping[str, Grammar]] = {
    "python": Grammar("tree-sitter-python", "language", ("python",)),
    "javascript": Grammar("tree-sitter-javascript", "language", ("ecma", "javascript", "jsx")),
    "typescript": Grammar("tree-sitter-typescript", "language_typescript", ("ecma", "typescript")),
    "tsx": Grammar("tree-sitter-typescript", "language_tsx", ("ecma", "typescript", "jsx")),
    "go": Grammar("tree-sitter-go", "language", ("go",)),
    "rust": Grammar("tree-sitter-rust", "language", ("rust",)),
    "java": Grammar("tree-sitter-java", "language", ("java",)),
}

TAGGED: Final[Mapping[str, str]] = {
    "python": "Python",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "tsx": "TypeScript",
    "go": "Go",
    "rust": "Rust",
    "java": "Java",
    "c": "C",
    "c++": "C++",
    "c#": "C#",
    "ruby": "Ruby",
    "php": "PHP",
    "lua": "Lua",
    "perl": "Perl",
    "elixir": "Elixir",
    "shell": "Sh",
}
"""What ctags calls the languages that it is asked for."""

ENDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("py", "pyi", "pyw"), "python"),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), "javascript"),
    **dict.fromkeys(("ts", "mts", "cts"), "typescript"),
    "tsx": "tsx",
    "go": "go",
    "rs": "rust",
    "java": "java",
    **dict.fromkeys(("c", "h"), "c"),
    **dict.fromkeys(("cc", "cpp", "cxx", "hh", "hpp"), "c++"),
    "cs": "c#",
    **dict.fromkeys(("rb", "rake"), "ruby"),
    "php": "php",
    "lua": "lua",
    **dict.fromkeys(("pl", "pm"), "perl"),
    **dict.fromkeys(("ex", "exs"), "elixir"),
    **dict.fromkeys(("sh", "bash"), "shell"),
}


def language_of(path: str) -> str | None:
    """The language of a path, or None where only its name will be shown."""
    name = path.rpartition("/")[2]
    return ENDS.get(name.rpartition(".")[2].lower()) if "." in name else None
