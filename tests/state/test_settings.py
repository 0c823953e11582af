from pathlib import Path

import pytest

from state.settings import Process, SettingsError, load_settings
from state.settings_docs import configuration_page, env_example

ROOT = Path(__file__).parents[2]
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA0000000000000000\n-----END RSA PRIVATE KEY-----\n"


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "app.pem"
    path.write_text(PEM)
    path.chmod(0o600)
    return path


def full(key):
    return {
        "GITHUB_APP_ID": "12",
        "GITHUB_PRIVATE_KEY_PATH": str(key),
        "GITHUB_WEBHOOK_SECRET": "old-secret,new-secret",
        "ANTHROPIC_API_KEY": "sk-ant-secret",
        "GOOGLE_API_KEY": "AIza-secret",
    }


def test_the_gate_needs_only_its_secret():
    settings = load_settings(Process.GATE, {"GITHUB_WEBHOOK_SECRET": "s3cret-value"})
    assert settings.webhook_secrets == ("s3cret-value",)
    assert settings.db_url == "sqlite:////opt/dev-orchestrator/data/orchestrator.db"


def test_a_worker_needs_no_webhook_secret(key):
    env = full(key)
    del env["GITHUB_WEBHOOK_SECRET"]
    settings = load_settings(Process.WORKER, env)
    assert settings.private_key() == PEM
    assert (settings.max_retries, settings.max_execution_time, settings.checkpoint_interval) == (3, 1800, 300)
    assert settings.model_for("planner") == ("claude", "claude-sonnet-5-5")


def test_one_message_lists_everything_that_is_missing_or_wrong():
    with pytest.raises(SettingsError) as told:
        load_settings(
            Process.WORKER, {"GITHUB_API_URL": "github", "MAX_RETRIES": "many", "MODELS": '{"planner": "gpt:4"}'}
        )
    names = [problem.name for problem in told.value.problems]
    assert sorted(names) == [
        "ANTHROPIC_API_KEY",
        "GITHUB_API_URL",
        "GITHUB_APP_ID",
        "GITHUB_PRIVATE_KEY_PATH",
        "GOOGLE_API_KEY",
        "MAX_RETRIES",
        "MODELS",
    ]
    message = str(told.value)
    assert message.startswith("7 settings need attention:\n- ")
    assert all(f"- {name}: " in message for name in names)
    assert "Create a key in the Anthropic console." in message


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"GITHUB_PRIVATE_KEY_PATH": "/nowhere/app.pem"}, "is no file"),
        ({"GITHUB_WEBHOOK_SECRET": "a-secret,b-secret,c-secret"}, "more than two"),
        ({"TELEGRAM_BOT_TOKEN": "123:abc"}, "TELEGRAM_CHAT_ID: is missing"),
        ({"MODELS": "{not json"}, "no JSON object"),
        ({"MODELS": '{"chef": "claude:x"}'}, "unknown role chef"),
        ({"SANDBOX": "docker"}, "SANDBOX: input should be"),
        ({"BUDGET_PER_TASK": "-1"}, "BUDGET_PER_TASK: input should be greater than 0"),
        ({"JIRA_ENABLED": "true"}, "JIRA_BASE_URL: is missing"),
        ({"PUBLIC_URL": "ftp://x"}, "PUBLIC_URL: is no http"),
    ],
)
def test_wrong_values_are_named_with_what_is_wrong(key, change, complaint):
    with pytest.raises(SettingsError, match=complaint):
        load_settings(Process.WORKER, {**full(key), **change})


def test_a_private_key_that_others_can_read_is_refused(key):
    key.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        load_settings(Process.WORKER, full(key))


def test_a_file_that_is_no_key_is_refused(key):
    key.write_text("hello")
    with pytest.raises(SettingsError, match="no PEM private key"):
        load_settings(Process.WORKER, full(key))


def test_no_secret_shows_in_repr_or_in_an_error(key):
    env = {**full(key), "DATABASE_URL": "postgresql://bot:hunter22@db/x", "MAX_RETRIES": "x"}
    with pytest.raises(SettingsError) as told:
        load_settings(Process.WORKER, env)
    settings = load_settings(Process.WORKER, {**env, "MAX_RETRIES": "1"})
    for text in (repr(settings), str(settings), str(told.value), repr(told.value)):
        assert not [word for word in ("sk-ant", "AIza-", "old-secret", "hunter22") if word in text]
    assert settings.db_url == "postgresql+psycopg://bot:hunter22@db/x"


def test_the_redactor_of_the_settings_knows_every_live_secret(key):
    settings = load_settings(Process.WORKER, {**full(key), "DATABASE_URL": "postgresql://bot:hunter22@db/x"})
    text = "sk-ant-secret AIza-secret old-secret new-secret hunter22 MIIEowIBAAKCAQEA0000000000000000"
    redacted = settings.redactor().redact(text)
    assert redacted.count == 6
    assert not [word for word in text.split() if word in redacted.text]


def test_a_data_folder_holds_everything_that_is_not_placed_elsewhere(tmp_path):
    settings = load_settings(Process.TOOL, {"LOGS_PATH": "/var/log/devtask"}, data=tmp_path)
    assert (settings.data_path, settings.repos_path) == (tmp_path / "data", tmp_path / "repos")
    assert settings.logs_path == Path("/var/log/devtask")


def test_the_environment_wins_over_the_file_and_an_empty_value_is_none(tmp_path):
    dotenv = tmp_path / ".env"
    dotenv.write_text("LANGUAGE=es\nLOG_LEVEL=debug\nALLOWED_BOTS=1, 2\n")
    settings = load_settings(Process.TOOL, {"LANGUAGE": "en", "TELEGRAM_BOT_TOKEN": ""}, dotenv=dotenv)
    assert (settings.language, settings.log_level, settings.allowed_bots) == ("en", "DEBUG", (1, 2))
    assert settings.telegram_bot_token is None


def test_models_that_are_not_named_keep_their_default(key):
    settings = load_settings(Process.WORKER, {**full(key), "MODELS": '{"planner": "claude:claude-opus-5-5"}'})
    assert settings.model_for("planner") == ("claude", "claude-opus-5-5")
    assert settings.model_for("executor_high")[0] == "gemini"


def test_the_configuration_page_and_the_example_are_current():
    assert (ROOT / "docs" / "configuration.md").read_text() == configuration_page(), "run python -m state.settings_docs"
    assert (ROOT / ".env.example").read_text() == env_example(), "run python -m state.settings_docs"


def test_the_example_filled_in_is_accepted(tmp_path, key):
    example = tmp_path / ".env"
    example.write_text(env_example())
    assert load_settings(Process.WORKER, full(key), dotenv=example).public_url is None
