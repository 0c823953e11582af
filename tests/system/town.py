"""The running system with people in it: post a comment, expect an answer. Models answer what the test says."""

from __future__ import annotations

import itertools
import json
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.stage import Stage
from devkit.rig.script import Script, Seen

OWNER = "ana"
WRITER = "ben"
READER = "eve"
SECONDS = 120.0
CONFIG = ".github/devtask.yml"
_numbers = itertools.count(1)

SHOP: Mapping[str, str] = {
    "shop/__init__.py": "",
    "shop/stock.py": "def take(stock, wanted):\n    return stock - wanted\n",
    "tests/__init__.py": "",
    "tests/test_stock.py": (
        "import unittest\n\nfrom shop.stock import take\n\n\n"
        "class TakeTest(unittest.TestCase):\n"
        "    def test_what_is_taken_is_gone(self):\n"
        "        self.assertEqual(take(5, 2), 3)\n"
    ),
}
"""A repository whose tests need nothing installed."""


@dataclass
class Mind:
    """What the two models answer for one task, by turn; a callable sees the request. The last answer repeats.

    `intent` is the classifier's answer to a comment that holds the task's word, `debugger` speaks after failures.
    """

    planner: Sequence[Any] | Callable[[Seen], Any]
    executor: Sequence[Any] | Callable[[Seen], Any] = ()
    intent: str = ""
    debugger: Sequence[Any] | Callable[[Seen], Any] = ()


def named(answer: Any, word: str) -> Any:
    """The answer with `WORD` replaced: a plan's title carries the word into the executor's prompt."""
    if isinstance(answer, dict | list) and "WORD" in str(answer):
        return json.loads(json.dumps(answer).replace("WORD", word))
    return answer


@dataclass
class Minds:
    """Which mind answers: the one whose word stands in the request. Used by both stand-ins."""

    known: dict[str, Mind] = field(default_factory=dict)

    def planner(self, seen: Seen) -> Any:
        if {"submit_analysis", "suggest"} & set(seen.tools):
            return self._answer(seen, "debugger") or "I do not know."
        if "submit_plan" not in seen.tools:
            said = (mind.intent for word, mind in self.known.items() if mind.intent and word in seen.anywhere)
            return next(said, '{"intent": "UNRELATED", "task_type": "none", "confidence": 0.3}')
        answer = self._answer(seen, "planner")
        if seen.turn == 0 and isinstance(answer, dict) and answer.get("tool") == "submit_plan":
            # A plan without a look is answered with what to look at; most scenes are about something else.
            return [call("search", pattern="e"), answer]
        return answer

    def executor(self, seen: Seen) -> Any:
        return self._answer(seen, "executor")

    def _answer(self, seen: Seen, which: str) -> Any:
        text = seen.anywhere
        mind = next((mind for word, mind in self.known.items() if word in text), None)
        if mind is None:
            return None
        answers = getattr(mind, which)
        if callable(answers):
            return answers(seen)
        word = next(word for word in self.known if word in text)
        return named(answers[min(seen.turn, len(answers) - 1)], word) if answers else None


class Town:
    """One stage for many tests: each makes repositories and issues of its own."""

    def __init__(self, stage: Stage, minds: Minds, folder: Path) -> None:
        self.stage = stage
        self.world = stage.world
        self.minds = minds
        self._folder = folder
        self.repos: list[str] = []

    def repo(
        self,
        files: Mapping[str, str | bytes] = SHOP,
        *,
        commits: bool = True,
        config: str = "",
        private: bool = True,
    ) -> str:
        """A repository of ana's, in an installation (so with limits) of its own; ben may write, eve may only read."""
        number = next(_numbers)
        name = f"team{number}/r{number}"
        bare = self._folder / f"{name.partition('/')[2]}.git"
        given = dict(files) | ({CONFIG: config} if config else {})
        make_bare(bare, given if commits else {})
        account = name.partition("/")[0]
        self.world.user(account)
        self.world.repo(name, from_bare=bare, private=private)
        self.world.install(account)
        self.world.role(name, OWNER, "admin")
        self.world.role(name, WRITER, "write")
        self.world.role(name, READER, "read")
        self.repos.append(name)
        return name

    def start(self, repo: str, mind: Mind | None = None, request: str = "", user: str = WRITER) -> Thread:
        """An issue with `/task` in its first comment; the mind answers for it. `request` gets a word of its own."""
        word = f"w{next(_numbers):06}x"  # long enough to stand in no signature by chance
        if mind is not None:
            self.minds.known[word] = mind
        number = self.world.issue(repo, OWNER, f"Stock {word}", "It becomes negative.")
        thread = Thread(self, repo, number, word)
        thread.says(user, f"/task {request or 'validate stock'} {word}")
        return thread


