"""The whole suite as a check."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.checks.result import CheckResult
from jobs.checks.scene import Scene
from jobs.checks.tests import run_tests


def judge(scene: Scene) -> Iterator[CheckResult]:
    """All tests of the repository, against how they stood at the base commit."""
    yield run_tests(
        scene.box, scene.tests, baseline=scene.baseline, seconds=scene.config.test_seconds, cancel=scene.cancel
    )
