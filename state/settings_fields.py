"""Every setting of the service: name, type, default and the sentence that docs/configuration.md shows (spec section
17).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

HOME = Path("/opt/dev-orchestrator")
DEFAULT_MODELS: dict[str, str] = {
    "discovery": "claude:claude-sonnet-5-5",
    "planner": "claude:claude-sonnet-5-5",
    "debugger": "claude:claude-sonnet-5-5",
    "intent": "claude:claude-haiku-5-5",
    "summariser": "claude:claude-haiku-5-5",
    "executor": "gemini:gemini-3.8-flash",
    "executor_high": "gemini:gemini-3.1-pro-preview",
}
MAX_TASKS = (
    "Tasks that may be open at once in one repository, and that one person may have open in all repositories of an "
    "installation; the installation as a whole may have five times as many. Open is what is neither finished, failed "
    "nor aborted. A further /task is refused, with one answer an hour."
)
PROVIDERS = ("claude", "gemini", "gemini-legacy")


class Fields(BaseSettings):
    """The raw values. Use `state.settings.load_settings`, which also checks what a process needs."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over, so that a process sees one environment, given explicitly."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    public_url: str | None = Field(None, description="Address under which GitHub reaches the gate.")
    github_app_id: int | None = Field(None, gt=0, description="Numeric id of the GitHub App.")
    github_private_key_path: Path | None = Field(None, description="The App's private key file, mode 0600.")
    github_private_key: SecretStr | None = Field(None, description="The key itself, for trials only.")
    github_webhook_secret: SecretStr | None = Field(
        None, description="Webhook secret; two, separated by a comma, while it is being rotated."
    )
    github_client_id: str | None = Field(
        None, description="OAuth client id of the App, for signing in to the dashboard."
    )
    github_client_secret: SecretStr | None = Field(None, description="OAuth client secret of the App.")
    github_api_url: str = Field("https://api.github.com", description="GitHub's API.")
    anthropic_api_key: SecretStr | None = Field(None, description="Key for Claude.")
    anthropic_base_url: str | None = Field(None, description="Another server that speaks Claude's protocol.")
    google_api_key: SecretStr | None = Field(None, description="Key for Gemini.")
    google_gemini_base_url: str | None = Field(None, description="Another server that speaks Gemini's protocol.")
    telegram_bot_token: SecretStr | None = Field(
        None, description="Token of the Telegram bot; without it nothing is mirrored."
    )
    telegram_chat_id: str | None = Field(None, description="Chat that gets the mirror.")
    telegram_api_url: str = Field("https://api.telegram.org", description="Telegram's Bot API.")
    database_url: SecretStr | None = Field(
        None, description="SQLAlchemy URL; default: SQLite in DATA_PATH. PostgreSQL: postgresql+psycopg://..."
    )
    redis_url: SecretStr = Field(SecretStr("redis://127.0.0.1:6379/0"), description="Redis, used as a bell only.")
    data_path: Path = Field(HOME / "data", description="Database and other state.")
    repos_path: Path = Field(HOME / "repos", description="Mirrors, work trees, dependency caches.")
    logs_path: Path = Field(HOME / "logs", description="Log files.")
    prompts_path: Path | None = Field(None, description="Folder with prompts that override the built-in ones.")
    max_execution_time: int = Field(1800, gt=0, description="Seconds that one step may take.")
    max_retries: int = Field(3, ge=0, le=10, description="Retries of a step after its first try.")
    checkpoint_interval: int = Field(300, gt=0, description="Seconds between checkpoints at most.")
    max_clarification_rounds: int = Field(10, gt=0, description="Rounds of revision or questions per task.")
    max_tasks: int = Field(20, gt=0, description=MAX_TASKS)
    max_turns: int = Field(60, gt=0, description="Model turns per attempt of a step.")
    max_tokens_per_step: int = Field(2_000_000, gt=0, description="Tokens per step, input and output together.")
    budget_per_step: float = Field(2.0, gt=0, description="US dollars per step.")
    budget_per_task: float = Field(
        10.0,
        gt=0,
        description="US dollars per task, unless /task, the repository or an approval says otherwise.",
    )
    budget_per_repo_day: float = Field(50.0, gt=0, description="US dollars per repository and day (UTC).")
    budget_per_day: float = Field(100.0, gt=0, description="US dollars per day (UTC) in all.")
    models: dict[str, str] = Field(
        default_factory=lambda: dict(DEFAULT_MODELS),
        description="JSON object role -> provider:model; what is not named keeps its default. Providers: claude, "
        "gemini, gemini-legacy (google-generativeai, whose support ended in 2025; kept because it was asked for).",
    )
    models_fallback: dict[str, str] = Field(
        default_factory=dict,
        description="JSON object role -> provider:model that begins new conversations while the role's own is out.",
    )
    models_allowed: tuple[str, ...] = Field(
        (),
        description="provider:model names that a repository may choose, separated by commas; none: all with a price.",
    )
    claude_tokens_per_minute: int = Field(
        400_000, gt=0, description="Uncached tokens a minute that all workers together send to and get from Claude."
    )
    claude_parallel_calls: int = Field(8, gt=0, description="Calls of Claude at a time, of all workers together.")
    gemini_tokens_per_minute: int = Field(
        1_000_000, gt=0, description="Uncached tokens a minute that all workers together send to and get from Gemini."
    )
    gemini_parallel_calls: int = Field(8, gt=0, description="Calls of Gemini at a time, of all workers together.")
    retention_days: int = Field(7, gt=0, description="Days that checkpoints of finished tasks are kept.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level that is logged.")
    language: Literal["en", "es"] = Field(
        "en", description="Language of what the bot says, unless the repository names one."
    )
    sandbox: Literal["auto", "bwrap", "none"] = Field(
        "auto", description="auto and bwrap: refuse to execute where bubblewrap does not work; none: no sandbox at all."
    )
    intake: Literal["webhook", "poll"] = Field("webhook", description="How events come in.")
    allowed_bots: tuple[int, ...] = Field(
        (),
        description="Numeric ids of bots that are listened to, separated by commas; their role is checked.",
    )
    lessons_backend: Literal["database", "chroma"] = Field("database", description="Where lessons are kept.")
    jira_enabled: bool = Field(False, description="Whether /export jira is offered.")
    jira_base_url: str | None = Field(None, description="Jira's address.")
    jira_email: str | None = Field(None, description="Jira account.")
    jira_api_token: SecretStr | None = Field(None, description="Jira token.")
    jira_project_key: str | None = Field(None, description="Jira project.")

    @field_validator("models", "models_fallback")
    @classmethod
    def _known_models(cls, given: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        unknown = sorted(set(given) - set(DEFAULT_MODELS))
        if unknown:
            raise ValueError(f"unknown role {', '.join(unknown)}; roles are {', '.join(DEFAULT_MODELS)}")
        for role, name in given.items():
            provider, _, model = name.partition(":")
            if provider not in PROVIDERS or not model:
                raise ValueError(f"{role}: {name!r} is not provider:model with a provider of {', '.join(PROVIDERS)}")
        return {**DEFAULT_MODELS, **given} if info.field_name == "models" else given

    @field_validator("allowed_bots", "models_allowed", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        return tuple(part.strip() for part in given.split(",") if part.strip()) if isinstance(given, str) else given

    @field_validator("log_level", mode="before")
    @classmethod
    def _upper(cls, given: object) -> object:
        return given.upper() if isinstance(given, str) else given
