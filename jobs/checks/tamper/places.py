"""What a path is to the tests: a test, a helper of tests, data that they compare with, configuration, or none of it."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from jobs.repomap.languages import language_of

PYTEST = ("test_*.py", "*_test.py")
ANY = ("test*.py", "*_test.py")
_FOLDERS = frozenset({"test", "tests", "spec", "specs", "__tests__", "testing", "e2e", "testdata", "__snapshots__"})
_ECMA = ("javascript", "typescript", "tsx")
_ECMA_NAME = re.compile(r"(^|[.\-_])(test|spec)\.[cm]?[jt]sx?$|^test-.*\.[cm]?[jt]sx?$")
_OTHER_NAME = re.compile(
    r"_test\.(go|rb|exs|dart|cc|cpp|c)$|_spec\.(rb|lua)$|^test_.*\.(rb|c|cc|cpp)$|Tests?\.(java|kt|scala|cs|swift|php|groovy)$"
    r"|^Test.*\.(java|kt)$|\.bats$|IT\.java$"
)
_DATA = re.compile(r"\.(snap|golden|approved\.\w+|verified\.\w+|expected)$")
_CODE = frozenset({"python", "javascript", "typescript", "tsx", "go", "rust", "java", "c#", "ruby", "php", "c", "c++"})
READERS = {**{name: name for name in _ECMA}, "python": "python"}
"""Languages that are read by their syntax; all others by their lines."""


class Role(StrEnum):
    """What a path is."""

    TEST = "test"
    HELPER = "helper"
    DATA = "data"
    OTHER = "other"


@dataclass(frozen=True)
class Places:
    """`patterns` are the names of Python files that are collected."""

    patterns: Sequence[str] = PYTEST

    def role(self, path: str) -> Role:
        """What this path is."""
        folders, _, name = path.rpartition("/")
        inside = bool(_FOLDERS & {part.lower() for part in folders.split("/")})
        language = language_of(path)
        if language == "python":
            collected = any(fnmatch.fnmatchcase(name, pattern) for pattern in self.patterns)
            return Role.TEST if collected else Role.HELPER if inside or name == "conftest.py" else Role.OTHER
        if language in _ECMA:
            return Role.TEST if inside or _ECMA_NAME.search(name) else Role.OTHER
        return _other(name, language, inside)


def _other(name: str, language: str | None, inside: bool) -> Role:
    if _DATA.search(name):
        return Role.DATA
    if language in _CODE:
        return Role.TEST if inside or language == "rust" or _OTHER_NAME.search(name) else Role.OTHER
    if _OTHER_NAME.search(name):
        return Role.TEST
    return Role.DATA if inside and not name.lower().startswith("readme") else Role.OTHER


def reader(path: str) -> str:
    """Who reads it."""
    return READERS.get(language_of(path) or "", "lines")
