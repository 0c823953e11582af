"""Goes through the body of a Python test as it would run, and tells what it asserts, replaces and skips."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from jobs.checks.tamper.model import Assertion, Off
from jobs.checks.tamper.py_assert_calls import called
from jobs.checks.tamper.py_asserts import of
from jobs.checks.tamper.py_calls import BROAD, RAISES, Function, given, holds_assertion, mocked, swallows
from jobs.checks.tamper.py_forms import (
    Env,
    callee,
    constant,
    dotted,
    last,
    names,
    number,
    put_in,
    rows,
    said,
    targets,
    text,
)
from jobs.checks.tamper.py_raises import expected_error

MANY = 2_000
DEEP = 4
_SKIPS = {"skip", "skipTest", "importorskip", "xfail"}
_SKIPPERS = {"pytest", "self", "skip", "unittest"}
_ENDS = {"exit", "_exit", "quit", "abort"}


@dataclass
class Body:
    """What was found. `functions` are those of the file and the class that may hold assertions, by how they are
    called.
    """

    functions: Mapping[str, Function]
    asserts: list[Assertion] = field(default_factory=list)
    off: list[Off] = field(default_factory=list)
    mocks: list[str] = field(default_factory=list)
    rest: list[str] = field(default_factory=list)

    def walk(
        self,
        block: Sequence[ast.stmt],
        env: Env,
        guards: tuple[str, ...] = (),
        depth: int = 0,
        loop: str = "",
    ) -> None:
        """One block, in order; what follows an end is dead."""
        here = _Block(self, dict(env), guards, depth, loop)
        for statement in block:
            if len(self.asserts) > MANY:
                return
            here.statement(statement)


@dataclass
class _Block:
    body: Body
    env: dict[str, ast.expr]
    guards: tuple[str, ...]
    depth: int
    loop: str

    def statement(self, one: ast.stmt) -> None:
        handle = {
            ast.Assert: self._assert,
            ast.Expr: self._expr,
            ast.Assign: self._assign,
            ast.AnnAssign: self._assign,
            ast.With: self._with,
            ast.AsyncWith: self._with,
            ast.If: self._if,
            ast.For: self._for,
            ast.AsyncFor: self._for,
            ast.While: self._while,
            ast.Try: self._try,
            ast.FunctionDef: self._def,
            ast.AsyncFunctionDef: self._def,
        }.get(type(one))
        if handle is not None:
            handle(one)  # type: ignore[operator]
        elif isinstance(one, ast.Return | ast.Raise | ast.Break | ast.Continue):
            self._end(one)
        elif isinstance(one, ast.Match):
            for case in one.cases:
                self._into(case.body, (f"in a case of {text(one.subject)}",))
        else:
            self._note(one)

    def _into(self, block: Sequence[ast.stmt], guards: tuple[str, ...] = (), env: Env | None = None) -> None:
        self.body.walk(block, self.env if env is None else env, (*self.guards, *guards), self.depth, self.loop)

    def _note(self, one: ast.AST) -> None:
        if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)):
            self.body.rest.append(text(one))

    def _add(self, found: Sequence[Assertion], line: int) -> None:
        for one in found:
            subject = f"{one.subject} for {self.loop}" if self.loop else one.subject
            self.body.asserts.append(replace(one, subject=subject, guards=self.guards, line=line))

    def _through(self, block: Sequence[ast.stmt], guards: tuple[str, ...] = ()) -> None:
        """A block that is carried out here: what it assigns holds after it."""
        before = self.guards
        self.guards = (*before, *guards)
        for statement in block:
            self.statement(statement)
        self.guards = before if guards else self.guards

    def _assert(self, one: ast.Assert) -> None:
        for part in ast.walk(one.test):
            if isinstance(part, ast.NamedExpr):
                self.env[part.target.id] = put_in(part.value, self.env)
        self._add(list(of(put_in(one.test, self.env))), one.lineno)

    def _expr(self, one: ast.Expr) -> None:
        value = one.value.value if isinstance(one.value, ast.Await) else one.value
        if not isinstance(value, ast.Call):
            self._note(one)
            return
        if last(value.func) in _SKIPS and dotted(value.func).partition(".")[0] in _SKIPPERS:
            self._skip(last(value.func), value)
        elif last(value.func) in _ENDS:
            self._end(one)
        elif not self._helper(value, waits=value is not one.value):
            self._call(one, value)

    def _call(self, one: ast.Expr, value: ast.Call) -> None:
        found = called(_with_env(value, self.env))
        if found is None:
            self._mocking(value)
            self._note(one)
        else:
            self._add(found, one.lineno)

    def _helper(self, call: ast.Call, *, waits: bool) -> bool:
        """A function of the same file: its assertions count here, with what it is given, if it is carried out."""
        found = self.body.functions.get(dotted(call.func).removeprefix("self.").removeprefix("cls."))
        if found is None or self.depth >= DEEP or not holds_assertion(found):
            return False
        env = given(found, call, self.env)
        never = isinstance(found, ast.AsyncFunctionDef) and not (waits or found.decorator_list)
        guards = (*self.guards, "unawaited") if never else self.guards
        self.body.walk(found.body, env, guards, self.depth + 1, self.loop)
        return True

    def _assign(self, one: ast.Assign | ast.AnnAssign) -> None:
        if one.value is None:
            return
        value = one.value
        call = value.value if isinstance(value, ast.Await) else value
        if isinstance(call, ast.Call):
            self._mocking(call)
            value = self._returned(call) or value
        for target in targets(one):
            self._put(value, target)
        if not all(isinstance(target, ast.Name) for target in targets(one)):
            self._note(one)

    def _put(self, value: ast.expr, target: ast.expr) -> None:
        """A name holds it from here on; an attribute of something else than the test is replaced."""
        if isinstance(target, ast.Name):
            self.env[target.id] = put_in(value, self.env)
        elif isinstance(target, ast.Attribute) and not dotted(target).startswith("self."):
            self.body.mocks.append(dotted(target) or target.attr)

    def _returned(self, call: ast.Call) -> ast.expr | None:
        """What a function of the same file gives back, where it asserts something on the way."""
        found = self.body.functions.get(dotted(call.func).removeprefix("self."))
        end = found.body[-1] if found is not None else None
        if found is None or not isinstance(end, ast.Return) or end.value is None or self.depth >= DEEP:
            return None
        if not holds_assertion(found):
            return None
        inside = _Block(self.body, given(found, call, self.env), self.guards, self.depth + 1, self.loop)
        for statement in found.body[:-1]:
            inside.statement(statement)
        return put_in(end.value, inside.env)

    def _mocking(self, call: ast.Call) -> None:
        mock = mocked(call)
        if mock:
            self.body.mocks.append(mock)

    def _with(self, one: ast.With | ast.AsyncWith) -> None:
        guards: tuple[str, ...] = ()
        for item in one.items:
            call = item.context_expr
            if not isinstance(call, ast.Call):
                continue
            name = last(call.func)
            if name in RAISES:
                self._add([expected_error(one, call, self.env)], one.lineno)
            elif name == "suppress" and {last(arg) for arg in call.args} & BROAD:
                guards = ("swallowed",)
            elif name not in {"subTest", "subtests"}:
                self._mocking(call)
                self.body.rest.append(text(call))
        self._through(one.body, guards)

    def _if(self, one: ast.If) -> None:
        fixed = number(one.test) if constant(one.test) else None
        dead_body = fixed == 0 or (isinstance(one.test, ast.Constant) and not one.test.value)
        if dead_body:
            self._into(one.body, ("dead",))
            self._into(one.orelse)
            return
        sure = isinstance(one.test, ast.Constant)
        when = text(one.test)
        self._into(one.body, () if sure else (f"if {when}",))
        self._into(one.orelse, ("dead",) if sure else (f"if not {when}",))
        if one.body and isinstance(one.body[-1], ast.Return) and not sure:
            self.guards = (*self.guards, f"if not {when}")

    def _for(self, one: ast.For | ast.AsyncFor) -> None:
        bound = rows(put_in(one.iter, self.env), one.target)
        if bound is not None:
            for row in bound:
                self._into(one.body, env={**self.env, **row})
            return
        free = {name for name in names(one.target)}
        env = {name: value for name, value in self.env.items() if name not in free}
        loop = " ".join(filter(None, (self.loop, f"{text(one.target)} in {said(one.iter, self.env)}")))
        self.body.walk(one.body, env, self.guards, self.depth, loop)

    def _while(self, one: ast.While) -> None:
        never = isinstance(one.test, ast.Constant) and not one.test.value
        self._into(one.body, ("dead",) if never else ())

    def _try(self, one: ast.Try) -> None:
        caught = any(swallows(handler) for handler in one.handlers)
        self._through(one.body, ("swallowed",) if caught else ())
        for handler in one.handlers:
            self._into(handler.body, (f"after {text(handler.type) if handler.type else 'any error'}",))
        self._through(one.orelse)
        self._through(one.finalbody)

    def _def(self, one: Function) -> None:
        self.env.pop(one.name, None)
        if holds_assertion(one):
            self.body.functions = {**self.body.functions, one.name: one}
        self._note(one)

    def _end(self, one: ast.stmt) -> None:
        value = one.value if isinstance(one, ast.Return) else None
        if isinstance(value, ast.Call):
            self._expr(ast.Expr(value, lineno=one.lineno))
        if isinstance(one, ast.Raise) and one.exc is not None and last(callee(one.exc)) == "SkipTest":
            self._skip("skip", one.exc)
        elif isinstance(one, ast.Raise):
            self._note(one)
        self.guards = (*self.guards, "dead")

    def _skip(self, kind: str, node: ast.expr) -> None:
        guarded = bool(self.guards) or kind == "importorskip"
        self.body.off.append(Off(kind, guarded, text(node)[:200]))
        if not guarded:
            self.guards = (*self.guards, "dead")


def _with_env(call: ast.Call, env: Env) -> ast.Call:
    found = put_in(call, env)
    return found if isinstance(found, ast.Call) else call
