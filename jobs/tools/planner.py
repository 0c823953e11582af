"""The planner's tools: they read one commit of the mirror and change nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ai.arguments import Mistake, accept
from ai.port import Json, ToolCall, ToolResult, ToolSpec
from ai.tools.sets import PLANNER_READ
from jobs.git.mirror import Mirror
from jobs.tools.errors import Refused
from jobs.tools.past import history, rules
from jobs.tools.reading import list_files, read_file
from jobs.tools.searching import search
from jobs.tools.trees import CommitTree


class PlannerTools:
    """Reads `commit`. `commands` says how tests, linter and type checker are run (name to command line)."""

    def __init__(self, mirror: Mirror, commit: str, commands: Mapping[str, str] | None = None) -> None:
        self.tree = CommitTree(mirror, commit)
        self.commands = commands
        self._tools: dict[str, Callable[[Json], str]] = {
            "list_files": lambda args: list_files(self.tree, args),
            "read_file": lambda args: read_file(self.tree, args)[0],
            "search": lambda args: search(self.tree, args),
            "history": lambda args: history(mirror, commit, args),
            "conventions": lambda _: self._conventions(),
        }

    def specs(self) -> Sequence[ToolSpec]:
        return PLANNER_READ

    def call(self, name: str, args: Json) -> ToolResult:
        """The answer. Raises only for a damaged mirror (GitError), never for what the model asked."""
        try:
            given = accept(ToolCall("", name, args), PLANNER_READ)
            return ToolResult(self._tools[name](given))
        except (Mistake, Refused) as refused:
            return ToolResult(str(refused), is_error=True)

    def _conventions(self) -> str:
        parts = rules(self.tree) or ["The repository has no AGENTS.md, CONTRIBUTING, README or .github/devtask.yml."]
        return "\n\n".join([*parts, _said(self.commands or {})])


def _said(commands: Mapping[str, str]) -> str:
    if not commands:
        return "How tests, linter and type checker are run: none was found; see the files above."
    return "\n".join(["How they are run here:", *(f"{name}: {command}" for name, command in commands.items())])
