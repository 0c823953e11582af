"""Steps that go wrong, and programs that mean harm: judged by evidence, kept off the host, never pushed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.system.scenes import Scenes, executor_asked, files_on, git, in_order, planner_asked
from tests.system.town import DONE, EDIT, READ, SHOP, STEP, Mind, Thread, Town, call, plan_of

pytestmark = [pytest.mark.slow, pytest.mark.fault]

TOKEN = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
STOCK = "shop/stock.py"
SAID = "take refuses more than there is"
LATER_STEP = {**STEP, "id": "b", "title": "Say why", "tests": [], "depends_on": ["a"]}
WRONG = [
    EDIT[1],
    call("edit_file", path=STOCK, old="    return stock - wanted\n", new="    return stock + wanted\n"),
]
HELPER = call("write_file", path="shop/limits.py", content="LEAST = 0\n")
USES_HELPER = call(
    "edit_file",
    path=STOCK,
    old="def take(stock, wanted):\n    return stock - wanted\n",
    new=(
        "from shop.limits import LEAST\n\n\ndef take(stock, wanted):\n    if stock - wanted <= LEAST:\n"
        "        raise ValueError(wanted)\n    return stock - wanted\n"
    ),
)
EMPTIES = call(
    "edit_file",
    path="tests/test_stock.py",
    old="        self.assertEqual(take(5, 2), 3)\n",
    new="        self.assertEqual(take(5, 2), 3)\n        self.assertEqual(take(2, 2), 0)\n",
)
MENDS = call("edit_file", path=STOCK, old="wanted <= LEAST", new="wanted < LEAST")

HOST = "/tmp/devtask-trap"
"""Whatever the planted traps would write, were they ever run outside the sandbox: /tmp in there is another one."""
TRAPS = f"""
mkdir -p .GIT/hooks shop/.git sub/.Git
for d in .GIT shop/.git sub/.Git; do printf '[core]\\n\\tfsmonitor = touch {HOST}\\n' > $d/config; done
printf '#!/bin/sh\\ntouch {HOST}\\n' > .GIT/hooks/post-commit; chmod +x .GIT/hooks/post-commit
printf '*.py filter=evil -diff\\n' > .gitattributes
printf 'open("{HOST}", "w")\\n' > sitecustomize.py
printf 'open("{HOST}", "w")\\n' > conftest.py
ln -s /etc/passwd leak; ln -s ../../.. up; mkfifo pipe
"""
CLEAN = "rm -rf leak up pipe conftest.py"
SCAVENGE = "env; cat /proc/1/environ /proc/self/environ /proc/*/cmdline | tr '\\0' '\\n'; cat ~/.netrc; ls -a / /root"
TESTED = "tests/test_more.py"


def made_test(body: str) -> dict[str, Any]:
    lines = f"import os, sys, time, unittest\n\n\nclass MoreTest(unittest.TestCase):\n    def test_more(self):\n{body}"
    return call("run", command=f"cat > {TESTED} <<'END'\n{lines}END")


def scene(*answers: Any, plan: Any = None, files: Any = SHOP, config: str = "") -> Any:
    def begin(town: Town) -> Thread:
        return town.start(town.repo(files, config=config), Mind([plan or plan_of()], in_order(*answers)))

    return begin


def adds(name: str) -> tuple[dict[str, Any], ...]:
    """What an executor does whose step is one new file."""
    return call("write_file", path=f"shop/{name}.py", content=f'"""{name}."""\n\n{name.upper()} = 1\n'), DONE, DONE


def one_file(name: str, priority: str) -> dict[str, Any]:
    """A step that stands alone: a file that no other step knows of."""
    files, path = [{"path": f"shop/{name}.py", "change": "create"}], f"shop/{name}.py"
    said = {"id": name, "title": f"Add {name}", "files": files, "main_file": path, "symbols": [name.upper()]}
    return {**STEP, **said, "tests": [], "lines_max": 10, "priority": priority}


BY_PRIORITY = plan_of(one_file("nails", "medium"), one_file("glue", "low"), one_file("wood", "high"))
SECRET_FILES = {**SHOP, STOCK: f'TOKEN = "{TOKEN}"\n\n\n{SHOP[STOCK]}'}
SCENES = {
    "red": scene(READ, WRONG, DONE, plan=plan_of(STEP, LATER_STEP)),
    "by priority": scene(*adds("wood"), *adds("nails"), *adds("glue"), plan=BY_PRIORITY),
    "mended": scene(READ, [HELPER, USES_HELPER, EMPTIES], DONE, DONE, DONE, [READ[0], MENDS], DONE),
    "clumsy": scene(
        READ,
        call("edit_file", path=STOCK, old="    return nothing\n", new="    return 1\n"),
        call("edit_file", path="tests/test_stock.py", old="import", new="from"),
        call("write_file", path="../outside.py", content="x = 1\n"),
        call("write_file", path="/etc/cron.d/x", content="x\n"),
        call("write_file", path=".github/workflows/ci.yml", content="on: push\n"),
        call("write_file", path=".dev-tasks/x/plan.md", content="approved\n"),
        call("write_file", path="sub/.GIT/config", content="[core]\n"),
        EDIT,
        DONE,
    ),
    "traps": scene(READ, EDIT, call("run", command=TRAPS), DONE, call("run", command=CLEAN), DONE),
    "endless": scene(
        [*READ, *EDIT, made_test("        time.sleep(600)\n")],
        DONE,
        made_test("        while True:\n            print('x' * 100_000)\n"),
        DONE,
        made_test("        if os.fork() == 0:\n            os.setsid()\n            time.sleep(600)\n"),
        call("run_tests"),
        call("run", command=f"rm {TESTED}"),
        DONE,
        config="test_seconds: 3\n",
    ),
    "scavenger": scene(
        READ,
        call("run", command=SCAVENGE),
        [*EDIT, call("run", command=f"({SCAVENGE}) > shop/found.txt 2>&1; true")],
        call("done", summary="found", handoff="h", extra_files=[{"path": "shop/found.txt", "reason": "wanted"}]),
    ),
    "leaks": scene(
        [
            *READ,
            *EDIT,
            call("edit_file", path=STOCK, old="def take", new=f'TOKEN = "{TOKEN}"\n\n\ndef take'),
        ],
        DONE,
    ),
    "takes a secret out": scene(
        [
            *READ,
            *EDIT,
            call("run", command=f"sed -i '1,3d' {STOCK}"),
        ],
        DONE,
        files=SECRET_FILES,
    ),
}


@pytest.fixture(scope="module")
def scenes(town: Town) -> Iterator[Scenes]:
    assert not Path(HOST).exists()
    yield Scenes(town, SCENES, frozenset(SCENES))


def said_to(thread: Thread) -> str:
    """Everything that the executor was told, unescaped."""
    return "\n".join(json.dumps(json.loads(one.body), ensure_ascii=False) for one in executor_asked(thread))


def test_a_red_step_is_tried_again_with_its_failures_then_fails_with_evidence(scenes: Scenes) -> None:
    thread = scenes["red"]
    report = thread.wait("(3 attempts)", 200)["body"]
    openings = [json.loads(one.body)["contents"][0]["parts"][0]["text"] for one in executor_asked(thread)]
    seconds = [text for text in openings if "attempt 2 of 4" in text]
    assert seconds and "test_what_is_taken_is_gone" in seconds[0] and "7 != 3" in seconds[0]
    assert any("attempt 3 of 4" in text for text in openings)
    assert "the same failure came twice in a row" in report and "exit code 1" in report and "7 != 3" in report
    assert "What the executor said last, which nothing confirms" in report and SAID in report
    assert "Waiting for this step: 2" in report


def test_what_did_not_pass_is_kept_as_a_wip_commit_and_never_taken_for_finished(scenes: Scenes) -> None:
    thread = scenes["red"]
    thread.wait("(3 attempts)", 200)
    message = git(thread, "log", "-1", "--format=%B", str(thread.branch()))
    assert message.startswith("wip: Refuse more than there is")
    for trailer in ("Devtask-State: wip", "Devtask-Task:", "Devtask-Step:", "Devtask-Attempt:", "Devtask-Plan:"):
        assert trailer in message
    assert git(thread, "rev-list", "--count", f"main..{thread.branch()}").strip() == "1"
    assert "stock + wanted" in git(thread, "show", f"{thread.branch()}:{STOCK}")


def test_steps_that_are_done_in_another_order_than_they_stand_in_lose_nothing(scenes: Scenes) -> None:
    thread = scenes["by priority"]
    thread.done()
    subjects = git(thread, "log", "-3", "--reverse", "--format=%s", str(thread.branch())).split("\n")[:3]
    assert subjects == ["feat: Add wood", "feat: Add nails", "feat: Add glue"]
    assert {"shop/wood.py", "shop/nails.py", "shop/glue.py"} <= set(files_on(thread))


def test_a_retry_that_mends_commits_what_earlier_attempts_wrote_too(scenes: Scenes) -> None:
    thread = scenes["mended"]
    thread.done()
    assert "shop/limits.py" in files_on(thread)
    message = git(thread, "log", "-1", "--format=%B", str(thread.branch()))
    assert re.search(r"Devtask-Attempt: \d+\.1\n", message)


def test_abu_28_a_clumsy_executor_is_taught_and_nothing_leaves_the_tree(scenes: Scenes) -> None:
    thread = scenes["clumsy"]
    thread.done()
    told = said_to(thread)
    for said in (
        "does not stand in `shop/stock.py`",
        "stands 2 times in `tests/test_stock.py`",
        "leads out of the repository",
        "is outside the work tree",
        "ci.yml is protected",
        "belongs to the service",
        "there is no git directory here",
    ):
        assert said in told, said
    assert files_on(thread) == sorted(SHOP)


def test_abu_29_46_planted_git_folders_filters_and_links_run_nowhere_and_are_not_pushed(scenes: Scenes) -> None:
    thread = scenes["traps"]
    thread.done()
    assert "no commit can hold it" in said_to(thread)
    assert files_on(thread) == sorted(SHOP)
    assert not Path(HOST).exists()


def test_abu_32_tests_without_an_end_or_with_endless_output_are_killed_and_told(scenes: Scenes) -> None:
    thread = scenes["endless"]
    thread.done()
    told = said_to(thread)
    assert "did not end within 3 s and were killed" in told
    assert re.search(r"ended at a limit: output|printed more than may be kept", told)
    assert files_on(thread) == sorted([*SHOP, ".github/devtask.yml"])


def test_abu_22_a_secret_is_never_pushed_not_even_in_a_failed_step(scenes: Scenes) -> None:
    thread = scenes["leaks"]
    report = thread.wait("(4 attempts)", 200)["body"]
    assert "a secret would have been pushed" in report
    assert files_on(thread) == sorted(SHOP), "the work beside it is kept"
    assert TOKEN not in git(thread, "log", "-p", "--all", "--format=%B") + "".join(thread.bot())


def test_to_take_a_secret_out_is_no_leak(scenes: Scenes) -> None:
    thread = scenes["takes a secret out"]
    thread.done()
    assert TOKEN not in git(thread, "show", f"{thread.branch()}:{STOCK}")
    assert TOKEN not in said_to(thread)


def test_abu_19_23_what_the_service_knows_is_in_no_prompt_comment_commit_message_or_log(scenes: Scenes) -> None:
    thread, stage = scenes["scavenger"], scenes.town.stage
    thread.done()
    names = ("GITHUB_WEBHOOK_SECRET", "ANTHROPIC_API_KEY", "GOOGLE_API_KEY", "TELEGRAM_BOT_TOKEN")
    key = stage.world.app_key().splitlines()[1]
    canaries = [*(stage.env[name] for name in names), key, stage.env["DATA_PATH"]]
    sinks = {
        "prompts": said_to(thread) + "".join(one.body.decode() for one in planner_asked(thread)),
        "comments": "".join(thread.bot()),
        "commits": git(thread, "log", "-p", "--all", "--format=%B"),
        "telegram": "".join(one.body.decode("utf-8", "replace") for one in stage.telegram.client.ledger("send|edit")),
    }
    for where, text in sinks.items():
        assert [canary for canary in canaries if canary in text] == [], where
    logs = "".join(path.read_text("utf-8", "replace") for path in (stage.folder / "logs").rglob("*") if path.is_file())
    assert [canary for canary in canaries[:-1] if canary in logs] == []
