"""The trajectory of one attempt: append-only JSONL, one line per complete turn, written before the next one begins.

What is written survives the end of the process. It is not forced to the disk: after a power failure the attempt goes on
from an earlier turn, and that is all that is lost.

The first line holds the opening (model, system parts, first message), so that a resumed conversation goes on from
exactly what it began with. A line that a crash cut short is dropped when the file is opened again. A `condensed` line
holds what stands for all turns before it but the newest `kept`: nothing that was written is ever rewritten.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from ai.condense import Condensed
from ai.port import Answer, Answered, Provider, Reply, Said, Stop, ToolCall, ToolSpec, Turn, Usage

Redact = Callable[[str], str]

SIGNED: Final = frozenset({"signature", "thoughtSignature", "data"})


@dataclass(frozen=True)
class Used:
    """What an attempt has used so far; seconds of work, US dollars, tokens in and out."""

    turns: int = 0
    seconds: float = 0.0
    dollars: float = 0.0
    tokens: int = 0


@dataclass(frozen=True)
class Opening:
    """What a conversation begins with; `tools` is a digest of the offered tools."""

    model: str
    tools: str
    system: tuple[str, ...]
    first: str

    @classmethod
    def of(cls, provider: Provider, specs: Sequence[ToolSpec], system: tuple[str, ...], first: str) -> Opening:
        """The opening for a provider with these tools."""
        offered = json.dumps([[spec.name, spec.description, spec.schema] for spec in specs], sort_keys=True)
        digest = hashlib.sha256(offered.encode()).hexdigest()[:16]
        return cls(f"{provider.provider}:{provider.model}", digest, system, first)


@dataclass(frozen=True)
class Past:
    """A conversation up to its last complete turn, as it would be sent now."""

    opening: Opening
    turns: tuple[Turn, ...]
    used: Used

    def condensed(self, stands: Turn, kept: int) -> Past:
        """The same with one message in place of all turns but the newest `kept`."""
        return replace(self, turns=(stands, *self.turns[len(self.turns) - kept :]))


class Trajectory:
    """The open file of one attempt. Everything written passes `redact` first."""

    def __init__(self, path: Path, redact: Redact) -> None:
        self.path = path
        self.redact = redact

    def begin(self, opening: Opening) -> Past:
        """The past of this very conversation if there is one, else a new file (an unusable old one is set aside)."""
        opening = redacted(opening, self.redact)
        past = load(self.path)
        if past and (past.opening.model, past.opening.tools) == (opening.model, opening.tools):
            self._cut_to_last_line()
            return past
        if self.path.exists():
            self.path.rename(_free_name(self.path))
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._append({"kind": "start", **asdict(opening)})
        return Past(opening, (), Used())

    def turn(self, turns: tuple[Turn, ...], used: Used) -> None:
        """Write one complete turn: the reply and all that was said to it."""
        self._append({"kind": "turn", "used": asdict(used), "turns": [to_json(turn) for turn in turns]})

    def condensed(self, stands: Condensed, kept: int) -> None:
        """Write down that `stands` is sent from now on in place of all turns but the newest `kept`."""
        self._append({"kind": "condensed", "kept": kept, "stands": to_json(stands)})

    def end(self, exit_status: str, detail: str) -> None:
        """Write how it ended, for whoever reads the file; a resumed attempt ignores it."""
        self._append({"kind": "end", "exit": exit_status, "detail": detail})

    def _append(self, row: dict[str, Any]) -> None:
        line = json.dumps(clean(row, self.redact), ensure_ascii=False, separators=(",", ":")) + "\n"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line)

    def _cut_to_last_line(self) -> None:
        data = self.path.read_bytes()
        whole = data.rfind(b"\n") + 1
        if whole != len(data):
            os.truncate(self.path, whole)


def redacted(opening: Opening, redact: Redact) -> Opening:
    """The opening as it may be sent and stored: were the two not the same, a resumed request would lose its cache."""
    return replace(opening, system=tuple(map(redact, opening.system)), first=redact(opening.first))


def load(path: Path) -> Past | None:
    """What the file holds up to its last complete turn; None if there is no usable opening."""
    if not path.exists():
        return None
    rows = list(complete_rows(path))
    if not rows or rows[0].get("kind") != "start":
        return None
    start = rows[0]
    opening = Opening(start["model"], start["tools"], tuple(start["system"]), start["first"])
    past = Past(opening, (), Used())
    for row in rows[1:]:
        if row.get("kind") == "turn":
            past = replace(past, turns=(*past.turns, *map(from_json, row["turns"])), used=Used(**row["used"]))
        elif row.get("kind") == "condensed":
            past = past.condensed(from_json(row["stands"]), row["kept"])
    return past


def spoken(path: Path) -> list[Turn]:
    """Every turn that was ever written down, condensed ones too."""
    rows = complete_rows(path) if path.exists() else []
    return [from_json(turn) for row in rows if row.get("kind") == "turn" for turn in row["turns"]]


def complete_rows(path: Path) -> list[dict[str, Any]]:
    """The rows up to the first one that is cut or unreadable."""
    rows = []
    for line in path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1]:
        try:
            rows.append(json.loads(line))
        except ValueError:
            break
    return rows


def clean(value: Any, redact: Redact) -> Any:
    """Every string through `redact`, but for the opaque signatures, which must come back byte for byte."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: one if key in SIGNED else clean(one, redact) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one, redact) for one in value]
    return value


def to_json(turn: Turn) -> dict[str, Any]:
    """A turn as JSON."""
    return {"type": type(turn).__name__, **asdict(turn)}


def from_json(row: dict[str, Any]) -> Turn:
    """The turn that `to_json` wrote."""
    kind = row.pop("type")
    if kind == "Said":
        return Said(row["text"])
    if kind == "Condensed":
        return Condensed(row["text"], tuple(row["lines"]), row["tests"], row["at"])
    if kind == "Answered":
        return Answered(tuple(Answer(**one) for one in row["answers"]), row["note"])
    calls = tuple(ToolCall(**one) for one in row["calls"])
    return Reply(row["text"], calls, Usage(**row["usage"]), Stop(row["stop"]), row["raw"], row["detail"])


def _free_name(path: Path) -> Path:
    number = 1
    while path.with_name(f"{path.name}.{number}").exists():
        number += 1
    return path.with_name(f"{path.name}.{number}")
