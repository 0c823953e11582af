"""diff and done: what the step changed, and the look at it before it ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ai.port import Json, ToolResult
from ai.tools.limits import STEP_LINES
from jobs.checks.size import changed_lines
from jobs.git.changes import Change, changed_files, diff_text
from jobs.git.errors import Untrusted
from jobs.setup.belongs import Named
from jobs.tools.content import showable
from jobs.tools.editing import Desk, may_write
from jobs.tools.errors import Refused
from jobs.tools.names import clean, file_name
from jobs.tools.nearest import missing
from jobs.tools.ports import Checker

DIFF_BYTES: Final = 24_000
DONE_BYTES: Final = 60_000
FILES_NAMED: Final = 60


def snapshot(desk: Desk) -> str:
    """The tree as it is, as an object. Raises Refused where it holds what no commit may."""
    try:
        return desk.tree.workspace.snapshot()
    except Untrusted as wrong:
        raise Refused(
            f"`{wrong.path}` {wrong.reason}, so no commit can hold it. Remove it (delete_file, or `rm` with run)."
        ) from wrong


def diff(desk: Desk, base: str, args: Json) -> str:
    """The step's changes so far."""
    path = clean(args.get("path"))
    mirror, tree = desk.tree.workspace.mirror, snapshot(desk)
    changes = [each for each in changed_files(mirror, base, tree) if _below(each.path, path)]
    if changes:
        return f"{_summary(changes)}\n\n{_diff(desk, base, tree, path, DIFF_BYTES)}"
    if path and desk.tree.kind(path) is None:
        raise Refused(missing(path, desk.tree.paths()))
    return f"`{path}` is as it was when the step began." if path else "Nothing has changed since the step began."


def done(desk: Desk, base: str, checker: Checker, args: Json) -> ToolResult:
    """Refused while critical checks are red; the first time a review, unchanged after it the end."""
    if not str(args.get("summary") or "").strip():
        raise Refused("`summary` is empty. Say in one to five sentences what you changed and why.")
    tree = snapshot(desk)
    changes = changed_files(desk.tree.workspace.mirror, base, tree)
    extra = _extra(desk, changes, args.get("extra_files"))
    if desk.session.reviewed == tree:
        return ToolResult("Done. The checks run now on exactly this.", final=True)
    red = [] if _held(desk, extra) else checker.red()
    if red:
        raise Refused(
            "Not done: critical checks are red.\n"
            + "\n".join(f"- {each}" for each in red)
            + "\nMend these (run_tests shows failures in full), then call done again."
        )
    text = _review(desk, base, tree, changes, extra, checker)
    desk.session.reviewed = tree
    return ToolResult(text)


def _review(desk: Desk, base: str, tree: str, changes: list[Change], extra: set[str], checker: Checker) -> str:
    parts = ["Review this; then call done again unchanged to finish, or go on working."]
    if held := _held(desk, extra):
        parts.append(
            _listed("The step will wait until a person allows these protected files:", held)
            + "\nWhat you have changed besides is kept. Without an entry for them in `extra_files` it does not wait."
        )
    if changes:
        parts.append(f"{_summary(changes)}\n\n{_diff(desk, base, tree, '', DONE_BYTES)}")
    else:
        parts.append("The diff is empty: nothing has changed since the step began.")
    parts += _warnings(desk, changes, extra, changed_lines(desk.tree.workspace.mirror, base, tree))
    failing, acceptance = checker.failing(), checker.acceptance()
    parts.append(_listed("Failing checks:", failing) if failing else "Failing checks: none.")
    if acceptance:
        parts.append(_listed("Is each of these true now?", acceptance))
    return "\n\n".join(parts)


