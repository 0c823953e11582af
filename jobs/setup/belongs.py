"""Which changed files a step's commit takes (spec 6), and how the rest is told.

Taken are the files that the edit tools wrote, those that the plan names, and those that `done` takes with a reason. The
plan names a file by `files`, `expected_outputs`, or a critical `file_exists` condition after the step; what a generator
makes it names by a critical `directory_exists`: every new file below that folder is taken, but nothing that was there
before, no cache and nothing built. All of these are shown to whoever approves.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from state.plan.model import ConditionType, Step

_JUNK = re.compile(
    r"(^|/)(__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|\.tox|\.nox|\.hypothesis|\.cache|node_modules|"
    r"\.venv|venv|htmlcov|[^/]+\.egg-info|\.eggs|\.gradle|\.nyc_output|\.parcel-cache|\.turbo)(/|$)"
    r"|\.(pyc|pyo|class|o|obj|tmp|swp|log)$|(^|/)(\.coverage(\.[^/]*)?|\.DS_Store|Thumbs\.db|core)$"
)
SHOWN = 20


@dataclass(frozen=True)
class Named:
    """What the plan names of a step: exact paths, and folders that its generators fill."""

    files: frozenset[str]
    folders: tuple[str, ...] = ()

    def takes(self, path: str, *, new: bool) -> bool:
        """Whether the plan names this changed file; `new`: it was not there when the step began."""
        if path in self.files:
            return True
        return new and not junk(path) and any(path.startswith(f"{folder}/") for folder in self.folders)


@dataclass(frozen=True)
class Choice:
    """Paths for the commit, those left out of it, and the reasons given for taken ones that the plan does not name."""

    taken: tuple[str, ...]
    left: tuple[str, ...]
    extra: Mapping[str, str] = field(default_factory=dict)


def named(step: Step) -> Named:
    """What the approved step names."""
    after = [one for one in step.postconditions if one.critical]
    single = {one.target.strip() for one in after if one.type is ConditionType.FILE_EXISTS}
    folders = {one.target.strip().strip("/") for one in after if one.type is ConditionType.DIRECTORY_EXISTS}
    outputs = {step.expected_outputs.main_file, *step.expected_outputs.files}
    files = {file.path for file in step.files} | single | outputs
    return Named(frozenset(files - {""}), tuple(sorted(folders - {"", "."})))


def choose(
    changed: Iterable[str],
    new: Collection[str],
    plan: Named,
    written: Collection[str],
    extra: Mapping[str, str],
    barred: Collection[str],
) -> Choice:
    """Pure. `extra`: path to reason; a path without a reason, or barred (protected), is left out whoever names it."""
    paths = list(changed)
    reasoned = {path for path, reason in extra.items() if reason.strip()}
    own = {path for path in paths if path in written or plan.takes(path, new=path in new)}
    taken = [path for path in paths if path in own | reasoned and path not in barred]
    told = {path: extra[path].strip() for path in taken if path in reasoned and path not in own}
    return Choice(tuple(taken), tuple(path for path in paths if path not in taken), told)


def junk(path: str) -> bool:
    """Whether the path is a cache, a log or something built."""
    return _JUNK.search(path) is not None


def summed(paths: Iterable[str], most: int = SHOWN) -> tuple[str, ...]:
    """Left-out paths as a report lists them: caches and what was built by their folder with a count, never endless."""
    single: list[str] = []
    folded: dict[str, int] = {}
    for path in paths:
        if junk(path):
            name = _folder(path)
            folded[name] = folded.get(name, 0) + 1
        else:
            single.append(path)
    lines = [*single, *(f"{name} ({count})" if count > 1 else name for name, count in folded.items())]
    return tuple(lines if len(lines) <= most else [*lines[: most - 1], f"… +{len(lines) - most + 1}"])


def _folder(path: str) -> str:
    """`src/__pycache__/` of what is in it; the pattern of a single file in a folder of others."""
    found = _JUNK.search(path)
    if found and found[2]:
        return f"{path[: found.start(2)]}{found[2]}/"
    stem, dot, ending = path.rpartition(".")
    folder = path.rpartition("/")[0]
    return f"{folder}/*.{ending}".lstrip("/") if dot and stem and found and found[4] else path