class Thread:
    """One issue."""

    def __init__(self, town: Town, repo: str, number: int, word: str) -> None:
        self.town = town
        self.repo = repo
        self.number = number
        self.word = word

    def says(self, user: str, text: str) -> int:
        """Somebody comments; the comment's id."""
        return self.town.world.comment(self.repo, self.number, user, text)

    def bot(self) -> list[str]:
        """What the bot has said, oldest first."""
        comments = self.town.world.comments(self.repo, self.number)
        return [one["body"] for one in comments if one["user"]["type"] == "Bot"]

    def wait(self, text: str, seconds: float = SECONDS) -> dict[str, Any]:
        """The bot's first comment that holds the text. Fails with the whole thread when it does not come."""
        found: dict[str, Any] | None = self.town_wait(
            lambda: next((one for one in self._bot() if text in one["body"]), None), seconds
        )
        assert found is not None, f"{text!r} did not come:\n{self.story()}"
        return found

    def plan(self, version: int = 1) -> dict[str, Any]:
        """The comment of a plan version."""
        return self.wait(f"plan v{version} ")

    def approve(self, user: str = WRITER) -> dict[str, Any]:
        """Approve the shown plan by its hash."""
        comment = self.plan()
        digest = comment["body"].partition("/approve ")[2][:4]
        self.says(user, f"/approve {digest}")
        return comment

    def done(self, seconds: float = SECONDS * 2) -> dict[str, Any]:
        """The final report."""
        return self.final("### ✅ Done", seconds)

    def failed(self, seconds: float = SECONDS * 2) -> dict[str, Any]:
        """The failure report."""
        return self.final("### ❌ ", seconds)

    def final(self, head: str, seconds: float) -> dict[str, Any]:
        """The comment that tells of the end; the status comment, which begins alike, has a bar."""
        found = self.town_wait(lambda: next((one for one in self._bot() if is_final(one["body"], head)), None), seconds)
        assert found is not None, f"{head!r} did not come:\n{self.story()}"
        return dict(found)

    def reactions(self, comment_id: int | None = None) -> list[str]:
        """Reactions on a comment, or on the issue."""
        return self.town.world.reactions(self.repo, self.number, comment_id)

    def branch(self) -> str | None:
        """The task's branch, if it was pushed."""
        return next((name for name in self.town.world.branches(self.repo) if "/" in name), None)

    def story(self) -> str:
        """For a failing test's message: what the bot said, the service's errors, and what the models were asked."""
        log = self.town.stage.folder / "logs" / "error.log"
        errors = log.read_text()[-3000:] if log.exists() else ""
        return "\n".join(["\n---\n".join(self.bot()), "=== error.log", errors, "=== models", *self._talks()])

    def _talks(self) -> list[str]:
        """Each request to a model that holds this thread's word: when, its answer's status, and both ends."""
        stage, word = self.town.stage, self.word.encode()
        ledgers = [server.client.ledger() for server in (stage.claude, stage.gemini)]
        mine = sorted((one for ledger in ledgers for one in ledger if word in one.body), key=lambda one: one.at)
        return [
            f"{one.at:.1f} {one.service} {one.status} …{one.body[-200:]!r} -> {one.response[-300:]!r}" for one in mine
        ]

    def _bot(self) -> list[dict[str, Any]]:
        return [one for one in self.town.world.comments(self.repo, self.number) if one["user"]["type"] == "Bot"]

    @staticmethod
    def town_wait(look: Callable[[], Any], seconds: float = SECONDS) -> Any:
        """What `look` finds, asked again until it finds something; None after that time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if (found := look()) is not None:
                return found
            time.sleep(0.1)
        return None


wait_until = Thread.town_wait


def is_final(body: str, head: str) -> bool:
    """Whether it is the report of an end that begins so."""
    return body.startswith(head) and not any(bar in body for bar in "▰▱")


def make_bare(bare: Path, files: Mapping[str, str | bytes]) -> None:
    """A bare repository with one commit on main; without files it has no commit."""
    tree = bare.with_suffix(".tree")
    tree.mkdir(parents=True)
    git = ["git", "-C", str(tree), "-c", "user.name=Ana", "-c", "user.email=ana@example.com"]
    subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
    for path, content in files.items():
        target = tree / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    if files:
        subprocess.run([*git, "add", "-A", "-f"], check=True)
        subprocess.run([*git, "commit", "-q", "-m", "first"], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(tree), str(bare)], check=True)


def plan_of(*steps: Mapping[str, Any], title: str = "Validate stock WORD", **more: Any) -> Any:
    """A `submit_plan` call; without steps, one that edits shop/stock.py and its test. `WORD` is the task's own word."""
    chosen = [dict(step) for step in steps or (STEP,)]
    plan = {"title": title, "type": "feat", "summary": "Stock is validated.", "steps": chosen, **more}
    return {"tool": "submit_plan", "input": plan}


