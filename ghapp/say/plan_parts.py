"""The parts of a plan comment below its first screen. What is empty is not shown; what is long folds away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ghapp.emit.inert import Md, code, inert, inert_block
from ghapp.say.facts import PlanFacts
from ghapp.say.graph import mermaid
from ghapp.say.layout import blocks, bullets, details, section, short, table
from ghapp.say.messages import say
from state.plan.model import Condition, Entity, Plan, Step

OPEN_STEPS = 12
OPEN_FILES = 6
LONG_LIST = 4
DIFFERENCE = (
    "phases_added",
    "phases_removed",
    "phases_modified",
    "milestones_added",
    "milestones_removed",
    "milestones_modified",
    "steps_added",
    "steps_removed",
    "steps_modified",
    "entities_added",
    "entities_removed",
    "entities_modified",
    "stack_changes",
    "new_dependencies",
)


def parts(lang: str, plan: Plan, facts: PlanFacts) -> Iterator[str]:
    """Everything below the buttons, in the order in which it is looked for."""
    yield _difference(lang, facts.difference)
    yield _steps(lang, plan)
    yield _criteria(lang, plan)
    yield _listed(lang, "risks", plan.risks)
    yield _listed(lang, "assumptions", plan.assumptions)
    yield _listed(lang, "out_of_scope", plan.out_of_scope)
    yield _files(lang, plan)
    yield _new_parts(lang, plan)
    yield _step_details(lang, plan)
    yield _extras(lang, plan)
    yield _stack(lang, plan)
    yield _rules(lang, plan)
    yield _entities(lang, plan.entities)
    yield details(say(lang, "plan.graph"), mermaid(plan))
    yield _sources(lang, plan, facts)


def file_changes(plan: Plan) -> dict[str, str]:
    """Path -> create, modify or delete over all steps that run; a file that one step creates stays created."""
    found: dict[str, str] = {}
    for step in plan.steps():
        for change in () if step.extra else step.files:
            if found.get(change.path) != "create" or change.change.value == "delete":
                found[change.path] = change.change.value
    return found


def change_summary(lang: str, difference: Mapping[str, Sequence[str]]) -> str:
    """`2 steps added, 1 step changed` from the structured difference."""
    counts = [say(lang, f"plan.diff.{kind}", n=len(difference[kind])) for kind in DIFFERENCE if difference.get(kind)]
    return ", ".join(counts)


def _difference(lang: str, difference: Mapping[str, Sequence[str]]) -> str:
    lines: list[str] = []
    for kind in DIFFERENCE:
        items = difference.get(kind) or ()
        if items:
            named = "; ".join(short(item, 100) for item in items)
            lines.append(f"{say(lang, f'plan.diff.{kind}', n=len(items))}: {named}")
    return details(say(lang, "plan.difference"), bullets(lines))


def _steps(lang: str, plan: Plan) -> str:
    lines: list[str] = []
    grouped = len(list(plan.milestones())) > 1
    for phase in plan.phases:
        for milestone in phase.milestones:
            steps = [step for step in milestone.steps if not step.extra]
            if grouped and steps:
                name = milestone.name if len(plan.phases) < 2 else f"{phase.name} / {milestone.name}"
                lines += ["", f"**{short(name, 120)}**", ""]
            lines += [_step_line(lang, step) for step in steps]
    body = "\n".join(lines).strip("\n")
    count = sum(not step.extra for step in plan.steps())
    if count <= OPEN_STEPS:
        return section(say(lang, "plan.steps"), body)
    return section(say(lang, "plan.steps"), details(say(lang, "plan.all_steps", n=count), body))


def _step_line(lang: str, step: Step) -> str:
    files = [change.path for change in step.files] or list(step.expected_outputs.files)
    main = step.expected_outputs.main_file or (files[0] if files else "")
    more = len(set(files) - {main})
    where = f" · {code(main)}" + (f" +{more}" if more else "") if main else ""
    return f"{step.number}. {short(step.title, 120)}{where}"


def _files(lang: str, plan: Plan) -> str:
    changes = file_changes(plan)
    rows = [(code(path), say(lang, f"plan.file.{change}")) for path, change in sorted(changes.items())]
    shown = table([say(lang, "plan.file"), say(lang, "plan.change")], rows)
    if len(rows) <= OPEN_FILES:
        return section(say(lang, "plan.files"), shown)
    return details(say(lang, "plan.all_files", n=len(rows)), shown)


def _criteria(lang: str, plan: Plan) -> str:
    lines = (
        f"{inert(item.criterion)} — {code(item.measurable) if item.measurable else say(lang, 'common.you_check')}"
        for item in plan.criteria
    )
    return section(say(lang, "plan.criteria"), bullets(lines))


def _listed(lang: str, name: str, items: Sequence[str]) -> str:
    title = say(lang, f"plan.{name}")
    body = bullets(inert(item) for item in items)
    return details(f"{title} ({len(items)})", body) if len(items) > LONG_LIST else section(title, body)


def _new_parts(lang: str, plan: Plan) -> str:
    lines = [
        f"🆕 {code(f'{item.technology} {item.version}'.strip())} — {inert(item.why or item.component)}"
        for item in plan.stack
        if item.origin == "new"
    ]
    lines += [
        f"🆕 {code(f'{item.package}{item.constraint}')}{f' — {inert(item.why)}' if item.why else ''}"
        for item in plan.dependencies
        if item.new
    ]
    return section(say(lang, "plan.new_parts"), bullets(lines))


def _step_details(lang: str, plan: Plan) -> str:
    steps = [step for step in plan.steps() if not step.extra]
    numbers = {step.id: str(step.number) for step in steps}
    return details(say(lang, "plan.step_details"), blocks(_step_block(lang, step, numbers) for step in steps))


def _step_block(lang: str, step: Step, numbers: Mapping[str, str]) -> str:
    cited = ", ".join(code(f"{item.path}:{item.lines}" if item.lines else item.path) for item in step.citations)
    waits = ", ".join(numbers.get(other, other) for other in step.depends_on)
    facts = [
        say(lang, "plan.step.serves", what=step.serves) if step.serves else "",
        say(lang, "plan.step.minutes", time=step.estimated_minutes * 60),
        say(lang, "plan.step.after", steps=waits) if waits else "",
        say(lang, "plan.step.builds_on", what=Md(cited)) if cited else "",
        *_conditions(lang, "before", step.preconditions),
        *_conditions(lang, "afterwards", step.postconditions),
        *(say(lang, "plan.step.test", test=code(test)) for test in step.tests),
        *(inert(criterion) for criterion in step.acceptance_criteria),
        *(inert(substep.title) for substep in step.substeps),
    ]
    title = f"**{step.number}. {short(step.title, 160)}** ({code(step.id)})"
    return blocks([title, inert_block(step.description), bullets(facts)])


def _conditions(lang: str, when: str, conditions: Iterable[Condition]) -> Iterator[str]:
    for item in conditions:
        shown = code(" ".join(part for part in (item.type.value, item.target, item.value) if part))
        yield say(lang, f"plan.step.{when}", what=shown)


def _extras(lang: str, plan: Plan) -> str:
    lines = [f"{short(step.title, 120)} ({code(step.id)})" for step in plan.steps() if step.extra]
    return details(say(lang, "plan.extras", n=len(lines)), bullets(lines)) if lines else ""


def _stack(lang: str, plan: Plan) -> str:
    head = [say(lang, f"plan.stack.{name}") for name in ("component", "technology", "why")]
    rows = [
        (item.component, f"{'🆕 ' if item.origin == 'new' else ''}{item.technology} {item.version}".strip(), item.why)
        for item in plan.stack
    ]
    return details(say(lang, "plan.stack"), table(head, rows))


def _rules(lang: str, plan: Plan) -> str:
    logic = plan.business_logic
    lines = [f"{code(rule.id)} {inert(rule.description)} ({code(rule.enforcement)})" for rule in logic.rules]
    lines += [inert(workflow) for workflow in logic.workflows]
    return details(say(lang, "plan.rules", n=len(lines)), bullets(lines)) if lines else ""


def _entities(lang: str, entities: Sequence[Entity]) -> str:
    lines = [
        f"**{short(entity.name, 80)}** — {inert(entity.description)}"
        + (
            f": {', '.join(code(f'{item.name} {item.type}') for item in entity.attributes)}"
            if entity.attributes
            else ""
        )
        for entity in entities
    ]
    return details(say(lang, "plan.entities", n=len(lines)), bullets(lines)) if lines else ""


def _sources(lang: str, plan: Plan, facts: PlanFacts) -> str:
    lines: list[str] = []
    if facts.conventions:
        names = ", ".join(code(name) for name in facts.conventions)
        lines.append(say(lang, "plan.conventions", files=Md(names)))
    lines += [say(lang, "plan.lesson", lesson=lesson) for lesson in plan.lessons]
    return bullets(lines)
