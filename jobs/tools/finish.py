"""done: a look at everything before the step ends; refused while a critical check is red."""

from __future__ import annotations

from collections.abc import Sequence

from ai.port import ToolResult
from ai.tools.limits import HANDOFF_LINES
from jobs.checks.result import CheckResult, Layer, Status
from jobs.tools.look import shown
from jobs.tools.paths import Mistake
from jobs.tools.session import ToolSession
from jobs.tools.show import diff

DIFF_CHARS = 20_000
_WORDS = {Status.PASSED: "passed", Status.FAILED: "FAILED", Status.NOT_RUN: "not run"}


def done(session: ToolSession, summary: object, handoff: object, extra_files: object = None) -> ToolResult:
    """Checks and shows; final when all critical checks pass and the result has been seen once. Raises Mistake."""
    _texts(summary, handoff)
    extra = _extra(session, extra_files)
    results = list(session.judge())
    red = [result for result in results if result.red]
    if red:
        session.reviewed = False
        return ToolResult(_refused(red), is_error=True)
    left = sorted(set(session.workspace.changed()) - session.takes(extra))
    if session.reviewed:
        return ToolResult("Accepted: the step is finished.", final=True)
    session.reviewed = True
    return ToolResult(_review(session, results, left))


def _texts(summary: object, handoff: object) -> None:
    if not isinstance(summary, str) or not summary.strip():
        raise Mistake("`summary` is missing: say in one to five sentences what you changed and why.")
    if not isinstance(handoff, str):
        raise Mistake(f"`handoff` is missing: at most {HANDOFF_LINES} lines for whoever does the next step.")
    if len(handoff.strip().splitlines()) > HANDOFF_LINES:
        raise Mistake(f"`handoff` has more than {HANDOFF_LINES} lines; keep what the next step needs.")


def _extra(session: ToolSession, given: object) -> list[str]:
    if given in (None, "", []):
        return []
    if not isinstance(given, list) or not all(isinstance(row, dict) for row in given):
        raise Mistake("`extra_files` is a list of {path, reason}.")
    paths = []
    for row in given:
        path = session.path(row.get("path"))
        session.writable(path)
        if not str(row.get("reason") or "").strip():
            raise Mistake(f"extra_files: say why {path} belongs to this step.")
        paths.append(path)
    return paths


def _refused(red: Sequence[CheckResult]) -> str:
    parts = ["Not done: critical checks are red. Put this right, then call done again."]
    for result in red:
        parts += [f"{result.name}: {result.summary}", result.tail[-3_000:].strip()]
    return "\n".join(part for part in parts if part)


def _review(session: ToolSession, results: Sequence[CheckResult], left: Sequence[str]) -> str:
    parts = [diff(session, limit=DIFF_CHARS), "Checks:"]
    parts += [f"- {result.name}: {_WORDS[result.status]}, {result.summary}" for result in results]
    weak = [result for result in results if result.status is Status.FAILED and result.layer is Layer.IMPORTANT]
    parts += [f"{result.name} has to pass too:\n{result.tail[-2_000:].strip()}" for result in weak]
    if left:
        names = ", ".join(shown(path) for path in left[:20])
        parts.append(
            f"Left out of the commit, because no edit tool wrote them and the plan does not name them: {names}. "
            "Name those that belong to the step in extra_files, with a reason."
        )
    if session.acceptance:
        parts += ["What the plan asks for:", *(f"- [ ] {line}" for line in session.acceptance)]
    parts.append("Look this through against what was asked. If it is right, call done again; otherwise go on working.")
    return "\n".join(parts)
