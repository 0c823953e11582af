"""The type checker: configured, else the repository's own mypy, pyright or tsc (the one in its node_modules), Go's and
Rust's own, else mypy `--strict` on what the step creates.

The last is for repositories that configure none. It judges the Python files that the step creates and nothing else:
tests (and conftest.py) are left out, because hardly any project annotates them; calls into untyped code that was there
before, untyped packages and missing stubs are no problem of the new file; and where mypy itself cannot go on, nothing
is said. A module that the plan wants can always be annotated, so this refuses no step that cannot mend it.
"""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator

from jobs.checks.commands import installed as has
from jobs.checks.commands import run_tool, together, touched
from jobs.checks.ecma.ask import ENDS
from jobs.checks.result import Found
from jobs.checks.scene import Scene
from jobs.setup.source import Source
from jobs.setup.tables import toml

NAME = "types"
MOST = 5
TESTS = re.compile(r"(^|/)(tests?|testing|conftest\.py|test_[^/]*\.py|[^/]*_test\.py)(/|$)")
MYPY_CACHE = "/tmp/devtask-mypy"
GO = "go vet ./..."
RUST = "cargo check --quiet --all-targets --message-format short"
STRICT = (
    *("--strict", "--config-file=", "--ignore-missing-imports", "--follow-imports=silent", "--no-error-summary"),
    *("--allow-untyped-calls", "--allow-untyped-decorators", "--allow-subclassing-any", "--no-warn-return-any"),
    *("--no-warn-unused-ignores", "--implicit-reexport"),
)
_TSCONFIG = re.compile(r"(^|/)tsconfig\.json$")


def find(scene: Scene) -> Found:
    """All problems of the tree, those that were there before too."""
    if scene.config.typecheck:
        return run_tool(scene, NAME, scene.config.typecheck)
    own = list(_own(scene))
    if own:
        return together(own)
    created = _created(scene)
    if not created:
        return Found(not_run="the repository configures no type checker, and the step creates no Python module")
    return _strict(scene, created)


def _own(scene: Scene) -> Iterator[Found]:
    source = scene.now
    configs = sorted(path for path in source.paths if _TSCONFIG.search(path) and "node_modules/" not in path)
    chosen = ["tsconfig.json"] if "tsconfig.json" in configs else configs[:MOST]
    pyright = "pyrightconfig.json" in source.paths or "pyright" in toml(source.read("pyproject.toml")).get("tool", {})
    for there, ends, look in (
        (mypy_configured(source), (".py", ".pyi", ".ini", ".cfg", ".toml"), _mypy),
        (pyright, (".py", ".pyi", ".json", ".toml"), _pyright),
        (bool(chosen), (*ENDS, ".json", ".vue", ".svelte"), lambda scene: together(_tsc(scene, one) for one in chosen)),
        ("go.mod" in source.paths, (".go", ".mod"), lambda scene: run_tool(scene, NAME, GO)),
        ("Cargo.toml" in source.paths, (".rs", ".toml"), lambda scene: run_tool(scene, NAME, RUST)),
    ):
        if there:
            yield (
                look(scene)
                if touched(scene, ends)
                else Found(not_run="nothing that the type checker reads was changed")
            )


def mypy_configured(source: Source) -> bool:
    """Whether the repository has a configuration for mypy."""
    if {"mypy.ini", ".mypy.ini"} & source.paths or "mypy" in toml(source.read("pyproject.toml")).get("tool", {}):
        return True
    return "[mypy]" in (source.read("setup.cfg") or "")


def _mypy(scene: Scene) -> Found:
    """The environment's own mypy, else ours, on what the configuration names or on everything."""
    target = [] if _names_files(scene.now) else ["."]
    if has(scene, "mypy"):
        return run_tool(scene, NAME, shlex.join(["mypy", "--cache-dir", _cache(scene), *target]))
    if scene.programs is None:
        return Found(not_run="the repository configures mypy, which is not installed")
    ours = [*scene.programs.module(scene.box, "mypy"), "--cache-dir", _cache(scene), *_python(scene), *target]
    return run_tool(scene, NAME, ours, shlex.join(["mypy", *target]))


def _names_files(source: Source) -> bool:
    project = toml(source.read("pyproject.toml")).get("tool", {})
    parser = configparser.RawConfigParser(strict=False)
    for path in ("setup.cfg", ".mypy.ini", "mypy.ini"):
        try:
            parser.read_string(source.read(path) or "")
        except configparser.Error:
            continue
    section = dict(parser["mypy"]) if parser.has_section("mypy") else project.get("mypy", {})
    return isinstance(section, dict) and bool({"files", "packages", "modules"} & set(section))


def _pyright(scene: Scene) -> Found:
    if not has(scene, "pyright"):
        return Found(not_run="the repository configures pyright, which is not installed")
    return run_tool(scene, NAME, "pyright")


def _tsc(scene: Scene, config: str) -> Found:
    if not has(scene, "tsc"):
        return Found(not_run="there is a tsconfig.json, but TypeScript is not among the installed packages")
    return run_tool(scene, NAME, shlex.join(["node_modules/.bin/tsc", "--noEmit", "--pretty", "false", "-p", config]))


def _created(scene: Scene) -> list[str]:
    made = (change.path for change in scene.changes if change.what == "created" and change.new_mode.startswith("100"))
    return [path for path in made if path.endswith(".py") and not TESTS.search(path)]


def _strict(scene: Scene, created: list[str]) -> Found:
    if scene.programs is None:
        return Found(not_run="the repository configures no type checker")
    paths = [f"./{path}" for path in created]
    ours = [*scene.programs.module(scene.box, "mypy"), "--cache-dir", _cache(scene), *_python(scene), *STRICT]
    found = run_tool(scene, NAME, [*ours, "--", *paths], shlex.join(["mypy", *STRICT, "--", *paths]))
    if found.exit_code not in (0, 1):
        return Found(not_run=f"mypy cannot judge the new files: {found.tail.strip()[-300:]}", command=found.command)
    mine = {*created, ""}
    kept = tuple(one for one in found.findings if one.path in mine)
    return Found(kept, found.command, found.exit_code, found.seconds, found.tail)


def _python(scene: Scene) -> list[str]:
    """Whose packages are looked at: the environment's, where there is one."""
    folder = scene.environment.folder
    if folder is None or not (folder / "bin" / "python3").is_symlink():
        return []
    return ["--python-executable", "/env/bin/python3" if scene.box.kind == "bwrap" else str(folder / "bin" / "python3")]


def _cache(scene: Scene) -> str:
    return MYPY_CACHE if scene.box.kind == "bwrap" else str(scene.box.scratch / "tmp" / "devtask-mypy")
