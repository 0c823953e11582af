"""Test configuration before and after: what chooses, counts or excuses tests may not change by the way. Pure."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence

from jobs.checks.tamper.finds import Find
from jobs.checks.tamper.settings import settings

Part = Sequence[object]
Shape = Mapping[str, Sequence[Part]]
_TOOLS = (
    *("pytest", "unittest", "coverage", "jest", "vitest", "mocha", "tox"),
    *("test configuration", "test script", "npm test"),
)
_THRESHOLD = re.compile(r"fail_under|cov-fail-under|threshold|\.(branches|functions|lines|statements)$", re.I)
_HARMLESS = re.compile(r"\.(markers|minversion|required_plugins|log_\w+|console_output_style|junit_\w+|cache_dir)$")
_OPTION = re.compile(
    r"^(-[qvrlsx]+\w*|-ra|--strict(-markers|-config)?|--tb=.*|--durations.*|--color.*|--showlocals|--verbose|--quiet"
    r"|--cov(=.*)?|--cov-report.*|--cov-branch|-W|error(::.*)?|-Werror.*)$"
)
_PLANTED = re.compile(r"(^|/)(sitecustomize|usercustomize)(\.py|/__init__\.py)$|\.pth$|(^|/)__pycache__/|\.pyc$")
_SHADOWS = frozenset(
    {"pytest", "_pytest", "pluggy", "iniconfig", "packaging", "coverage", "xdist", "pytest_cov", "py", "exceptiongroup"}
) | (sys.stdlib_module_names - {"__main__", "this", "antigravity", "idlelib", "lib2to3"})
_FIXTURES = frozenset(
    {"monkeypatch", "capsys", "capfd", "caplog", "tmp_path", "tmpdir", "request", "recwarn", "pytestconfig"}
)


def settings_finds(path: str, before: str | None, after: str | None) -> Iterator[Find]:
    """What changed in a file of settings; None where it is not there."""
    old, new = settings(path, before or ""), settings(path, after or "")
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            yield from _changed(path, key, old.get(key), new.get(key))


def _changed(path: str, key: str, old: str | None, new: str | None) -> Iterator[Find]:
    if _HARMLESS.search(key):
        return
    said = f"{key or 'the file'}: {_short(old)} -> {_short(new)}"
    if _THRESHOLD.search(key):
        if _number(new) < _number(old):
            yield _find(path, key, "threshold_lowered", said)
    elif key.endswith("addopts"):
        yield from _options(path, key, old or "", new or "")
    else:
        yield _find(path, key, "config_changed", said)


def _options(path: str, key: str, old: str, new: str) -> Iterator[Find]:
    before, after = _words(old), _words(new)
    floors = [_number(_value(words, "--cov-fail-under")) for words in (before, after)]
    if floors[1] < floors[0]:
        yield _find(path, f"{key} --cov-fail-under", "threshold_lowered", f"{_short(old)} -> {_short(new)}")
    left = [word for word in {*before} ^ {*after} if not _OPTION.match(word) and "cov-fail-under" not in word]
    if left:
        yield _find(path, key, "config_changed", f"{key}: {_short(old)} -> {_short(new)}")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text.strip('"'))
    except ValueError:
        return text.split()


def _value(words: list[str], option: str) -> str | None:
    return next((word.partition("=")[2] for word in words if word.startswith(f"{option}=")), None)


def _number(text: str | None) -> float:
    try:
        return float((text or "0").strip('"'))
    except ValueError:
        return 0.0


def _short(text: str | None) -> str:
    return "nothing" if text is None else repr(text if len(text) <= 60 else f"{text[:57]}...")


def _find(path: str, key: str, code: str, said: str) -> Find:
    leaf = key.rpartition(".")[2].partition(" ")[0]
    return Find(path, 0, code, key or path, said, words=(*_TOOLS, leaf, key.partition(".")[0]))


def conftest_finds(path: str, before: Shape | None, after: Shape | None) -> Iterator[Find]:
    """A conftest may gain fixtures, helpers and imports. What is done at load, hooks, fixtures that are always used and
    changes of what is there need naming.
    """
    if lost := _lost(before, after):
        yield _hooked(path, path, lost, 0)
        return
    old, new = _named(before), _named(after)
    for key, (kind, text, line) in new.items():
        if key not in old or old[key][1] != text:
            yield from _part(path, key[1] or text[:60], kind, line, known=key in old)
    for key in old.keys() - new.keys():
        if old[key][0] not in {"import", "text", "constant"}:
            yield _hooked(path, key[1] or key[0], f"the {old[key][0]} {key[1]} is gone", 0)


def _lost(before: Shape | None, after: Shape | None) -> str:
    if after is None:
        return "it is gone"
    unreadable = after.get("wrong") and not (before or {}).get("wrong")
    return "it cannot be read" if unreadable else ""


def _part(path: str, name: str, kind: str, line: int, *, known: bool) -> Iterator[Find]:
    if kind in _KINDS or name in _FIXTURES:
        yield _hooked(path, name, f"{_KINDS.get(kind, 'a fixture of pytest itself')}: {name}", line)
    elif known:
        yield Find(path, line, "expectation_changed", name, f"the {kind} {name} changed", wants="file")


_KINDS = {"hook": "a hook of pytest", "always": "a fixture that every test gets", "act": "code that runs at load"}


def _named(shape: Shape | None) -> dict[tuple[str, str], tuple[str, str, int]]:
    found: dict[tuple[str, str], tuple[str, str, int]] = {}
    for kind, name, text, line in (shape or {}).get("parts", ()):
        group = str(kind) if str(kind) in {"act", "import", "text"} else "name"
        key = (group, str(text) if group != "name" else str(name))
        found[key] = (str(kind), str(text), int(str(line)))
    return found


def _hooked(path: str, name: str, said: str, line: int) -> Find:
    return Find(path, line, "config_changed", name[:80], said, words=_TOOLS)


def planted(path: str, known: frozenset[str]) -> Iterator[Find]:
    """A new file that an interpreter or a runner loads by its name alone. `known` are the paths of before."""
    if _PLANTED.search(path):
        yield Find(path, 0, "runner", path, "it would be loaded before any test, by its name alone")
        return
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    top = parts[1:] if parts[0] in {"src", "lib", "tests", "test"} else parts
    fresh = not any(one.startswith(f"{path.removesuffix('.py')}/") or one == path for one in known)
    if path.endswith(".py") and len(top) == 1 and top[0] in _SHADOWS and fresh:
        yield Find(path, 0, "runner", path, f"it stands in for the module {top[0]}", wants="file")


def reach_finds(path: str, before: Shape | None, after: Shape | None) -> Iterator[Find]:
    """Where code that is no test newly reaches for how tests end."""
    known = {str(one[0]) for one in (before or {}).get("reaches", ())}
    for said, line in (after or {}).get("reaches", ()):
        if str(said) not in known:
            yield Find(path, int(str(line)), "runner", path, str(said), words=_TOOLS)
