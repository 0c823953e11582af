"""`devtask eval` without its stage: the bundled repositories, the table, the scripted minds, the sums."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from cli.eval import cases
from cli.evaluation.judge import environment_of, problem
from cli.evaluation.minds import NO_COMMAND, Minds, turn
from cli.evaluation.play import REAL
from cli.evaluation.results import Result, good, summary
from cli.evaluation.samples import GOOD, SPECIAL_CASE, Check, Row, Sample, samples, table, write
from devkit.rig.answer import answer_from
from devkit.rig.script import Seen
from ghapp.say.messages import plain
from state.errors import Told
from state.lifecycle import PauseReason
from state.plan.checks import Ground, check
from state.plan.flat import read

SAMPLES = {sample.name: sample for sample in samples()}
BAD = {
    *("wrong_fix", "never_done", "loops", "prose_only", "edits_nothing", "weakens_test", "deletes_test"),
    *("edits_conftest", "plants_sitecustomize", "os_exit", "prewrites_report", "ignored_helper", "uncommitted_helper"),
    *("no_diff", "special_cases", "empty_diff"),
}


def test_a_dozen_repositories_of_as_many_kinds_are_bundled():
    kinds = [sample.asked.kind for sample in SAMPLES.values()]
    assert len(kinds) == len(set(kinds)) >= 12
    shapes = "src layout|flat module|monorepo|no tests|slow tests|type errors|lint errors|CRLF|unicode|JavaScript"
    for shape in (*shapes.split("|"), "TypeScript", "several steps"):
        assert any(shape in kind for kind in kinds), shape


def edited(sample: Sample, script: str) -> dict[str, bytes]:
    """The files as a script's edits leave them."""
    files = sample.files()
    turns = [one for turns in sample.script(script).values() for one in turns if not isinstance(one, str)]
    for call in (call for one in turns for call in (one if isinstance(one, list) else [one])):
        for name, given in call.items():
            if name == "write_file":
                files[given["path"]] = given["content"].encode()
            elif name == "edit_file":
                files[given["path"]] = replaced(files[given["path"]], given["old"], given["new"])
    return files


def replaced(data: bytes, old: str, new: str) -> bytes:
    text = data.decode().replace("\r\n", "\n")
    assert text.count(old) == 1, old
    made = text.replace(old, new)
    return (made.replace("\n", "\r\n") if b"\r\n" in data else made).encode()


def wrong(sample: Sample, files: Mapping[str, bytes], folder: Path) -> str:
    """The first hidden check that does not hold."""
    write({**files, **sample.hidden()}, folder)
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": "1"}
    for one in sample.asked.checks:
        done = subprocess.run(["bash", "-c", one.run], cwd=folder, env=env, capture_output=True, text=True, check=False)
        if found := problem(one, done.returncode, done.stdout + done.stderr):
            return found
    return ""


@pytest.mark.parametrize("name", SAMPLES)
def test_what_is_asked_is_missing_before_and_there_after_the_good_script(name: str, tmp_path: Path):
    sample = SAMPLES[name]
    if any("node" in one.run for one in sample.asked.checks) and shutil.which("node") is None:
        pytest.skip("no node on this machine")
    assert wrong(sample, sample.files(), tmp_path / "before") != ""
    assert wrong(sample, edited(sample, GOOD), tmp_path / "after") == ""


@pytest.mark.parametrize("name", SAMPLES)
def test_the_plan_of_a_sample_is_valid_and_every_script_can_be_played(name: str):
    sample = SAMPLES[name]
    files = sample.files()
    found = read(sample.asked.plan).plan
    assert found is not None
    assert check(found, Ground(files.keys(), lambda path: len(files[path].splitlines()))) == ()
    for script in sample.scripts:
        edited(sample, script)
        steps = sample.script(script)
        assert set(steps) <= {step.number for step in found.steps()}
        for one in (one for turns in steps.values() for one in turns):
            answer_from(turn(one))


def test_the_table_names_every_script_once_and_only_what_exists():
    rows = [(row.repository, row.script) for row in table()]
    assert sorted(rows) == sorted((sample.name, script) for sample in SAMPLES.values() for script in sample.scripts)
    assert {row.repository for row in table() if row.script == GOOD and row.verdict == "done"} == set(SAMPLES)
    assert {script for _, script in rows} >= BAD


def test_reasons_of_the_table_are_codes_that_the_service_knows():
    for row in table():
        if row.verdict == "failed":
            plain("en", f"failure.reason.{row.reason}")
        elif row.verdict == "paused":
            PauseReason(row.reason)
        else:
            assert row.reason in ("", SPECIAL_CASE) and row.resolved == (row.reason == "")


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("task.yml", "title: x\ncolour: red\n", "task.yml of odd"),
        ("task.yml", "kind: [\n", "task.yml of odd"),
        ("scripts/good.yml", "one: []\n", "good.yml of scripts"),
    ],
)
def test_a_broken_sample_is_named(tmp_path: Path, file: str, text: str, said: str):
    folder = tmp_path / "odd"
    (folder / "scripts").mkdir(parents=True)
    (folder / file).write_text(text)
    with pytest.raises(ValueError, match=said):
        _ = Sample(folder).asked if file == "task.yml" else Sample(folder).script("good")


