"""The executor against the stand-in: what its finishing call says is read, never believed."""

import pytest

from ai.executor.agent import ExtraFile, StepRequest, run_step
from ai.limits import Exit, Limits
from ai.port import ToolResult
from ai.prompts import Prompts
from ai.roles import Terms
from ai.tools.sets import EXECUTOR
from ai.trajectory import Trajectory
from devkit.rig.script import Script
from tests.ai.kit import asker, gemini, posted
from tests.ai.test_prompts import PLAN, STEP

REQUEST = StepRequest("octo/shop", "main", PLAN, STEP, {"tests": "python -m pytest"})


class WorkBox:
    """Takes every call; the first `done` shows the diff."""

    def __init__(self):
        self.done = 0

    def specs(self):
        return EXECUTOR

    def call(self, name, args):
        if name != "done":
            return ToolResult(f"ok {name}")
        self.done += 1
        return ToolResult("Review, then call done again.", final=self.done == 2)


def work(script, path, **limits):
    terms = Terms(Prompts(), lambda usage: 0.01, Limits(**limits), 4_000)
    with gemini(script) as (provider, server):
        return run_step(REQUEST, WorkBox(), asker(provider), Trajectory(path, str), terms), posted(server)


def done(**args):
    return {"tool": "done", "input": args}


def test_a_step_ends_with_its_summary_and_hand_off(tmp_path):
    said = done(
        summary=" Raised. ",
        handoff="\n".join(f"line {n}" for n in range(20)),
        extra_files=[{"path": "b", "reason": "r"}],
    )
    script = Script.in_order({"tool": "read_file", "input": {"path": "a"}}, said, said)
    outcome, bodies = work(script, tmp_path / "t")
    assert (outcome.status, outcome.summary, outcome.used.turns) == (Exit.DONE, "Raised.", 3)
    assert outcome.handoff.splitlines()[-1] == "line 9" and outcome.extra_files == (ExtraFile("b", "r"),)
    assert "Reject negative quantities in Stock.add" in bodies[0]["contents"][0]["parts"][0]["text"]


@pytest.mark.parametrize("extra", [[], ["b"], [{}], [{"path": ""}], None])
def test_extra_files_without_a_path_are_left_out(tmp_path, extra):
    said = done(summary="s", handoff="h", extra_files=extra)
    outcome, _ = work(Script.in_order(said, said), tmp_path / "t")
    assert outcome.status is Exit.DONE and outcome.extra_files == ()


def test_a_limit_ends_it_without_a_word(tmp_path):
    script = Script.from_rules(*({"answer": {"tool": "read_file", "input": {"path": f"p{n}"}}} for n in range(5)))
    outcome, _ = work(script, tmp_path / "t", turns=3)
    assert (outcome.status, outcome.detail, outcome.summary) == (Exit.TURNS, "3 of 3 turns", "")


def test_a_step_that_was_done_before_a_crash_is_not_done_again(tmp_path):
    said = done(summary="s", handoff="h", extra_files=[])
    first, _ = work(Script.in_order(said, said), tmp_path / "t")
    again, bodies = work(Script.in_order(), tmp_path / "t")
    assert again == first and bodies == []
