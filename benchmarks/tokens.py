"""P9 and P10: what a step's requests hold, how much of it a cache could keep, and the same decisions at the peer.

P9's first message holds a map of the repository, as the service sends it (prefixes below 4,096 tokens are not cached by
themselves). P10 is without a map, as the peer has none: a map adds its own tokens to each of our requests.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

from ai.asking import Asker
from ai.executor.agent import CONDENSING, FINISH, MAX_OUT, StepRequest, prompts
from ai.limits import Limits
from ai.loop import Loop, Talk
from ai.port import Toolbox, Usage
from ai.prices import Price, price
from ai.prompts import Prompts
from ai.roles import Terms
from ai.tools.sets import EXECUTOR
from ai.trajectory import Opening, Trajectory
from benchmarks import peer
from benchmarks.decisions import MODULES, TASK, generate, ours, theirs
from benchmarks.figures import Figure, at_least, at_most
from benchmarks.recorder import Recorder, Sent
from devkit.rig.script import tokens_of
from jobs.checks.testplan import TestPlan
from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.protected import Guard
from jobs.tools.executor import ExecutorTools
from jobs.tools.memory import ToolSession
from jobs.tools.suite import SandboxTests
from state.plan.model import Milestone, Phase, Plan, Step

MOST_TURNS = 100
DAY = date(2026, 11, 20)
CLAUDE = price("claude:claude-sonnet-5-5", DAY)
GEMINI = price("gemini:gemini-3.8-flash", DAY)
TERMS = Terms(Prompts(), lambda usage: 0.0, Limits(turns=1_000, dollars=1e9, tokens=10**12), MAX_OUT)


@dataclass
class NoMeter:
    """Nobody pays for a benchmark."""

    asked: list[str] = field(default_factory=list)

    def reserve(self, role: str, model: str, tokens_in_estimate: int, max_out: int) -> object:
        return role

    def settle(self, token: object, usage: Usage, latency: float, prompt_hash: str) -> None:
        return


@dataclass
class NoChecks:
    """Nothing is red: what is measured is the conversation."""

    def red(self) -> list[str]:
        return []

    def failing(self) -> list[str]:
        return []

    def acceptance(self) -> list[str]:
        return []


def run9(folder: Path) -> Iterator[Figure]:
    """The figures of P9."""
    sent = recorded(folder, 20, mapped())
    total, common = sum(each.tokens for each in sent), sum(each.common for each in sent)
    what = f"ideal-cached share of the input of a step of 20 turns ({total:,} tokens)"
    yield at_least("P9", what, 100 * common / total, 85, "%")
    claude = dollars(CLAUDE, [each.claude for each in sent]) / dollars(CLAUDE, ideal(sent, written=True))
    yield at_most("P9", "input dollars beside ideal append-only, breakpoints and write fees (Claude)", claude, 1.15)
    gemini = dollars(GEMINI, [each.implicit for each in sent]) / dollars(GEMINI, ideal(sent, written=False))
    yield at_most("P9", "input dollars beside ideal append-only, implicit caching (Gemini)", gemini, 1.15)


def run10(folder: Path) -> Iterator[Figure]:
    """The figures of P10."""
    if peer.python() is None:
        yield Figure("P10", f"not run: {peer.NOT_RUN}", "-", "<= 1 x", met=False)
        return
    ours_all, theirs_all = recorded(folder, MOST_TURNS), peer_tokens(folder, MOST_TURNS)
    for turns, limit in ((30, 1.0), (MOST_TURNS, 0.6)):
        mine = sum(each.tokens for each in ours_all[:turns])
        other = sum(theirs_all[:turns])
        what = f"input tokens of {turns} turns beside mini-swe-agent ({mine:,} of {other:,})"
        yield at_most("P10", what, mine / other, limit)


def recorded(folder: Path, turns: int, repo_map: str = "") -> list[Sent]:
    """The requests of the scripted decisions on the real tools in the real sandbox."""
    commit = generate(folder / "far")
    mirror = Mirror(folder / "repos", 1)
    mirror.sync(local_remote(folder / "far"), commit)
    workspace = Workspace(mirror, "bench001")
    workspace.open(commit)
    box = Sandbox(workspace.tree, workspace.scratch)
    try:
        tests = SandboxTests(box, TestPlan("unittest", "python3 -m unittest discover -v"))
        tools = ExecutorTools(ToolSession(), workspace, box, tests, NoChecks(), Guard())
        return conversation(replace(request(), repo_map=repo_map), tools, Recorder(ours(turns)), folder, turns)
    finally:
        box.close()


def mapped() -> str:
    """A map of the repository, of about 1,500 tokens."""
    named = (
        f"shop/part{n}.py\n" + "".join(f"  def price_{n}_{k}(amount)\n" for k in range(18)) for n in range(MODULES)
    )
    return "".join(named)


def request() -> StepRequest:
    """The peer's task as a step."""
    step = Step(id="s01", number=1, title="Mend the last function of every module", description=TASK)
    phase = Phase(id="p01", name="Work", milestones=[Milestone(id="m01", name="Work", steps=[step])])
    plan = Plan(title="Mend the prices", objective="Prices are exact.", phases=[phase])
    return StepRequest("bench/shop", "main", plan, step, {"tests": "python3 -m unittest discover -v"})


def conversation(step: StepRequest, tools: Toolbox, model: Recorder, folder: Path, turns: int) -> list[Sent]:
    """What the executor's loop sends in so many turns of a step."""
    system, first = prompts(step, EXECUTOR, TERMS)
    opening = Opening.of(model, EXECUTOR, system.parts, first.parts[0])
    limits = Limits(turns=turns, seconds=1e9, dollars=1e9, tokens=10**12)
    talk = Talk(opening, system.hash, FINISH, limits, MAX_OUT, lambda usage: 0.0, condensing=CONDENSING)
    before = len(model.sent)
    asker = Asker(model, NoMeter(), "executor", lambda: False)
    ended = Loop(talk, asker, tools, Trajectory(folder / f"{before}.jsonl", str)).run()
    if len(model.sent) - before != turns:
        raise RuntimeError(f"the conversation ended early: {ended}")
    return model.sent[before:]


def peer_tokens(folder: Path, turns: int) -> list[int]:
    """Tokens of each of the peer's requests, counted the same way: each message by itself, four bytes a token."""
    generate(folder / "peer")
    calls = theirs(turns)
    said = peer.drive(folder, calls=calls, cwd=str(folder / "peer"), task=TASK, real=True, count=True)
    return [sum(tokens_of(b"x" * size) for size in sizes) for sizes in said["sizes"]]


def ideal(sent: list[Sent], *, written: bool) -> list[Usage]:
    """Append-only at its best: all of the request before is cached, the rest is new (and written, if that costs)."""
    found = []
    for before, now in pairwise([None, *sent]):
        assert now is not None
        cached = min(before.tokens, now.tokens) if before else 0
        found.append(Usage(now.tokens, cached, now.tokens - cached if written else 0, now.out))
    return found


def dollars(rates: Price, usages: list[Usage]) -> float:
    """US dollars of the input."""
    return sum(rates.dollars(Usage(each.tokens_in, each.cached, each.cache_write, 0)) for each in usages)
