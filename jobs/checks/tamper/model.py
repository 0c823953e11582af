"""What a file tests, in one form for all languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import Any


class Level(IntEnum):
    """How much an assertion excludes. NOTHING cannot fail."""

    NOTHING = 0
    TRUTH = 10
    UNEQUAL = 20
    EITHER = 25
    LOOSE = 30
    CLOSE = 45
    DEEP = 48
    EXACT = 50


@dataclass(frozen=True)
class Assertion:
    """`subject` is what is looked at and `expected` what it is held against, both in normal form: names that hold one
    value are replaced by it, loops over written-out values and parametrized tests are unrolled. `slack` is the
    tolerance, `guards` say what may keep it from being reached or its failure from being seen.
    """

    kind: str
    level: Level
    subject: str
    expected: str = ""
    slack: float = 0.0
    detail: str = ""
    guards: tuple[str, ...] = ()
    line: int = 0
    names: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, float, str]:
        """What makes two of them the same; identity and equality are one."""
        same = self.level is Level.EXACT and self.kind in {"is", "equal"}
        kind = "equal" if same else "deep" if self.level is Level.DEEP else self.kind
        return kind, self.subject, self.expected, self.slack, self.detail

    def __str__(self) -> str:
        words = {"equal": "==", "truth": "", "is": "is", "false": "is false"}
        said = f"{self.subject} {words.get(self.kind, self.kind)} {self.expected}".strip()
        return said if len(said) <= 160 else f"{said[:157]}..."


@dataclass(frozen=True)
class Off:
    """A switch that keeps a test from running or counting; `conditional`: only sometimes."""

    kind: str
    conditional: bool = False
    why: str = ""


@dataclass(frozen=True)
class Test:
    """`rest` is what it does besides asserting; `mocks` are the names that it replaces."""

    __test__ = False

    name: str
    line: int
    asserts: tuple[Assertion, ...] = ()
    off: tuple[Off, ...] = ()
    mocks: tuple[str, ...] = ()
    wraps: tuple[str, ...] = ()
    rest: str = ""

    @property
    def plain(self) -> str:
        """The name without what stands around it."""
        return self.name.rpartition("::")[2].rpartition(" > ")[2]


@dataclass(frozen=True)
class Module:
    """A file. `helpers` are functions with assertions that other files may use; `origins` say where names come from;
    `marks` are things at module level that matter: switches that let only some tests run, early ends, overridden
    assertions. `wrong` says why it could not be read.
    """

    tests: tuple[Test, ...] = ()
    helpers: tuple[Test, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[tuple[str, int], ...] = ()
    wrong: str = ""

    def to_json(self) -> dict[str, Any]:
        """For another process."""
        return asdict(self)

    @staticmethod
    def from_json(found: Mapping[str, Any]) -> Module:
        """Out of another process."""
        return Module(
            tuple(_test(one) for one in found["tests"]),
            tuple(_test(one) for one in found["helpers"]),
            dict(found["origins"]),
            tuple((text, line) for text, line in found["marks"]),
            found["wrong"],
        )


def _test(found: Mapping[str, Any]) -> Test:
    asserts = (
        Assertion(**{**one, "level": Level(one["level"]), "guards": tuple(one["guards"]), "names": tuple(one["names"])})
        for one in found["asserts"]
    )
    off = tuple(Off(**one) for one in found["off"])
    rows = {name: tuple(found[name]) for name in ("mocks", "wraps")}
    return Test(found["name"], found["line"], tuple(asserts), off, rest=found["rest"], **rows)
