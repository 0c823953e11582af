"""No static check refuses what the bundled repositories' good scripts do."""

from pathlib import Path

import pytest
import yaml

from jobs.checks.programs import programs
from jobs.checks.result import Status
from jobs.checks.table import TABLE
from state.plan.model import ExpectedOutputs, FileChange, Step
from tests.jobs.checks.place import place

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3] / "devkit" / "samples" / "eval"
STATIC = frozenset(
    {"syntax", "conflicts", "size", "declared", "outputs", "security", "audit", "format", "complexity"}
    | {"docstrings", "hints", "debug", "performance"}
)
ROWS = [row for row in TABLE if row.name in STATIC]


def edited(files, turns):
    """The files after a script's edits."""
    found = dict(files)
    for turn in turns:
        for call in turn if isinstance(turn, list) else [turn]:
            ((tool, given),) = call.items() if isinstance(call, dict) else ((None, {}),)
            if tool == "edit_file":
                assert given["old"] in found[given["path"]]
                found[given["path"]] = found[given["path"]].replace(given["old"], given["new"], 1)
            elif tool == "write_file":
                found[given["path"]] = given["content"]
    return found


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return programs(tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ROOT.glob("*/task.yml")))
def test_a_good_script_is_refused_by_none(name, tmp_path, ours):
    folder = ROOT / name
    task = yaml.safe_load((folder / "task.yml").read_text())
    script = yaml.safe_load((folder / "scripts" / "good.yml").read_text())
    end = "\r\n" if task.get("newline") == "crlf" else "\n"
    files = {
        str(path.relative_to(folder / "repo")): path.read_text() for path in folder.glob("repo/**/*") if path.is_file()
    }
    here = place(tmp_path, {path: text.replace("\n", end) for path, text in files.items()}, (ours.mount,))
    for number, planned in enumerate(task["plan"]["steps"], 1):
        files = edited(files, script[number])
        changes = [FileChange(path=one["path"], change=one["change"]) for one in planned["files"]]
        outputs = ExpectedOutputs(
            main_file=planned["main_file"],
            files=[one.path for one in changes if one.change.value != "delete"],
            symbols=planned.get("symbols", []),
        )
        step = Step(id=f"s{number:02}", number=number, title="t", files=changes, expected_outputs=outputs)
        scene = here.scene({path: text.replace("\n", end) for path, text in files.items()}, step, programs=ours)
        results = [result for row in ROWS for result in row.results(scene)]
        assert [f"{one.name}: {one.summary}\n{one.tail}" for one in results if one.stops] == []
        assert {one.name for one in results if one.status is Status.NOT_RUN} <= {"format", "hints"}
        print(name, number, [(one.name, one.tail) for one in results if one.status is Status.FAILED])
    here.box.close()
