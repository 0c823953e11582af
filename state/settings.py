"""Settings of the service, read once in the composition roots and passed down (spec section 17).

`load_settings` raises `SettingsError`, one message that lists everything missing or wrong and how to mend each.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from pydantic_settings import DotEnvSettingsSource

from state.errors import Told
from state.redact import Redactor
from state.settings_fields import DEFAULT_MODELS, HOME, PROVIDERS, Fields

__all__ = [
    "DEFAULT_MODELS",
    "PROVIDERS",
    "Problem",
    "Process",
    "Settings",
    "SettingsError",
    "load_settings",
    "problems",
]

URLS = (
    "public_url",
    "github_api_url",
    "anthropic_base_url",
    "google_gemini_base_url",
    "telegram_api_url",
    "jira_base_url",
)


class Process(StrEnum):
    """Which process asks: each needs only its part of the settings, and the gate knows no more than two."""

    GATE = "gate"
    DASHBOARD = "dashboard"
    WORKER = "worker"
    SCHEDULER = "scheduler"
    TOOL = "tool"  # migrate, status and logs: the database and the folders


@dataclass(frozen=True)
class Problem:
    """One thing that is missing or wrong, and how to mend it."""

    name: str
    what: str
    mend: str


class SettingsError(Told):
    """Everything that is wrong with the settings, in one message."""

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        lines = [f"- {problem.name}: {problem.what}. {problem.mend}" for problem in found]
        count = "1 setting needs" if len(found) == 1 else f"{len(found)} settings need"
        super().__init__("\n".join([f"{count} attention:", *lines]), "Set them in the environment or in .env.")


class Settings(Fields):
    """The settings of one installation; secrets never show in `repr`."""

    @property
    def db_url(self) -> str:
        """The SQLAlchemy URL, SQLite in DATA_PATH unless DATABASE_URL is set."""
        if self.database_url is None:
            return f"sqlite:///{self.data_path / 'orchestrator.db'}"
        url = self.database_url.get_secret_value()
        return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)

    @property
    def webhook_secrets(self) -> tuple[str, ...]:
        """One secret, or two while it is being rotated."""
        if self.github_webhook_secret is None:
            return ()
        return tuple(
            part for part in (p.strip() for p in self.github_webhook_secret.get_secret_value().split(",")) if part
        )

    def private_key(self) -> str:
        """The App's key, PEM, read from its file at each call; only workers may ask."""
        if self.github_private_key is not None:
            return self.github_private_key.get_secret_value().replace("\\n", "\n")
        if self.github_private_key_path is None:
            raise SettingsError([_missing("GITHUB_PRIVATE_KEY_PATH")])
        return self.github_private_key_path.read_text()

    def model_for(self, role: str) -> tuple[str, str]:
        """(provider, model) of a role of `DEFAULT_MODELS`."""
        provider, _, model = self.models[role].partition(":")
        return provider, model

    def secrets(self) -> dict[str, str]:
        """Every live secret by name, for the redactor."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        found = {n: v.get_secret_value() for n, v in named.items() if isinstance(v, SecretStr) and n not in _ADDRESSES}
        found.pop("github_webhook_secret", None)
        found |= {f"webhook_secret_{n}": value for n, value in enumerate(self.webhook_secrets, 1)}
        addresses = (getattr(self, name) for name in _ADDRESSES)
        passwords = (urlsplit(a.get_secret_value()).password for a in addresses if a is not None)
        return found | {f"address_password_{n}": p for n, p in enumerate(filter(None, passwords), 1)}

    def redactor(self) -> Redactor:
        """A redactor that knows every live secret of these settings, the private key included where it can be read."""
        secrets = self.secrets()
        path = self.github_private_key_path
        if path is not None and path.is_file() and os.access(path, os.R_OK):
            secrets["github_private_key"] = path.read_text()
        return Redactor(secrets)


_ADDRESSES = ("database_url", "redis_url")


def load_settings(
    process: Process, env: Mapping[str, str] | None = None, *, data: Path | None = None, dotenv: Path | None = None
) -> Settings:
    """Settings of this process out of `env` (default: the environment) over the file `dotenv`.

    `data` puts DATA_PATH, REPOS_PATH and LOGS_PATH under one folder unless they are set. Raises SettingsError.
    """
    values = _values({**_file_values(dotenv), **(os.environ if env is None else env)}, data or HOME)
    found: list[Problem] = []
    try:
        settings = Settings.model_validate(_decoded(values, found))
    except ValidationError as error:
        found += [_invalid(item) for item in error.errors(include_url=False, include_input=False)]
        wrong = {problem.name.lower() for problem in found}
        settings = Settings.model_validate(_decoded({n: v for n, v in values.items() if n not in wrong}, []))
        found += [problem for problem in problems(settings, process) if problem.name.lower() not in wrong]
        raise SettingsError(found) from None
    found += problems(settings, process)
    if found:
        raise SettingsError(found)
    return settings


def _values(raw: Mapping[str, str], home: Path) -> dict[str, str]:
    """By field, what is set; the folders are under `home` where they are not."""
    values = {name: raw[key] for key in raw if (name := key.lower()) in Settings.model_fields and raw[key] != ""}
    for name in ("data", "repos", "logs"):
        values.setdefault(f"{name}_path", str(home / name))
    return values


def problems(settings: Settings, process: Process) -> list[Problem]:
    """What this process lacks, and values that cannot work, in the order of the documentation."""
    found = [_missing(name) for name in _required(settings, process) if getattr(settings, name.lower()) is None]
    found += [_bad_url(name) for name in URLS if not _is_url(getattr(settings, name))]
    if process in {Process.WORKER, Process.DASHBOARD}:
        found += _key_problems(settings)
    if settings.github_webhook_secret is not None and not 1 <= len(settings.webhook_secrets) <= 2:
        found.append(Problem("GITHUB_WEBHOOK_SECRET", "names no secret or more than two", "Write one, or old,new."))
    if settings.telegram_bot_token is not None and settings.telegram_chat_id is None:
        found.append(
            Problem("TELEGRAM_CHAT_ID", "is missing while TELEGRAM_BOT_TOKEN is set", _MEND["TELEGRAM_CHAT_ID"])
        )
    return found


_MEND = {
    "GITHUB_APP_ID": "Take the App ID from the App's settings page.",
    "GITHUB_PRIVATE_KEY_PATH": "Generate a private key on the App's page, store it as a file and run chmod 600 on it.",
    "GITHUB_WEBHOOK_SECRET": "Choose a long random value and set the same one on the App's page.",
    "ANTHROPIC_API_KEY": "Create a key in the Anthropic console.",
    "GOOGLE_API_KEY": "Create a key in Google AI Studio.",
    "TELEGRAM_CHAT_ID": "Set the id of the chat that gets the mirror, or remove the token.",
    "JIRA_BASE_URL": "Set it, or JIRA_ENABLED=false.",
    "JIRA_EMAIL": "Set it, or JIRA_ENABLED=false.",
    "JIRA_API_TOKEN": "Set it, or JIRA_ENABLED=false.",
    "JIRA_PROJECT_KEY": "Set it, or JIRA_ENABLED=false.",
}


def _required(settings: Settings, process: Process) -> list[str]:
    if process is Process.GATE:
        return ["GITHUB_WEBHOOK_SECRET"]
    if process is not Process.WORKER:
        return []
    names = ["GITHUB_APP_ID"]
    chosen = (*settings.models.values(), *settings.models_fallback.values())
    providers = {name.partition(":")[0] for name in chosen}
    names += ["ANTHROPIC_API_KEY"] if "claude" in providers else []
    names += ["GOOGLE_API_KEY"] if providers & {"gemini", "gemini-legacy"} else []
    names += [name for name in _MEND if name.startswith("JIRA_")] if settings.jira_enabled else []
    return names


def _key_problems(settings: Settings) -> list[Problem]:
    if settings.github_private_key is not None:
        return []
    path, name = settings.github_private_key_path, "GITHUB_PRIVATE_KEY_PATH"
    if path is None:
        return [_missing(name)]
    if not path.is_file():
        return [Problem(name, f"{path} is no file", "Point it at the App's private key.")]
    if not os.access(path, os.R_OK):
        return [Problem(name, f"{path} cannot be read by this user", "Give the file to the service's user.")]
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        return [Problem(name, f"{path} can be read by others", f"Run: chmod 600 {path}")]
    if "PRIVATE KEY-----" not in path.read_text(errors="replace"):
        return [Problem(name, f"{path} holds no PEM private key", "Download the key from the App's page once more.")]
    return []


def _missing(name: str) -> Problem:
    return Problem(name, "is missing", _MEND.get(name, "Set it."))


def _bad_url(name: str) -> Problem:
    return Problem(name.upper(), "is no http or https address", "Write it like https://host[:port][/path].")


def _is_url(value: str | None) -> bool:
    if value is None:
        return True
    parts = urlsplit(value)
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _invalid(item: Any) -> Problem:
    name = str(item["loc"][0]).upper() if item["loc"] else "SETTINGS"
    reason = str(item["msg"]).removeprefix("Value error, ")
    return Problem(
        name, reason[:1].lower() + reason[1:], "Mend the value; docs/configuration.md lists what is allowed."
    )


def _decoded(values: Mapping[str, Any], found: list[Problem]) -> dict[str, Any]:
    """The tables of models are JSON in the environment; everything else is read by pydantic from its text."""
    decoded = dict(values)
    for name in ("models", "models_fallback"):
        if not isinstance(decoded.get(name), str):
            continue
        try:
            decoded[name] = json.loads(decoded[name])
        except ValueError:
            how = 'Write it like {"planner": "claude:model-name"}.'
            found.append(Problem(name.upper(), "is no JSON object", how))
            del decoded[name]
    return decoded


def _file_values(dotenv: Path | None) -> dict[str, str]:
    if dotenv is None or not dotenv.is_file():
        return {}
    found = DotEnvSettingsSource(Fields, env_file=dotenv, case_sensitive=True).env_vars
    return {key: value for key, value in found.items() if value is not None}
