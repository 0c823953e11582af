"""A repository with a base commit and a step on top of it, and what one check says of it, in a real sandbox."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from jobs.checks.check import Check
from jobs.checks.programs import Programs
from jobs.checks.result import CheckResult, Finding
from jobs.checks.scene import Scene
from jobs.checks.table import TABLE
from jobs.checks.tests import Baseline
from jobs.checks.verdict import Judge, open_box
from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from jobs.sandbox.limits import Limits
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from state.plan.model import Plan, Step
from tests.jobs.git.hub import sh

PERSON = {f"GIT_{who}_{what}": "ana" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
NOTHING = Environment("none")


@dataclass
class Bench:
    """`step` puts files into the tree (None deletes); `say` is what the check of that name finds of it."""

    folder: Path
    files: Mapping[str, str]
    config: RepoConfig = field(default_factory=RepoConfig)
    programs: Programs | None = None
    environment: Environment = NOTHING
    final: bool = False
    plan: Plan | None = None
    planned: Step | None = None

    def __post_init__(self) -> None:
        source = self.folder / "source"
        source.mkdir()
        sh("git", "init", "-q", "-b", "main", ".", cwd=source)
        put(source, self.files)
        sh("git", "add", "-A", "-f", cwd=source)
        sh("git", "commit", "-q", "--allow-empty", "-m", "first", cwd=source, **PERSON)
        self.mirror = Mirror(self.folder / "repos", 1)
        self.mirror.sync(local_remote(source))
        self.base = sh("git", "rev-parse", "HEAD", cwd=source)
        self.workspace = Workspace(self.mirror, "k3x9q2ab")
        self.workspace.open(self.base)
        self.baseline = Baseline(None, False)
        if self.programs is not None:
            self.environment = replace(self.environment, mounts=(*self.environment.mounts, self.programs.mount))

    def step(self, files: Mapping[str, str | None]) -> None:
        put(self.workspace.tree, files)

    def judge(self) -> Judge:
        return Judge(
            self.mirror,
            self.config,
            self.environment,
            self.base,
            self.baseline,
            programs=self.programs,
            final=self.final,
            plan=self.plan,
            step=self.planned,
        )

    def on(self, look: Callable[[Scene], object]) -> object:
        """What a function says of the scene as it is now."""
        with open_box(self.workspace.root, self.environment, "bwrap", Limits()) as box:
            return look(self.judge().scene(box, self.workspace.snapshot()))

    def before(self, name: str) -> tuple[Finding, ...]:
        """Take the baseline of one check; on the base commit, so before any step."""
        find = row(name).find
        assert find is not None
        found = self.on(find)
        self.baseline = Baseline(None, False, findings={name: found.findings})
        return found.findings

    def say(self, name: str) -> list[CheckResult]:
        return self.on(lambda scene: list(row(name).results(scene)))


def row(name: str) -> Check:
    return next(one for one in TABLE if one.name == name)


def put(folder: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            path.unlink()
        else:
            path.write_text(text)
