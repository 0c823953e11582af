"""What the service refuses before any model sees the request."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from devkit.gemini.conversation import calls_in, declarations, every_piece, responses_in
from devkit.gemini.errors import Refusal
from devkit.gemini.models import CONTEXT, MAX_OUTPUT, Model
from devkit.gemini.signatures import check_signatures
from devkit.rig.script import tokens_of

FIELDS = frozenset(
    (
        "contents",
        "systemInstruction",
        "tools",
        "toolConfig",
        "generationConfig",
        "safetySettings",
        "cachedContent",
        "labels",
        "model",
        "serviceTier",
        "store",
    )
)
DATA = frozenset(
    (
        "text",
        "inlineData",
        "fileData",
        "functionCall",
        "functionResponse",
        "executableCode",
        "codeExecutionResult",
    )
)
NAME = r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,127}"


def check_request(body: Mapping[str, Any], model: Model) -> None:
    """Raise the Refusal that the service answers to this request (its names in camelCase)."""
    for name in body:
        if name not in FIELDS:
            raise Refusal(f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    contents = body.get("contents")
    if not isinstance(contents, list) or not contents:
        raise Refusal("* GenerateContentRequest.contents: contents is not specified\n")
    for index, content in enumerate(contents):
        _check_content(index, content)
    _check_system(body.get("systemInstruction"))
    _check_order(contents)
    _check_tools(body)
    _check_generation(body.get("generationConfig") or {}, model)
    if model.signed:
        check_signatures(contents)
    if (size := sum(tokens_of(piece) for piece in every_piece(body))) > CONTEXT:
        raise Refusal(f"The input token count ({size}) exceeds the maximum number of tokens allowed ({CONTEXT}).")


def _check_content(index: int, content: Any) -> None:
    where = f"* GenerateContentRequest.contents[{index}]"
    if not isinstance(content, dict) or content.get("role", "user") not in ("user", "model", "function"):
        raise Refusal("Please use a valid role: user, model.")
    if not content.get("parts"):
        raise Refusal(f"{where}.parts: contents.parts must not be empty.\n")
    for number, part in enumerate(content["parts"]):
        if len(DATA & set(part)) != 1:
            raise Refusal(
                f"{where}.parts[{number}].data: required oneof field 'data' must have one initialized field\n"
            )


def _check_system(system: Any) -> None:
    if system is not None and not isinstance(system, dict):
        raise Refusal("Invalid value at 'system_instruction': a Content is needed.")
    if system is not None and not any(part.get("text") for part in system.get("parts") or []):
        raise Refusal("* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.\n")


def _check_order(contents: list[dict[str, Any]]) -> None:
    nothing: dict[str, Any] = {}
    for before, content in pairwise([nothing, *contents, nothing]):
        if calls_in(content) and not _may_call(before, content):
            raise Refusal(
                "Please ensure that function call turn comes immediately after a user turn or after a function "
                "response turn."
            )
        responses = responses_in(content)
        if responses and not calls_in(before):
            raise Refusal("Please ensure that function response turn comes immediately after a function call turn.")
        if calls := calls_in(before):
            _check_responses([part["functionCall"] for part in calls], responses)


def _may_call(before: dict[str, Any], content: dict[str, Any]) -> bool:
    return content.get("role") == "model" and bool(before) and before.get("role", "user") != "model"


def _check_responses(calls: list[dict[str, Any]], responses: list[dict[str, Any]]) -> None:
    if len(calls) != len(responses):
        raise Refusal(
            "Please ensure that the number of function response parts is equal to the number of function call parts "
            "of the function call turn."
        )
    for call, response in zip(calls, responses, strict=True):
        same_id = not response.get("id") or response["id"] == call.get("id")
        if response.get("name") != call.get("name") or not same_id:
            raise Refusal(
                "Please ensure that function response parts match the function call parts of the function call turn in "
                f"name, id and order: `{response.get('name')}` answers the call of `{call.get('name')}`."
            )
        if not isinstance(response.get("response"), dict):
            raise Refusal("Invalid value at 'function_response.response': Struct expected.")


def _check_tools(body: Mapping[str, Any]) -> None:
    names = []
    for index, declared in enumerate(declarations(body)):
        where = f"* GenerateContentRequest.tools[0].function_declarations[{index}]"
        name = declared.get("name") or ""
        if not re.fullmatch(NAME, name):
            raise Refusal(
                f"{where}.name: Invalid function name. Must start with a letter or an underscore. Must be alphanumeric "
                "(a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of 128.\n"
            )
        if "parameters" in declared and "parametersJsonSchema" in declared:
            raise Refusal(f"{where}: only one of parameters and parameters_json_schema may be set.\n")
        names.append(name)
    if len(set(names)) != len(names):
        double = next(name for name in names if names.count(name) > 1)
        raise Refusal(f"Duplicate function declaration found: {double}")
    _check_tool_config((body.get("toolConfig") or {}).get("functionCallingConfig") or {}, names)


def _check_tool_config(config: Mapping[str, Any], names: list[str]) -> None:
    mode = str(config.get("mode", "AUTO")).upper()
    if mode not in ("AUTO", "ANY", "NONE", "VALIDATED"):
        raise Refusal(f"Invalid value at 'tool_config.function_calling_config.mode': \"{mode}\"")
    allowed = config.get("allowedFunctionNames") or []
    if allowed and mode not in ("ANY", "VALIDATED"):
        raise Refusal("Function calling config is set without function calling mode ANY or VALIDATED.")
    if unknown := set(allowed) - set(names):
        raise Refusal(f"allowed_function_names: {sorted(unknown)} are not declared.")


def _check_generation(config: Mapping[str, Any], model: Model) -> None:
    wanted = config.get("maxOutputTokens")
    if wanted is not None and not 1 <= wanted <= MAX_OUTPUT:
        raise Refusal(
            f"Unable to submit request because it has a maxOutputTokens value of {wanted} but the supported range is "
            f"from 1 (inclusive) to {MAX_OUTPUT + 1} (exclusive). Update the value and try again."
        )
    thinking = config.get("thinkingConfig") or {}
    level = thinking.get("thinkingLevel")
    if level is not None and "thinkingBudget" in thinking:
        raise Refusal("You can only set only one of thinking budget and thinking level.")
    if level is not None and str(level).lower() not in model.levels:
        raise Refusal(f"Thinking level {level} is not supported for this model.")