def call(name: str, **given: Any) -> dict[str, Any]:
    """A tool call as a script writes it."""
    return {"tool": name, "input": given}


STEP: Mapping[str, Any] = {
    "id": "a",
    "title": "Refuse more than there is",
    "serves": "validate stock",
    "files": [
        {"path": "shop/stock.py", "change": "modify"},
        {"path": "tests/test_stock.py", "change": "modify"},
    ],
    "main_file": "shop/stock.py",
    "symbols": ["take"],
    "estimated_minutes": 5,
    "lines_max": 30,
    "tests": ["tests.test_stock.TakeTest.test_too_much_is_refused"],
}

DONE = call("done", summary="take refuses more than there is", handoff="see shop/stock.py")
READ = [call("read_file", path="shop/stock.py"), call("read_file", path="tests/test_stock.py")]
EDIT = [
    call(
        "edit_file",
        path="shop/stock.py",
        old="    return stock - wanted\n",
        new="    if wanted > stock:\n        raise ValueError(wanted)\n    return stock - wanted\n",
    ),
    call(
        "edit_file",
        path="tests/test_stock.py",
        old="        self.assertEqual(take(5, 2), 3)\n",
        new=(
            "        self.assertEqual(take(5, 2), 3)\n\n"
            "    def test_too_much_is_refused(self):\n"
            "        with self.assertRaises(ValueError):\n"
            "            take(1, 2)\n"
        ),
    ),
]
GOOD_EXECUTOR = (READ, EDIT, call("run_tests"), DONE, DONE, DONE)


def working(seen: Seen) -> Any:
    """The next thing to do in this conversation, wherever an attempt began anew: reads, then edits, then is done."""
    parts = [part for turn in seen.request["contents"] for part in turn.get("parts", ())]
    called = {part["functionCall"]["name"] for part in parts if "functionCall" in part}
    if "edit_file" in called:
        return DONE
    return EDIT if "read_file" in called else READ


def good_mind() -> Mind:
    """Plans one step and carries it out."""
    return Mind(planner=[plan_of()], executor=GOOD_EXECUTOR)


def scripts(minds: Minds) -> tuple[Script, Script]:
    """The two stand-ins' scripts."""
    return Script.from_callable(minds.planner), Script.from_callable(minds.executor)
