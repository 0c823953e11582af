"""How much a step may change: what nobody can review at once is not done at once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from ai.tools.limits import STEP_LINES
from jobs.checks.changed import made
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.scene import Scene
from jobs.git.mirror import Mirror
from state.plan.branch_facts import FOLDER

NAME, REASON = "size", "too_large"
_SHOWN = 5
_PLAIN = ("--no-ext-diff", "--no-textconv", "--ignore-submodules=all")
_LOCKS = re.compile(
    r"(^|/)(package-lock\.json|npm-shrinkwrap\.json|packages\.lock\.json|pnpm-lock\.yaml|go\.sum|gradle\.lockfile"
    r"|bun\.lockb|(yarn|bun|uv|poetry|pdm|pipfile|cargo|composer|gemfile|mix|flake|pixi|deno)\.lock)$",
    re.IGNORECASE,
)


def judge(scene: Scene) -> Iterator[CheckResult]:
    """The step's own change."""
    yield verdict(changed_lines(scene.mirror, scene.start, scene.tree))


def verdict(lines: Mapping[str, int]) -> CheckResult:
    """The verdict on lines by path. Pure."""
    total = sum(lines.values())
    measured = {"size.lines": float(total)}
    if total <= STEP_LINES:
        said = f"{total} changed lines; a step may change {STEP_LINES}"
        return CheckResult(NAME, Layer.CRITICAL, Status.PASSED, said, reason=REASON, measured=measured)
    most = sorted(lines.items(), key=lambda one: (-one[1], one[0]))
    shown = [f"{count:6} {path}" for path, count in most[:_SHOWN]]
    more = [f"and {len(most) - _SHOWN} more files"] if len(most) > _SHOWN else []
    said = (
        f"{total} changed lines are too many: a step may change {STEP_LINES} (lock files, generated files, moves and "
        "deleted files are not counted). Take out what the step does not need; if it needs all of this, do its most "
        "important part and say in `done` what is left for a step of its own"
    )
    tail = "\n".join(["changed lines by file:", *shown, *more])
    return CheckResult(NAME, Layer.CRITICAL, Status.FAILED, said, tail=tail, reason=REASON, measured=measured)


def changed_lines(mirror: Mirror, start: str, tree: str) -> dict[str, int]:
    """Added and removed lines by path. What a person does not review line by line is left out: lock files, generated
    and binary files, moves, files that are gone as a whole, and our own.
    """
    out = mirror.git.run("diff-tree", "-r", "--numstat", "-z", "-M", "--diff-filter=d", *_PLAIN, start, tree)
    parts = iter(out.split(b"\0"))
    found = {}
    for part in parts:
        if not part:
            continue
        added, removed, name = part.split(b"\t", 2)
        if not name:  # a move: the old and the new name follow
            next(parts)
            name = next(parts)
        path = os.fsdecode(name)
        if added != b"-" and not left_out(path):
            found[path] = int(added) + int(removed)
    return found


def left_out(path: str) -> bool:
    """Whether a path's lines do not count."""
    return path.startswith(f"{FOLDER}/") or made(path) or _LOCKS.search(path) is not None
