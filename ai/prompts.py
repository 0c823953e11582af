"""Prompts as files: read at each use, overridable, strict about variables, hashed.

A prompt `executor/role` is `ai/executor/role.md`, or the file of that name in the override folder. `${name}` is a
variable; a missing one is an error that names the file. Values are put in as they are and never read for variables.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Final

from state.errors import Told

PACKAGE: Final = Path(__file__).parent
HASH_DIGITS: Final = 16


@dataclass(frozen=True)
class Rendered:
    """Texts ready to be sent, in order, and the hash of the files they came from (not of the values put in)."""

    parts: tuple[str, ...]
    hash: str


@dataclass(frozen=True)
class Prompts:
    """The prompt files; `override` is a folder whose files win over the package's."""

    override: Path | None = None

    def path(self, name: str) -> Path:
        """The file of a prompt."""
        own = self.override / f"{name}.md" if self.override else None
        return own if own and own.is_file() else PACKAGE / f"{name}.md"

    def render(self, names: Iterable[str], values: Mapping[str, object]) -> Rendered:
        """The prompts with their values. Raises Told for a missing variable or an unreadable file."""
        parts, digest = [], hashlib.sha256()
        for name in names:
            text = self._read(name)
            digest.update(name.encode() + b"\0" + text.encode() + b"\0")
            parts.append(fill(text, values, self.path(name)))
        return Rendered(tuple(parts), digest.hexdigest()[:HASH_DIGITS])

    def _read(self, name: str) -> str:
        try:
            return self.path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise Told(f"The prompt file {self.path(name)} cannot be read: {error}.", "Restore it.") from error


def fill(text: str, values: Mapping[str, object], source: Path) -> str:
    """The text with every variable replaced. Raises Told."""
    try:
        return Template(text).substitute(values).strip() + "\n"
    except KeyError as missing:
        raise Told(
            f"The prompt file {source} uses the variable {missing.args[0]!r}, which does not exist.",
            f"Remove it, or use one of: {', '.join(sorted(values))}.",
        ) from missing
    except ValueError as wrong:
        raise Told(f"The prompt file {source} has a stray $: {wrong}.", "Write $$ for a dollar sign.") from wrong
