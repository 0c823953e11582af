"""Typed pre- and postconditions (spec 5), judged by programs on a tree and in its sandbox."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from jobs.checks.ecma.ask import ENDS as ECMA
from jobs.checks.names import defined, module
from jobs.checks.outputs import defines_ecma, defines_python
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.scene import Scene
from jobs.checks.syntax import syntax_problem
from jobs.checks.testplan import TestPlan
from jobs.checks.tests import run_tests
from jobs.git.hygiene import lstat_beneath
from jobs.sandbox.box import Sandbox
from state.plan.model import Condition, ConditionType

SECONDS = 120.0
_PATTERN_SECONDS = 10.0
_MODIFIERS = (
    "abstract|async|const|data|default|export|extern|final|inline|internal|open|override|partial|private|protected|pub|"
    "public|sealed|static|suspend|unsafe|virtual"
)
_KEYWORDS = (  # the usual languages
    "#define|class|const|def|defmodule|defp|enum|fn|fun|func|function|interface|let|mod|module|namespace|object|"
    "protocol|record|static|struct|trait|type|union|val|var"
)
_DEFINES = (
    rf"(?m)^[ \t]*(?:(?:{_MODIFIERS})(?:\(\w+\))?[ \t]+){{{{0,6}}}}(?:{_KEYWORDS})[ \t]+"
    r"(?:\([^)\n]*\)[ \t]*|self\.|mut[ \t]+)?{name}\b"
)
_TYPED = (".c", ".cc", ".cpp", ".cs", ".dart", ".groovy", ".h", ".hpp", ".java")
_DECLARES = (
    r"(?m)^[ \t]*(?!(?:await|case|delete|else|goto|import|new|package|return|throw|using|yield)\b)"
    r"(?:[\w<>\[\],.?&*:]+[ \t]+){{1,8}}[*&]*(?:\w+::)?{name}[ \t]*[(;={{]"
)
_MATCH = "import re,sys; sys.exit(0 if re.search(sys.argv[2], open(sys.argv[1], encoding='utf-8').read(), re.M) else 1)"
_IMPORTS = """import ast, importlib, sys
path = sys.argv[1]
package = path.removesuffix('.py').removesuffix('/__init__').removeprefix('src/').split('/')
missing = []
for node in ast.walk(ast.parse(open(path, encoding='utf-8').read())):
    names = []
    if isinstance(node, ast.Import):
        names = [(alias.name, None) for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        up = package[: len(package) - node.level + (1 if path.endswith('__init__.py') else 0)] if node.level else []
        base = '.'.join([*up, *([node.module] if node.module else [])])
        names = [(base, alias.name) for alias in node.names]
    for module, name in names:
        try:
            found = importlib.import_module(module)
            if name and name != '*' and not hasattr(found, name):
                importlib.import_module(module + '.' + name)
        except ImportError as wrong:
            missing.append(f'line {node.lineno}: {wrong}')
print('\\n'.join(missing)); sys.exit(bool(missing))
"""


@dataclass(frozen=True)
class Ground:
    """Where conditions are judged. `tree` is the sandbox's tree on the host."""

    box: Sandbox
    tests: TestPlan
    cancel: Callable[[], bool] | None = None

    @property
    def tree(self) -> Path:
        return self.box.tree


def judge(scene: Scene) -> Iterator[CheckResult]:
    """The step's postconditions, all of them."""
    ground = Ground(scene.box, scene.tests, scene.cancel)
    for condition in scene.conditions:
        yield check_condition(condition, ground)


def check_condition(condition: Condition, ground: Ground, name: str = "postcondition") -> CheckResult:
    """One condition's verdict; not critical ones are important at most."""
    found = verdict(condition, ground)
    layer = Layer.CRITICAL if condition.critical else Layer.NICE
    what = f"{condition.type.value} {condition.target}" + (f" {condition.value}" if condition.value else "")
    said = f"{what[:200]}: {found.summary}"
    return CheckResult(name, layer, found.status, said, found.command, found.exit_code, found.seconds, tail=found.tail)


def verdict(condition: Condition, ground: Ground) -> Verdict:
    """What a condition comes to, without its name and its weight."""
    return _JUDGES[condition.type](condition, ground)


class Verdict(NamedTuple):
    """What came out, and what was run for it as a person types it; nothing where our own code looked at the file."""

    status: Status
    summary: str
    tail: str = ""
    command: str = ""
    exit_code: int | None = None
    seconds: float = 0.0


def _file_exists(condition: Condition, ground: Ground) -> Verdict:
    found = lstat_beneath(ground.tree, condition.target) is not None and (ground.tree / condition.target).is_file()
    return _said(found, "there", "there is no such file")


def _directory_exists(condition: Condition, ground: Ground) -> Verdict:
    target = condition.target.rstrip("/")
    found = lstat_beneath(ground.tree, target) is not None and (ground.tree / target).is_dir()
    return _said(found, "there", "there is no such folder")


def _symbol_defined(condition: Condition, ground: Ground) -> Verdict:
    text = text_of(ground.tree, condition.target)
    if text is None:
        return Verdict(Status.FAILED, "there is no such file")
    found = _defines(condition.target, text, condition.value.removesuffix("()"))
    return _said(found, "defined", f"{condition.value} is not defined there")


def _defines(path: str, text: str, name: str) -> bool:
    if path.endswith((".py", ".pyi")):
        return defines_python(text, name) or _member(text, name)
    if path.endswith(ECMA):
        return defines_ecma(text, name)
    ways = (_DEFINES, _DECLARES) if path.endswith(_TYPED) else (_DEFINES,)
    word = re.escape(name.rpartition(".")[2])
    return any(re.search(way.format(name=word), text) for way in ways)


def _member(text: str, name: str) -> bool:
    """Whether a class has it; the plan may leave the class out."""
    tree = module(text)
    found = defined(tree) if tree else set()
    return any(one.rpartition(".")[0] in found and one.rpartition(".")[2] == name for one in found)


def _syntax_valid(condition: Condition, ground: Ground) -> Verdict:
    text = text_of(ground.tree, condition.target)
    if text is None:
        return Verdict(Status.FAILED, "there is no such file")
    problem = syntax_problem(condition.target, text)
    return _said(problem is None, "parses", f"line {problem.line}: {problem.message}" if problem else "")


def _import_available(condition: Condition, ground: Ground) -> Verdict:
    code = f"import sys; sys.path[:0] = ['src', '.']; import {condition.target}"
    shown = f"PYTHONPATH=src:. python3 -c {shlex.quote(f'import {condition.target}')}"
    return _run(["python3", "-c", code], ground, "imports", "cannot be imported", shown)


def _imports_resolve(condition: Condition, ground: Ground) -> Verdict:
    code = f"import sys; sys.path[:0] = ['src', '.']\n{_IMPORTS}"
    return _run(["python3", "-c", code, condition.target], ground, "all imports resolve", "imports that do not resolve")


def _text_matches(condition: Condition, ground: Ground) -> Verdict:
    if text_of(ground.tree, condition.target) is None:
        return Verdict(Status.FAILED, "there is no such file")
    argv = ["python3", "-c", _MATCH, condition.target, condition.value]
    return _run(argv, ground, "matches", "nothing in it matches", shlex.join(argv), _PATTERN_SECONDS)


def _command_succeeds(condition: Condition, ground: Ground) -> Verdict:
    return _run(condition.target, ground, "ended with 0", "failed", condition.target)


def _test_passes(condition: Condition, ground: Ground) -> Verdict:
    found = run_tests(ground.box, ground.tests, selection=condition.target, seconds=SECONDS * 2, cancel=ground.cancel)
    status = found.status if found.status is Status.PASSED else Status.FAILED
    return Verdict(status, found.summary, found.tail, found.command, found.exit_code, found.seconds)


def _run(
    command: str | list[str], ground: Ground, good: str, bad: str, shown: str = "", seconds: float = SECONDS
) -> Verdict:
    result = ground.box.run(command, timeout=seconds, cancel=ground.cancel)
    if result.timed_out:
        return Verdict(Status.FAILED, f"did not end within {seconds:g} s", result.output)
    holds, code = result.exit_code == 0, result.exit_code if shown else None
    said = good if holds else f"{bad} (exit status {result.exit_code})"
    status = Status.PASSED if holds else Status.FAILED
    return Verdict(status, said, "" if holds else result.output, shown, code, result.seconds)


def _said(holds: bool, good: str, bad: str) -> Verdict:
    return Verdict(Status.PASSED, good) if holds else Verdict(Status.FAILED, bad)


def text_of(tree: Path, path: str) -> str | None:
    """A file's text; None for what is not there, is no plain file below the tree, or is not text."""
    status = lstat_beneath(tree, path)
    if status is None or (tree / path).is_symlink() or not (tree / path).is_file():
        return None
    try:
        return (tree / path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


_JUDGES: dict[ConditionType, Callable[[Condition, Ground], Verdict]] = {
    ConditionType.FILE_EXISTS: _file_exists,
    ConditionType.DIRECTORY_EXISTS: _directory_exists,
    ConditionType.SYMBOL_DEFINED: _symbol_defined,
    ConditionType.IMPORT_AVAILABLE: _import_available,
    ConditionType.SYNTAX_VALID: _syntax_valid,
    ConditionType.IMPORTS_RESOLVE: _imports_resolve,
    ConditionType.TEXT_MATCHES: _text_matches,
    ConditionType.COMMAND_SUCCEEDS: _command_succeeds,
    ConditionType.TEST_PASSES: _test_passes,
}
