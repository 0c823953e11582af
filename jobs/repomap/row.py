"""An outline as text: what the worker answers and the cache keeps."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass

from jobs.repomap.outline import Definition, Kind, Outline, words


@dataclass(frozen=True)
class Row:
    """An outline, packed: names, uses and words joined by a line feed; `shown` is JSON of the definitions."""

    lines: int = 0
    names: str = ""
    refs: str = ""
    words: str = ""
    shown: str = "[]"

    @staticmethod
    def of(outline: Outline) -> Row:
        """Pack an outline."""
        names = [each.name for each in outline.definitions if each.kind is not Kind.BLOCK]
        return Row(
            outline.lines,
            "\n".join(dict.fromkeys(names)),
            "\n".join(outline.references),
            "\n".join(sorted(set(words(" ".join(names))))),
            json.dumps(outline.definitions, ensure_ascii=False, separators=(",", ":")),
        )

    def definitions(self) -> list[Definition]:
        """Unpack what is shown."""
        return [
            Definition(line, level, Kind(kind), name, text) for line, level, kind, name, text in json.loads(self.shown)
        ]

    def crc(self, key: str) -> int:
        """The checksum of the row under its key."""
        joined = f"{key}\0{self.lines}\0{self.names}\0{self.refs}\0{self.words}\0{self.shown}"
        return zlib.crc32(joined.encode("utf-8", "surrogatepass"))
