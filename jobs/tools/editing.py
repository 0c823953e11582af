"""edit_file and replace_lines: exact, on what the model has read, with answers from which it can go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ai.port import Json
from ai.tools.limits import EDIT_MISSES
from jobs.checks.syntax import new_syntax_problem
from jobs.setup.protected import Guard
from jobs.tools.content import Text, around, line_of, numbered, showable
from jobs.tools.errors import Refused
from jobs.tools.matching import Miss, explain, places
from jobs.tools.memory import ToolSession
from jobs.tools.names import file_name
from jobs.tools.nearest import missing
from jobs.tools.trees import WorkTree

PLACES: Final = 10
SHOWN_LINES: Final = 60
WHOLE_LINES: Final = 120
ELSEWHERE_BYTES: Final = 300_000


@dataclass(frozen=True)
class Desk:
    """What the changing tools work on."""

    tree: WorkTree
    session: ToolSession
    guard: Guard


def may_write(desk: Desk, path: str) -> None:
    """Raises Refused for a path that is ours or protected."""
    reason = desk.guard.reason(path)
    if reason and desk.guard.held(path):
        raise Refused(
            f"{reason}. Finish the rest of the step. If it cannot be done without this file, name it then in "
            "`extra_files` of `done`, with the reason: the step waits there until a person allows it."
        )
    if reason:
        raise Refused(f"{reason}. Leave it as it is, go on without it, and say in `done` what it would need.")


def edit_file(desk: Desk, args: Json) -> str:
    """Replaces the one place where `old` stands."""
    path = file_name(args["path"])
    old, new = str(args["old"]).replace("\r\n", "\n"), sound(str(args["new"])).replace("\r\n", "\n")
    text = _open(desk, path, lambda now: _near_now(now, old))
    if not old:
        raise Refused(
            "`old` is empty. Give the passage to replace; to insert, repeat a line beside it in both `old` and `new`; "
            "for a new file use write_file."
        )
    if old == new:
        raise Refused("`old` and `new` are the same, so nothing would change. Send the text as it shall be in `new`.")
    found = places(text.plain, old)
    if len(found) > 1:
        raise Refused(_many(desk, path, text, old, found))
    if not found:
        raise Refused(_missed(desk, path, text, old, new))
    at = found[0]
    return store(desk, path, text, text.spliced(at, at + len(old), new), line_of(text.plain, at), new)


def replace_lines(desk: Desk, args: Json) -> str:
    """Replaces lines whose first and last text the model repeats."""
    path, start, end = file_name(args["path"]), int(args["start"]), int(args["end"])
    text = _open(desk, path, lambda now: _lines_now(now, start, end))
    if start < 1 or end < start:
        raise Refused(
            f"Lines {start} to {end} are no range: `start` is at least 1 and `end` not before it. "
            "To insert, replace one line by itself and the new ones."
        )
    total = len(text.lines)
    if end > total:
        raise Refused(
            f"`{path}` has {total} lines, so there is no line {end}. Its end:\n{_lines_now(text, total, total)}"
        )
    _verify(text, path, "first_line", start, str(args["first_line"]))
    _verify(text, path, "last_line", end, str(args["last_line"]))
    left, right = text.line_start(start), text.line_start(end + 1)
    new = sound(str(args["new"])).replace("\r\n", "\n")
    if new and not new.endswith("\n") and text.plain[left:right].endswith("\n"):
        new += "\n"
    if end == total and not text.plain.endswith("\n"):
        new = new.removesuffix("\n")
    if text.plain[left:right] == new:
        raise Refused("`new` is what these lines hold already, so nothing would change.")
    return store(desk, path, text, text.spliced(left, right, new), start, new)


def sound(text: str) -> str:
    """The text if it can be written. Raises Refused."""
    try:
        text.encode()
    except UnicodeEncodeError as wrong:
        raise Refused(
            f"Character {wrong.start + 1} of the text is half a character (a lone surrogate). Send it as a whole one."
        ) from wrong
    if "\0" in text:
        raise Refused("The text holds a NUL character, which no text file has. Write it as an escape of the language.")
    return text


def store(desk: Desk, path: str, before: Text, after: Text, line: int, new: str) -> str:
    """Writes the changed file unless that breaks its syntax; answers with the lines as they are now."""
    wrong = new_syntax_problem(path, before.plain, after.plain)
    if wrong:
        raise Refused(_broken(path, before, after, line, new, wrong.line, wrong.message))
    data = after.data()
    desk.tree.files.write(path, data)
    desk.session.wrote(path, data)
    last = max(line, line + new.rstrip("\n").count("\n"))
    head = f"Edited {path}, now {len(after.lines)} lines."
    if last - line > SHOWN_LINES:
        return f"{head} The change is in lines {line} to {last}."
    return f"{head} As it is now:\n{around(after.lines, line, last)}" if after.lines else f"{head} It is empty now."


def _open(desk: Desk, path: str, now: Callable[[Text], str]) -> Text:
    """The text to edit. Raises Refused where it may not, cannot or must not yet be edited."""
    may_write(desk, path)
    kind = desk.tree.kind(path)
    if kind is None:
        raise Refused(f"{missing(path, desk.tree.paths())} To make a new file use write_file.")
    if kind == "folder":
        raise Refused(f"`{path}` is a folder. Name the file in it; list_files shows them.")
    data = desk.tree.read(path)
    text = Text.of(data)
    if text is None:
        raise Refused(f"`{path}` is binary, so there is no text to replace. Write it by a program with run.")
    if path not in desk.session.seen:
        raise Refused(
            f"You have not read `{path}` in this attempt. Call read_file for it, then edit what stands there."
        )
    if not desk.session.knows(path, data):
        desk.session.saw(path, data)
        raise Refused(
            f"`{path}` changed since you read it (a command did that), so nothing was replaced. It counts as read now. "
            f"{now(text)}\nCall again with what stands there now."
        )
    return text


def _near_now(text: Text, old: str) -> str:
    if len(text.lines) <= WHOLE_LINES:
        return f"The whole file now:\n{numbered(text.lines, 1)}"
    found = places(text.plain, old) if old else []
    if found:
        start = line_of(text.plain, found[0])
        return f"Your passage is still there:\n{around(text.lines, start, start + old.count(chr(10)))}"
    near = explain(text.plain, old).near if old.strip() else None
    shown = around(text.lines, near.start, near.end, 10) if near else numbered(text.lines[:WHOLE_LINES], 1)
    return f"The nearest passage now:\n{shown}"


def _lines_now(text: Text, start: int, end: int) -> str:
    if len(text.lines) <= WHOLE_LINES:
        return f"The whole file now:\n{numbered(text.lines, 1)}"
    return f"The lines now:\n{around(text.lines, max(1, start), min(end, start + SHOWN_LINES), 10)}"


def _many(desk: Desk, path: str, text: Text, old: str, found: list[int]) -> str:
    desk.session.missed(path)
    lines = [line_of(text.plain, at) for at in found[:PLACES]]
    shown = "\n".join(numbered(text.lines[max(0, line - 2) : line], max(1, line - 1)) for line in lines)
    more = f" and {len(found) - PLACES} more" if len(found) > PLACES else ""
    return (
        f"`old` stands {len(found)} times in `{path}`, so nothing was replaced: "
        f"lines {', '.join(map(str, lines))}{more}. "
        f"Add lines before or after it until it is unique. Each place with the line before it:\n{shown}"
        f"{_offer(desk, path)}"
    )


def _missed(desk: Desk, path: str, text: Text, old: str, new: str) -> str:
    desk.session.missed(path)
    miss = _already(text, new) or explain(text.plain, old)
    others = _elsewhere(desk, path, old) if miss.near is None else []
    parts = [f"`old` does not stand in `{path}`, so nothing was replaced. {miss.why}"]
    if others:
        parts.append(f"It stands in {' and '.join(others)}: edit that file instead, after reading it.")
    if miss.near:
        end = min(miss.near.end, miss.near.start + SHOWN_LINES)
        parts.append(f"The file there:\n{around(text.lines, miss.near.start, end)}")
    elif not others:
        parts.append("Read the file again and copy the passage from there.")
    return "\n".join(parts) + _offer(desk, path)


def _already(text: Text, new: str) -> Miss | None:
    """The edit was made before: what it wants stands there."""
    found = places(text.plain, new) if len(new.strip()) > 8 else []
    if len(found) != 1:
        return None
    near = explain(text.plain, new).near
    return Miss("`new` stands there already: this edit seems to have been made. If so, go on.", near)


def _elsewhere(desk: Desk, path: str, old: str) -> list[str]:
    """Other files in which the old text stands word for word."""
    if len(old.strip()) < 8:
        return []
    ending = path.rpartition(".")[2]
    paths = [each for each in desk.tree.paths() if each != path and each.endswith(ending)]
    found = []
    for each, data in desk.tree.contents(paths[:2_000], ELSEWHERE_BYTES):
        text = Text.of(data)
        if text is not None and old in text.plain:
            found.append(f"`{each}` (line {line_of(text.plain, text.plain.index(old))})")
        if len(found) == 3:
            break
    return found


def _offer(desk: Desk, path: str) -> str:
    misses = desk.session.misses.get(path, 0)
    if misses < EDIT_MISSES:
        return ""
    return (
        f"\nThat was miss {misses} on this file. replace_lines needs no exact passage: give start and end from the "
        "numbers above, and the present text of these two lines."
    )


def _verify(text: Text, path: str, name: str, number: int, given: str) -> None:
    """Blanks around do not count: the line is named by its number already."""
    there = text.lines[number - 1]
    if there.strip() == given.strip():
        return
    at = [index for index, line in enumerate(text.lines, 1) if line.strip() == given.strip() and given.strip()]
    hint = f" `{showable(given.strip(), 120)}` is line {', '.join(map(str, at[:5]))}." if at else ""
    raise Refused(
        f"Line {number} of `{path}` is not what `{name}` says, so nothing was replaced.{hint} The lines there:\n"
        f"{around(text.lines, number, number, 5)}\nCall again with the numbers and texts of these lines, without the "
        "number and tab in front."
    )


def _broken(path: str, before: Text, after: Text, line: int, new: str, at: int, message: str) -> str:
    last = line + new.rstrip("\n").count("\n")
    wrong = f" at line {at}" if at else ""
    end = min(last, line + SHOWN_LINES)
    shown = around(after.lines, line, end)
    if at and not line - 3 <= at <= end + 3:
        shown += f"\n and where it breaks:\n{around(after.lines, at, at)}"
    was = around(before.lines, line, min(line + SHOWN_LINES, len(before.lines)), 2) if before.lines else "(empty)"
    return (
        f"Not applied: `{path}` would no longer be well formed{wrong} ({message}). It is unchanged.\n"
        f"Before:\n{was}\n"
        f"After it would be:\n{shown}\n"
        "Send the edit again with this mended; look at indentation, brackets and quotes."
    )
