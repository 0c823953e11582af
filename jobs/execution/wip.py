"""Work that did not pass, kept on the branch as a `wip:` commit: no secrets, no protected paths, no checks asked."""

from __future__ import annotations

from ghapp.clients.errors import ClientError
from jobs.execution import secrets
from jobs.execution.authorship import authorship, is_wip, wip_message
from jobs.execution.files import files_for, write_files
from jobs.execution.publish import ApproverLost, NotPushed, publish
from jobs.execution.work import Bench, Taken
from jobs.git.errors import GitError, Untrusted
from jobs.git.hygiene import entry_mode, remove_tree
from jobs.git.refs import parent_of
from jobs.git.workspace import Workspace
from jobs.setup.belongs import junk
from state.failpoint import failpoint
from state.logs import get_log
from state.plan.branch_facts import FOLDER

LEFT = "left"


def push_wip(taken: Taken, bench: Bench, number: int, why: str) -> str | None:
    """Commit and push everything that may leave; the branch's new head, or None when there was nothing to keep."""
    workspace, why = bench.workspace, taken.runtime.redactor.redact(why).text
    parent, known = workspace.head(), bench.workspace.refs.get()
    if (left := _left(taken, bench, parent)) is not None:
        return left
    drop_untrusted(workspace)
    changed = [path for path in workspace.changed() if not path.startswith(f"{FOLDER}/")]
    allowed = [path for path in changed if bench.guard.reason(path) is None and not junk(path)]
    allowed = without_secrets(taken, bench, parent, allowed)
    if not allowed:
        return None
    own = write_files(bench, files_for(taken, bench, workspace.snapshot(), last_error=why.split("\n", 1)[0][:300]))
    try:
        sha = workspace.commit([*allowed, *own], wip_message(taken, bench, number, why[:2000]), authorship(taken))
        if sha is None:
            return None
        if leaking(taken, bench, parent, sha):
            workspace.undo(sha, known, bench.parent)
            return None
        failpoint("wip.before_push")
        publish(taken, bench, sha)
        failpoint("wip.after_push")
    except (Untrusted, GitError, ClientError, ApproverLost, NotPushed) as trouble:
        get_log().warning("wip not pushed", task_key=taken.task.key, why=str(trouble))
        return None
    return sha


def without_secrets(taken: Taken, bench: Bench, parent: str, paths: list[str]) -> list[str]:
    """The paths whose new content may leave; a file that holds a secret stays on this machine, the rest is kept."""
    mirror, redactor = bench.repository.mirror, taken.runtime.redactor
    found = secrets.leaks(mirror, parent, bench.workspace.snapshot(), redactor)
    if not found:
        return paths
    get_log().warning(
        "left out of the wip commit: a secret", task_key=taken.task.key, where=[one.told() for one in found]
    )
    where = {one.where for one in found}
    if secrets.NAME in where:
        return []
    return [path for path in paths if path not in where]


def leaking(taken: Taken, bench: Bench, parent: str, sha: str) -> bool:
    """Whether the commit holds a secret after all: in its message, or beyond the first files that were found."""
    redactor = taken.runtime.redactor
    found = secrets.leaks(bench.repository.mirror, parent, sha, redactor, taken.task.branch or "")
    if found:
        where = [one.told() for one in found]
        get_log().warning("wip not pushed: it holds a secret", task_key=taken.task.key, where=where)
    return bool(found)


def set_aside(taken: Taken, workspace: Workspace) -> None:
    """A crash after a `wip:` commit and before its record: the commit waits in a ref of its own, for the attempt ends
    again as it did, and the task's ref goes back to where the attempt stood.
    """
    refs = workspace.refs
    head = refs.get()
    if head is None or head == taken.task.head_sha or not is_wip(taken, refs.trailers()):
        return
    parent = parent_of(workspace.mirror, head)
    refs.move(LEFT, head, refs.get(LEFT))
    refs.move("head", parent if parent != taken.base else None, head)


def _left(taken: Taken, bench: Bench, parent: str) -> str | None:
    """The `wip:` commit that was set aside, pushed now if it was not; None when there is none on this parent."""
    refs = bench.workspace.refs
    left = refs.get(LEFT)
    if left is None or parent_of(bench.workspace.mirror, left) != parent:
        return None
    if leaking(taken, bench, parent, left):
        refs.move(LEFT, None, left)
        return None
    try:
        failpoint("wip.before_push")
        publish(taken, bench, left)
        failpoint("wip.after_push")
    except (GitError, ClientError, ApproverLost, NotPushed) as trouble:
        get_log().warning("wip not pushed", task_key=taken.task.key, why=str(trouble))
        return None
    refs.move("head", left, refs.get())
    refs.move(LEFT, None, left)
    return left


def drop_untrusted(workspace: Workspace) -> None:
    """What no commit may hold (a link out of the tree, a pipe) goes, so that the rest can be kept."""
    for path in workspace.changed():
        try:
            entry_mode(workspace.tree, path)
        except Untrusted as planted:
            get_log().warning("not kept", why=str(planted))
            remove(workspace, path)


def remove(workspace: Workspace, path: str) -> None:
    """The entry itself, never what a link leads to."""
    entry = workspace.tree / path.rstrip("/")
    if entry.is_dir() and not entry.is_symlink():
        remove_tree(entry)
    else:
        entry.unlink(missing_ok=True)
