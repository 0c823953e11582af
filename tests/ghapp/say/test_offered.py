"""Nothing is offered that is not built: not by a button, not by a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ghapp.commands.table import ALIASES, BUILT, TABLE
from ghapp.say import buttons, offered
from ghapp.say.failure import next_commands
from ghapp.say.messages import LANGUAGES, catalog
from tests.ghapp.say.samples import FAILURE
from tests.ghapp.say.test_catalogs import variants

SNAPSHOTS = Path(__file__).parent / "snapshots"
WORD = re.compile(r"(?<![\w/.>:])/(?:devtask )?([a-záéíóúñ-]+)(?![\w/.])")
HOSTILE = {"plan-hostile", "failure-hostile", "telegram-hostile"}


def commands_in(text: str) -> set[str]:
    """Names of our table that stand in the text as commands, built or not."""
    return {ALIASES[word].name for word in WORD.findall(text) if word in ALIASES}


def test_what_may_be_offered_is_what_is_built() -> None:
    assert {row.name for row in BUILT} == offered.OFFERED


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_names_a_command_that_is_not_built(lang: str) -> None:
    for key, text in catalog(lang).items():
        for variant in variants(text):
            assert commands_in(variant) <= offered.OFFERED, key


@pytest.mark.parametrize("file", sorted(SNAPSHOTS.iterdir()), ids=lambda file: file.stem)
def test_no_text_offers_a_command_that_is_not_built(file: Path) -> None:
    if file.name.partition(".")[0] not in HOSTILE:
        assert commands_in(file.read_text("utf-8")) <= offered.OFFERED


def test_the_reader_of_commands_finds_them() -> None:
    assert commands_in("`/retry 3`, [/pr](x) or /devtask skip 2; see https://x/pr and a/ci") == {"retry", "pr", "skip"}


@pytest.mark.parametrize(
    ("command", "may"),
    [("/approve 7f3a", True), ("/devtask abort", True), ("revise …", True), ("/rewind 3", False), ("/", False)],
)
def test_a_command_is_looked_up_by_its_name(command: str, may: bool) -> None:
    assert offered.is_offered(command) is may


def test_a_button_of_a_command_that_is_not_built_is_left_out() -> None:
    shown = [buttons.button("en", "skip", "/rewind 3"), buttons.button("en", "abort", "/abort")]
    assert [item.button.command for item in buttons.read(buttons.render_all(shown))] == ["/abort"]


def test_after_a_failure_only_what_is_built_can_be_typed() -> None:
    typed = {"retry": "retry 2", "skip": "skip 2", "revise": "revise …", "abort": "abort"}
    assert next_commands(FAILURE, "/devtask ") == {word: f"/devtask {text}" for word, text in typed.items()}
    assert len(TABLE) > len(BUILT)
