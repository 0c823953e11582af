"""Imports of the changed files resolve: Python's in the environment, JavaScript's and TypeScript's to files.

What did not resolve at the base commit is not new. A module or a name that the task takes away is looked for in the
files that it leaves alone too. Nothing of the repository is run for it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from jobs.checks import imports_ecma
from jobs.checks.changed import PLAIN, Pair, made, readable
from jobs.checks.ecma import ask
from jobs.checks.imports_python import Import, folder_of, imports, lost, roots
from jobs.checks.result import CheckResult, Finding, Layer, Status
from jobs.checks.scene import Scene
from jobs.git.changes import Change
from jobs.git.hygiene import remove_tree
from jobs.sandbox.layout import TMP

NAME = "imports"
SECONDS = 60.0
MOST_FILES = 300
MOST_STEMS = 50
SCRIPT = Path(__file__).with_name("imports_ask.py")


@dataclass(frozen=True)
class Taken:
    """What the task has taken away: modules by the last part of their names, and names out of modules."""

    modules: frozenset[str] = frozenset()
    names: frozenset[tuple[str, str]] = frozenset()

    def has(self, path: str, one: Import) -> bool:
        """Whether an import may be unresolved because of it."""
        module = one.module.rpartition(".")[2] or path.rpartition("/")[0].rpartition("/")[2]
        return bool({module, one.name} & self.modules) or (module, one.name) in self.names


def judge(scene: Scene) -> Iterator[CheckResult]:
    """One verdict on both languages."""
    python = _python(scene)
    ecma = _ecma(scene)
    if python is None and ecma is None:
        said = "no Python, JavaScript or TypeScript file was changed"
        yield CheckResult(NAME, Layer.CRITICAL, Status.NOT_RUN, said)
        return
    found = (*(python or ()), *(ecma or ()))
    status = Status.FAILED if found else Status.PASSED
    plural = "import does" if len(found) == 1 else "imports do"
    said = f"{len(found)} {plural} not resolve" if found else "all imports of the changed files resolve"
    yield CheckResult(NAME, Layer.CRITICAL, status, said, tail="\n".join(map(str, found[:20])), findings=found)


def _python(scene: Scene) -> tuple[Finding, ...] | None:
    """None where there is nothing to judge, or no Python that could be asked."""
    changed = [one for one in scene.since_base if one.path.endswith(".py")]
    if not changed:
        return None
    taken = _taken(scene, changed)
    declared = _manifests(scene)
    asked = [one for one in _wanted(scene, changed, taken) if not _optional(one[1], declared)]
    if not asked:
        return ()
    answers = _asked(scene, asked)
    if answers is None:
        return None
    bad = ((path, one, said) for (path, one), said in zip(asked, answers, strict=True) if said)
    return tuple(Finding(path, one.line, "import", f"{one}: {said}") for path, one, said in bad)


def _wanted(scene: Scene, changed: Sequence[Change], taken: Taken) -> Iterator[tuple[str, Import]]:
    """New imports of what was changed, and all imports of what was taken away."""
    kept = [one.path for one in changed if one.what != "deleted" and one.new_mode in PLAIN]
    for path in dict.fromkeys([*kept, *_importers(scene, taken)]):
        old = {one.asked for one in imports(scene.before.read(path) or "")}
        now = dict.fromkeys(imports(scene.now.read(path) or ""))
        yield from ((path, one) for one in now if one.asked not in old or taken.has(path, one))


def _optional(one: Import, declared: frozenset[str]) -> bool:
    """Whether only some function asks for it, and a manifest names it."""
    return one.lazy and one.module.partition(".")[0].replace("_", "-").lower() in declared


def _taken(scene: Scene, changed: Sequence[Change]) -> Taken:
    """Out of what was deleted or changed."""
    modules, names = set(), set()
    for change in changed:
        if change.what == "created":
            continue
        stem = _stem(change.path)
        if change.what == "deleted":
            modules.add(stem)
        gone = lost(scene.before.read(change.path) or "", scene.now.read(change.path))
        names |= {(stem, name) for name in gone if "." not in name}
    return Taken(frozenset(modules), frozenset(names))


def _stem(path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


def _importers(scene: Scene, taken: Taken) -> list[str]:
    """Files that may import what was taken away."""
    stems = sorted({*taken.modules, *(stem for stem, _ in taken.names)})[:MOST_STEMS]
    if not stems:
        return []
    pattern = rf"^[[:space:]]*(from|import)[[:space:]].*({'|'.join(map(re.escape, stems))}|\.[[:space:]]+import)"
    return _grep(scene, pattern, ["*.py"])


def _manifests(scene: Scene) -> frozenset[str]:
    """Words of the manifests: what they name may be missing where only some function asks for it."""
    texts = (scene.now.read(path) or "" for path in ("pyproject.toml", "setup.cfg", "setup.py", "requirements.txt"))
    return frozenset(re.findall(r"[a-z0-9][a-z0-9-]*", " ".join(texts).lower().replace("_", "-")))


def _asked(scene: Scene, asked: Iterable[tuple[str, Import]]) -> list[str | None] | None:
    """What the environment says to each, in order; None where it says nothing."""
    paths, lines = scene.now.paths, []
    for path, one in asked:
        begin = folder_of(path, one.level) if one.level else None
        places = roots(path, one.module.partition(".")[0], paths) if not one.level else (begin or "",)
        lines.append(json.dumps([places, one.module, one.name, bool(one.level)]))
    folder = Path(tempfile.mkdtemp(dir=scene.box.scratch / "tmp", prefix="imports-"))
    folder.chmod(0o755)
    (folder / "asked.txt").write_text("\n".join(lines) + "\n")
    shutil.copyfile(SCRIPT, folder / "ask.py")
    inside = f"{TMP}/{folder.name}" if scene.box.kind == "bwrap" else str(folder)
    argv = ["python3", f"{inside}/ask.py", f"{inside}/asked.txt"]
    result = scene.box.run(argv, timeout=SECONDS, cancel=scene.cancel, show=8_000_000)
    remove_tree(folder)
    try:
        said = json.loads(result.output.strip().rpartition("\n")[2])
    except ValueError:
        return None
    return said if isinstance(said, list) and len(said) == len(lines) else None


def _ecma(scene: Scene) -> tuple[Finding, ...] | None:
    """Relative imports that are new, or that a file was there for at the base commit."""
    files = (*ask.ecma_files(scene), *_ecma_importers(scene))
    if not files:
        return None
    now, before = ask.found(files, "imports")
    old = {(one.path, one.message) for one in before if not any(imports_ecma.absent([one], scene.before.paths))}
    never = {(one.path, one.message) for one in before} - old
    wanted = (one for one in now if (one.path, one.message) not in never)
    return tuple(imports_ecma.absent(wanted, scene.now.paths))


def _ecma_importers(scene: Scene) -> list[Pair]:
    """Files that may import what was deleted, and were left alone."""
    stems = {part for path in _gone(scene, ask.ENDS) for part in path.split(".")[0].split("/")[-2:]} - {"", "index"}
    if not stems:
        return []
    pattern = rf"['\"/]({'|'.join(map(re.escape, sorted(stems)[:MOST_STEMS]))})(\.[a-z]+)?['\"]"
    changed = {one.path for one in scene.since_base}
    paths = dict.fromkeys(_grep(scene, pattern, [f"*{end}" for end in ask.ENDS])).keys() - changed
    texts = ((path, readable(scene.now.read(path)) or "") for path in sorted(paths))
    return [Pair(path, text, text) for path, text in texts]


def _gone(scene: Scene, ends: tuple[str, ...]) -> Iterator[str]:
    return (one.path for one in scene.since_base if one.what == "deleted" and one.path.endswith(ends))


def _grep(scene: Scene, pattern: str, globs: Sequence[str]) -> list[str]:
    """Files of the tree with a line that matches."""
    out = scene.mirror.git.run("grep", "-l", "-z", "-I", "-E", "-e", pattern, scene.tree, "--", *globs, ok=(0, 1))
    found = (os.fsdecode(name).partition(":")[2] for name in out.split(b"\0") if name)
    return [path for path in found if not made(path)][:MOST_FILES]
