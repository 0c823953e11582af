"""Code that was only meant for finding a fault, and marks of work that is not done."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence

from jobs.checks.bindings import Bindings
from jobs.checks.changed import each, pairs
from jobs.checks.ecma import ask
from jobs.checks.names import module
from jobs.checks.result import Finding, Found
from jobs.checks.scene import Scene
from state.plan.flat import is_test

_DEBUGGERS = frozenset({"pdb", "ipdb", "pudb", "pdbpp", "remote_pdb"})
_MARK = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
_SCRIPTS = re.compile(
    r"(?i)(^|/)(scripts?|bin|tools?|examples?|benchmarks?|docs|cli|commands|migrations)/"
    r"|(^|/)(__main__|main|cli|manage|setup|noxfile|conftest|console|[\w.-]*\.config|gulpfile|gruntfile)\.\w+$"
)
_COMMAND_LINE = frozenset({"argparse", "click", "typer", "fire", "docopt", "rich", "optparse"})


def look(scene: Scene) -> tuple[Found, Sequence[Finding]]:
    """The changed files; what a file printed before, it may print."""
    now, before = each(left_over, pairs(scene, lambda path: path.endswith((".py", ".pyw"))))
    ecma_now, ecma_before = (of_ecma(found) for found in ask.found(ask.ecma_files(scene), "debug"))
    known = (*before, *ecma_before)
    prints = {one.path for one in known if one.code == "print"}
    kept = [one for one in (*now, *ecma_now) if one.code != "print" or one.path not in prints]
    return Found(tuple(kept)), known


def of_ecma(found: Sequence[Finding]) -> list[Finding]:
    """What the process that parses JavaScript found, comments without a mark and prints of scripts left out."""
    kept = [one for one in found if one.code != "print" or not (_SCRIPTS.search(one.path) or is_test(one.path))]
    return [_mark(one.path, one.line, one.message) if one.code == "comment" else one for one in kept if _counts(one)]


def _counts(one: Finding) -> bool:
    return one.code != "comment" or _MARK.search(one.message) is not None


def _mark(path: str, line: int, comment: str) -> Finding:
    return Finding(path, line, "mark", f"work that is not done: {comment.strip()[:120]}")


def left_over(path: str, text: str) -> list[Finding]:
    """What was left over in a Python text; none where it does not parse."""
    tree = module(text)
    if tree is None:
        return []
    found = [_mark(path, line, comment) for line, comment in comments(text) if _MARK.search(comment)]
    return sorted([*found, *_debuggers(path, tree), *_prints(path, text, tree)], key=lambda one: one.line)


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each comment."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string
    except (tokenize.TokenError, SyntaxError):
        return


def _debuggers(path: str, tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").partition(".")[0]}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "breakpoint":
            yield Finding(path, node.lineno, "debugger", "breakpoint() was left in")
            continue
        else:
            continue
        for name in names & _DEBUGGERS:
            yield Finding(path, node.lineno, "debugger", f"the debugger {name} was left in")


def _prints(path: str, text: str, tree: ast.Module) -> Iterator[Finding]:
    names = Bindings(tree)
    if _speaks(path, text, names):
        return
    for call in (node for node in names.nodes if isinstance(node, ast.Call)):
        if names.called(call) == "print" and not any(one.arg == "file" for one in call.keywords):
            yield Finding(path, call.lineno, "print", "print was left in")


def _speaks(path: str, text: str, names: Bindings) -> bool:
    """Whether it is this file's business to print: a script, a test, a command line, or a print of its own."""
    roots = {name.partition(".")[0] for name in names.imported.values()}
    script = _SCRIPTS.search(path) is not None or is_test(path) or "__main__" in text or text.startswith("#!")
    return script or bool(roots & _COMMAND_LINE) or "print" in names.own
