"""What would be run for a repository, and why, as values: for `devtask doctor REPO` and whoever else asks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.checks.testplan import TestPlan, detect_tests
from jobs.setup.config import PATH, RepoConfig
from jobs.setup.detect import SetupPlan, detect_setup
from jobs.setup.protected import PROTECTED
from jobs.setup.source import Source


@dataclass(frozen=True)
class WouldRun:
    """Everything that the code decides about a repository before it is worked on."""

    configured: bool
    setup: SetupPlan
    tests: TestPlan
    config: RepoConfig
    protected: tuple[str, ...]

    @property
    def tests_why(self) -> str:
        """Why the tests are run like this."""
        if self.tests.configured:
            return f"test of {PATH}"
        if self.tests.kind == "none":
            return "no tests were found: a step then needs other checks, or tests of its own"
        return "seen from the files of the repository"


def would_run(source: Source, config: RepoConfig) -> WouldRun:
    """The same decisions as before a step."""
    tests = detect_tests(source, config)
    setup = detect_setup(source, config, pytest_wanted=tests.kind == "pytest", pytest_welcome=tests.kind == "none")
    return WouldRun(PATH in source.paths, setup, tests, config, (*PROTECTED, *config.protected))


def values(found: WouldRun, hosts: Sequence[str]) -> dict[str, object]:
    """JSON values; `hosts` are those that the package clients of the setup may reach on this machine."""
    config = found.config
    return {
        "configuration": PATH if found.configured else None,
        "setup": {
            "kind": found.setup.kind,
            "why": found.setup.why,
            "commands": list(found.setup.commands),
            "files": dict(found.setup.files),
            "seconds": config.setup_seconds,
        },
        "tests": {
            "kind": found.tests.kind,
            "why": found.tests_why,
            "command": found.tests.command or None,
            "seconds": config.test_seconds,
        },
        "lint": config.lint,
        "types": config.typecheck,
        "blocking": list(config.blocking),
        "protected": list(found.protected),
        "network": {"indexes": list(hosts), "repository": list(config.network)},
    }
