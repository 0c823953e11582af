"""list_files and read_file, for a commit and for a work tree alike."""

from __future__ import annotations

from collections import Counter
from typing import Final

from ai.port import Json
from ai.tools.limits import LIST_ENTRIES, READ_LINES
from jobs.tools.content import Text, kind_of, numbered
from jobs.tools.errors import Refused
from jobs.tools.globs import matcher
from jobs.tools.names import clean, file_name
from jobs.tools.nearest import missing
from jobs.tools.trees import Tree

READ_CHARS: Final = 40_000
_LFS = b"version https://git-lfs.github.com/spec/"


def list_files(tree: Tree, args: Json) -> str:
    """Sorted paths, capped; what is left out is counted by folder."""
    folder, wanted = clean(args.get("path")), matcher(args.get("glob"))
    known = tree.paths()
    kind = tree.kind(folder)
    if kind is None:
        raise Refused(missing(folder, known))
    if kind != "folder":
        return f"`{folder}` is a {kind}, not a folder. Read it with read_file."
    below = [path for path in known if not folder or path.startswith(f"{folder}/")]
    found = [path for path in below if wanted(path)]
    if not found:
        return _nothing(folder, args.get("glob"), len(below))
    return _listing(folder, found)


def _listing(folder: str, found: list[str]) -> str:
    head = f"{len(found)} files{f' below {folder}' if folder else ''}:"
    if len(found) <= LIST_ENTRIES:
        return "\n".join([head, *found])
    rest = found[LIST_ENTRIES:]
    start = len(folder) + 1 if folder else 0
    counts = Counter(path[start:].partition("/")[0] + "/" for path in rest if "/" in path[start:])
    folders = ", ".join(f"{name} ({count})" for name, count in counts.most_common(20))
    return "\n".join(
        [
            f"{head} the first {LIST_ENTRIES} are",
            *found[:LIST_ENTRIES],
            f"... and {len(rest)} more{f', in {folders}' if folders else ''}. Narrow with path or glob.",
        ]
    )


def _nothing(folder: str, glob: object, below: int) -> str:
    where = f"below `{folder}`" if folder else "in the repository"
    if not below:
        return f"There is no file {where} but such as git ignores; `ls -la {folder or '.'}` with run shows those."
    return (
        f"None of the {below} files {where} matches the glob `{glob}`. It is compared with the whole path from the "
        "root: `**/` stands for any folders, `*` for anything within a name. Leave the glob out to see them all."
    )


def read_file(tree: Tree, args: Json) -> tuple[str, str, bytes | None]:
    """The answer, the path and, where text of a file was shown, its bytes."""
    path = clean(args.get("path"))
    kind = tree.kind(path)
    if kind == "folder":
        return f"`{path or '.'}` is a folder.\n{list_files(tree, {'path': path})}", path, None
    file_name(path)
    data = _bytes(tree, path, kind)
    text = Text.of(data)
    if text is None:
        return _binary(path, data), path, None
    if not data:
        return f"`{path}` is empty (0 bytes, 0 lines).", path, data
    note = "\nThis is a Git LFS pointer: the content itself is stored elsewhere." if data.startswith(_LFS) else ""
    return _shown(path, text, args) + note, path, data


def _binary(path: str, data: bytes) -> str:
    return (
        f"`{path}` is {_article(kind_of(data))} of {len(data):,} bytes; it has no lines to read. If its content "
        f"matters, look at it with run: `od -c {path} | head -20` or a program that knows the format."
    )


def _article(kind: str) -> str:
    return "a binary file" if kind == "binary" else f"binary ({kind})" if not kind.startswith("UTF") else kind


def _bytes(tree: Tree, path: str, kind: str | None) -> bytes:
    if kind is None:
        raise Refused(missing(path, tree.paths()))
    if kind == "link":
        raise Refused(
            f"`{path}` is a symbolic link to `{tree.link(path)}`, and links are not followed. "
            "If that is inside the repository, read it by its own path."
        )
    if kind != "file":
        raise Refused(f"`{path}` is a {kind}; it has no text here.")
    return tree.read(path)


def _shown(path: str, text: Text, args: Json) -> str:
    total = len(text.lines)
    start, end = _range(path, total, args)
    last = min(end, start + READ_LINES - 1)
    body = numbered(text.lines[start - 1 : last], start)
    if len(body) > READ_CHARS:
        kept = body[:READ_CHARS].count("\n") or 1
        last = start + kept - 1
        body = numbered(text.lines[start - 1 : last], start)
    marks = ", ".join(_marks(text))
    head = f"{path}: lines {start} to {last} of {total}{f' ({marks})' if marks else ''}"
    more = f"\n... {total - last} more lines: read on with start={last + 1}." if last < total else ""
    return f"{head}\n{body}{more}"


def _marks(text: Text) -> list[str]:
    found = ["begins with a byte order mark"] if text.bom else []
    if text.newline == "\r\n":
        found.append("lines end in CRLF; edits keep that")
    if not text.raw.endswith("\n"):
        found.append("no newline at the end")
    if any("\udc80" <= letter <= "\udcff" for letter in text.raw):
        found.append("not UTF-8: some bytes are shown as �")
    return found


def _range(path: str, total: int, args: Json) -> tuple[int, int]:
    start, end = int(args.get("start") or 1), int(args.get("end") or total)
    if start < 0:
        start = max(1, total + start + 1)
    if start > total:
        raise Refused(f"`{path}` has {total} lines, so there is no line {start}. Give a start of at most {total}.")
    if end < start:
        raise Refused(f"`end` ({end}) is before `start` ({start}). Give the smaller number as start.")
    return start, min(end, total)
