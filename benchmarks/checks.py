"""What must hold after a soak, as pure functions over what the stand-ins saw."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

MARKER = re.compile(r"<!-- devtask:op=[0-9a-f]{32} sig=[0-9a-f]{16} -->")
NONE = "0" * 40


def markers(bodies: Iterable[str]) -> Counter[str]:
    """How many comments carry each marker."""
    return Counter(marker for body in bodies for marker in set(MARKER.findall(body)))


def doubled(bodies: Iterable[str]) -> list[str]:
    """Markers that stand in more than one comment."""
    return sorted(marker for marker, times in markers(bodies).items() if times > 1)


def backwards(pushes: Iterable[Mapping[str, Any]]) -> list[str]:
    """Pushes that were forced, deleted a branch, or did not start where the last one of that branch ended."""
    heads: dict[tuple[str, str], str] = {}
    wrong = []
    for push in pushes:
        where = (push["repo"], push["ref"])
        expected = heads.get(where, push["before"])
        if push["forced"] or push["after"] == NONE or push["before"] != expected:
            wrong.append(f"{push['repo']} {push['ref']} {push['before'][:7]}..{push['after'][:7]}")
        heads[where] = push["after"]
    return wrong


def left_running(folder: str, sessions: Iterable[int], proc: Path = Path("/proc")) -> list[int]:
    """Processes of these sessions, or with the folder in their command line, that still live."""
    known = set(sessions)
    found = []
    for entry in proc.iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if fields[0] != "Z" and (int(fields[3]) in known or folder in command):
            found.append(int(entry.name))
    return sorted(found)
