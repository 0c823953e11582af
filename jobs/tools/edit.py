"""edit_file: replace one passage that stands in the file exactly once, or say precisely why not."""

from __future__ import annotations

from ai.tools.limits import EDIT_MISSES
from jobs.checks.syntax import SyntaxProblem, new_syntax_problem
from jobs.tools.diagnose import cause_of, nearest
from jobs.tools.filetext import Text, around, decode, digest
from jobs.tools.paths import Mistake, like, write_bytes
from jobs.tools.session import ToolSession

_SHOWN_PLACES = 10


def edit_file(session: ToolSession, path: object, old: object, new: object) -> str:
    """The answer after the edit. Raises Mistake; then nothing was changed."""
    name = session.path(path)
    if not isinstance(old, str) or not isinstance(new, str):
        raise Mistake("`old` and `new` have to be texts; `new` may be empty to delete the passage.")
    file = ready(session, name)
    if old == "":
        raise Mistake(
            "`old` is empty. Give the passage to replace; to add lines, repeat a line beside them in both texts."
        )
    if old == new:
        raise Mistake("`old` and `new` are the same: nothing would change.")
    wanted = old.replace("\r\n", "\n") if file.crlf else old
    count = file.text.count(wanted)
    if count != 1:
        raise Mistake(_many(file, wanted, count) if count else _missed(session, name, file, wanted, new))
    place = file.text.index(wanted)
    changed = file.with_text(file.text[:place] + new + file.text[place + len(wanted) :])
    return put(session, name, file, changed, file.text[:place].count("\n") + 1, new)


def ready(session: ToolSession, name: str) -> Text:
    """The file as it is now, if it may be edited: writable, there, text, read before and unchanged since. Raises
    Mistake.
    """
    session.writable(name)
    data = session.content(name)
    if data is None:
        raise Mistake(f"There is no file {name}.{like(name, session.workspace.paths())} write_file creates a new one.")
    file = decode(data, name)
    known = session.seen.get(name)
    if known is None:
        raise Mistake(f"You have not read {name} in this step. Call read_file on it first, then edit what you see.")
    if known != digest(data):
        session.remember(name, data)
        shown = around(file.lines(), 1, 60, 0)
        raise Mistake(
            f"{name} changed since you read it (a command did that), so nothing was edited. It now begins:\n{shown}\n"
            "Look at the part you need with read_file, then edit again."
        )
    return file


def put(session: ToolSession, name: str, before: Text, after: Text, line: int, new: str) -> str:
    """Writes the changed file unless that breaks its syntax; answers with the lines around the change."""
    problem = new_syntax_problem(name, before.text, after.text)
    if problem:
        raise Mistake(_broken(name, before, after, problem))
    data = after.encode()
    write_bytes(session.tree, name, data)
    session.wrote(name, data)
    lines = after.lines()
    last = line + max(0, new.removesuffix("\n").count("\n"))
    return f"Edited {name} (now {len(lines)} lines):\n{around(lines, line, min(last, line + 40))}"


def _broken(name: str, before: Text, after: Text, problem: SyntaxProblem) -> str:
    line = problem.line or 1
    return (
        f"Not edited: {name} could no longer be parsed: line {problem.line}: {problem.message}.\n"
        f"Before:\n{around(before.lines(), line, line)}\nIt would become:\n{around(after.lines(), line, line)}\n"
        "Send the edit again so that the result is well formed."
    )


def _many(file: Text, wanted: str, count: int) -> str:
    places: list[str] = []
    start = 0
    while len(places) < min(count, _SHOWN_PLACES):
        start = file.text.index(wanted, start)
        places.append(str(file.text[:start].count("\n") + 1))
        start += len(wanted)
    more = f" and {count - len(places)} more" if count > len(places) else ""
    return (
        f"`old` stands in the file {count} times, at lines {', '.join(places)}{more}; nothing was changed. "
        "Add lines before or after it until it is unique."
    )


def _missed(session: ToolSession, name: str, file: Text, wanted: str, new: str) -> str:
    session.misses[name] = session.misses.get(name, 0) + 1
    cause = cause_of(wanted, new, file.text)
    text = f"`old` does not stand in {name}; nothing was changed. "
    text += cause.fix if cause else "No line end, blank or quote explains it: the passage is not there."
    near = nearest(wanted, file.text)
    if near:
        text += f"\nThe nearest passage:\n{near}"
    if session.misses[name] >= EDIT_MISSES:
        text += (
            f"\nThis was miss {session.misses[name]} on this file. replace_lines takes line numbers instead: "
            f'replace_lines(path="{name}", start, end, first_line, last_line, new).'
        )
    return text
