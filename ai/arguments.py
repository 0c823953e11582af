"""Are a call's arguments what its tool takes? Slips of the wire are mended, everything else is answered in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from ai.port import ToolCall, ToolSpec

NAMES: Final = {
    "string": "a string",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}

USUAL: Final = {
    **dict.fromkeys(("bash", "shell", "sh", "terminal", "execute", "exec", "run_command", "execute_bash"), "run"),
    **dict.fromkeys(("read", "view", "cat", "open", "open_file", "view_file"), "read_file"),
    **dict.fromkeys(("edit", "replace", "str_replace", "str_replace_editor", "apply_patch", "patch"), "edit_file"),
    **dict.fromkeys(("write", "create", "create_file", "save_file"), "write_file"),
    **dict.fromkeys(("grep", "find", "rg", "search_files", "search_file_content"), "search"),
    **dict.fromkeys(("ls", "list", "glob", "list_dir", "list_directory", "find_files"), "list_files"),
    **dict.fromkeys(("test", "pytest", "tests"), "run_tests"),
    **dict.fromkeys(("finish", "submit", "complete", "attempt_completion"), "done"),
}
"""What other harnesses call a tool, and what it is called here."""


class Mistake(Exception):
    """What is wrong with a call, in words for the model."""


def accept(call: ToolCall, specs: Sequence[ToolSpec]) -> dict[str, Any]:
    """The arguments to use. Raises Mistake; its text says what to do."""
    spec = next((one for one in specs if one.name == call.name), None)
    if spec is None:
        raise Mistake(unknown_tool(call.name, specs))
    if call.problem:
        raise Mistake(f"{call.problem} {usage(spec)}")
    if spec.checks_itself:
        return dict(call.args)
    known: Mapping[str, Any] = spec.schema["properties"]
    return {name: fitted(spec, name, value, known[name]) for name, value in given(spec, call.args).items()}


def unknown_tool(name: str, specs: Sequence[ToolSpec]) -> str:
    """What there is instead of a tool that other harnesses have, or that was misspelt."""
    offered = {one.name: one for one in specs}
    meant = USUAL.get(name.lower()) or next(iter(get_close_matches(name.lower(), list(offered), 1, 0.75)), "")
    hint = f" For that use `{meant}`. {usage(offered[meant])}" if meant in offered else ""
    return f"There is no tool named {name!r}. The tools are: {', '.join(offered)}.{hint}"


def given(spec: ToolSpec, args: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that have a value. Raises Mistake where the tool does not have one of them or needs another."""
    known = spec.schema["properties"]
    found = {name: value for name, value in args.items() if value is not None or name not in known}
    unknown = [name for name in found if name not in known]
    missing = [name for name in spec.schema.get("required", ()) if name not in found]
    if unknown:
        raise Mistake(f"{spec.name} has no argument {', '.join(map(repr, unknown))}. {usage(spec)}")
    if missing:
        raise Mistake(f"{spec.name} needs {', '.join(map(repr, missing))}. {usage(spec)}")
    return found


def usage(spec: ToolSpec) -> str:
    """How the tool is called, in one sentence."""
    required = set(spec.schema.get("required", ()))
    parts = [
        f"{name}: {NAMES.get(str(about.get('type')), 'a value')}{'' if name in required else ' (may be left out)'}"
        for name, about in spec.schema["properties"].items()
    ]
    return f"It takes {', '.join(parts)}." if parts else "It takes no arguments."


def fitted(spec: ToolSpec, name: str, value: Any, about: Mapping[str, Any]) -> Any:
    """The value in the type that the schema asks for. Raises Mistake."""
    kind = about.get("type")
    if kind is None:
        return value
    mended = mend(value, str(kind))
    if mended is None:
        raise Mistake(f"{spec.name}: {name!r} must be {NAMES.get(str(kind), kind)}, not {value!r:.200}. {usage(spec)}")
    return mended


def mend(value: Any, kind: str) -> Any:
    """The value as `kind`; None if it is none. Whole floats and numbers in quotes are numbers: Gemini sends both."""
    if kind == "integer":
        return whole(value)
    if kind == "boolean":
        words = {"true": True, "false": False}
        return words.get(value.strip().lower()) if isinstance(value, str) else value if value in (True, False) else None
    types = {"string": str, "array": list, "object": dict}
    return value if isinstance(value, types.get(kind, object)) else None


def whole(value: Any) -> int | None:
    """A whole number, also from 3.0 and "3"; True is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().lstrip("-").isdigit():
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) else None
