"""What lets somebody else's text be run, in Python: eval, exec, pickle, SQL that is put together. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jobs.checks.bindings import Bindings
from jobs.checks.ecma.sql import SQL, TABLE
from jobs.checks.names import module
from jobs.checks.result import Finding

_LOADS = re.compile(r"(pickle|_pickle|cPickle|dill|cloudpickle)\.(loads?|Unpickler)")
_RUNS_SQL = frozenset(
    {"execute", "executemany", "executescript", "raw", "read_sql", "read_sql_query", "fetch", "fetchrow", "fetchval"}
)
_TEXTS = frozenset({"sqlalchemy.text", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text"})
_CONSTANT = re.compile(r"_*[A-Z][A-Z0-9_]*")
_COUNTS = frozenset({"int", "len", "float", "bool"})
DEPTH = 8


def python_risks(path: str, text: str) -> list[Finding]:
    """Every such place; none where the file does not parse."""
    tree = module(text)
    if tree is None:
        return []
    names = Bindings(tree)
    found = []
    for node in names.nodes:
        if isinstance(node, ast.Call):
            found += [Finding(path, node.lineno, code, message) for code, message in _risks(node, names)]
    return sorted(found, key=lambda one: one.line)


def _risks(call: ast.Call, names: Bindings) -> Iterator[tuple[str, str]]:
    name, first = names.called(call), call.args[0] if call.args else None
    if first is not None and _runs_code(name, names) and not isinstance(first, ast.Constant):
        plain = name.removeprefix("builtins.")
        yield plain, f"{plain} of a text that is not fixed: whoever writes the text runs code here"
    elif _LOADS.fullmatch(name) and not _own_dump(first, names):
        yield "pickle", f"{name} runs code that the bytes hold: read data with json or another plain format"
    elif first is not None and _takes_sql(name) and _unsafe_sql(first, names):
        yield "sql", "SQL is put together from values: use placeholders and pass the values beside it"


def _runs_code(name: str, names: Bindings) -> bool:
    return name in ("builtins.eval", "builtins.exec") or (name in ("eval", "exec") and name not in names.own)


def _takes_sql(name: str) -> bool:
    return name in _TEXTS or ("." in name and name.rpartition(".")[2] in _RUNS_SQL)


def _own_dump(first: ast.expr | None, names: Bindings) -> bool:
    """`pickle.loads(pickle.dumps(x))` is a copy."""
    return isinstance(first, ast.Call) and names.called(first).endswith(".dumps")


def _unsafe_sql(node: ast.expr, names: Bindings) -> bool:
    if isinstance(node, ast.Name):
        return any(value is not None and _unsafe_text(value, names) for value in names.values(node.id))
    return _unsafe_text(node, names)


def _unsafe_text(node: ast.expr, names: Bindings) -> bool:
    """Whether this is SQL with a value in it that is neither fixed nor a number."""
    if not isinstance(node, ast.JoinedStr | ast.BinOp | ast.Call):
        return False
    parts = list(_parts(node))
    if not SQL.match("".join(one if isinstance(one, str) else "?" for one in parts)[:2000]):
        return False
    before = ""
    for one in parts:
        if isinstance(one, str):
            before = one
        elif not _fixed(one, names) and not (_of_itself(one) and TABLE.search(before[-60:])):
            return True
    return False


def _parts(node: ast.expr) -> Iterator[str | ast.expr]:
    """Fixed words and values in the order of the text. What is no text that is put together is one value."""
    if _texts(node):
        yield _texts(node)
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _parts(part.value if isinstance(part, ast.FormattedValue) else part)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield from _percent(node) or _formatted(node) or [node]


def _percent(node: ast.expr) -> list[str | ast.expr]:
    """The parts of `"..." % ...`; empty for anything else."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Mod) or not _texts(node.left):
        return []
    return list(_filled(re.split(r"%(?:\(\w+\))?[sdrf]", _texts(node.left)), _items(node.right)))


def _formatted(node: ast.expr) -> list[str | ast.expr]:
    """The parts of `"...".format(...)`; empty for anything else."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "format":
        return []
    words, given = _texts(node.func.value), [*node.args, *(one.value for one in node.keywords)]
    return list(_filled(re.split(r"\{[^{}]*\}", words), given)) if words else []


def _filled(words: list[str], values: list[ast.expr]) -> Iterator[str | ast.expr]:
    for place, word in enumerate(words):
        yield word
        if place < len(values) and place < len(words) - 1:
            yield values[place]


def _texts(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _items(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.Dict):
        return list(node.values)
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _of_itself(node: ast.expr) -> bool:
    """The table of the object or class itself: a name cannot be a placeholder."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


def _fixed(node: ast.expr, names: Bindings, depth: int = DEPTH) -> bool:
    """Whether the value is written in the file itself, or a number."""
    if depth == 0:
        return False
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name | ast.Attribute):
        return _fixed_name(node, names, depth)
    if isinstance(node, ast.Call):
        return _fixed_call(node, names, depth)
    return all(_fixed(one, names, depth - 1) for one in _choices(node)) if _choices(node) else False


def _fixed_name(node: ast.Name | ast.Attribute, names: Bindings, depth: int) -> bool:
    name = node.id if isinstance(node, ast.Name) else node.attr
    if _CONSTANT.fullmatch(name) or name in ("__tablename__", "__table__"):
        return True
    values = names.values(name) if isinstance(node, ast.Name) else []
    return bool(values) and all(value is not None and _fixed(value, names, depth - 1) for value in values)


def _fixed_call(call: ast.Call, names: Bindings, depth: int) -> bool:
    if names.called(call) in _COUNTS:
        return True
    if isinstance(call.func, ast.Attribute) and call.func.attr == "join" and call.args:
        return _texts(call.func.value) != "" and _fixed(call.args[0], names, depth - 1)
    return False


def _choices(node: ast.expr) -> list[ast.expr]:
    """The values that this one is made of; empty where that cannot be told."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.JoinedStr):
        return [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
    if isinstance(node, ast.BinOp):
        return [node.left, node.right] if not isinstance(node.op, ast.Mult) else _text_of_product(node)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return [node.elt]
    return []


def _text_of_product(node: ast.BinOp) -> list[ast.expr]:
    """Of `"?," * len(ids)` and `["?"] * n` the part that is repeated."""
    return [one for one in (node.left, node.right) if isinstance(one, ast.Constant | ast.List | ast.JoinedStr)]
