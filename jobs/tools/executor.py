"""The executor's tools on one task's work tree: the names, arguments and limits of `ai.tools`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ai.arguments import Mistake, accept
from ai.port import Json, ToolCall, ToolResult, ToolSpec
from ai.tools.sets import EXECUTOR
from jobs.git.workspace import Workspace
from jobs.setup.protected import Guard
from jobs.tools import editing, past, reading, review, running, searching, suite, writing
from jobs.tools.editing import Desk
from jobs.tools.errors import Refused
from jobs.tools.memory import ToolSession
from jobs.tools.ports import Checker, Commands, TestRunner
from jobs.tools.trees import WorkTree

Answer = str | ToolResult


class ExecutorTools:
    """One attempt at a step. `base` is the commit it started from, the workspace's last one if left out."""

    def __init__(
        self,
        session: ToolSession,
        workspace: Workspace,
        box: Commands,
        tests: TestRunner,
        checker: Checker,
        guard: Guard,
        *,
        base: str | None = None,
        cancel: Callable[[], bool] | None = None,
    ) -> None:
        self.session = session
        self.base = base or workspace.head()
        self.desk = desk = Desk(WorkTree(workspace), session, guard)
        self._tools: dict[str, Callable[[Json], Answer]] = {
            "list_files": lambda args: reading.list_files(desk.tree, args),
            "read_file": self._read,
            "search": lambda args: searching.search(desk.tree, args),
            "edit_file": lambda args: editing.edit_file(desk, args),
            "replace_lines": lambda args: editing.replace_lines(desk, args),
            "write_file": lambda args: writing.write_file(desk, args),
            "delete_file": lambda args: writing.delete_file(desk, args),
            "move_file": lambda args: writing.move_file(desk, args),
            "run": lambda args: running.run(box, cancel, args),
            "run_tests": lambda args: suite.tests(desk.tree, tests, args),
            "diff": lambda args: review.diff(desk, self.base, args),
            "history": lambda args: past.history(workspace.mirror, self.base, args),
            "done": lambda args: review.done(desk, self.base, checker, args),
        }

    def specs(self) -> Sequence[ToolSpec]:
        return EXECUTOR

    def call(self, name: str, args: Json) -> ToolResult:
        """The answer, with the session kept. Raises only for a damaged mirror (GitError), never for what was asked."""
        try:
            given = accept(ToolCall("", name, args), EXECUTOR)
            answer = self._tools[name](given)
        except Mistake as mistake:
            return ToolResult(str(mistake), is_error=True)
        except Refused as refused:
            answer = ToolResult(str(refused), is_error=True)
        except OSError as wrong:
            answer = ToolResult(f"{name} met the file system: {wrong.strerror}. See `ls -la` with run.", is_error=True)
        self.session.save()
        return answer if isinstance(answer, ToolResult) else ToolResult(answer)

    def _read(self, args: Json) -> str:
        text, path, data = reading.read_file(self.desk.tree, args)
        if data is not None:
            self.session.saw(path, data)
        return text
