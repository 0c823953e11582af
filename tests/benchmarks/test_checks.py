"""What the soak and the figures say about what was seen."""

import os
import subprocess

import pytest

from benchmarks.checks import NONE, backwards, doubled, left_running
from benchmarks.figures import at_least, at_most, below, none
from benchmarks.load import SIZE, Result, body, quantile

OP = "<!-- devtask:op=" + "a" * 32 + " sig=" + "b" * 16 + " -->"
OTHER = OP.replace("a" * 32, "c" * 32)


@pytest.mark.parametrize(
    ("bodies", "found"),
    [([], []), (["x", "y"], []), ([f"x {OP}", f"y {OTHER}"], []), ([f"x {OP} {OP}"], []), ([f"x {OP}", OP], [OP])],
)
def test_a_marker_in_two_comments_is_a_double(bodies, found):
    assert doubled(bodies) == found


def push(before, after, forced=False, ref="refs/heads/feature/x"):
    return {"repo": "ana/r", "ref": ref, "before": before, "after": after, "forced": forced}


@pytest.mark.parametrize(
    ("pushes", "wrong"),
    [
        ([push(NONE, "1"), push("1", "2")], 0),
        ([push(NONE, "1"), push(NONE, "2", ref="refs/heads/other")], 0),
        ([push(NONE, "1"), push(NONE, "2")], 1),
        ([push("1", "2", forced=True)], 1),
        ([push("1", NONE)], 1),
    ],
)
def test_pushes_go_forwards_only(pushes, wrong):
    assert len(backwards(pushes)) == wrong


def test_a_process_that_was_left_is_found_by_session_and_by_folder(tmp_path):
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as child:
        try:
            assert left_running(str(tmp_path), [child.pid]) == [child.pid]
            assert child.pid not in left_running(str(tmp_path), [])
        finally:
            child.kill()
    assert left_running(str(tmp_path), [child.pid]) == []
    assert os.getpid() not in left_running(str(tmp_path), [])


@pytest.mark.parametrize(
    ("figure", "ending"),
    [
        (at_most("P1", "x", 1.6, 1.6), "goal <= 1.6 x   met"),
        (at_most("P1", "x", 1.7, 1.6), "goal <= 1.6 x   not met"),
        (at_least("P1", "x", 0.4, 0.5), "goal >= 0.5 x   not met"),
        (below("P3", "x", 50.0, 50, "ms"), "goal < 50 ms    not met"),
        (none("P5", "x", 0), "goal 0          met"),
    ],
)
def test_a_line_ends_with_its_goal_and_whether_it_was_met(figure, ending):
    assert figure.line().endswith(ending)


def test_quantiles_are_of_what_was_seen():
    assert [quantile([3.0, 1.0, 2.0], q) for q in (0.0, 0.5, 0.99)] == [1.0, 2.0, 3.0]
    result = Result(seconds=2.0, latencies=[0.001, 0.003])
    result.add(Result(seconds=2.0, latencies=[0.002], bad=1))
    assert (result.rate, result.quantile(0.5), result.bad) == (0.75, 2.0, 1)


def test_the_delivery_has_the_size_that_is_said():
    assert len(body()) == SIZE
