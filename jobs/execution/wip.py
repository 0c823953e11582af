"""Work that did not pass, kept on the branch as a `wip:` commit: no secrets, no protected paths, no checks asked."""

from __future__ import annotations

from ghapp.clients.errors import ClientError
from jobs.execution.authorship import authorship, wip_message
from jobs.execution.files import files_for, tests_of, write_files
from jobs.execution.publish import ApproverLost, NotPushed, publish
from jobs.execution.work import Bench, Taken
from jobs.git.changes import diff_text
from jobs.git.errors import GitError, Untrusted
from state.logs import get_log
from state.plan.branch_facts import FOLDER


def push_wip(taken: Taken, bench: Bench, number: int, why: str) -> str | None:
    """Commit and push everything that may leave; the branch's new head, or None when there was nothing to keep."""
    workspace = bench.workspace
    parent = workspace.head()
    changed = [path for path in workspace.changed() if not path.startswith(f"{FOLDER}/")]
    allowed = [path for path in changed if bench.guard.reason(path) is None]
    if not allowed:
        return None
    own = write_files(
        bench, files_for(taken, bench, workspace.snapshot(), tests_of(0, 0, 0), last_error=why.split("\n", 1)[0][:300])
    )
    try:
        sha = workspace.commit([*allowed, *own], wip_message(taken, bench, number, why[:2000]), authorship(taken))
        if sha is None:
            return None
        diff, _ = diff_text(bench.repository.mirror, parent, sha)
        if taken.runtime.redactor.redact(diff).count:
            get_log().warning("wip not pushed: it holds a secret", task_key=taken.task.key)
            return None
        publish(taken, bench, sha)
    except (Untrusted, GitError, ClientError, ApproverLost, NotPushed) as trouble:
        get_log().warning("wip not pushed", task_key=taken.task.key, why=str(trouble))
        return None
    return sha
