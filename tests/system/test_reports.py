"""Reports of the running system: every command in them can be copied and does in a clone what the report says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.system.town import DONE, EDIT, GOOD_EXECUTOR, READ, SHOP, Mind, Thread, Town, call, plan_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FENCE = re.compile(r"^(`{3,})(\w*)\n(.*?)\n\1$", re.S | re.M)
RAN = re.compile(r"(`{3,})sh\n(.*?)\n\1\n\n→ (-?\d+) · ", re.S)
ASKED = [
    {"criterion": "All tests pass", "measurable": "tests.failed == 0"},
    {"criterion": "take is there", "measurable": "symbol_defined: shop/stock.py = take"},
    {"criterion": "It can be asked", "measurable": "command_succeeds: python3 -c 'import shop.stock'"},
    {"criterion": "It reads well", "measurable": ""},
]


def scripts(body: str) -> list[str]:
    """The shell blocks of "Go on by hand": get the branch, make the clone ready, see for yourself."""
    return [
        text for _, language, text in FENCE.findall(body.rpartition("<summary>Go on by hand")[2]) if language == "sh"
    ]


def told(body: str) -> Mapping[str, int]:
    """Each command that the report shows with its output, and the exit code that it says."""
    return {command: int(code) for _, command, code in RAN.findall(body)}


def clone(town: Town, thread: Thread, folder: Path) -> Path:
    subprocess.run(["git", "clone", "-q", str(town.world.bare(thread.repo)), str(folder)], check=True)
    return folder


def typed(folder: Path, *lines: str) -> int:
    """The exit code of lines typed one after the other in a terminal on this machine."""
    own = Path(sys.executable).parent
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    env = inherited | {"PATH": f"{os.environ['PATH']}:{own}"}
    ran = subprocess.run(["bash", "-c", "\n".join(lines)], cwd=folder, env=env, capture_output=True, text=True)
    print(ran.stdout, ran.stderr)
    return ran.returncode


def again(town: Town, thread: Thread, body: str, folder: Path) -> None:
    """Type every block, and every command that is shown, in a new clone."""
    place = clone(town, thread, folder)
    take, *rest = scripts(body)
    setup = rest[0] if len(rest) > 1 else ""
    assert typed(place, "set -e", take) == 0
    assert typed(place, "set -e", setup) == 0
    activate = ". .venv/bin/activate" if ".venv" in setup else ""
    found = told(body)
    assert found
    for command, code in found.items():
        assert "…" not in command and "/tmp" not in command and "/devtask" not in command
        assert typed(place, activate, command) == code, command
    for command in rest[-1].split("\n"):
        assert typed(place, activate, command) == found.get(command, 0), command


def test_every_line_of_a_final_report_can_be_run_again(town: Town, tmp_path: Path) -> None:
    thread = town.start(town.repo(), Mind(planner=[plan_of(criteria=ASKED)], executor=GOOD_EXECUTOR))
    thread.approve()
    body = thread.done()["body"]
    print(body)
    assert "2 of 2 tests pass" in body and body.count("✅ met |") == 3 and "👀 you check |" in body
    again(town, thread, body, tmp_path / "clone")
    bare = ["git", "-C", str(town.world.bare(thread.repo))]
    listed = subprocess.run(
        [*bare, "ls-tree", "-r", "--name-only", str(thread.branch())], capture_output=True, text=True
    )
    kept = {path.rpartition("/")[2]: path for path in listed.stdout.split() if path.startswith(".dev-tasks/")}
    shown = {
        name: subprocess.run([*bare, "show", f"{thread.branch()}:{path}"], capture_output=True, text=True).stdout
        for name, path in kept.items()
    }
    assert json.loads(shown["state.json"])["tests"]["passed"] == 2
    assert "| 2 | 0 | 0 | 2 |" in shown["progress.md"] and "| testing: tests | critical | met |" in shown["progress.md"]


def test_a_criterion_that_is_measured_and_not_met_sends_the_executor_back(town: Town) -> None:
    asked = [{"criterion": "The helper is there", "measurable": "file_exists: shop/helper.py"}]
    helper = call("write_file", path="shop/helper.py", content='"""A helper."""\n')
    extra = call(
        "done", summary="x", handoff="y", extra_files=[{"path": "shop/helper.py", "reason": "it is asked for"}]
    )
    first = (READ, EDIT, DONE, DONE, DONE)

    def executor(seen: object) -> object:
        again = "file_exists: shop/helper.py: there is no such file" in seen.anywhere  # type: ignore[attr-defined]
        answers = (READ, helper, extra, extra, extra) if again else first
        return answers[min(seen.turn, len(answers) - 1)]  # type: ignore[attr-defined]

    thread = town.start(town.repo(), Mind(planner=[plan_of(criteria=asked)], executor=executor))
    thread.approve()
    body = thread.done()["body"]
    assert "| The helper is there | `file_exists: shop/helper.py`<br>✅ met |" in body


def test_a_failure_report_says_what_failed_and_how_to_see_it(town: Town, tmp_path: Path) -> None:
    wrong = call(
        "edit_file", path="shop/stock.py", old="    return stock - wanted\n", new="    return stock + wanted\n"
    )
    mind = Mind(planner=[plan_of()], executor=(READ, wrong, DONE, DONE, DONE))
    thread = town.start(town.repo(SHOP), mind)
    thread.approve()
    body = thread.failed()["body"]
    print(body)
    assert "ended with exit code 1 after" in body and "❌ tests exist and pass" in body
    again(town, thread, body, tmp_path / "clone")
    sha = town.world.branches(thread.repo)
    assert sha