def _warnings(desk: Desk, changes: list[Change], extra: set[str], counted: Mapping[str, int]) -> list[str]:
    """What would fail the step or fall out of its commit."""
    found = []
    taken, plan = {*desk.session.written, *extra}, _named(desk.session.declared)
    left = [each.path for each in changes if not _goes(desk, each, taken, plan)]
    if left:
        found.append(
            _listed("Left out of the commit, as neither the edit tools wrote them nor the plan names them:", left)
            + "\nDelete them, or name those that belong to the step in `extra_files` with the reason."
        )
    lines = sum(count for path, count in counted.items() if path not in left)
    if lines > STEP_LINES:
        found.append(f"The commit would change {lines} lines; more than {STEP_LINES} fail the step. Make it smaller.")
    gone = sorted(set(desk.session.written) - {each.path for each in changes})
    ignored = [path for path in gone if desk.tree.kind(path) is not None and _new(desk, path)]
    if ignored:
        found.append(_listed("Written, but ignored by .gitignore and so not in the commit:", ignored))
    return found


def _goes(desk: Desk, change: Change, taken: set[str], plan: Named) -> bool:
    """Whether the commit takes the change, as `jobs.setup.belongs` decides it."""
    own = change.path in taken or plan.takes(change.path, new=change.what == "created")
    return own and desk.guard.reason(change.path) is None


def _named(declared: tuple[str, ...]) -> Named:
    """What the plan names; folders end with a slash."""
    folders = tuple(path.rstrip("/") for path in declared if path.endswith("/"))
    return Named(frozenset(path for path in declared if not path.endswith("/")), folders)


def _new(desk: Desk, path: str) -> bool:
    return bool(desk.tree.workspace.git.run("check-ignore", "--", f"./{path}", ok=(0, 1)))


def _extra(desk: Desk, changes: list[Change], given: Any) -> set[str]:
    """The paths of `extra_files`. Raises Refused for one that did not change, may not be taken or has no reason."""
    known = [each.path for each in changes]
    return {_extra_path(desk, known, row) for row in given or ()}


def _extra_path(desk: Desk, known: list[str], row: Any) -> str:
    if not isinstance(row, dict) or not row.get("path") or not str(row.get("reason") or "").strip():
        raise Refused("Each entry of `extra_files` needs `path` and `reason`: {path: ..., reason: ...}.")
    path = file_name(row["path"])
    if desk.guard.held(path):
        return path
    may_write(desk, path)
    if path not in known:
        changed = ", ".join(f"`{each}`" for each in known[:FILES_NAMED]) or "none"
        raise Refused(f"`{path}` in `extra_files` has not changed in this step. Changed files: {changed}.")
    return path


def _held(desk: Desk, extra: set[str]) -> list[str]:
    """Protected paths among those named."""
    return sorted(path for path in extra if desk.guard.held(path))


def _below(path: str, folder: str) -> bool:
    return not folder or path == folder or path.startswith(f"{folder}/")


def _summary(changes: list[Change]) -> str:
    rows = [f"{each.what} {each.path}{_count(each)}" for each in changes[:FILES_NAMED]]
    more = [f"and {len(changes) - FILES_NAMED} more"] if len(changes) > FILES_NAMED else []
    return "\n".join([f"{len(changes)} changed file{'s' * (len(changes) != 1)}:", *rows, *more])


def _count(change: Change) -> str:
    if change.added is None:
        return " (binary)"
    mode = f", mode {change.old_mode[-3:]} to {change.new_mode[-3:]}" if _mode_changed(change) else ""
    return f" (+{change.added} -{change.removed}{mode})"


def _mode_changed(change: Change) -> bool:
    return change.what == "modified" and change.old_mode != change.new_mode


def _diff(desk: Desk, base: str, tree: str, path: str, limit: int) -> str:
    """The diff. Binary files stand in the summary only."""
    text, cut = diff_text(desk.tree.workspace.mirror, base, tree, path or None, limit)
    shown = "\n".join(showable(line) for line in text.rstrip("\n").split("\n"))
    return f"{shown}\n[cut at {limit:,} bytes: see the rest with diff and a path]" if cut else shown


def _listed(title: str, rows: list[str]) -> str:
    more = [f"- and {len(rows) - FILES_NAMED} more"] if len(rows) > FILES_NAMED else []
    return "\n".join([title, *(f"- {row}" for row in rows[:FILES_NAMED]), *more])