def test_a_broken_table_is_named(tmp_path: Path):
    (tmp_path / "table.yml").write_text(yaml.safe_dump([{"repository": "a", "script": "b", "verdict": "perhaps"}]))
    with pytest.raises(ValueError, match=r"table.yml.*\n.*verdict"):
        table(tmp_path)


def test_crlf_is_made_when_the_files_are_written():
    assert all(b"\r\n" in data for data in SAMPLES["crlf_files"].files().values())
    assert not any(b"\r" in data for data in SAMPLES["flat_module"].files().values())


@pytest.mark.parametrize(
    ("exit_code", "output", "good"),
    [(0, "…\nall hold\n", True), (0, "", False), (0, "all hold\nbye", False), (1, "all hold", False)],
)
def test_a_hidden_check_that_ends_early_with_0_does_not_hold(exit_code: int, output: str, good: bool):
    assert (problem(Check(run="x", says="all hold"), exit_code, output) == "") is good


def test_the_newest_finished_environment_is_taken(tmp_path: Path):
    assert environment_of(tmp_path, 7) is None
    for name, at in (("a", 2), ("b", 1)):
        done = tmp_path / "envs" / "7" / name / "done.json"
        done.parent.mkdir(parents=True)
        done.touch()
        os.utime(done, (at, at))
    assert environment_of(tmp_path, 7) == tmp_path / "envs" / "7" / "a" / "env"


def seen(text: str, tool: str, turn: int = 0) -> Seen:
    return Seen("m", "", text, (), (tool,), turn, {"text": text})


def test_the_word_says_which_script_answers_and_the_prompt_which_step():
    minds = Minds()
    minds.add("e7x", SAMPLES["plan_of_steps"], GOOD)
    assert minds(seen("/task scale e7x", "intent")) == NO_COMMAND
    assert minds(seen("somebody else", "done")) is None
    assert next(call["tool"] for call in minds(seen("e7x", "submit_plan"))) == "list_files"
    plan = minds(seen("e7x", "submit_plan", 1))
    assert plan["input"]["title"].endswith(" e7x")
    for step, path in ((1, "kitchen/recipe.py"), (2, "kitchen/__main__.py")):
        assert minds(seen(f"e7x # Your step: {step} of 3", "done"))[0]["input"]["path"] == path
    assert minds(seen("e7x # Your step: 3 of 3", "done", 99))[0]["tool"] == "done"


def row(**changes: Any) -> Row:
    return Row.model_validate({"repository": "a", "script": "good", "verdict": "done", **changes})


@pytest.mark.parametrize(
    ("expected", "verdict", "reason", "resolved", "holds"),
    [
        (row(), "done", "", True, True),
        (row(), "done", "", False, False),
        (row(), "failed", "checks", False, False),
        (row(verdict="failed", reason="checks"), "failed", "checks", False, True),
        (row(verdict="failed", reason="checks"), "failed", "no_edit", False, False),
        (row(verdict="failed", reason="checks"), "done", "", True, False),
        (row(verdict="failed", reason="tamper", pending="evidence"), "done", "", False, None),
        (row(verdict="done", reason=SPECIAL_CASE, resolved=False), "done", SPECIAL_CASE, False, True),
    ],
)
def test_a_result_is_held_against_its_row(expected: Row, verdict: str, reason: str, resolved: bool, holds: bool | None):
    one = Result("a", "good", 1, verdict, reason, resolved, expected=expected)
    assert one.as_expected is holds
    assert good([one]) is (holds is not False)


def test_with_real_models_everything_has_to_be_resolved_and_the_sums_say_what_it_cost():
    results = [
        Result("a", REAL, 1, "done", resolved=True, turns=5, tokens=100, dollars=0.25, exits=("done", "done")),
        Result("a", REAL, 2, "failed", "checks", turns=9, tokens=300, dollars=0.5, exits=("done", "stuck")),
    ]
    found = summary(results, 12.0, "real")
    assert (found["ok"], found["resolve_rate"], found["asserted"]) == (False, 0.5, 0)
    assert found["all"]["exits"] == "done 3, stuck 1"
    assert found["repositories"]["a"] | {"exits": ""} == found["all"] | {"exits": ""}
    assert (found["all"]["tokens"], found["all"]["dollars"]) == (400, 0.75)
    assert not good([]) and good(results[:1])


def test_without_keys_the_table_is_played_and_with_keys_each_repository_so_often():
    assert len(cases(None, 0)) == len(table())
    assert [(one.sample.name, one.number) for one in cases("javascript", 2)] == [("javascript", 1), ("javascript", 2)]
    assert len(cases(None, 3)) == 3 * len(SAMPLES)
    with pytest.raises(Told, match="no bundled repository"):
        cases("nowhere", 0)
