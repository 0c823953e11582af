"""diff and history: by the parent, from objects."""

from __future__ import annotations

from ai.tools.limits import HISTORY_COMMITS
from jobs.git.changes import changed_files, diff_text
from jobs.tools.lines import number
from jobs.tools.look import Look, shown
from jobs.tools.paths import clean
from jobs.tools.session import ToolSession

DIFF_CHARS = 30_000


def diff(session: ToolSession, path: object = None, limit: int = DIFF_CHARS) -> str:
    """What the step changed so far against its start."""
    only = session.path(path) if path not in (None, "", ".") else None
    tree = session.workspace.snapshot()
    changes = changed_files(session.workspace.mirror, session.base, tree)
    changes = [change for change in changes if not only or change.path == only or change.path.startswith(f"{only}/")]
    if not changes:
        return f"Nothing is changed{f' in {only}' if only else ''} since the step began."
    text, cut = diff_text(session.workspace.mirror, session.base, tree, only, limit)
    counts = [
        f"{change.what:<9} {shown(change.path)} (+{change.added or 0} -{change.removed or 0})" for change in changes
    ]
    more = "\n[cut here; ask for a single path to see the rest]" if cut else ""
    return "\n".join([f"{len(changes)} files differ from the start of this step:", *counts[:100], "", text]) + more


def history(look: Look, path: object = None, count: object = None) -> str:
    """The last commits, newest first."""
    only = clean(path, look.root) if path not in (None, "", ".") else None
    wanted = min(number(count, "count"), HISTORY_COMMITS) if count not in (None, "") else 10
    commits = look.log(wanted, only or None)
    if not commits:
        return f"No commit touches {only}."
    lines = []
    for commit in commits:
        lines.append(f"{commit.commit[:10]} {commit.at[:10]} {commit.author}: {commit.subject}")
        more = f" and {len(commit.files) - 8} more" if len(commit.files) > 8 else ""
        if commit.files:
            lines.append(f"    {', '.join(shown(file) for file in commit.files[:8])}{more}")
    return "\n".join(lines)
