"""The plan and a step as the executor reads them."""

from __future__ import annotations

from collections.abc import Iterable

from state.plan.model import Condition, Plan, Step


def plan_text(plan: Plan) -> str:
    """The plan in short, the same for all of its steps."""
    lines = [f"# The approved plan: {plan.title}", plan.objective, plan.summary]
    lines += section("Assumptions", plan.assumptions)
    lines += section("Out of scope", plan.out_of_scope)
    lines += section("Business rules", (rule.description for rule in plan.business_logic.rules))
    lines += section(
        "New packages", (f"{each.package} {each.constraint}".strip() for each in plan.dependencies if each.new)
    )
    lines += section("Met when", (criterion.criterion for criterion in plan.criteria))
    lines += section("Steps", (f"{step.number}. {step.title}" for step in plan.steps() if not step.extra))
    return "\n".join(line for line in lines if line)


def step_text(step: Step) -> str:
    """Everything that the plan says about one step."""
    out = step.expected_outputs
    lines = [f"## {step.title}", step.description]
    lines += section("Serves", [step.serves] if step.serves else [])
    lines += section("Builds on", (f"{each.path}:{each.lines}".rstrip(":") for each in step.citations))
    lines += section("Files", (f"{each.path} ({each.change.value})" for each in step.files))
    lines += section("Main file", [out.main_file] if out.main_file else [])
    lines += section("Will exist afterwards", [*out.symbols, *out.tables, *out.exports])
    lines += section("Changed lines expected", [f"{out.lines_min} to {out.lines_max}"] if out.lines_max else [])
    lines += section("Accepted when", step.acceptance_criteria)
    lines += section("Checked before (already true)", map(condition, step.preconditions))
    lines += section("Checked after", map(condition, step.postconditions))
    lines += section("Tests that show it", step.tests)
    lines += section("Parts", (f"{part.title}. {part.description}".strip() for part in step.substeps))
    return "\n".join(line for line in lines if line)


def condition(one: Condition) -> str:
    """A condition in one line."""
    value = f" = {one.value}" if one.value else ""
    about = f" ({one.description})" if one.description else ""
    return f"{one.type.value} {one.target}{value}{about}"


def section(title: str, entries: Iterable[str]) -> list[str]:
    """A titled list; nothing where there is nothing."""
    rows = [f"- {entry}" for entry in entries]
    return [f"{title}:", *rows] if rows else []
