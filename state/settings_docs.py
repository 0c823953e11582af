"""docs/configuration.md and .env.example, made from the settings themselves so that they cannot go stale."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from state.settings_fields import Fields

NEEDED: dict[str, str] = {
    "github_webhook_secret": "gate",
    "github_app_id": "workers",
    "github_private_key_path": "workers, dashboard",
    "anthropic_api_key": "workers, where a role uses Claude",
    "google_api_key": "workers, where a role uses Gemini",
    "telegram_chat_id": "with TELEGRAM_BOT_TOKEN",
}
HEAD = """# Configuration of the service

Made from `state/settings_fields.py` by `python -m state.settings_docs`; a test holds it to the code. Values come from
the environment, or from `.env` in the working directory (the environment wins). An empty value counts as not set. Every
process at its start lists all that is missing or wrong in one message. Settings of a single repository stand in its
`.github/devtask.yml`.

| name | default | needed by | meaning |
|---|---|---|---|
"""
EXAMPLE_HEAD = """# Copy to .env and fill in what is open. docs/configuration.md explains every name.
# What is commented out has the default shown.
"""


def configuration_page() -> str:
    """The text of docs/configuration.md."""
    rows = [_row(name, field) for name, field in Fields.model_fields.items()]
    return HEAD + "\n".join(rows) + "\n"


def env_example() -> str:
    """The text of .env.example."""
    lines = [EXAMPLE_HEAD]
    for name, field in Fields.model_fields.items():
        default = _default(field)
        needed = name in NEEDED and name != "telegram_chat_id"
        lines += [f"# {_sentence(field)}", f"{name.upper()}=" if needed else f"# {name.upper()}={default}", ""]
    return "\n".join(lines)


def write(root: Path) -> list[Path]:
    """Writes both files below the project's root; their paths."""
    page, example = root / "docs" / "configuration.md", root / ".env.example"
    page.parent.mkdir(exist_ok=True)
    page.write_text(configuration_page())
    example.write_text(env_example())
    return [page, example]


def _row(name: str, field: FieldInfo) -> str:
    default = f"`{shown}`" if (shown := _default(field)) else ""
    meaning = _sentence(field).replace("|", "\\|")
    return f"| `{name.upper()}` | {default} | {NEEDED.get(name, '')} | {meaning} |"


def _sentence(field: FieldInfo) -> str:
    options = [str(option) for option in get_args(field.annotation) if isinstance(option, str)]
    text = field.description or ""
    return f"{text} One of {', '.join(options)}." if options else text


def _default(field: FieldInfo) -> str:
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return json.dumps(value) if value else ""
    if value is None or value == ():
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


if __name__ == "__main__":
    for path in write(Path.cwd()):
        print(path)
