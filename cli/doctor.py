"""`devtask doctor`: real probes of everything the service needs, one line each, and what mends what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from cli.problems import told

if TYPE_CHECKING:
    from cli.findings import Finding
    from state.settings import Settings

STYLES = {"ok": "green", "warning": "yellow", "wrong": "bold red"}


@told
def doctor(
    repo: Annotated[
        str | None, typer.Argument(help="a folder, or owner/name: what would be run for this repository")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object instead of lines")] = False,
) -> None:
    """Probe this installation and say how to mend what is wrong. Ends with 1 if something is. With REPO say instead
    what would be run for that repository: setup, tests, lint, types, protected paths, hosts; nothing of it is run.

    Nothing is changed, and the models are only asked whether they know us, which costs nothing. Run it as the service's
    user in the folder of its .env.
    """
    if repo is not None:
        _repository(repo, as_json)
        return
    findings = examine()
    bad = any(one.health == "wrong" for one in findings)
    if as_json:
        typer.echo(json.dumps({"ok": not bad, "findings": [one.json() for one in findings]}, indent=2))
    else:
        _print(findings, bad)
    raise typer.Exit(1 if bad else 0)


def _repository(repo: str, as_json: bool) -> None:
    """Raises Told, with the line where the repository's configuration is wrong."""
    from cli.probes.repository import examined, shown
    from ghapp.clients.errors import ClientError
    from ghapp.say.messages import catalog, plain
    from jobs.git.errors import GitError
    from jobs.runtime import runtime
    from state.errors import Told
    from state.settings import Process

    try:
        found = examined(repo, lambda: runtime(Process.TOOL))
    except Told as error:
        said = plain("en", error.key, **error.params) if error.key in catalog("en") else error.key
        hint = plain("en", error.hint) if error.hint and error.hint in catalog("en") else error.hint
        raise Told(said, hint) from None
    except (ClientError, GitError) as error:
        raise Told(f"{repo} cannot be read: {error}", "Name a folder of this machine, or owner/name.") from None
    typer.echo(json.dumps(found, indent=2) if as_json else "\n".join(shown(found)))


def examine() -> list[Finding]:
    """Every finding, in the order in which one would mend them; secrets removed."""
    findings, known = _settings()
    if known is None:
        return findings
    redactor = known.redactor()
    return findings + [one.without(redactor) for probe in _probes() for one in probe(known)]


def _probes() -> tuple[Callable[[Settings], list[Finding]], ...]:
    from cli.probes import chat, github, machine, models, stores

    return (
        machine.folders,
        machine.user,
        machine.git,
        machine.sandbox,
        stores.database,
        stores.redis,
        github.github,
        models.models,
        chat.telegram,
    )


def _settings() -> tuple[list[Finding], Settings | None]:
    """What gate and workers would refuse to start with; and the settings, if they can be read at all."""
    from cli.findings import fine, wrong
    from jobs.runtime import settings
    from state.settings import Problem, Process, SettingsError

    found: dict[Problem, None] = {}
    for process in (Process.GATE, Process.WORKER):
        try:
            settings(process)
        except SettingsError as error:
            found |= dict.fromkeys(error.problems)
    findings = [wrong("settings", f"{one.name} {one.what}", one.mend) for one in found]
    try:
        known = settings(Process.TOOL)
    except SettingsError:
        return findings, None
    return findings or [fine("settings", "complete for the gate and the workers")], known


def _print(findings: list[Finding], bad: bool) -> None:
    from rich.console import Console
    from rich.text import Text

    from cli.findings import lines

    console = Console(soft_wrap=True)
    for health, line in lines(findings):
        console.print(Text(line, style="" if health == "ok" else STYLES[health.value]))
    console.print("something is wrong" if bad else "everything that is needed works")
