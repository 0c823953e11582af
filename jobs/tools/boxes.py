"""The toolboxes that the loop calls: names and arguments in, plain text out. A model's mistake is an answer, never an
exception.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ai.port import Json, ToolResult, ToolSpec
from ai.tools.sets import EXECUTOR, PLANNER_READ
from jobs.git.errors import Untrusted
from jobs.tools.conventions import conventions
from jobs.tools.edit import edit_file
from jobs.tools.find import list_files, search
from jobs.tools.finish import done
from jobs.tools.lines import replace_lines
from jobs.tools.look import AtTree, Look
from jobs.tools.paths import Mistake
from jobs.tools.read import read_file
from jobs.tools.run import run
from jobs.tools.session import ToolSession
from jobs.tools.show import diff, history
from jobs.tools.testing import run_tests
from jobs.tools.write import delete_file, move_file, write_file

Tool = Callable[..., Any]


@dataclass(frozen=True)
class PlannerTools:
    """Reading only, on a commit. `commands` says how tests, linter and type checker run, by purpose."""

    look: Look
    commands: Mapping[str, str] = field(default_factory=dict)

    def specs(self) -> Sequence[ToolSpec]:
        return PLANNER_READ

    def call(self, name: str, args: Json) -> ToolResult:
        return answer(self._tools(), self.specs(), name, args)

    def _tools(self) -> Mapping[str, Tool]:
        look = self.look
        return {
            "list_files": lambda **given: list_files(look, **given),
            "read_file": lambda **given: read_file(look, **given)[0],
            "search": lambda **given: search(look, **given),
            "history": lambda **given: history(look, **given),
            "conventions": lambda: conventions(look, self.commands),
        }


@dataclass(frozen=True)
class ExecutorTools:
    """Everything that a step may do, on the task's tree and in its sandbox."""

    session: ToolSession

    def specs(self) -> Sequence[ToolSpec]:
        return EXECUTOR

    def call(self, name: str, args: Json) -> ToolResult:
        return answer(self._tools(), self.specs(), name, args)

    def _tools(self) -> Mapping[str, Tool]:
        session = self.session
        look = AtTree(session.workspace, session.box.root)
        return {
            "list_files": lambda **given: list_files(look, **given),
            "read_file": lambda **given: self._read(look, **given),
            "search": lambda **given: search(look, **given),
            "edit_file": lambda **given: edit_file(session, **given),
            "replace_lines": lambda **given: replace_lines(session, **given),
            "write_file": lambda **given: write_file(session, **given),
            "delete_file": lambda **given: delete_file(session, **given),
            "move_file": lambda **given: move_file(session, **given),
            "run": lambda **given: run(session, **given),
            "run_tests": lambda **given: run_tests(session, **given),
            "diff": lambda **given: diff(session, **given),
            "history": lambda **given: history(look, **given),
            "done": lambda **given: done(session, **given),
        }

    def _read(self, look: Look, **given: Any) -> str:
        text, name, data = read_file(look, **given)
        self.session.remember(name, data)
        return text


def answer(tools: Mapping[str, Tool], specs: Sequence[ToolSpec], name: str, args: Json) -> ToolResult:
    """Calls the tool with the arguments that it knows; says which are missing or unknown."""
    spec = next((spec for spec in specs if spec.name == name), None)
    if spec is None or name not in tools:
        return ToolResult(f"There is no tool {name!r}. There are: {', '.join(tools)}.", is_error=True)
    known = list(spec.schema["properties"])
    missing = [one for one in spec.schema["required"] if one not in args]
    unknown = [one for one in args if one not in known]
    if missing or unknown:
        said = [f"missing: {', '.join(missing)}"] if missing else []
        said += [f"unknown: {', '.join(map(str, unknown))}"] if unknown else []
        return ToolResult(f"{name} takes {', '.join(known) or 'no arguments'}; {'; '.join(said)}.", is_error=True)
    try:
        result = tools[name](**args)
    except Mistake as mistake:
        return ToolResult(str(mistake), is_error=True)
    except Untrusted as wrong:
        return ToolResult(f"{wrong.path} {wrong.reason}; remove it, it cannot become part of a commit.", is_error=True)
    return result if isinstance(result, ToolResult) else ToolResult(str(result))
