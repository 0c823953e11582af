"""Commands that the grammar knows and a later release builds: one row each, answered by one line."""

from __future__ import annotations

from ghapp.commands.model import Command, Row
from ghapp.decision import Context, Decision, Who
from ghapp.emit.inert import Md
from ghapp.replies import told

CONTROL, EVIDENCE, ASKING, AFTER, TOGETHER, JIRA = "control", "evidence", "asking", "branch", "together", "jira"


def decide(command: Command, ctx: Context) -> Decision:
    """Understood, and said so."""
    return told(ctx, command.index, "commands.later", command=Md(f"`/{command.name}`"))


def _row(name: str, spanish: tuple[str, ...], release: str, who: Who = Who.WRITE, *, bare: bool = False) -> Row:
    return Row(name, spanish, f"commands.help.{name}", who, decide, bare=bare, release=release)


SEEN = Who.TRIAGE_OR_REQUESTER
ROWS: tuple[Row, ...] = (
    _row("ask", ("preguntar", "pregunta"), ASKING, bare=True),
    _row("do", ("hacer", "haz"), CONTROL, bare=True),
    _row("tasks", ("tareas",), ASKING, SEEN, bare=True),
    _row("edit", ("editar",), CONTROL),
    _row("drop", ("quitar",), CONTROL),
    _row("move", ("mover",), CONTROL),
    _row("answer", ("responder",), CONTROL),
    _row("change", ("cambiar", "cambio"), CONTROL),
    _row("versions", ("versiones",), CONTROL, SEEN),
    _row("diff", ("diferencia",), CONTROL, SEEN),
    _row("why", ("porque",), ASKING, SEEN),
    _row("doctor", (), ASKING),
    _row("pause", ("pausar", "pausa"), CONTROL),
    _row("resume", ("reanudar",), CONTROL),
    _row("rewind", ("rebobinar",), CONTROL),
    _row("simulate", ("simular",), CONTROL),
    _row("continue", ("continuar",), CONTROL),
    _row("pr", (), AFTER),
    _row("depends", ("depende",), CONTROL),
    _row("priority", ("prioridad",), CONTROL),
    _row("deadline", ("plazo",), CONTROL),
    _row("assign", ("asignar",), CONTROL),
    _row("criteria", ("criterios",), CONTROL),
    _row("join", ("unirse",), TOGETHER),
    _row("share", ("compartir",), TOGETHER),
    _row("progress", ("progreso",), TOGETHER),
    _row("feedback", ("valorar",), TOGETHER),
    _row("note", ("nota",), TOGETHER),
    _row("export", ("exportar",), JIRA),
)
