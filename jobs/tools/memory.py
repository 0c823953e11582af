"""What one attempt's tools remember: which text of a file the model has seen, what it wrote, what `done` showed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class ToolSession:
    """One attempt at a step. Survives the process where `file` is given; a new attempt begins with a new file.

    `seen`: path to hash of the bytes that were shown or written last. `misses`: failed edits since the last good one.
    `written`: paths that edit tools created, changed, moved or deleted at this step: the commit takes these.
    `declared`: files that the plan names. `reviewed`: the tree object that `done` showed; not kept, as a model that
    goes on after a crash may not have seen it.
    """

    declared: tuple[str, ...] = ()
    seen: dict[str, str] = field(default_factory=dict)
    misses: dict[str, int] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    reviewed: str = ""
    file: Path | None = None

    @classmethod
    def open(cls, file: Path, declared: Iterable[str] = ()) -> ToolSession:
        """The session kept in this file, or a new one. One that cannot be read counts as new: the model reads again."""
        names = tuple(declared)
        try:
            kept = json.loads(file.read_text())
            return cls(names, dict(kept["seen"]), dict(kept["misses"]), list(kept["written"]), file=file)
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return cls(names, file=file)

    def inherit(self, earlier: Iterable[ToolSession]) -> None:
        """What earlier attempts at the step wrote is still in the tree, so it belongs to the commit of this one."""
        self.written = list(dict.fromkeys([*(path for one in earlier for path in one.written), *self.written]))

    def save(self) -> None:
        """Keep it, if it has a file. In one piece: a killed process leaves the old one."""
        if self.file is not None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            half = self.file.with_suffix(".half")
            half.write_text(self.dump())
            half.replace(self.file)

    def dump(self) -> str:
        """As JSON."""
        kept = {name: value for name, value in asdict(self).items() if name in {"seen", "misses", "written"}}
        return json.dumps(kept, sort_keys=True)

    def saw(self, path: str, data: bytes) -> None:
        """The model has this content before it."""
        self.seen[path] = digest(data)

    def knows(self, path: str, data: bytes) -> bool:
        """Whether what the model saw last is this content."""
        return self.seen.get(path) == digest(data)

    def wrote(self, path: str, data: bytes | None) -> None:
        """An edit tool put this content there; None: took the file away."""
        if path not in self.written:
            self.written.append(path)
        self.misses.pop(path, None)
        if data is None:
            self.seen.pop(path, None)
        else:
            self.saw(path, data)

    def missed(self, path: str) -> int:
        """One more edit that matched nothing; returns how many in a row."""
        self.misses[path] = self.misses.get(path, 0) + 1
        return self.misses[path]


def digest(data: bytes) -> str:
    """Tells one content from another."""
    return hashlib.sha256(data).hexdigest()[:32]
