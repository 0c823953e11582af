import subprocess
import sys
from datetime import date

import pytest

from ai.providers.factory import ROLES, Access, check_models, make_provider, model_for
from state.errors import Told

NOW = date(2026, 11, 21)
ACCESS = Access(anthropic_key="a", google_key="g", anthropic_url="http://127.0.0.1:9", google_url="http://127.0.0.1:9")


def test_every_default_model_can_be_made_and_has_a_price():
    check_models({}, NOW)
    assert {make_provider(name, ACCESS).provider for name in ROLES.values()} == {"claude", "gemini"}


def test_a_chosen_model_wins():
    assert model_for("planner", {"planner": "claude:claude-opus-5-5"}) == "claude:claude-opus-5-5"
    assert model_for("planner", {"planner": ""}) == ROLES["planner"]


WRONG = [
    ({"planner": "claude:claude-nobody"}, "no price"),
    ({"planner": "gpt:x"}, "no model"),
    ({"planner": "claude"}, "no model"),
    ({"cook": "claude:claude-opus-5-5"}, "no role"),
]


@pytest.mark.parametrize(("chosen", "said"), WRONG)
def test_a_wrong_choice_is_refused_at_start(chosen, said):
    with pytest.raises(Told, match=said):
        check_models(chosen, NOW)


@pytest.mark.parametrize(("name", "variable"), [("claude:x", "ANTHROPIC_API_KEY"), ("gemini:x", "GOOGLE_API_KEY")])
def test_a_missing_key_names_its_variable(name, variable):
    with pytest.raises(Told, match=variable):
        make_provider(name, Access())


def test_keys_are_in_no_representation():
    assert "secret" not in repr(Access(anthropic_key="secret", google_key="secret"))


def test_the_legacy_provider_without_its_package_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "google.generativeai", None)
    with pytest.raises(Told, match="google-generativeai") as told:
        make_provider("gemini-legacy:gemini-3-flash-preview", ACCESS)
    assert "gemini-legacy]" in told.value.hint


def test_importing_the_agents_loads_no_vendors_library():
    code = (
        "import sys, ai.planner.agent, ai.executor.agent, ai.intent.agent, ai.providers.factory, ai.providers.claude, "
        "ai.providers.gemini, ai.providers.gemini_legacy; "
        "print(sorted({'anthropic', 'google.genai', 'google.generativeai', 'httpx2'} & set(sys.modules)))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
