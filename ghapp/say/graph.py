"""The step graph as Mermaid, with labels that cannot leave their quotes."""

from __future__ import annotations

from collections.abc import Sequence

from ghapp.emit.clean import clean
from ghapp.say.layout import clamp
from state.plan.model import Milestone, Plan, Step

NODES = 40
LABEL = 40
_CODES = {char: f"#{ord(char)};" for char in '#"`;<>{}[]()|\\&@%$~*_'}


def mermaid(plan: Plan) -> str:
    """A fenced Mermaid graph; of milestones where the steps are more than 40, nothing where a line says it all."""
    steps = [step for step in plan.steps() if not step.extra]
    if len(steps) < 3 or _is_line(steps):
        return ""
    if len(steps) <= NODES:
        nodes = {step.id: f"{step.number}. {step.title}" for step in steps}
        edges = {(other, step.id) for step in steps for other in step.depends_on}
    else:
        milestones = list(plan.milestones())
        nodes = {item.id: item.name for item in milestones}
        edges = _between(milestones)
    if not 1 < len(nodes) <= NODES:
        return ""
    return _drawn(nodes, edges)


def _drawn(nodes: dict[str, str], edges: set[tuple[str, str]]) -> str:
    place = {name: f"n{number}" for number, name in enumerate(nodes)}
    lines = [f'  {place[name]}["{label(text)}"]' for name, text in nodes.items()]
    lines += [f"  {place[a]} --> {place[b]}" for a, b in sorted(edges) if a in place and b in place]
    return "\n".join(["```mermaid", "graph TD", *lines, "```"])


def label(text: str) -> str:
    """Text inside a quoted Mermaid label: every character with a meaning there as its code."""
    return "".join(_CODES.get(char, char) for char in clamp(clean(text), LABEL))


def _between(milestones: Sequence[Milestone]) -> set[tuple[str, str]]:
    home = {step.id: milestone.id for milestone in milestones for step in milestone.steps}
    pairs = (
        (home.get(other), milestone.id)
        for milestone in milestones
        for step in milestone.steps
        for other in step.depends_on
    )
    return {(a, b) for a, b in pairs if a is not None and a != b}


def _is_line(steps: Sequence[Step]) -> bool:
    """Each step waits for the one before it and for nothing else: the numbers say that already."""
    pairs = zip([None, *steps], steps, strict=False)
    return all(set(step.depends_on) == ({before.id} if before else set()) for before, step in pairs)
