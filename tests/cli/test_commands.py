"""The commands as a person starts them, in an installation that is not one yet: told, never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.files import ROOT

NOWHERE = {
    f"{name}_URL": "http://127.0.0.1:9"
    for name in ("GITHUB_API", "ANTHROPIC_BASE", "GOOGLE_GEMINI_BASE", "TELEGRAM_API")
}


def devtask(folder: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    folders = {f"{name}_PATH": str(folder / name.lower()) for name in ("DATA", "REPOS", "LOGS")}
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": "redis://127.0.0.1:9/0",
            **NOWHERE,
            **folders,
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_doctor_lists_everything_that_is_missing_and_changes_nothing(tmp_path: Path):
    done = devtask(tmp_path, "doctor", "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["ok"], done.stderr) == (1, False, "")
    settings = [one["text"].split()[0] for one in found["findings"] if one["area"] == "settings"]
    assert settings == [
        "GITHUB_WEBHOOK_SECRET",
        "GITHUB_APP_ID",
        "ANTHROPIC_API_KEY",
        "GOOGLE_API_KEY",
        "GITHUB_PRIVATE_KEY_PATH",
    ]
    assert {"disk", "git", "sandbox", "database", "redis", "github", "models", "telegram"} <= {
        one["area"] for one in found["findings"]
    }
    assert list(tmp_path.iterdir()) == []


def test_doctor_says_at_once_when_a_setting_cannot_be_read(tmp_path: Path):
    done = devtask(tmp_path, "doctor", LOG_LEVEL="LOUD", MAX_RETRIES="many")
    assert done.returncode == 1
    assert "LOG_LEVEL" in done.stdout and "MAX_RETRIES" in done.stdout
    assert "something is wrong" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("status",), 1, "devtask migrate"),
        (("status", "k3x9q2ab", "--json"), 1, "devtask migrate"),
        (("logs",), 0, "Nothing is logged there yet"),
        (("logs", "../etc"), 1, "no task's key"),
        (("worker", "lunch"), 2, "not a queue"),
        (("frobnicate",), 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path: Path, arguments: tuple[str, ...], code: int, word: str):
    done = devtask(tmp_path, *arguments)
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert word in " ".join(said.replace("│", " ").split())
    assert "Traceback" not in said


def test_status_after_the_migration_says_that_there_is_nothing(tmp_path: Path):
    assert devtask(tmp_path, "migrate").returncode == 0
    done = devtask(tmp_path, "status")
    assert (done.returncode, done.stdout.strip()) == (0, "There are no tasks yet.")
    assert devtask(tmp_path, "status", "--json").stdout.strip() == "[]"
