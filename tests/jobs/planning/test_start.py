"""A model that nobody knows is refused when the service starts, with what to edit."""

import os
import subprocess
import sys

import pytest

from tests.house.files import ROOT

WRONG = [
    ("an unknown model", "MODELS", '{"planner": "claude:claude-nobody-1"}', "There is no price for the model"),
    ("an unknown provider", "MODELS", '{"planner": "gpt:x"}', "is not provider:model"),
    ("an unknown role", "MODELS", '{"cook": "claude:claude-sonnet-5-5"}', "unknown role cook"),
    ("an unknown stand-in", "MODELS_FALLBACK", '{"planner": "claude:claude-nobody-1"}', "There is no price"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("what", "name", "value", "said"), WRONG, ids=[row[0] for row in WRONG])
@pytest.mark.parametrize("command", [("serve",), ("worker", "plan")])
def test_an_unknown_model_is_refused_at_start_with_what_to_edit(tmp_path, command, what, name, value, said):
    folders = {f"{one}_PATH": str(tmp_path / one.lower()) for one in ("DATA", "REPOS", "LOGS")}
    keys = {"ANTHROPIC_API_KEY": "k", "GOOGLE_API_KEY": "k", "GITHUB_APP_ID": "1", "GITHUB_WEBHOOK_SECRET": "s" * 32}
    keys["GITHUB_PRIVATE_KEY_PATH"] = str(tmp_path / "key.pem")
    (tmp_path / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    (tmp_path / "key.pem").chmod(0o600)
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", *command],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "REDIS_URL": "redis://127.0.0.1:9/0"}
        | folders
        | keys
        | {name: value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert name in done.stderr and said in done.stderr
    assert not (tmp_path / "data").exists() or not list((tmp_path / "data").glob("*.db")), "nothing was begun"
