"""What lets somebody else's text be run, in JavaScript and TypeScript."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jobs.checks.ecma.built import harmless, joined, words
from jobs.checks.ecma.node import File, arguments, below, called, field, inner, line, text
from jobs.checks.ecma.row import Row
from jobs.checks.ecma.sql import SQL, TABLE

if TYPE_CHECKING:
    from tree_sitter import Node

GROUP = "security"
_RUNS_SQL = frozenset(
    {"query", "execute", "raw", "exec", "prepare", "run", "all", "get", "each", "any", "one", "none", "many", "unsafe"}
    | {"$queryRawUnsafe", "$executeRawUnsafe", "whereRaw", "selectRaw"}
)
_SHELL = frozenset({"exec", "execSync"})
_GLOBAL = frozenset({"", "window", "globalThis", "global", "self"})


def rows(file: File) -> Iterator[Row]:
    """Every such place."""
    runs, modules = _child_process(file)
    for node in file.of("call_expression", "new_expression"):
        yield from _code(file, node)
        if node.type == "call_expression":
            yield from _shell(file, node, runs, modules)
            yield from _sql(file, node)
            yield from _html_call(file, node)
    yield from _html(file)


def _row(node: Node, code: str, message: str) -> Row:
    return Row(GROUP, line(node), code, message)


def _code(file: File, node: Node) -> Iterator[Row]:
    made = node.type == "new_expression"
    on, name = ("", text(field(node, "constructor"))) if made else called(node)
    given = arguments(node)
    if on not in _GLOBAL or name in file.values or all(harmless(file, one) for one in given):
        return
    if name == "Function":
        yield _row(
            node, "function-constructor", "a function is made from a text: whoever writes the text runs code here"
        )
    elif name == "eval" and not made:
        yield _row(node, "eval", "eval of a text that is not fixed: whoever writes the text runs code here")


def _child_process(file: File) -> tuple[set[str], set[str]]:
    """Names of exec and execSync in this file, and names of the module they are in."""
    runs: set[str] = set()
    modules: set[str] = set()
    for node in file.of("import_statement"):
        if inner(field(node, "source")).removeprefix("node:") == "child_process":
            _imported(node, runs, modules)
    for node in file.of("variable_declarator"):
        if _is_required(field(node, "value")):
            _required(field(node, "name"), runs, modules)
    for node in file.of("variable_declarator"):
        if _promises(field(node, "value"), runs, modules):
            runs.add(text(field(node, "name")))
    return runs, modules


def _promises(value: Node | None, runs: set[str], modules: set[str]) -> bool:
    if value is None or value.type != "call_expression" or called(value)[1] != "promisify":
        return False
    return any(_names_exec(one, runs, modules) for one in arguments(value))


def _imported(statement: Node, runs: set[str], modules: set[str]) -> None:
    for part in below(statement):
        if part.type == "import_specifier" and text(field(part, "name")) in _SHELL:
            runs.add(text(field(part, "alias") or field(part, "name")))
        elif part.type in ("import_clause", "namespace_import"):
            modules |= {text(one) for one in part.named_children if one.type == "identifier"}


def _required(name: Node | None, runs: set[str], modules: set[str]) -> None:
    if name is None:
        return
    if name.type == "identifier":
        modules.add(text(name))
    for part in below(name):
        if part.type == "shorthand_property_identifier_pattern" and text(part) in _SHELL:
            runs.add(text(part))
        elif part.type == "pair_pattern" and text(field(part, "key")) in _SHELL:
            runs.add(text(field(part, "value")))


def _names_exec(node: Node, runs: set[str], modules: set[str]) -> bool:
    if node.type == "member_expression":
        return text(field(node, "object")) in modules and text(field(node, "property")) in _SHELL
    return text(node) in runs


def _is_required(node: Node | None) -> bool:
    if node is None or node.type != "call_expression" or called(node)[1] != "require":
        return False
    return any(inner(one).removeprefix("node:") == "child_process" for one in arguments(node))


def _shell(file: File, call: Node, runs: set[str], modules: set[str]) -> Iterator[Row]:
    on, name = called(call)
    given = arguments(call)
    direct = field(call, "function", "object")
    ours = name in _SHELL and (on in modules or _is_required(direct)) if on else name in runs
    if ours and given and joined(file, given[0]) and not harmless(file, file.value(given[0])):
        yield _row(
            call, "shell", "a shell command is put together from values: pass them as a list to execFile or spawn"
        )


def _sql(file: File, call: Node) -> Iterator[Row]:
    on, name = called(call)
    given = arguments(call)
    if not on or name not in _RUNS_SQL or not given or not joined(file, given[0]):
        return
    asked = file.value(given[0])
    if SQL.match(words(file, asked)[:2000]) and not harmless(file, asked) and not _names_only(file, asked):
        yield _row(call, "sql", "SQL is put together from values: use placeholders and pass the values beside it")


def _names_only(file: File, asked: Node | None) -> bool:
    """Whether all that is put in is the table of the object itself: a name cannot be a placeholder."""
    before, parts = "", asked.named_children if asked is not None and asked.type == "template_string" else []
    for part in parts:
        if part.type == "template_substitution":
            put = part.named_children[0] if part.named_children else None
            own = text(put).startswith("this.") and TABLE.search(before) is not None
            if not own and not harmless(file, put):
                return False
        before = text(part)[-40:]
    return bool(parts)


def _html_call(file: File, call: Node) -> Iterator[Row]:
    on, name = called(call)
    given = arguments(call)
    wanted = given[1:2] if name == "insertAdjacentHTML" else given if (on, name) in _WRITES else []
    if wanted and not all(harmless(file, one) for one in wanted):
        yield _row(call, "html", f"{name} takes a text that is not fixed as HTML: use textContent, or sanitise it")


_WRITES = frozenset({("document", "write"), ("document", "writeln")})


def _html(file: File) -> Iterator[Row]:
    for node in file.of("assignment_expression", "augmented_assignment_expression"):
        name = text(field(node, "left", "property"))
        if name in ("innerHTML", "outerHTML") and not harmless(file, field(node, "right")):
            yield _row(node, "html", f"{name} takes a text that is not fixed as HTML: use textContent, or sanitise it")
    for node in file.of("pair"):
        if text(field(node, "key")).strip("\"'") == "__html" and not harmless(file, field(node, "value")):
            yield _row(node, "html", "__html takes a text that is not fixed as HTML: sanitise it")
