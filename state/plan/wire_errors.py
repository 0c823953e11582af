"""What pydantic found wrong with a submission, said in the words of the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from state.plan.problems import Problem
from state.plan.wire import Submission

_SHAPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "model_type": "an object",
    "model_attributes_type": "an object",
}


def explain(error: ValidationError, raw: Mapping[str, Any], form: type[BaseModel] = Submission) -> tuple[Problem, ...]:
    """One problem for each finding; `form` is what was asked for."""
    return tuple(_problem(found, raw, form) for found in error.errors(include_url=False))


def _problem(found: ErrorDetails, raw: Mapping[str, Any], form: type[BaseModel]) -> Problem:
    loc, kind, context = found["loc"], found["type"], found.get("ctx") or {}
    place = _place(loc, raw)
    if kind == "missing":
        return Problem(place, "is missing and must be given")
    if kind == "extra_forbidden":
        return Problem(place, "there is no such field", ", ".join(_fields(loc, form)))
    given = f"{found['input']!r}"[:80]
    if kind in ("enum", "literal_error"):
        return Problem(place, f"{given} is not allowed", str(context.get("expected", "")).replace("'", ""))
    if kind in _SHAPES:
        return Problem(place, f"{given} has the wrong shape", _SHAPES[kind])
    return Problem(place, f"{given}: {found['msg'][:1].lower()}{found['msg'][1:]}")


def _place(loc: Sequence[str | int], raw: Mapping[str, Any]) -> str:
    words: list[str] = []
    for part in loc:
        if isinstance(part, int) and words:
            words[-1] = f"{words[-1]}[{part + 1}]"
        else:
            words.append(str(part))
    title = _title(loc, raw)
    if title and words:
        words[0] = f'step {int(loc[1]) + 1} "{title}"'
    return ", ".join(words) or "submit_plan"


def _title(loc: Sequence[str | int], raw: Mapping[str, Any]) -> str:
    if len(loc) < 2 or loc[0] != "steps" or not isinstance(raw.get("steps"), list):
        return ""
    step = raw["steps"][int(loc[1])]
    return str(step.get("title", ""))[:80] if isinstance(step, Mapping) else ""


def _fields(loc: Sequence[str | int], form: type[BaseModel]) -> list[str]:
    """The fields of the object in which an unknown one was found."""
    model = form
    for part in loc[:-1]:
        if isinstance(part, str) and part in model.model_fields:
            inner = getattr(model.model_fields[part].annotation, "__args__", ())
            model = next((one for one in inner if isinstance(one, type) and issubclass(one, BaseModel)), model)
    return list(model.model_fields)
