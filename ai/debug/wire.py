"""What the debug agent hands in, flat, as models write it; taken in leniently and said back in words."""

from __future__ import annotations

from typing import Any, Final, Literal

from pydantic import Field

from ai.port import ToolSpec
from ai.tools.schema import number, rows, text, tool
from state.plan.schema import flat_schema, step_schema
from state.plan.wire import Wire

ANALYSE: Final = "submit_analysis"
SUGGEST: Final = "suggest"
MOST_PROPOSALS: Final = 3
REPAIRS: Final = 2
CONTEXT, STEP, SCOPE = "modify_step_context", "create_dependency_step", "modify_step_scope"
Action = Literal["create_dependency_step", "modify_step_scope", "modify_step_context"]


class WireProposal(Wire):
    """One way out."""

    title: str = Field(min_length=1, description="What would be done, as an order of at most 80 characters.")
    description: str = Field(
        min_length=1,
        description="Why it would work. For modify_step_context: exactly what the executor is told for its next try, "
        "with paths, lines and names.",
    )
    action: Action = Field(
        description="create_dependency_step: something must exist first. modify_step_scope: the step asks for the "
        "wrong thing or too much. modify_step_context: the step is right, the executor missed something."
    )
    success_probability: float = Field(ge=0, le=1, description="0 to 1, honestly.")
    estimated_minutes: float = Field(ge=0, le=600)
    note: str = Field("", description="What the person who chooses should know: a risk, a consequence. May be empty.")


class WireAnalysis(Wire):
    """The input of submit_analysis; the steps are read as those of a plan."""

    root_cause: str = Field(min_length=1, description="The one cause, in one or two sentences for people.")
    symptoms: list[str] = Field(default_factory=list, description="What was seen of it: tests, messages, lines.")
    why_retries_failed: list[str] = Field(
        default_factory=list, description="One sentence for each attempt: why it did not get there."
    )
    hidden_dependency: str = Field(
        "",
        description="What the step needs and the plan does not say: a file, package, order, decision. Empty if none.",
    )
    conclusion: str = Field("", description="What follows, in one sentence.")
    proposals: list[WireProposal] = Field(
        min_length=1, max_length=MOST_PROPOSALS, description="1 to 3 different ways out, likeliest first."
    )
    steps: list[dict[str, Any]] = Field(
        default_factory=list,
        description="The steps of those proposals that add or change one; none for modify_step_context.",
    )


def analysis_tool() -> ToolSpec:
    """`submit_analysis` with the schema of a plan's step in it."""
    schema = flat_schema(WireAnalysis)
    step = step_schema()
    named = {
        "proposal": number("Which proposal it belongs to, from 1."),
        "insert_before": text("Id of the step before which a new one comes; left out for a step that is changed."),
    }
    fields = {name: kept for name, kept in step["properties"].items() if name not in ("phase", "milestone", "substeps")}
    fields["id"] = text("A name for a new step; for a changed one the id that it has, and then only what changes.")
    items = {"type": "object", "properties": {**named, **fields}, "required": ["proposal", "title"]}
    schema["properties"]["steps"] = {**schema["properties"]["steps"], "items": items}
    about = (
        "Hand in the analysis. The proposals are checked like a plan; if something is wrong, the answer says what: "
        f"mend exactly that and call {ANALYSE} again with everything, at most {REPAIRS} times."
    )
    return ToolSpec(ANALYSE, about, schema, checks_itself=True)


SUGGEST_TOOL: Final = tool(
    SUGGEST,
    "Hand in what to change, line by line.",
    ("cause", "suggestions"),
    cause=text("Why the attempts failed, in one or two sentences."),
    suggestions=rows(
        "At most 8 changes, in the order in which to make them.",
        path=text("A file of the work tree as it is shown, or a new one."),
        line=number("The line that the change is about, as numbered in the files shown; 0 for a new file."),
        problem=text("What is wrong there."),
        change=text("What to write instead, as code where it is code."),
    ),
)
