"""The step graph, by example, against a slow model, and by size."""

import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from state.lifecycle import StepStatus
from state.plan.graph import Cycle, Graph, Progress, executable
from state.plan.model import Priority
from tests.state.plan.plans import plan, step

DIAMOND = Graph([("a", []), ("b", ["a"]), ("c", ["a"]), ("d", ["b", "c"]), ("e", [])])


@st.composite
def orders(draw):
    """Random acyclic graphs: each step may wait for earlier ones."""
    size = draw(st.integers(0, 12))
    return [
        (str(n), [str(other) for other in sorted(draw(st.sets(st.integers(0, n - 1), max_size=4)))] if n else [])
        for n in range(size)
    ]


def test_waves_are_the_parallel_groups():
    assert DIAMOND.waves() == [["a", "e"], ["b", "c"], ["d"]]
    assert Graph([]).waves() == []


def test_the_critical_path_is_the_longest_in_minutes():
    assert DIAMOND.critical_path({"a": 5, "b": 1, "c": 7, "d": 2, "e": 9}) == (["a", "c", "d"], 14)
    assert Graph([]).critical_path({}) == ([], 0)


@pytest.mark.parametrize(
    ("edges", "path"),
    [
        ([("a", ["a"])], ["a", "a"]),
        ([("a", ["c"]), ("b", ["a"]), ("c", ["b"])], ["a", "c", "b", "a"]),
        ([("x", []), ("y", ["x", "z"]), ("z", ["y"]), ("after", ["z"])], ["y", "z", "y"]),
        ([("a", []), ("b", ["a"])], None),
    ],
)
def test_a_cycle_is_named_with_its_path(edges, path):
    assert Graph(edges).cycle() == path
    if path:
        with pytest.raises(Cycle, match=" -> ".join(path)):
            Graph(edges).waves()


def test_a_failure_blocks_everything_that_waits_for_it():
    assert DIAMOND.dependents("a") == ["b", "c", "d"]
    assert DIAMOND.dependents("e") == []
    assert DIAMOND.needed_by(["b", "e"]) == {"a", "b", "e"}


S = StepStatus


@pytest.mark.parametrize(
    ("statuses", "titles"),
    [
        ({}, ["a", "e"]),
        ({"s01": S.DONE}, ["c", "b", "e"]),
        ({"s01": S.SKIPPED}, ["c", "b", "e"]),
        ({"s01": S.FAILED}, ["e"]),
        ({"s01": S.CANCELLED}, ["e"]),
        ({"s01": S.DONE, "s02": S.DONE, "s03": S.IN_PROGRESS, "s05": S.DONE}, []),
        ({"s01": S.DONE, "s02": S.DONE, "s03": S.DONE, "s05": S.BLOCKED}, ["d"]),
    ],
)
def test_a_step_runs_when_all_it_waits_for_is_done_or_skipped_by_priority_then_order(statuses, titles):
    shown = plan(
        step("a"),
        step("b", depends_on=["a"]),
        step("c", depends_on=["a"], priority="critical"),
        step("d", depends_on=["b", "c"]),
        step("e"),
        step("extra", serves=""),
    )
    assert [one.title for one in executable(shown, statuses)] == titles


def test_an_approved_selection_runs_only_what_it_names():
    shown = plan(step("a"), step("b"), step("extra", serves=""))
    assert [one.title for one in executable(shown, {}, only={"s02", "s03"})] == ["b", "extra"]
    assert Graph.of(shown).ids == ["s01", "s02"]
    assert Graph.of(shown, only={"s03"}).ids == ["s03"]


@given(orders())
def test_every_wave_waits_only_for_earlier_ones_and_nothing_is_lost(edges):
    waves = Graph(edges).waves()
    place = {name: number for number, wave in enumerate(waves) for name in wave}
    assert sorted(place) == sorted(name for name, _ in edges)
    for name, needs in edges:
        assert place[name] == max((place[other] + 1 for other in needs), default=0)


@given(orders())
def test_finishing_steps_one_by_one_frees_what_a_rescan_would_find(edges):
    progress, needs = Progress(Graph(edges)), dict(edges)
    done, taken = set(), []
    while (name := progress.take()) is not None:
        taken.append(name)
        assert set(needs[name]) <= done
        done.add(name)
        fresh = progress.finish(name)
        assert progress.finish(name) == []
        assert set(fresh) == {
            one for one in needs if one not in done and name in needs[one] and set(needs[one]) <= done
        }
    assert Counter(taken) == Counter(needs.keys())


def test_the_most_urgent_ready_step_is_taken_first_and_a_finished_one_never():
    graph = Graph([("a", []), ("b", []), ("c", []), ("d", ["a"])])
    progress = Progress(graph, {"c": Priority.CRITICAL, "d": Priority.HIGH})
    assert progress.take() == "c"
    assert progress.finish("a") == ["d"]
    assert [progress.take(), progress.take(), progress.take()] == ["d", "b", None]


def chain_of_diamonds(size):
    """Edges of a wide and deep graph: each step waits for up to four of the 50 before it."""
    edges = []
    for n in range(size):
        needs = sorted({max(0, n - 1 - (n * k) % 50) for k in (1, 3, 7, 11)}) if n else []
        edges.append((f"s{n:05d}", [f"s{other:05d}" for other in needs]))
    return edges


def kahn(edges):
    """The usual hand-written topological sort, as the measure."""
    waiting = {name: len(needs) for name, needs in edges}
    after = {name: [] for name, _ in edges}
    for name, needs in edges:
        for other in needs:
            after[other].append(name)
    ready = [name for name, count in waiting.items() if not count]
    for name in ready:
        for other in after[name]:
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    return ready


def fastest(work, *args, rounds=9):
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work(*args)
        best = min(best, time.process_time() - start)
    return best


def run_all(edges):
    progress = Progress(Graph(edges))
    while (name := progress.take()) is not None:
        progress.finish(name)


def test_p12_ten_thousand_steps_grow_linearly():
    small, large = chain_of_diamonds(1_000), chain_of_diamonds(10_000)
    assert sum(map(len, Graph(large).waves())) == 10_000
    # Twice the goal of 2x Kahn and 12x growth, in one of five tries: shared machines jitter, a quadratic step would
    # miss it by far each time.
    assert any(fastest(lambda: Graph(large).waves()) <= 4 * fastest(kahn, large) for _ in range(5))
    assert any(fastest(run_all, large) <= 24 * fastest(run_all, small) for _ in range(5))
