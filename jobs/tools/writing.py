"""write_file, delete_file and move_file: inside the tree only, nothing overwritten unseen."""

from __future__ import annotations

from ai.port import Json
from jobs.checks.syntax import syntax_problem
from jobs.tools.content import Text, with_newlines
from jobs.tools.editing import Desk, may_write, sound, store
from jobs.tools.errors import Refused
from jobs.tools.names import creatable, file_name
from jobs.tools.nearest import missing


def write_file(desk: Desk, args: Json) -> str:
    """A new file, or the whole of one that the model has read."""
    path, content = file_name(args["path"]), sound(str(args["content"]))
    if str(args["path"]).endswith("/"):
        raise Refused(f"`{args['path']}` names a folder. Folders come with their files: give the path of a file in it.")
    may_write(desk, path)
    kind = desk.tree.kind(path)
    if kind is None:
        return _create(desk, path, content)
    if kind != "file":
        raise Refused(f"`{path}` is a {kind}, so no file can be written there. Choose another path.")
    return _overwrite(desk, path, content)


def _create(desk: Desk, path: str, content: str) -> str:
    _free(desk, path)
    data = content.encode()
    desk.tree.files.write(path, data)
    desk.session.wrote(path, data)
    lines = len(Text(content).lines) if content else 0
    return f"Created {path}, {lines} line{'s' * (lines != 1)}.{_notes(desk, path, content)}"


def _overwrite(desk: Desk, path: str, content: str) -> str:
    data = desk.tree.read(path)
    if path not in desk.session.seen:
        raise Refused(
            f"`{path}` exists ({len(data):,} bytes) and you have not read it, so it was not overwritten. Call "
            "read_file, then edit_file for a part of it, or write_file again to replace all of it."
        )
    if not desk.session.knows(path, data):
        raise Refused(f"`{path}` changed since you read it, so it was not overwritten. Call read_file again first.")
    before = Text.of(data)
    if before is None:
        raise Refused(f"`{path}` is binary, so it is not overwritten with text. Use another path or run.")
    after = Text(with_newlines(content, before.newline), before.bom)
    if after.raw == before.raw:
        raise Refused(f"`{path}` holds exactly this already, so nothing would change.")
    store(desk, path, before, after, 1, after.plain)
    return f"Replaced {path}; number of lines: {len(before.lines)} before, {len(after.lines)} now."


def delete_file(desk: Desk, args: Json) -> str:
    """Takes one file away."""
    path = file_name(args["path"])
    may_write(desk, path)
    _there(desk, path, "Delete its files one by one; it goes with the last.")
    desk.tree.files.remove(path)
    desk.session.wrote(path, None)
    return f"Deleted {path}."


def move_file(desk: Desk, args: Json) -> str:
    """Gives one file another path."""
    path, to = file_name(args["path"]), file_name(args["to"])
    may_write(desk, path)
    may_write(desk, to)
    _there(desk, path, "Move its files one by one.")
    if path == to:
        raise Refused("`path` and `to` are the same, so nothing would move.")
    if desk.tree.kind(to) is not None:
        raise Refused(f"`{to}` exists, so nothing was moved. Choose another target, or delete it first if it must go.")
    _free(desk, to, path)
    seen = desk.session.seen.get(path)
    desk.tree.files.move(path, to)
    desk.session.wrote(path, None)
    desk.session.wrote(to, None)
    if seen is not None:
        desk.session.seen[to] = seen
    return (
        f"Moved {path} to {to}. Search for `{path}` and its import name: what refers to it still names the old place."
    )


def _there(desk: Desk, path: str, folder: str) -> None:
    kind = desk.tree.kind(path)
    if kind is None:
        raise Refused(missing(path, desk.tree.paths()))
    if kind == "folder":
        raise Refused(f"`{path}` is a folder, and this tool takes one file. {folder}")


def _free(desk: Desk, path: str, own: str = "") -> None:
    creatable(path)
    clash = desk.tree.files.clash(path)
    if clash is not None and clash != own:
        raise Refused(
            f"`{clash}` exists and differs from `{path}` in case only, which not every file system can hold. "
            f"Use `{clash}{path[len(clash) :]}` or another name."
        )


def _notes(desk: Desk, path: str, content: str) -> str:
    notes = []
    wrong = syntax_problem(path, content)
    if wrong:
        notes.append(
            f"Note: it is not well formed at line {wrong.line} ({wrong.message}); unless that is meant, mend it."
        )
    if content and not content.endswith("\n"):
        notes.append("Note: it has no newline at its end.")
    if _ignored(desk, path):
        notes.append(
            "Note: .gitignore names this path, so it will not be in the commit. Choose another place if it must."
        )
    return "".join(f"\n{note}" for note in notes)


def _ignored(desk: Desk, path: str) -> bool:
    return bool(desk.tree.workspace.git.run("check-ignore", "--", f"./{path}", ok=(0, 1)))
