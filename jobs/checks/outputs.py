"""What the approved plan says will exist after the step does exist."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from jobs.checks.changed import readable
from jobs.checks.names import defined, module
from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.scene import Scene
from state.plan.model import Change, Step

NAME, REASON = "outputs", "outputs"
GREP = 40
DEFINED, EXPORTED = "defined", "exported"
_NAME = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*")
_ECMA = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts")
_PYTHON = (".py", ".pyi")
_ELSEWHERE = re.compile(r"(?m)^[ \t]*export[ \t]*\*|\bmodule\.exports[ \t]*=[ \t]*require\b")
_LIST = re.compile(r"\bexport[ \t]+(?:type[ \t]*)?\{|\bmodule\.exports[ \t]*=[ \t]*\{|\bexport\{")

Reader = Callable[[str], str | None]


def judge(scene: Scene) -> Iterator[CheckResult]:
    """The step's expected outputs; nothing where the base itself is looked at."""
    if scene.step is not None:
        yield verdict(scene.step, scene.now.paths, scene.now.read, lambda name: _candidates(scene, name))


def verdict(step: Step, paths: Iterable[str], read: Reader, more: Callable[[str], Iterable[str]]) -> CheckResult:
    """The verdict. `more` names further files in which a word occurs. Pure."""
    there, files = set(paths), _files(step)
    own, names = _own(step, files, there), _names(step)
    judged = [one for one in names if _NAME.fullmatch(one[0])]
    missing = [f"{path} does not exist" for path in files if path not in there and not _folder(path, there)]
    for name, kind in judged:
        if not _found(name, kind, read, _each(own, more, name)):
            missing.append(f"{name} is {kind} nowhere ({_where(own)} were looked at)")
    counted = f"{len(files)} files and {len(judged)} names"
    if missing:
        said = f"{len(missing)} of the step's {counted} are not there; the plan says that they exist after the step"
        return CheckResult(NAME, Layer.CRITICAL, Status.FAILED, said, tail="\n".join(missing), reason=REASON)
    if not (files or judged):
        said = "the plan names no output of this step that a program can look for"
        return CheckResult(NAME, Layer.CRITICAL, Status.NOT_RUN, said, reason=REASON)
    others = len(names) - len(judged)
    said = f"{counted} are there" + (f"; {others} are for a person to look for" if others else "")
    return CheckResult(NAME, Layer.CRITICAL, Status.PASSED, said, reason=REASON)


def _files(step: Step) -> list[str]:
    """The paths that exist after the step, the main one first."""
    outputs = step.expected_outputs
    gone = {file.path for file in step.files if file.change is Change.DELETE}
    return [path for path in dict.fromkeys((outputs.main_file, *outputs.files)) if path and path not in gone]


def _own(step: Step, files: list[str], there: set[str]) -> list[str]:
    """Where its names are looked for first."""
    return [path for path in dict.fromkeys((*files, *(file.path for file in step.files))) if path in there]


def _names(step: Step) -> list[tuple[str, str]]:
    """The names that exist after it, and how."""
    outputs = step.expected_outputs
    rows = [(name, DEFINED) for name in outputs.symbols] + [(name, EXPORTED) for name in outputs.exports]
    return [(name.strip().removesuffix("()"), kind) for name, kind in rows]


def _where(own: list[str]) -> str:
    return ", ".join(own[:3]) or "no file"


def _folder(path: str, there: set[str]) -> bool:
    prefix = f"{path.rstrip('/')}/"
    return any(one.startswith(prefix) for one in there)


def _each(own: list[str], more: Callable[[str], Iterable[str]], name: str) -> Iterator[str]:
    """The step's own files first; others only when it is in none of them."""
    yield from own
    yield from more(name.rpartition(".")[2])


def _found(name: str, kind: str, read: Reader, paths: Iterable[str]) -> bool:
    return any(_has(path, read(path), name, kind == EXPORTED) for path in paths)


def _has(path: str, raw: str | None, name: str, export: bool) -> bool:
    text = readable(raw)
    if text is None:
        return False
    if path.endswith(_PYTHON):
        return defines_python(text, name)
    if path.endswith(_ECMA):
        return exports_ecma(text, name) if export else defines_ecma(text, name)
    return re.search(rf"(?<![\w$]){re.escape(name.rpartition('.')[2])}(?![\w$])", text) is not None


def defines_python(text: str, name: str) -> bool:
    """Whether a module defines or imports the name. `module.name` counts, `OtherClass.name` does not."""
    tree = module(text)
    found = defined(tree) if tree else set()
    parts = name.split(".")
    for place in range(len(parts)):
        if ".".join(parts[place:]) in found:
            return True
        if parts[place][:1].isupper():
            return False
    return False


def defines_ecma(text: str, name: str) -> bool:
    """Whether a declaration, a method, a property or a key of this name stands in a JavaScript or TypeScript text."""
    word = re.escape(name.rpartition(".")[2])
    ways = (
        rf"\b(function\*?|class|const|let|var|type|interface|enum|namespace)[ \t]+{word}(?![\w$])",
        rf"(?m)^[ \t]*([a-z]+[ \t]+){{0,4}}[*#]?{word}\??(<[^>\n]{{0,200}}>)?\((?![^\n]*\);?[ \t]*$)",
        rf"(?m)(^|[ \t{{,])[#]?{word}[?!]?[ \t]*[:=](?!=)",
        rf"\b(this|prototype|exports|[A-Z]\w*)\.{word}[ \t]*=(?!=)",
    )
    return any(re.search(way, text) for way in ways) or exports_ecma(text, name)


def exports_ecma(text: str, name: str) -> bool:
    """Whether a JavaScript or TypeScript text exports the name, or hands on what cannot be seen from here."""
    word = re.escape(name.rpartition(".")[2])
    if word == "default" and re.search(r"(?m)^[ \t]*(export[ \t]+default|module\.exports[ \t]*=)", text):
        return True
    kinds = r"((abstract[ \t]+)?class|function\*?|const|let|var|type|interface|enum|namespace)"
    ways = (
        rf"\bexport[ \t]+(default[ \t]+)?(declare[ \t]+)?(async[ \t]+)?({kinds}[ \t]*)?{word}(?![\w$])",
        rf"\bexports\.{word}[ \t]*=",
        rf"\bmodule\.exports[ \t]*=[ \t]*((async[ \t]+)?(function\*?|class)[ \t]+)?{word}(?![\w$])",
    )
    return any(re.search(way, text) for way in ways) or _listed(text, word) or _ELSEWHERE.search(text) is not None


def _listed(text: str, word: str) -> bool:
    """Whether the word stands in `export { ... }` or `module.exports = { ... }`."""
    end = 0
    for found in _LIST.finditer(text):
        if found.start() >= end:
            end = max(text.find("}", found.end(), found.end() + 4000), found.end())
            if re.search(rf"(?<![\w$]){word}(?![\w$])", text[found.end() : end]):
                return True
    return False


def _candidates(scene: Scene, word: str) -> list[str]:
    """Files of the judged tree in which the word occurs, those that changed first."""
    args = ("grep", "-l", "-z", "-w", "-F", "-I", "-e", word, scene.tree, "--")
    out = scene.mirror.git.run(*args, ok=(0, 1)).decode("utf-8", "replace")
    found = [path.partition(":")[2] for path in out.split("\0") if path]
    changed = {change.path for change in scene.since_base}
    code = [path for path in found if path.endswith((*_PYTHON, *_ECMA))]
    return sorted(code, key=lambda path: (path not in changed, path))[:GREP]
