"""The settings of linters and type checkers, compared as those of the tests are: who loosens them by the way hides what
the step did wrong. Pure.
"""

from __future__ import annotations

import configparser
import itertools
import json
import re
import tomllib
from collections.abc import Iterator, Mapping

from jobs.checks.tamper.finds import Find
from jobs.checks.tamper.settings import LONG, UNREADABLE, flat
from jobs.setup.tables import at, table

CODE = "checker_changed"
_TOOLS = ("mypy", "ruff", "flake8", "pylint", "pyright", "eslint", "tsc")
_SAID: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(("mypy", "pyright", "tsc"), ("type checker", "type checking", "type check", "types")),
    **dict.fromkeys(("ruff", "flake8", "pylint", "eslint"), ("linter", "linting", "lint")),
    "tsc": ("type checker", "TypeScript", "tsconfig"),
}
_SECTION = re.compile(r"^(?:tool:)?(mypy|flake8|pylint)(?=$|[-.:])")
_INI = frozenset({"setup.cfg", "tox.ini", "mypy.ini", ".mypy.ini", ".flake8"})
_WHOLE = re.compile(r"(^|/)(eslint\.config\.[mc]?[jt]s|\.eslintrc\.([mc]?js|ya?ml)|\.eslintignore)$")
_PYLINT = re.compile(r"(^|/)\.?pylintrc$")
_TSCONFIG = re.compile(r"(^|/)tsconfig(\.[\w-]+)?\.json$")
_STRICT = re.compile(r'"(strict\w*|noImplicit\w*|noUnused\w*|noUnchecked\w*|skipLibCheck|checkJs)"\s*:\s*(true|false)')
_LEFT_OUT = re.compile(r'"exclude"\s*:\s*\[([^\]]*)\]')
_HARMLESS = re.compile(
    r"(^|[ .])(max[-_])?(line[-_]length|indent-width|src|target-version|python_version|cache_dir|pretty|show_\w+)$"
    r"|[ .](format|pydocstyle|isort)\.[\w.-]+$"
)
_COMMENT = re.compile(r"(?m)^[ \t]*(//|#).*$|/\*.*?\*/")


def has_checkers(path: str) -> bool:
    """Whether the settings of a linter or type checker may stand in it."""
    name = path.rpartition("/")[2]
    known = _INI | {"pyproject.toml", "ruff.toml", ".ruff.toml", "pyrightconfig.json", "package.json"}
    shaped = (_WHOLE, _PYLINT, _TSCONFIG)
    return name in known or name in {".eslintrc", ".eslintrc.json"} or any(one.search(path) for one in shaped)


def checker_finds(path: str, before: str | None, after: str | None) -> Iterator[Find]:
    """What differs in the settings of a checker; None where the file is not there. One find for each tool."""
    if not has_checkers(path):
        return
    old, new = checkers(path, before or ""), checkers(path, after or "")
    changed = (key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    keys = sorted(key for key in changed if not _HARMLESS.search(key))
    for tool, mine in itertools.groupby(keys, lambda key: key.partition(" ")[0]):
        yield _find(path, tool, list(mine))


def _find(path: str, tool: str, keys: list[str]) -> Find:
    names = ", ".join(key.partition(" ")[2] or "the file" for key in keys[:3])
    more = f" and {len(keys) - 3} more" if len(keys) > 3 else ""
    words = (tool, *_SAID.get(tool, ()), *(key.rpartition(".")[2] for key in keys if "." in key))
    return Find(path, 0, CODE, tool, f"its settings changed: {names}{more}", words=words)


def checkers(path: str, text: str) -> dict[str, str]:
    """Settings by `tool key`. A file that cannot be read is one setting of each tool that it may be for."""
    if not text.strip():
        return {}
    try:
        if len(text) > LONG:
            raise ValueError
        return dict(_read(path, text.removeprefix("\ufeff")))
    except UNREADABLE:
        return {f"{tool} ": text for tool in _TOOLS if tool in text or tool in path}


def _read(path: str, text: str) -> Iterator[tuple[str, str]]:
    name = path.rpartition("/")[2]
    if name in _INI or _PYLINT.search(path):
        yield from _sections(text, "pylint" if _PYLINT.search(path) else "")
    elif name.endswith(".toml"):
        yield from _toml(name, text)
    elif _TSCONFIG.search(path):
        yield from _tsconfig(_COMMENT.sub("", text))
    elif _WHOLE.search(path):
        yield "eslint ", re.sub(r"[\s;,]+", "", _COMMENT.sub("", text))
    else:
        yield from _json(name, table(json.loads(text)))


def _sections(text: str, tool: str) -> Iterator[tuple[str, str]]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    parser.read_string(text)
    for section in parser.sections():
        named = _SECTION.match(section)
        if tool or named:
            for key, value in parser.items(section):
                yield f"{tool or (named[1] if named else '')} {section}.{key}", " ".join((value or "").split())


def _toml(name: str, text: str) -> Iterator[tuple[str, str]]:
    found = tomllib.loads(text.replace("\r\n", "\n"))
    tools = {"ruff": found} if "ruff" in name else table(at(found, "tool"))
    for tool in (one for one in _TOOLS if one in tools):
        yield from _under(tool, tools[tool])


def _tsconfig(text: str) -> Iterator[tuple[str, str]]:
    yield from ((f"tsc {key}", value) for key, value in _STRICT.findall(text))
    yield from (("tsc exclude", "".join(listed.split())) for listed in _LEFT_OUT.findall(text))


def _json(name: str, found: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    if name == "package.json":
        yield from _under("eslint", found.get("eslintConfig", {}))
    else:
        yield from _under("pyright" if name.startswith("pyright") else "eslint", found)


def _under(tool: str, value: object) -> Iterator[tuple[str, str]]:
    yield from ((f"{tool} {key}", said) for key, said in flat("", value))
