"""docs/cli.md, from the commands themselves."""

from __future__ import annotations

import inspect
from typing import Any

HEAD = """# The command line

Made from `cli/` by `make docs`; a check holds it to the code. `devtask COMMAND --help` shows the same. Settings are
read from the environment and from `.env` in the working directory ([configuration](configuration.md)). An error that is
meant for a person is printed with what to do about it, and the command ends with 1.
"""


def reference_page() -> str:
    """The text of docs/cli.md."""
    from typer.main import get_command

    from cli.main import app

    group: Any = get_command(app)
    return "\n".join([HEAD, *(_command(name, group.commands[name]) for name in sorted(group.commands))])


def _command(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    usage = " ".join([f"devtask {name}", *(_argument(one) for one in arguments), *(["[options]"] if options else [])])
    lines = [f"## `{usage}`\n", inspect.cleandoc(command.help or ""), ""]
    lines += [f"- `{_argument(one)}`: {one.help}" for one in arguments]
    lines += [f"- {_option(one)}" for one in options]
    return "\n".join([*lines, ""]) if arguments or options else "\n".join(lines)


def _argument(one: Any) -> str:
    name = str(one.name).upper()
    return name if one.required else f"[{name}]"


def _option(one: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*one.opts, *one.secondary_opts])
    default = "" if one.is_flag or one.default is None else f"; default {one.default}"
    return f"{names}: {one.help}{default}"
