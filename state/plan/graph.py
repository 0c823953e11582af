"""The step graph: order, parallel groups, critical path, what may run now, what a failure blocks.

Steps are positions 0..n-1 in plan order inside and ids outside. Building and every question are linear in steps and
edges; finishing one step costs its out-degree.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping, Sequence

from state.lifecycle import StepStatus
from state.plan.model import Plan, Priority, Step

URGENCY = {priority: rank for rank, priority in enumerate(Priority)}
SATISFIED = frozenset({StepStatus.DONE, StepStatus.SKIPPED})


class Cycle(Exception):
    """The graph is no order; `path` are the step ids along the cycle, the first one repeated at the end."""

    def __init__(self, path: Sequence[str]) -> None:
        super().__init__(" -> ".join(path))
        self.path = tuple(path)


class Graph:
    """Who waits for whom among some steps of one plan; dependencies on steps outside are left out."""

    def __init__(self, steps: Iterable[tuple[str, Sequence[str]]]) -> None:
        edges = list(steps)
        self.ids = [step_id for step_id, _ in edges]
        place = {step_id: index for index, step_id in enumerate(self.ids)}
        self.place = place
        self.needs: list[list[int]] = []
        self.feeds: list[list[int]] = [[] for _ in edges]
        feeds = self.feeds
        for index, (_, depends_on) in enumerate(edges):
            needs = [place[other] for other in depends_on if other in place]
            self.needs.append(needs)
            for other in needs:
                feeds[other].append(index)

    @classmethod
    def of(cls, plan: Plan, only: Collection[str] | None = None) -> Graph:
        """The graph of the steps that run: those in `only`, else all that are no extras."""
        return cls((step.id, step.depends_on) for step in plan.steps() if runs(step, only))

    def _layers(self) -> list[list[int]]:
        waiting = [len(needs) for needs in self.needs]
        feeds = self.feeds
        layer = [index for index, count in enumerate(waiting) if not count]
        layers = []
        while layer:
            layers.append(layer)
            following = []
            for index in layer:
                for other in feeds[index]:
                    waiting[other] -= 1
                    if not waiting[other]:
                        following.append(other)
            layer = following
        return layers

    def waves(self) -> list[list[str]]:
        """Parallel groups: each waits only for earlier ones. Raises Cycle."""
        layers = self._layers()
        if sum(map(len, layers)) != len(self.ids):
            raise Cycle(self.cycle() or ())
        ids = self.ids
        return [[ids[index] for index in sorted(layer)] for layer in layers]

    def cycle(self) -> list[str] | None:
        """Step ids along one cycle, each before what it depends on, the first repeated at the end; None without one."""
        settled = {index for layer in self._layers() for index in layer}
        left = next((index for index in range(len(self.ids)) if index not in settled), None)
        if left is None:
            return None
        seen: dict[int, int] = {}
        trail: list[int] = []
        while left not in seen:
            seen[left] = len(trail)
            trail.append(left)
            left = next(other for other in self.needs[left] if other not in settled)
        return [self.ids[index] for index in [*trail[seen[left] :], left]]

    def critical_path(self, minutes: Mapping[str, float]) -> tuple[list[str], float]:
        """The chain of steps that takes longest, and its minutes: the least the plan can take. Raises Cycle."""
        ends: dict[str, float] = {}
        comes_after: dict[str, str | None] = {}
        for step_id in (step_id for wave in self.waves() for step_id in wave):
            needs = [self.ids[index] for index in self.needs[self.place[step_id]]]
            latest = max(needs, key=lambda other: ends[other], default=None)
            comes_after[step_id] = latest
            ends[step_id] = minutes.get(step_id, 0) + (ends[latest] if latest is not None else 0)
        last: str | None = max(ends, key=lambda step_id: ends[step_id], default=None)
        total = ends[last] if last is not None else 0
        path = []
        while last is not None:
            path.append(last)
            last = comes_after[last]
        return path[::-1], total

    def needed_by(self, step_ids: Iterable[str]) -> set[str]:
        """These steps and everything that they depend on, directly or not."""
        return self._reach(step_ids, self.needs)

    def dependents(self, step_id: str) -> list[str]:
        """Everything that waits for this step, directly or not, in plan order: what its failure blocks."""
        found = self._reach([step_id], self.feeds) - {step_id}
        return sorted(found, key=self.place.__getitem__)

    def _reach(self, step_ids: Iterable[str], edges: list[list[int]]) -> set[str]:
        todo = [self.place[step_id] for step_id in step_ids]
        seen = set(todo)
        while todo:
            for other in edges[todo.pop()]:
                if other not in seen:
                    seen.add(other)
                    todo.append(other)
        return {self.ids[index] for index in seen}


def runs(step: Step, only: Collection[str] | None = None) -> bool:
    """Whether the step is part of what is carried out: in the approved selection, else no extra."""
    return step.id in only if only is not None else not step.extra


def executable(plan: Plan, statuses: Mapping[str, StepStatus], only: Collection[str] | None = None) -> list[Step]:
    """Pending steps whose every dependency is done or skipped by a person; by priority, then plan order.

    A step without an entry in `statuses` is pending; dependencies outside the selection must be satisfied too.
    """
    found = [
        step
        for step in plan.steps()
        if runs(step, only)
        and statuses.get(step.id, StepStatus.PENDING) is StepStatus.PENDING
        and all(statuses.get(other) in SATISFIED for other in step.depends_on)
    ]
    return sorted(found, key=lambda step: (URGENCY[step.priority], step.number))


class Progress:
    """What may run next, kept up to date while steps finish; each `finish` costs the step's out-degree."""

    def __init__(self, graph: Graph, urgency: Mapping[str, Priority] | None = None) -> None:
        self.graph = graph
        self._rank = [URGENCY[(urgency or {}).get(step_id, Priority.MEDIUM)] for step_id in graph.ids]
        self._waiting = [len(needs) for needs in graph.needs]
        self._finished = [False] * len(graph.ids)
        self._ready = [(self._rank[index], index) for index, count in enumerate(self._waiting) if not count]
        heapq.heapify(self._ready)

    def take(self) -> str | None:
        """The most urgent ready step, handed out once; None if nothing is ready."""
        while self._ready:
            index = heapq.heappop(self._ready)[1]
            if not self._finished[index]:
                return self.graph.ids[index]
        return None

    def finish(self, step_id: str) -> list[str]:
        """Mark a step done or skipped; the ids that became ready by it."""
        index = self.graph.place[step_id]
        if self._finished[index]:
            return []
        self._finished[index] = True
        ready = []
        for other in self.graph.feeds[index]:
            self._waiting[other] -= 1
            if not self._waiting[other]:
                heapq.heappush(self._ready, (self._rank[other], other))
                ready.append(self.graph.ids[other])
        return ready
