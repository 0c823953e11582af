"""What can be turned, at start by options and at run time by ``PATCH /_admin/settings``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

APP_PERMISSIONS = {
    "actions": "read",
    "checks": "write",
    "contents": "write",
    "issues": "write",
    "metadata": "read",
    "pull_requests": "write",
}
APP_EVENTS = [
    "issues",
    "issue_comment",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "check_run",
    "workflow_run",
    "push",
    "repository",
]


@dataclass
class Settings:
    """Limits and lags; seconds, counts and bytes."""

    creates_per_minute: int = 80
    creates_per_hour: int = 500
    secondary_status: int = 403
    retry_after: int = 60
    requests_per_hour: int = 5000
    list_lag: float = 0.0
    token_seconds: float = 3600.0
    long_tokens: bool = True
    hook_workers: int = 8
    hook_delay: float = 0.0
    hook_jitter: float = 0.0
    hook_timeout: float = 10.0
    hooks_on: bool = True
    max_blob: int = 100 * 1024 * 1024
    secret_scanning: bool = True


@dataclass
class Config:
    """How one stand-in is started. ``data`` keeps SQLite, keys and bare repositories."""

    data: Path
    app_id: int = 1
    app_slug: str = "devtask"
    app_name: str = "Dev Task"
    app_owner: str = "devtask-owner"
    webhook_url: str = ""
    webhook_secret: str = ""
    settings: Settings = field(default_factory=Settings)
