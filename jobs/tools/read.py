"""read_file: lines with numbers, a range at a time."""

from __future__ import annotations

from ai.tools.limits import READ_LINES
from jobs.tools.filetext import decode, numbered
from jobs.tools.lines import number
from jobs.tools.look import Look
from jobs.tools.paths import Mistake, clean, like


def read_file(look: Look, path: object, start: object = None, end: object = None) -> tuple[str, str, bytes]:
    """The answer, the path in one spelling, and the bytes that were read. Raises Mistake."""
    name = clean(path, look.root)
    data = look.content(name) if name else None
    if data is None:
        raise Mistake(f"There is no file {name or 'without a name'}.{like(name, look.paths())}")
    lines = decode(data, name).lines()
    if not lines:
        return f"{name} is empty (0 lines).", name, data
    first = number(start, "start") if start not in (None, "") else 1
    last = number(end, "end") if end not in (None, "") else len(lines)
    if first > len(lines) or last < first:
        raise Mistake(f"{name} has {len(lines)} lines; {first} to {last} is no range of it.")
    last = min(last, len(lines), first + READ_LINES - 1)
    head = f"{name}, lines {first} to {last} of {len(lines)}:"
    more = f"\n[{len(lines) - last} more lines; read on with start={last + 1}]" if last < len(lines) else ""
    return f"{head}\n{numbered(lines[first - 1 : last], first)}{more}", name, data
