"""The papers that are made from the code say what the code says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cli.papers.__main__ import ROOT, main, papers, stale, write
from cli.papers.commands import commands_page
from ghapp.commands.table import TABLE
from jobs.setup.config import ConfigError, RepoConfig, parse_config


def test_the_papers_in_the_tree_are_fresh():
    assert stale(ROOT) == [], "run make docs"


def test_writing_mends_what_is_stale_and_nothing_else(tmp_path: Path):
    assert sorted(write(tmp_path)) == sorted(papers())
    (tmp_path / "docs" / "commands.md").write_text("old")
    assert stale(tmp_path) == ["docs/commands.md"]
    assert write(tmp_path) == ["docs/commands.md"]
    assert write(tmp_path) == []


def test_a_wrong_word_on_the_command_line_is_no_check(capsys: pytest.CaptureFixture[str]):
    assert main(["--cheque"]) == 2
    assert "usage" in capsys.readouterr().err


def test_every_command_stands_in_the_page():
    page = commands_page()
    assert all(f"`/{row.name}" in page for row in TABLE)


SAMPLES = (
    "{}",
    "base: development",
    "setup: make deps",
    "setup: [a, b]\ntest: pytest\nprotected: [infra/**]\napprovers: ana\nbudget: 2.5\nlanguage: es",
    "ci: run\ndev_tasks: remove\nparallel_steps: 3\nprefix_only: true\nmodels: {planner: 'claude:x'}",
    "unknown: 1",
    "budget: -1",
    "ci: sometimes",
    "parallel_steps: 99",
    "setup: {a: b}",
)


@pytest.mark.parametrize("text", SAMPLES)
def test_the_schema_and_the_reader_agree(text: str):
    import yaml

    schema = json.loads(papers()["docs/schemas/devtask.schema.json"])
    Draft202012Validator.check_schema(schema)
    allowed = Draft202012Validator(schema).is_valid(yaml.safe_load(text))
    try:
        parse_config(text.encode())
    except ConfigError:
        assert not allowed
    else:
        assert allowed


def test_every_key_stands_in_the_page_and_those_marked_unused_are():
    from cli.papers.repository import NOT_YET, repository_page

    code = "\n".join(path.read_text() for path in (ROOT / "jobs").rglob("*.py") if path.name != "config.py")
    read = {name for name in RepoConfig.model_fields if f"config.{name}" in code}
    assert read | NOT_YET >= set(RepoConfig.model_fields), "a key that nothing reads is not marked so"
    assert not read & NOT_YET, "a key that is read is marked as unused"
    assert all(f"| `{name}` |" in repository_page() for name in RepoConfig.model_fields)
