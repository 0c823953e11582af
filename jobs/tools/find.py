"""list_files and search."""

from __future__ import annotations

import os
import re
from collections import Counter

import pathspec

from ai.tools.limits import LIST_ENTRIES, SEARCH_HITS
from jobs.tools.lines import number
from jobs.tools.look import Look, shown
from jobs.tools.paths import Mistake, clean

_HIT = re.compile(rb"(?m)^(?P<path>[^\0\n]+)\0(?P<line>\d+)\0(?:(?P<match>\d+)\0)?(?P<text>[^\0\n]*)$")
"""With --column only lines that match carry a third number: context lines are known by its absence."""
_SHOWN_COUNTS = 20
_LINE = 300


def list_files(look: Look, path: object = None, glob: object = None) -> str:
    """The files below a folder that match, sorted. Raises Mistake."""
    folder = clean(path, look.root) if path not in (None, "", ".", "/") else ""
    names = [name for name in look.paths() if not folder or name == folder or name.startswith(f"{folder}/")]
    if folder and not names:
        raise Mistake(f"There is no folder {folder} with files in it. Use list_files without path to see the root.")
    if isinstance(glob, str) and glob.strip():
        names = [name for name in names if matches(glob, name, folder)]
    if not names:
        return f"No file matches {glob!r} below {folder or 'the root'}." if glob else "The repository holds no files."
    names = sorted(names)
    more = f"\n[{len(names) - LIST_ENTRIES} more; give a path or a glob]" if len(names) > LIST_ENTRIES else ""
    return f"{len(names)} files:\n" + "\n".join(shown(name) for name in names[:LIST_ENTRIES]) + more


def matches(glob: str, name: str, folder: str = "") -> bool:
    """Whether a path matches, seen from the root or from the folder; without a slash the glob means the name."""
    pattern = glob.strip().removeprefix("./")
    spec = pathspec.GitIgnoreSpec.from_lines([pattern if "/" not in pattern else f"/{pattern.lstrip('/')}"])
    inner = name.removeprefix(f"{folder}/") if folder else name
    return spec.match_file(name) or spec.match_file(inner)


def search(
    look: Look,
    pattern: object,
    regex: object = False,
    glob: object = None,
    path: object = None,
    context: object = None,
) -> str:
    """Lines that match, with path and number, counts per file, and how many more there are. Raises Mistake."""
    if not isinstance(pattern, str) or not pattern.strip("\n"):
        raise Mistake("`pattern` is empty; give the text to look for.")
    if "\n" in pattern.strip("\n"):
        raise Mistake("`pattern` has more than one line; search looks at single lines. Take its most telling line.")
    wide = min(number(context, "context", 0), 5) if context not in (None, "") else 0
    expression = regex is True or (isinstance(regex, str) and regex.lower() == "true")
    flags = ["-n", "--column", "-I", "-z", "--no-color", "--full-name", f"-C{wide}", "-P" if expression else "-F", "-e"]
    out, cut = look.grep([*flags, pattern.strip("\n")], _pathspecs(look, glob, path))
    hits = list(_HIT.finditer(out))
    counts = Counter(shown(os.fsdecode(hit.group("path"))) for hit in hits if hit.group("match"))
    if not counts:
        return _nothing(pattern, expression, glob, path)
    return _answer(hits, counts, cut, wide)


def _pathspecs(look: Look, glob: object, path: object) -> list[str]:
    folder = clean(path, look.root) if path not in (None, "", ".", "/") else ""
    inner = glob.strip().removeprefix("./").lstrip("/") if isinstance(glob, str) else ""
    if not inner:
        return [f":(top,literal){folder}"] if folder else [":(top)"]
    deep = inner if "/" in inner else f"**/{inner}"
    base = "".join(f"\\{letter}" if letter in "*?[\\" else letter for letter in folder)
    return [f":(top,glob){base}/{deep}" if folder else f":(top,glob){deep}"]


def _answer(hits: list[re.Match[bytes]], counts: Counter[str], cut: bool, wide: int) -> str:
    total = sum(counts.values())
    lines, real, before = [], 0, None
    for hit in hits:
        real += hit.group("match") is not None
        if real > SEARCH_HITS:
            break
        path, line = shown(os.fsdecode(hit.group("path"))), int(hit.group("line"))
        if wide and before not in (None, (path, line - 1)):
            lines.append("--")
        before = (path, line)
        text = hit.group("text").decode("utf-8", "replace").rstrip("\r")
        lines.append(f"{path}:{line}{(':' if hit.group('match') else '-') if wide else ''}\t{text[:_LINE]}")
    head = f"{total}{' or more' if cut else ''} lines in {len(counts)} files:"
    tail = [f"[{total - SEARCH_HITS} more lines; narrow with path or glob]"] if total > SEARCH_HITS else []
    if len(counts) > 1:
        top = ", ".join(f"{path} {count}" for path, count in counts.most_common(_SHOWN_COUNTS))
        tail.append(f"Counts: {top}" + (f", and {len(counts) - _SHOWN_COUNTS} more files" if len(counts) > 20 else ""))
    return "\n".join([head, *lines, *tail])


def _nothing(pattern: str, expression: bool, glob: object, path: object) -> str:
    where = f" in {path or 'the repository'}" + (f" matching {glob}" if glob else "")
    hint = (
        ""
        if expression or not re.search(r"[\\^$*+?\[\]|]|\.\*", pattern)
        else " It was taken literally; set regex to true."
    )
    return f"Nothing matches {pattern!r}{where}.{hint}"
