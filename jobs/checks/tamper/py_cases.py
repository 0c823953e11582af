"""What each run of a parametrized Python test is given."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence

from jobs.checks.tamper.py_flow import MANY
from jobs.checks.tamper.py_forms import Env, last, names, put_in, rows, text

OFF = {"skip", "skipif", "skipIf", "skipUnless", "xfail", "expectedFailure", "todo", "disabled"}


def cases(decorators: Sequence[ast.expr], constants: Env, unseen: list[str]) -> list[dict[str, ast.expr]]:
    """What each run of a parametrized test is given; `unseen` gets the lists that are not written out."""
    lists = []
    for one in decorators:
        if not isinstance(one, ast.Call) or last(one.func) != "parametrize" or len(one.args) < 2:
            continue
        target, values = _target(one.args[0]), put_in(one.args[1], constants)
        found = rows(_plain(values), target) if target is not None else None
        if found is None:
            unseen.append(f"{text(one.args[0])} in {text(values)}")
        else:
            lists.append(found)
    every = itertools.islice(itertools.product(*lists), MANY)
    return [{name: value for row in together for name, value in row.items()} for together in every]


def _plain(values: ast.expr) -> ast.expr:
    """pytest.param(1, 2, id="x") is (1, 2); one that is skipped is left out."""
    if not isinstance(values, ast.List | ast.Tuple):
        return values
    found: list[ast.expr] = []
    for one in values.elts:
        if isinstance(one, ast.Call) and last(one.func) == "param":
            marks = [word for word in one.keywords if word.arg == "marks" and set(names(word.value)) & OFF]
            row = one.args[0] if len(one.args) == 1 else ast.Tuple(list(one.args), ast.Load())
            found += [] if marks else [row]
        else:
            found.append(one)
    return ast.List(found, ast.Load())


def _target(node: ast.expr) -> ast.expr | None:
    words: list[str] = []
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        words = [word.strip() for word in node.value.split(",") if word.strip()]
    elif isinstance(node, ast.List | ast.Tuple):
        words = [str(one.value) for one in node.elts if isinstance(one, ast.Constant)]
    if not words:
        return None
    load = ast.Load()
    return ast.Name(words[0], load) if len(words) == 1 else ast.Tuple([ast.Name(word, load) for word in words], load)
