"""The whole table on one stage: every scripted model, good or bad, ends as devkit/samples/eval/table.yml says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from cli.eval import STEPS, cases
from cli.evaluation.play import play
from cli.evaluation.results import said

pytestmark = [pytest.mark.slow, pytest.mark.long, pytest.mark.timeout(900)]


def test_every_row_of_the_table_ends_as_it_says(tmp_path: Path) -> None:
    rows = [case for case in cases(None, 0) if case.expected is not None and not case.expected.pending]
    begun = time.monotonic()
    results = play(rows, tmp_path / "out", tmp_path / "stage", print, steps=STEPS)
    print(f"{len(rows)} tasks in {time.monotonic() - begun:.0f} s")
    otherwise = [
        f"{one.repository} {one.script}: {said(one.verdict, one.reason)}, {one.mark()}\n{one.why}"
        for one in results
        if not one.as_expected
    ]
    assert otherwise == [] and len(results) == len(rows)
    for one in results:
        assert one.turns > 0 and one.tokens > 0 and list(Path(one.trajectories).glob("*.jsonl"))
