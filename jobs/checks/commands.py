"""The repository's own type checker and linter, where it configures them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from jobs.checks.result import CheckResult, Layer, Status
from jobs.checks.scene import Scene
from jobs.sandbox.box import Sandbox

SECONDS = 300.0


def types(scene: Scene) -> Iterator[CheckResult]:
    """The configured type checker."""
    if scene.config.typecheck:
        yield run_command(scene.box, "types", scene.config.typecheck, Layer.CRITICAL, scene.cancel)


def lint(scene: Scene) -> Iterator[CheckResult]:
    """The configured linter."""
    if scene.config.lint:
        yield run_command(scene.box, "lint", scene.config.lint, Layer.IMPORTANT, scene.cancel)


def run_command(
    box: Sandbox, name: str, command: str, layer: Layer, cancel: Callable[[], bool] | None = None
) -> CheckResult:
    """A configured command as a check: it has to end with 0."""
    result = box.run(command, timeout=SECONDS, cancel=cancel)
    status = Status.PASSED if result.exit_code == 0 else Status.FAILED
    summary = f"killed after {result.seconds:.0f} s" if result.timed_out else f"ended with {result.exit_code}"
    found = CheckResult(name, layer, status, summary, command, result.exit_code, result.seconds)
    return replace(found, tail=result.output)
