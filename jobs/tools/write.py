"""write_file, delete_file, move_file: whole files, inside the tree only, nothing silently lost."""

from __future__ import annotations

from jobs.checks.syntax import new_syntax_problem
from jobs.tools.edit import ready
from jobs.tools.filetext import Text, around
from jobs.tools.paths import Mistake, like, remove, write_bytes
from jobs.tools.session import ToolSession


def write_file(session: ToolSession, path: object, content: object) -> str:
    """Creates a file, or replaces one that was read in this step. Raises Mistake."""
    name = session.path(path)
    if not isinstance(content, str):
        raise Mistake("`content` has to be the whole text of the file.")
    session.writable(name)
    there = session.content(name) is not None
    if there and name not in session.seen:
        raise Mistake(f"{name} exists already and you have not read it. Read it first, then edit it or write it anew.")
    before = ready(session, name) if there else Text("")
    after = before.with_text(content)
    problem = new_syntax_problem(name, before.text if there else None, after.text)
    if problem:
        shown = around(after.lines(), problem.line or 1, problem.line or 1)
        raise Mistake(f"Not written: {name} cannot be parsed: line {problem.line}: {problem.message}.\n{shown}")
    data = after.encode()
    write_bytes(session.tree, name, data)
    session.wrote(name, data)
    return f"{'Wrote' if there else 'Created'} {name} ({len(after.lines())} lines)."


def delete_file(session: ToolSession, path: object) -> str:
    """Deletes one file. Raises Mistake."""
    name = session.path(path)
    session.writable(name)
    if session.content(name) is None:
        raise Mistake(f"There is no file {name}.{like(name, session.workspace.paths())}")
    remove(session.tree, name)
    session.wrote(name, None)
    return f"Deleted {name}."


def move_file(session: ToolSession, path: object, to: object) -> str:
    """Moves one file to a place that is free. Raises Mistake."""
    name, target = session.path(path), session.path(to)
    for each in (name, target):
        session.writable(each)
    data = session.content(name)
    if data is None:
        raise Mistake(f"There is no file {name}.{like(name, session.workspace.paths())}")
    if not target or (session.tree / target).exists() or (session.tree / target).is_symlink():
        raise Mistake(f"{target or 'the root'} exists already; name a path that is free.")
    mode = (session.tree / name).stat().st_mode & 0o777
    write_bytes(session.tree, target, data)
    (session.tree / target).chmod(mode)
    remove(session.tree, name)
    session.wrote(name, None)
    session.wrote(target, data)
    return f"Moved {name} to {target}. Mentions of the old path elsewhere are not changed."
