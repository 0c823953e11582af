"""Which packages a task added or moved, and to which version: from lock files and pins, else from what is installed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from jobs.checks.scene import Scene
from jobs.setup.additions import plain
from jobs.setup.node import json_object
from jobs.setup.source import Source
from jobs.setup.tables import toml

SECONDS = 60.0
LOCATED = 300
_PIN = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^]]*\])?\s*={2,3}\s*([A-Za-z0-9][A-Za-z0-9.!+_-]*)")
_LINE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^]]*\])?\s*(?:[<>=!~;,#@(]|$)")
_REQUIREMENTS = re.compile(r"(?i)(^|/)([\w.-]*requirements[\w.-]*\.(txt|in)|requirements/[\w.-]+\.(txt|in))$")
_EXACT = re.compile(r"[=v]?(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)")
_NPM_NAME = re.compile(r"(?:@[A-Za-z0-9._~-]+/)?[A-Za-z0-9._~-]+")
_TABLES = ("dependencies", "devDependencies", "optionalDependencies")
_PYTHON = """import importlib.metadata as m, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = m.version(name)
    except m.PackageNotFoundError:
        pass
print(json.dumps(found))
"""
_NODE = """const fs = require("fs"); const found = {};
for (const name of process.argv.slice(1)) {
  try { found[name] = JSON.parse(fs.readFileSync(`node_modules/${name}/package.json`, "utf8")).version; } catch {}
}
console.log(JSON.stringify(found));"""


@dataclass(frozen=True)
class Package:
    """`kind` is python or npm; `version` is empty where the file does not say it. `path` and `line` are where it is
    named.
    """

    kind: str
    name: str
    version: str
    path: str = ""
    line: int = 0

    @property
    def identity(self) -> tuple[str, str, str]:
        return self.kind, self.name, self.version


def added_packages(before: Source, now: Source, changed: Iterable[str]) -> list[Package]:
    """What the changed manifests and lock files name now and did not in this version; each once. Pure."""
    found: dict[tuple[str, str, str], Package] = {}
    known: set[tuple[str, str, str]] = set()
    for path in changed:
        known |= {one.identity for one in named(path, before.read(path) or "")}
        for one in named(path, now.read(path) or ""):
            found.setdefault(one.identity, one)
    wanted = _settled([one for identity, one in found.items() if identity not in known])
    return [*(_located(one, now) for one in wanted[:LOCATED]), *wanted[LOCATED:]]


def _settled(packages: list[Package]) -> list[Package]:
    """Without those whose version is left open in one file and written in another."""
    pinned = {(one.kind, one.name) for one in packages if one.version}
    return [one for one in packages if one.version or (one.kind, one.name) not in pinned]


def named(path: str, text: str) -> list[Package]:
    """The packages that one manifest or lock file names. Pure."""
    name = path.rpartition("/")[2]
    if "node_modules/" in path:
        return []
    if name in ("uv.lock", "poetry.lock"):
        pairs = _locked(text)
    elif name == "Pipfile.lock":
        pairs = _pipfile(text)
    elif name in ("package-lock.json", "npm-shrinkwrap.json"):
        return _packages("npm", path, _npm_locked(text))
    elif name == "package.json":
        return _packages("npm", path, _npm_manifest(text))
    elif name == "pyproject.toml":
        pairs = list(_pyproject(text))
    elif _REQUIREMENTS.search(path):
        pairs = [pair for line in text.splitlines() if (pair := _requirement(line))]
    else:
        return []
    return _packages("python", path, pairs)


def resolved(packages: Sequence[Package], scene: Scene) -> tuple[list[Package], list[str]]:
    """The packages with versions, those that no file tells as they are installed; and names that nothing tells."""
    open_ones = [one for one in packages if not one.version]
    versions: dict[tuple[str, str], str] = {}
    for kind, argv in (("python", ["python3", "-I", "-c", _PYTHON]), ("npm", ["node", "-e", _NODE])):
        names = [one.name for one in open_ones if one.kind == kind]
        if names:
            result = scene.box.run([*argv, *names], timeout=SECONDS, cancel=scene.cancel, show=1_000_000)
            versions |= {(kind, name): version for name, version in _said(result.output)}
    known = [
        one if one.version else Package(one.kind, one.name, versions[one.kind, one.name], one.path, one.line)
        for one in packages
        if one.version or (one.kind, one.name) in versions
    ]
    return known, [one.name for one in open_ones if (one.kind, one.name) not in versions]


def _said(output: str) -> list[tuple[str, str]]:
    found = json_object(output)
    return [(name, version) for name, version in found.items() if isinstance(version, str) and len(version) < 60]


def _packages(kind: str, path: str, pairs: Iterable[tuple[str, str]]) -> list[Package]:
    return [Package(kind, name, version, path) for name, version in pairs]


def _located(package: Package, now: Source) -> Package:
    """With the first line that names it."""
    name = r"[-_.]+".join(map(re.escape, re.split(r"[-_.]+", package.name)))
    word = re.compile(rf"(?im)(?<![\w.-]){name}(?![\w-])")
    text = now.read(package.path) or ""
    found = word.search(text)
    return replace(package, line=text.count("\n", 0, found.start()) + 1 if found else 0)


def _requirement(line: str) -> tuple[str, str] | None:
    line = line.strip()
    pin, loose = _PIN.match(line), _LINE.match(line)
    if pin:
        return plain(pin[1]), pin[2]
    return (plain(loose[1]), "") if loose else None


def _pyproject(text: str) -> Iterator[tuple[str, str]]:
    values = toml(text)
    project = dict(_items(values.get("project")))
    tables = [project.get("dependencies"), dict(_items(values.get("build-system"))).get("requires")]
    for groups in (project.get("optional-dependencies"), values.get("dependency-groups")):
        tables += [group for _, group in _items(groups)]
    lines = (line for table in tables if isinstance(table, list) for line in table if isinstance(line, str))
    yield from (pair for line in lines if (pair := _requirement(line)))
    poetry = dict(_items(dict(_items(values.get("tool"))).get("poetry")))
    for group in (poetry, *(dict(_items(group)) for _, group in _items(poetry.get("group")))):
        for key in ("dependencies", "dev-dependencies"):
            yield from ((plain(name), "") for name, _ in _items(group.get(key)) if name != "python")


def _locked(text: str) -> list[tuple[str, str]]:
    packages = toml(text).get("package", [])
    rows = [one for one in packages if isinstance(one, dict) and "version" in one] if isinstance(packages, list) else []
    own = ("virtual", "editable", "directory")
    return [
        (plain(str(one.get("name", ""))), str(one["version"]))
        for one in rows
        if not (isinstance(one.get("source"), dict) and any(key in one["source"] for key in own))
    ]


def _pipfile(text: str) -> list[tuple[str, str]]:
    tables = [json_object(text).get(name) for name in ("default", "develop")]
    rows = [(name, row) for table in tables if isinstance(table, dict) for name, row in table.items()]
    return [
        (plain(name), str(row.get("version", "")).removeprefix("==")) for name, row in rows if isinstance(row, dict)
    ]


def _npm_locked(text: str) -> list[tuple[str, str]]:
    packages = json_object(text).get("packages")
    rows = packages.items() if isinstance(packages, dict) else ()
    return [
        (key.rpartition("node_modules/")[2], str(row["version"]))
        for key, row in rows
        if "node_modules/" in key and isinstance(row, dict) and "version" in row and not row.get("link")
    ]


def _npm_manifest(text: str) -> list[tuple[str, str]]:
    package = json_object(text)
    rows = [(name, str(wish)) for table in _TABLES for name, wish in _items(package.get(table))]
    plain_ones = [(name, wish) for name, wish in rows if _NPM_NAME.fullmatch(name) and ":" not in wish]
    return [(name, exact[1] if (exact := _EXACT.fullmatch(wish)) else "") for name, wish in plain_ones]


def _items(value: object) -> list[tuple[str, object]]:
    return [(str(name), one) for name, one in value.items()] if isinstance(value, dict) else []
