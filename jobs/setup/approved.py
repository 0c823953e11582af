"""Packages that an approved plan adds, as the repository's client writes them. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_PIP = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(\[[\w,. -]+\])?")
_NPM = re.compile(r"(@[a-z0-9~._-]+/)?[a-z0-9~][a-z0-9~._-]*")
_CONSTRAINT = re.compile(r"\s*(([<>=!~]=?|===)\s*[\w.*+!-]+)(\s*,\s*([<>=!~]=?)\s*[\w.*+!-]+)*\s*")


@dataclass(frozen=True)
class Wanted:
    """A package that an approved plan adds."""

    package: str
    constraint: str = ""


def unnamed(wanted: Sequence[Wanted], manifests: str, client: str) -> tuple[str, ...]:
    """Those that the manifests do not name yet, as pip or npm writes them; what is no good name is left out."""
    write, known = {"pip": _pip_line, "npm": _npm_line}[client], manifests.lower()
    lines = (write(one) for one in wanted if not _named_in(known, one.package))
    return tuple(line for line in lines if line)


def _named_in(known: str, package: str) -> bool:
    name = re.escape(package.strip().partition("[")[0].lower())
    return bool(re.search(rf"(?<![\w.-]){name}(?![\w.-])", known))


def _npm_line(one: Wanted) -> str:
    name = one.package.strip()
    return name if _NPM.fullmatch(name) else ""


def _pip_line(one: Wanted) -> str:
    name = one.package.strip()
    if not _PIP.fullmatch(name):
        return ""
    return name + (one.constraint.replace(" ", "") if _CONSTRAINT.fullmatch(one.constraint) else "")
