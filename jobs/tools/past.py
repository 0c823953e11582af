"""The history tool, and the repository's own rules."""

from __future__ import annotations

from typing import Final

from ai.port import Json
from ai.tools.limits import HISTORY_COMMITS
from jobs.git.facts import log
from jobs.git.mirror import Mirror
from jobs.tools.content import showable
from jobs.tools.errors import Refused
from jobs.tools.names import clean
from jobs.tools.trees import CommitTree

FILES_SHOWN: Final = 12
RULES: Final = (
    *("AGENTS.md", "CLAUDE.md", "GEMINI.md", "CONTRIBUTING.md", "CONTRIBUTING.rst", "CONTRIBUTING"),
    *(".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md", "README.md", "README.rst", "README", ".github/devtask.yml"),
)
RULE_CHARS: Final = 20_000


def history(mirror: Mirror, commit: str, args: Json) -> str:
    """The last commits, newest first."""
    path = clean(args.get("path"))
    count = max(1, min(int(args.get("count") or 10), HISTORY_COMMITS))
    found = log(mirror, commit, count, path or None)
    if not found:
        raise Refused(f"No commit touches `{path}`. It may be new or named otherwise; leave `path` out to see all.")
    return "\n".join(
        f"{one.commit[:10]} {one.at[:10]} {showable(one.author, 60)}: {showable(one.subject, 200)}\n"
        f"    {_files(one.files)}"
        for one in found
    )


def _files(files: tuple[str, ...]) -> str:
    if not files:
        return "(no files: a merge or an empty commit)"
    more = f" and {len(files) - FILES_SHOWN} more" if len(files) > FILES_SHOWN else ""
    return ", ".join(files[:FILES_SHOWN]) + more


def rules(tree: CommitTree) -> list[str]:
    """Each file of rules in full, up to a bound."""
    known = set(tree.paths())
    parts = []
    for name in RULES:
        if name in known and tree.kind(name) == "file":
            text = tree.read(name).decode("utf-8", "replace")
            cut = f"\n[cut: {len(text) - RULE_CHARS} more characters; read_file shows them]"
            parts.append(f"--- {name}\n{text[:RULE_CHARS].rstrip()}{cut if len(text) > RULE_CHARS else ''}")
    return parts
