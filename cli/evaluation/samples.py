"""The bundled repositories (devkit/samples/eval): files, requests, hidden checks, scripts; the table of verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

GOOD = "good"
EVIDENCE = "evidence"
SPECIAL_CASE = "special_case"
T = TypeVar("T")


class Part(BaseModel):
    """What a file of the samples holds: nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Check(Part):
    """A command on the branch with the hidden files beside it: it ends with 0 and, if set, its output with `says`."""

    run: str = Field(min_length=1)
    says: str = ""


class Asked(Part):
    """task.yml: an issue, the request in its comment, what a solution must satisfy, and the scripted planner's plan."""

    kind: str
    title: str
    body: str
    request: str
    checks: list[Check] = Field(min_length=1)
    plan: dict[str, Any]
    newline: Literal["lf", "crlf"] = "lf"


class Row(Part):
    """One row of table.yml; its head says what the fields mean."""

    repository: str
    script: str
    verdict: Literal["done", "failed", "paused"]
    reason: str = ""
    resolved: bool = True
    pending: Literal["", "evidence"] = ""


@dataclass(frozen=True)
class Sample:
    """One bundled repository."""

    folder: Path

    @property
    def name(self) -> str:
        """Its folder's name."""
        return self.folder.name

    @cached_property
    def asked(self) -> Asked:
        """What people ask of it. Raises ValueError that names the file."""
        return _read(self.folder / "task.yml", TypeAdapter(Asked))

    @property
    def scripts(self) -> list[str]:
        """Names of its scripts."""
        return sorted(path.stem for path in (self.folder / "scripts").glob("*.yml"))

    def script(self, name: str) -> Mapping[int, list[Any]]:
        """Step number -> turns; a turn is a text, a call or a list of calls, a call is {tool: arguments}.

        A first step that a script leaves out is done as in the good one.
        """
        form = TypeAdapter(dict[int, list[Any]])
        own, good = (_read(self.folder / "scripts" / f"{one}.yml", form) for one in (name, GOOD))
        return own if 1 in own else {**good, **own}

    def files(self) -> dict[str, bytes]:
        """The repository's first commit."""
        found = tree(self.folder / "repo")
        if self.asked.newline == "crlf":
            return {path: data.replace(b"\n", b"\r\n") for path, data in found.items()}
        return found

    def hidden(self) -> dict[str, bytes]:
        """Files that only the judge has, put beside the branch's own."""
        return tree(self.folder / "hidden")


def home() -> Path:
    """Where the bundled repositories are."""
    import devkit

    return Path(devkit.__file__).parent / "samples" / "eval"


def samples(folder: Path | None = None) -> list[Sample]:
    """All of them, by name."""
    return [Sample(path.parent) for path in sorted((folder or home()).glob("*/task.yml"))]


def table(folder: Path | None = None) -> list[Row]:
    """What is expected of which script on which repository. Raises ValueError."""
    return _read((folder or home()) / "table.yml", TypeAdapter(list[Row]))


def tree(folder: Path) -> dict[str, bytes]:
    """Path below the folder -> content."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Put files below a folder."""
    for name, data in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _read(path: Path, form: TypeAdapter[T]) -> T:
    try:
        return form.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (yaml.YAMLError, ValidationError) as wrong:
        raise ValueError(f"{path.name} of {path.parent.name}: {wrong}") from wrong
