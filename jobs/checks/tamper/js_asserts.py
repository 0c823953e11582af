"""What a call of JavaScript asserts: node:assert, chai, expect of jest, vitest and node, ava and tap by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jobs.checks.tamper.js_calls import QUOTES, unwrapped
from jobs.checks.tamper.js_forms import FUNCTIONS, Env, arguments, constant, form, names, plain, words
from jobs.checks.tamper.model import Assertion, Level

if TYPE_CHECKING:
    from tree_sitter import Node

E, D, L, U, T = Level.EXACT, Level.DEEP, Level.LOOSE, Level.UNEQUAL, Level.TRUTH
_PAIRS: dict[str, tuple[str, Level]] = {
    **dict.fromkeys(
        ("strictEqual", "deepStrictEqual", "toBe", "toStrictEqual", "is", "same", "strictSame"), ("equal", E)
    ),
    **dict.fromkeys(("toEqual", "eql", "deepEqual", "equal", "equals", "eq", "toMatchInlineSnapshot"), ("equal", D)),
    **dict.fromkeys(("notEqual", "notStrictEqual", "notDeepEqual", "notDeepStrictEqual"), ("unequal", U)),
    **dict.fromkeys(("toHaveLength", "lengthOf", "length"), ("length", E)),
    **dict.fromkeys(
        ("toHaveBeenCalledWith", "toHaveBeenLastCalledWith", "toHaveBeenNthCalledWith"), ("called with", E)
    ),
    **dict.fromkeys(("toHaveBeenCalledTimes", "toHaveBeenCalledOnce"), ("calls", E)),
    **dict.fromkeys(("toMatchObject", "partialDeepStrictEqual", "containSubset"), ("like", L)),
    **dict.fromkeys(("toContain", "toContainEqual", "include", "includes", "contain", "members"), ("contains", L)),
    **dict.fromkeys(("toMatch", "match"), ("match", L)),
    **dict.fromkeys(("doesNotMatch", "notMatch"), ("no match", L)),
    **dict.fromkeys(("toBeGreaterThan", "above", "greaterThan"), (">", L)),
    **dict.fromkeys(("toBeGreaterThanOrEqual", "least"), (">=", L)),
    **dict.fromkeys(("toBeLessThan", "below", "lessThan"), ("<", L)),
    **dict.fromkeys(("toBeLessThanOrEqual", "most"), ("<=", L)),
    **dict.fromkeys(("toBeInstanceOf", "instanceOf", "instanceof", "toBeTypeOf", "a", "an"), ("instance", U)),
    **dict.fromkeys(("toHaveProperty", "property"), ("property", L)),
    **dict.fromkeys(("toBeCloseTo", "closeTo", "approximately"), ("close", Level.CLOSE)),
}
_ALONE: dict[str, tuple[str, str, Level]] = {
    **dict.fromkeys(("toBeNull", "null", "isNull"), ("equal", "null", E)),
    **dict.fromkeys(("toBeUndefined", "undefined", "isUndefined"), ("equal", "undefined", E)),
    **dict.fromkeys(("true", "isTrue"), ("equal", "true", E)),
    **dict.fromkeys(("false", "isFalse"), ("equal", "false", E)),
    **dict.fromkeys(
        ("toMatchSnapshot", "matchSnapshot", "snapshot", "toThrowErrorMatchingSnapshot"), ("snapshot", "", E)
    ),
    **dict.fromkeys(("toBeTruthy", "ok", "assert", "truthy", "toHaveBeenCalled", "called", "exist"), ("truth", "", T)),
    **dict.fromkeys(("toBeFalsy", "falsy", "notOk"), ("false", "", T)),
    "toBeDefined": ("truth", "", T),
    "toBeNaN": ("equal", "NaN", E),
    "empty": ("length", "0", E),
    "ifError": ("false", "", T),
}
_THROWS = frozenset({"throws", "toThrow", "toThrowError", "throw", "rejects", "throwsAsync"})
_CALM = frozenset({"doesNotThrow", "doesNotReject", "notThrows"})
_ANY = re.compile(r"\bexpect\.(anything|any|objectContaining|stringContaining|stringMatching|arrayContaining)\(")
_EXPECTS = re.compile(r"(?:chai\.)?expect(?:\.\w+)?|should")
_SIMPLE = re.compile(r"[\"\-\d]")
_TOOLS = frozenset({"assert", "t", "should", "chai", "tap"})


@dataclass(frozen=True)
class Tools:
    """Which names of a file are assertions: objects, single functions with what they are called at home, and whether
    `equal` is the strict one.
    """

    objects: frozenset[str]
    functions: dict[str, str]
    strict: bool = False


def asserted(node: Node, tools: Tools, env: Env) -> list[Assertion]:
    """What an expression asserts; nothing for one that asserts nothing as far as its names tell."""
    found = [one for part in _links(node) if (one := _expected(part, env)) is not None]
    named = _named(node, tools, env) if not found and node.type == "call_expression" else None
    return found if named is None else [named]


def _links(node: Node) -> Iterator[Node]:
    """A chain, and the calls before its end: `expect(x).to.be.a("string").and.equal("s")` asserts twice."""
    yield node
    inner = _before(node)
    while inner is not None and inner.type in {"member_expression", "call_expression"}:
        if inner.type == "call_expression" and words(inner)[-1:] != ["property"]:
            yield inner
        inner = _before(inner)


def _before(node: Node) -> Node | None:
    return node.child_by_field_name("object") or node.child_by_field_name("function")


def _named(node: Node, tools: Tools, env: Env) -> Assertion | None:
    path = words(node.child_by_field_name("function"))
    if len(path) == 1 and path[0] in tools.functions:
        return _tool(tools.functions[path[0]], node, tools, env)
    if len(path) == 1 and path[0] in tools.objects:
        return _tool("ok", node, tools, env)
    if len(path) > 1 and (path[0] in tools.objects or "assert" in path[:-1]):
        return _tool(path[-1], node, tools, env)
    return None


def _tool(name: str, node: Node, tools: Tools, env: Env) -> Assertion | None:
    args = arguments(node)
    if name == "fail":
        return Assertion("fails", E, "fail")
    if not args:
        return None
    if name in _THROWS or name in _CALM:
        return _throwing(args[0], args[1:2], env, calm=name in _CALM)
    strict = tools.strict and name in {"equal", "deepEqual"}
    return _made(name, form(args[0], env), args[1:], env, strict=strict)


def _expected(node: Node, env: Env) -> Assertion | None:
    """`expect(x).not.toBe(y)`, `expect(x).to.be.true`, `should(x).equal(y)`, `x.should.equal(y)`."""
    called = node.type == "call_expression"
    subject, parts = _unchained(node.child_by_field_name("function") if called else node)
    if subject is None or not parts:
        return None
    return _chain(parts, subject, arguments(node) if called else [], env)


def _unchained(node: Node | None) -> tuple[Node | None, list[str]]:
    """What a chain looks at, None for one that is no assertion, and the names that follow; `.b` for `property("b")`."""
    parts: list[str] = []
    while node is not None and node.type in {"member_expression", "call_expression"}:
        inner = _before(node) or node
        called = node.type == "call_expression"
        parts = [*(_property(node) if called else [plain(node.child_by_field_name("property") or node)]), *parts]
        subject = _handed(node, inner) if called else _asked(inner)
        if subject is not None:
            return subject, parts
        node = inner
    return None, parts


def _handed(call: Node, function: Node) -> Node | None:
    """The `x` of `expect(x)`."""
    return next(iter(arguments(call)), None) if _EXPECTS.fullmatch(plain(function)) else None


def _asked(node: Node) -> Node | None:
    """The `x` of `x.should`."""
    name = node.child_by_field_name("property") if node.type == "member_expression" else None
    return unwrapped(node.named_children[0]) if name is not None and plain(name) == "should" else None


def _property(call: Node) -> list[str]:
    """What `property("b")` goes into."""
    named = words(call)[-1:] == ["property"]
    return [f".{plain(one).strip(QUOTES)}" for one in arguments(call)[:1] if named]


def _chain(parts: list[str], subject: Node, args: list[Node], env: Env) -> Assertion | None:
    name, negated = parts[-1], "not" in parts[:-1]
    if name in _THROWS:
        return _throwing(subject, args[:1], env, calm=negated)
    gone_into = (part for part in parts[:-1] if part in {"resolves", "rejects"} or part.startswith("."))
    said = "".join(f".{part.lstrip('.')}" for part in gone_into)
    strict = name == "equal" and "deep" not in parts
    found = _made(name, form(subject, env) + said, args, env, strict=strict)
    return _negated(found) if found is not None and negated else found


def _negated(one: Assertion) -> Assertion:
    level = U if one.kind == "equal" else T if one.level is T else L
    kind = {"equal": "unequal", "truth": "false", "false": "truth"}.get(one.kind, f"not {one.kind}")
    return Assertion(kind, min(level, one.level), one.subject, one.expected, one.slack, one.detail, names=one.names)


def _made(name: str, subject: str, args: list[Node], env: Env, *, strict: bool = False) -> Assertion | None:
    if name in _PAIRS and args:
        return _pair(name, subject, args, env, strict=strict)
    if name not in _ALONE:
        return Assertion(name, Level.CLOSE, subject, ",".join(form(one, env) for one in args), names=names(subject))
    kind, expected, level = _ALONE[name]
    split = _compared(subject, args) if kind == "truth" else None
    return split or Assertion(
        kind, Level.NOTHING if constant(subject) else level, subject, expected, names=names(subject)
    )


def _pair(name: str, subject: str, args: list[Node], env: Env, *, strict: bool) -> Assertion:
    kind, _ = _PAIRS[name]
    expected = form(args[0], env)
    if kind == "close":
        return _close(subject, expected, args[1:], name)
    if constant(subject) and not constant(expected):
        subject, expected = expected, subject
    level = _pair_level(name, subject, expected, strict=strict)
    more = [form(one, env) for one in args[1:2]] if kind in {"property", "called with"} else []
    return Assertion(kind, level, subject, expected, detail=",".join(more), names=names(f"{subject} {expected}"))


def _pair_level(name: str, subject: str, expected: str, *, strict: bool) -> Level:
    _, usual = _PAIRS[name]
    if constant(subject) or subject == expected:
        return Level.NOTHING
    if _ANY.search(expected):
        return min(usual, L)
    simple = name == "toEqual" and _SIMPLE.match(expected)
    return E if strict or simple or name == "toMatchInlineSnapshot" else usual


def _compared(subject: str, args: list[Node]) -> Assertion | None:
    """`assert(a === b)` is an equality, `a || true` is nothing."""
    if re.search(r"\|\|(true|1)$|^(true|1)\|\|", subject):
        return Assertion("either", Level.NOTHING, subject)
    if "||" in subject and "&&" not in subject:
        return Assertion("either", Level.EITHER, subject, names=names(subject))
    found = re.fullmatch(r"([^=!<>&|?]+)(===|==)([^=!<>&|?]+)", subject)
    if found is None or args[1:]:
        return None
    left, op, right = found.groups()
    level = Level.NOTHING if (constant(left) and constant(right)) or left == right else E if op == "===" else D
    return Assertion("equal", level, left, right, names=names(subject))


def _close(subject: str, expected: str, more: list[Node], name: str) -> Assertion:
    number = plain(more[0]) if more else ""
    try:
        given = float(number) if number else 2.0
    except ValueError:
        given = 2.0
    slack = 0.5 * 10.0**-given if name == "toBeCloseTo" else given
    level = Level.NOTHING if constant(subject) else Level.CLOSE
    return Assertion("equal", level, subject, expected, slack, names=names(subject))


def _throwing(subject: Node, more: list[Node], env: Env, *, calm: bool) -> Assertion:
    said = _carried_out(subject, env)
    expected, detail = _error(more[0], env) if more else ("", "")
    level = Level.NOTHING if said.startswith("throw ") or not said else L if calm else E
    kind = "calm" if calm else "raises"
    return Assertion(kind, level, said, expected, detail=detail, names=names(said))


def _carried_out(subject: Node, env: Env) -> str:
    """What a function that is handed over does; anything else as it stands."""
    body = subject.child_by_field_name("body") if subject.type in FUNCTIONS else None
    if body is None:
        return form(subject, env).removeprefix("return ")
    said = form(body, env)
    return (said[1:-1] if body.type == "statement_block" else said).removeprefix("return ")


def _error(node: Node, env: Env) -> tuple[str, str]:
    """The class that is named, or what the error has to match."""
    shown = form(node, env)
    return (shown, "") if node.type in {"identifier", "member_expression"} else ("", shown)


def tools_of(origins: dict[str, str]) -> Tools:
    """Out of where the names of a file come from."""
    objects, functions = set(_TOOLS), {}
    strict = any(origin.startswith(("node:assert/strict", "assert/strict")) for origin in origins.values())
    for name, origin in origins.items():
        module, _, home = origin.rpartition("#")
        if module.removeprefix("node:") in {"assert", "assert/strict", "chai"}:
            if home in {"default", "*", "strict", "assert"}:
                objects.add(name)
                strict = strict or home == "strict"
            elif home not in {"expect", "should"}:
                functions[name] = home
    return Tools(frozenset(objects), functions, strict)
