"""The run tool: what a command did, its exit status first, and what to try where it went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from ai.port import Json
from ai.tools.limits import COMMAND_SECONDS, COMMAND_SECONDS_MAX, OUTPUT_CHARS
from jobs.sandbox.limits import Result
from jobs.tools.errors import Refused
from jobs.tools.ports import Commands

_LIMITS: Final = {
    "output": "it printed more than may be kept. Print less: `-q`, `| tail -50`, or write to a file in $TMPDIR",
    "disk": "the disk was nearly full. Write less, and delete in $TMPDIR what is not needed",
    "memory": "it needed more memory than there is. Work on less at a time, or with fewer processes",
    "processes": "it started more processes than may run. Use fewer workers",
}
_PIPE_CLOSED: Final = 141
"""What a part ends with when the next one has read enough (`| head`): no failure."""
_CD = re.compile(r"\s*\(?\s*(?:cd|pushd)\s")
_SETS = re.compile(r"(?:export\s+\w+=|(?:source|\.)\s+\S|alias\s+\w|set\s+-|\w+=\S*\s*$)[^;&|\n]*$")
_SETS_ALONE = re.compile(r"(?:cd|pushd)\s[^;&|\n]*$")
_INSTALL = re.compile(
    r"\b(?:pip3?|uv|poetry|npm|yarn|pnpm|cargo|gem|go)\s+(?:\S+\s+)?(?:install|add|i|ci|get|sync)\b|\bapt(?:-get)?\s"
)
_PROMPT = re.compile(r"(?:^|[;&|]\s*)(?:python3?|node|irb|bash|sh|psql|sqlite3)\s*(?:$|[;&|])")
_EDITOR = re.compile(r"(?:^|[;&|]\s*)(?:vi|vim|nano|emacs|less|more|man|top|htop)\b")
_NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|Network is unreachable|Could not resolve host|EAI_AGAIN|"
    r"Name or service not known"
)


def run(box: Commands, cancel: Callable[[], bool] | None, args: Json) -> str:
    """Runs the command; whatever it does is an answer, not an error. Raises Refused for one that cannot be run."""
    command, seconds = str(args["command"]).strip(), args.get("timeout")
    if not command:
        raise Refused("`command` is empty. Give a shell command, for example `python -m pkg.tool --check`.")
    if "\0" in command:
        raise Refused("`command` holds a NUL character, which no shell takes. Leave it out.")
    wanted = COMMAND_SECONDS if seconds is None else int(seconds)
    if wanted < 1:
        raise Refused(f"`timeout` is {wanted}; give 1 to {COMMAND_SECONDS_MAX} seconds, or leave it out.")
    limit = min(wanted, COMMAND_SECONDS_MAX)
    notes = [f"`timeout` is at most {COMMAND_SECONDS_MAX} seconds; that was used."] if wanted > limit else []
    result = box.run(command, timeout=limit, cancel=cancel, show=OUTPUT_CHARS)
    return said(command, result, limit, notes)


def said(command: str, result: Result, limit: int, notes: list[str]) -> str:
    """The answer. Pure."""
    output = result.output.rstrip("\n")
    empty = "(no output before that)" if result.killed else "(no output)"
    parts = [_status(result, limit), output or empty, *_whole(result)]
    after = [*notes, *_hints(command, result)]
    return "\n".join([*parts, *(f"Note: {note}" for note in after)])


def _status(result: Result, limit: int) -> str:
    if result.timed_out:
        return (
            f"killed after {limit} s (exit status {result.exit_code}). Narrow it (one test, one folder, fewer inputs), "
            f"or give a longer `timeout`, at most {COMMAND_SECONDS_MAX}. The last output:"
        )
    if result.cancelled:
        return (
            f"stopped (exit status {result.exit_code}): the task was stopped by a person or a limit. The last output:"
        )
    if result.limit:
        why = _LIMITS.get(result.limit, f"it reached the limit on {result.limit}. Use less of it")
        return f"killed (exit status {result.exit_code}): {why}. The last output:"
    parts = f" (parts of the pipeline: {', '.join(map(str, result.statuses))})" if len(result.statuses) > 1 else ""
    return f"exit status {result.exit_code}{parts}, {result.seconds:.1f} s"


def _whole(result: Result) -> list[str]:
    if not result.output_path:
        return []
    path = result.output_path
    return [
        f"[cut: {result.output_bytes:,} bytes in all. The whole is in {path}; page it with run: "
        f"`sed -n '1,200p' {path}`, `grep -n WORD {path}`, `tail -100 {path}`]"
    ]


def _hints(command: str, result: Result) -> list[str]:
    failed = result.exit_code != 0 and not result.killed
    early = result.exit_code == 0 and _first_bad(result) > 0
    asked = (
        (
            early,
            f"part {_first_bad(result)} of the pipeline failed although the last one ended with 0. Run it without the "
            "pipe to see that one's own status.",
        ),
        (bool(result.background), _left(result)),
        (
            bool(_CD.match(command)),
            "`cd` does not last: the next command starts at the repository's root again."
            + (_join(command) if _SETS_ALONE.match(command) else ""),
        ),
        (
            bool(_SETS.match(command)),
            f"variables, aliases and options do not last to the next command.{_join(command)}",
        ),
        (failed and result.exit_code == 127, "there is no such program here, and none can be installed."),
        (
            failed and bool(_INSTALL.search(command)),
            "there is no network and nothing can be installed. Use what is there, or say in `done` which package is "
            "missing.",
        ),
        (
            bool(_NO_NETWORK.search(result.output)) and not _INSTALL.search(command),
            "there is no network here, only 127.0.0.1 within one command. Work with what is here, and say in `done` "
            "what could not be had.",
        ),
        (
            bool(_PROMPT.search(command)),
            "commands get no input, so a prompt ends at once: pass a script (`python -c '...'`, `bash -c '...'`).",
        ),
        (
            bool(_EDITOR.search(command)),
            "there is no screen here. Show files with read_file, change them with edit_file.",
        ),
    )
    return [text for holds, text in asked if holds]


def _join(command: str) -> str:
    return f" Join what belongs together: `{' '.join(command.split())} && COMMAND`."


def _first_bad(result: Result) -> int:
    return next((number for number, status in enumerate(result.statuses, 1) if status not in {0, _PIPE_CLOSED}), 0)


def _left(result: Result) -> str:
    names = ", ".join(result.background)
    return (
        f"it left processes running ({names}); they were killed, as nothing lasts to the next command. To use a "
        "server, start, use and stop it within one command: `server & sleep 1; client; kill $!`."
    )
