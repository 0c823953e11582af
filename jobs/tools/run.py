"""run: one command in the sandbox, told so that the next step is clear."""

from __future__ import annotations

import re

from ai.tools.limits import COMMAND_SECONDS, COMMAND_SECONDS_MAX, OUTPUT_CHARS
from jobs.sandbox.limits import Result
from jobs.tools.lines import number
from jobs.tools.paths import Mistake
from jobs.tools.session import ToolSession

_INSTALL = re.compile(r"\b(pip3?|uv|poetry|npm|yarn|pnpm|apt|apt-get|conda)\s+(\w+\s+)*(install|add|ci|sync)\b")
_ONLY_CD = re.compile(r"\s*(cd\s+\S+|export\s+\w+=\S*|\w+=\S*)\s*;?\s*")
_NETWORK = ("Network is unreachable", "Could not resolve host", "Temporary failure in name resolution", "EAI_AGAIN")


def run(session: ToolSession, command: object, timeout: object = None) -> str:
    """The exit status first, then the output. Raises Mistake for arguments only, never for what the command does."""
    if not isinstance(command, str) or not command.strip():
        raise Mistake("`command` is empty.")
    seconds = number(timeout, "timeout") if timeout not in (None, "") else COMMAND_SECONDS
    seconds = min(seconds, COMMAND_SECONDS_MAX)
    result = session.box.run(command, timeout=seconds, cancel=session.cancel, show=OUTPUT_CHARS)
    session.workspace.purge()
    session.reviewed = False
    return answer(command, result, seconds)


def answer(command: str, result: Result, seconds: float) -> str:
    """The text for the model. Pure."""
    parts = [_status(result, seconds)]
    if result.background:
        parts.append(f"Background processes were killed when the command ended: {', '.join(result.background)}.")
    output = result.output.rstrip("\n")
    parts.append(output if output.strip() else "(no output)")
    if result.output_path:
        parts.append(
            f"[{result.output_bytes} bytes in all; the whole is in {result.output_path}: "
            f"page it with sed -n '100,200p' {result.output_path} or search it with grep]"
        )
    parts += _hints(command, result)
    return "\n".join(parts)


def _status(result: Result, seconds: float) -> str:
    if result.timed_out:
        return f"killed after {seconds:g} s. Narrow it (one test, one file), or give a longer timeout. Last output:"
    if result.cancelled:
        return "stopped: the task was paused or aborted."
    if result.limit == "output":
        return "killed: it printed more than is kept. Send the output to a file and look at parts of it."
    if result.limit == "disk":
        return "killed: the disk is almost full. Remove what is not needed."
    limit = f" A limit was hit: {result.limit}." if result.limit else ""
    if len(result.statuses) > 1:
        return f"exit statuses of the pipeline: {' | '.join(map(str, result.statuses))}.{limit}"
    return f"exit status {result.exit_code}.{limit}"


def _hints(command: str, result: Result) -> list[str]:
    hints = []
    if _ONLY_CD.fullmatch(command):
        hints.append("Note: this does not last. Each command starts in a fresh shell at the root; join with &&.")
    offline = any(sign in result.output for sign in _NETWORK)
    if _INSTALL.search(command) and result.exit_code:
        hints.append(
            "Note: nothing can be installed here; there is no network and the environment is read-only. Dependencies "
            "come from the repository's manifest files and `setup` in .github/devtask.yml before the step starts. If "
            "one is missing, say so in done's summary."
        )
    elif offline:
        hints.append("Note: there is no network here.")
    return hints
