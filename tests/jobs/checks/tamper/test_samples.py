"""The bundled repositories: no good script is held up or suspected, and what the table calls tamper is seen."""

import pytest

from cli.evaluation.samples import samples, table
from jobs.checks import suspicion
from jobs.checks.tamper.guard import Blob, found_between, places_of
from jobs.checks.tamper.named import allowed
from jobs.checks.tamper.places import Role, reader
from jobs.checks.tamper.reading import module_of
from jobs.checks.tamper.worker import answer
from jobs.setup.source import Files
from state.plan.model import Step

SAMPLES = {sample.name: sample for sample in samples()}
ROWS = [row for row in table() if row.script == "good" or row.reason in {"tamper", "special_case"}]
LAST = {"two_steps": 2}


def trees(sample, script):
    """The files as they are before the last step that the script does, and after it."""
    before = {path: data.decode().replace("\r\n", "\n") for path, data in sample.files().items()}
    after = dict(before)
    for number, turns in sorted(sample.script(script).items()):
        before = dict(after) if number == LAST.get(sample.name) else before
        for turn in turns:
            for call in turn if isinstance(turn, list) else [turn]:
                for tool, given in call.items() if isinstance(call, dict) else ():
                    carry_out(tool, given, after)
    return before, after


def carry_out(tool, given, files):
    if tool == "edit_file":
        assert given["old"] in files[given["path"]], given
        files[given["path"]] = files[given["path"]].replace(given["old"], given["new"], 1)
    elif tool == "write_file":
        files[given["path"]] = given["content"]


def suspected(before, after, places):
    tests = [path for path in after if places.role(path) is Role.TEST]
    asked = suspicion.asked_by(module_of(answer(reader(path), after[path].encode())) for path in tests)
    found = []
    for path in after:
        kind = "shape" if path.endswith(".py") else "choices-javascript"
        if path.endswith((".py", ".js")) and places.role(path) is Role.OTHER:
            sides = (answer(kind, files.get(path, "").encode())["choices"] for files in (before, after))
            found += suspicion.suspects(path, *sides, asked)
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.repository} {row.script}")
def test_a_script_is_held_up_exactly_where_the_table_says_tamper(row):
    sample = SAMPLES[row.repository]
    before, after = trees(sample, row.script)
    kind = "pytest" if any("pytest" in text for text in before.values()) else "unittest"
    places = places_of(Files(before), kind)
    sides = [(path, before.get(path), after.get(path)) for path in sorted(before.keys() | after.keys())]
    blobs = [Blob(path, old and old.encode(), new and new.encode()) for path, old, new in sides if old != new]
    found = found_between(blobs, frozenset(before), places, lambda files: [answer(*one) for one in files])
    steps = [Step(id="s01", number=1, title=one["title"], files=one["files"]) for one in sample.asked.plan["steps"]]
    held = [one for one in found if one.blocks and not allowed(one, steps)]
    assert bool(held) is (row.reason == "tamper"), [one.message for one in held]
    if row.reason != "tamper":
        assert bool(suspected(before, after, places)) is (row.reason == "special_case")
