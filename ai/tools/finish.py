"""Tools that end a conversation: the executor's `done`, the planner's `submit_plan`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ai.port import ToolSpec
from ai.tools.limits import HANDOFF_LINES, PLAN_REPAIRS, PLAN_STEPS
from ai.tools.schema import rows, text, tool

CANNOT_KINDS: Final = ("nothing_to_do", "impossible", "ambiguous")

DONE: Final = tool(
    "done",
    """Finish the step. The first call shows diff, failing checks and acceptance list: look through, then call it again
    unchanged, or go on. Refused while a critical check is red.""",
    ("summary", "handoff"),
    summary=text("What you changed and why, one to five sentences."),
    handoff=text(
        f"At most {HANDOFF_LINES} lines for the next step: what you learned, where things are, what is left.",
    ),
    extra_files=rows(
        "Files that commands changed and that belong to the step though it does not name them.",
        path=text(),
        reason=text(),
    ),
)

SUBMIT_PLAN_TEXT: Final = f"""Hand in the plan, or say with `cannot` alone why there is none. The plan is checked at
once; if something is wrong, the answer says what, where and what is allowed: mend exactly that and call submit_plan
again with the whole plan. There are at most {PLAN_REPAIRS} repairs, then planning has failed. At most {PLAN_STEPS}
steps."""


def submit_plan(plan_schema: Mapping[str, Any]) -> ToolSpec:
    """The planner's finishing tool around the flat plan schema of `state.plan.schema`.

    Nothing is required on the wire, because either a plan or `cannot` is given; the validator says what is missing.
    """
    properties = dict(plan_schema["properties"])
    needed = ", ".join(plan_schema.get("required", ()))
    properties["cannot"] = {
        "type": "object",
        "description": "Only if there is no plan to make: nothing has to change, it cannot be done, or it is unclear.",
        "properties": {
            "kind": {"type": "string", "enum": list(CANNOT_KINDS)},
            "reason": text("For the person who asked: what you found, with paths, and what they could ask instead."),
        },
        "required": ["kind", "reason"],
    }
    schema = {**plan_schema, "properties": properties, "required": []}
    about = f"{SUBMIT_PLAN_TEXT} A plan needs: {needed}." if needed else SUBMIT_PLAN_TEXT
    return ToolSpec("submit_plan", " ".join(about.split()), schema, checks_itself=True)
