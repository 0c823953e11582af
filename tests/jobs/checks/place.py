"""A repository in two states, and what a check sees of the second one."""

from dataclasses import dataclass
from pathlib import Path

from jobs.checks.scene import Scene
from jobs.checks.testplan import TestPlan
from jobs.checks.tests import Baseline
from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from state.plan.model import ExpectedOutputs, FileChange, PackageDependency, Plan, Step
from tests.jobs.git.hub import sh

PERSON = {f"GIT_{who}_{what}": "ana" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
NOTHING = Environment("none")


@dataclass
class Place:
    """`before` is the base commit; what `scene` is given is laid over it (None deletes)."""

    workspace: Workspace
    box: Sandbox

    def scene(self, after, step=None, approved=(), programs=None, config=None):
        for path, text in after.items():
            file = self.workspace.tree / path
            if text is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text if isinstance(text, bytes) else text.encode())
        base = self.workspace.head()
        plan = Plan(title="t", dependencies=[PackageDependency(package=name) for name in approved])
        return Scene(
            self.box,
            self.workspace.mirror,
            base,
            base,
            self.workspace.snapshot(),
            config or RepoConfig(),
            NOTHING,
            TestPlan("none"),
            Baseline(None, False),
            plan=plan,
            step=step or Step(id="s01", number=1, title="t"),
            programs=programs,
        )


def place(tmp_path: Path, before, mounts=(), env=None) -> Place:
    """The repository with these files at its base commit. The caller closes the box."""
    source = tmp_path / "source"
    source.mkdir(parents=True)
    sh("git", "init", "-q", "-b", "main", ".", cwd=source)
    for path, text in {"README.md": "# A\n", **before}.items():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        (source / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    sh("git", "-c", "core.autocrlf=false", "add", "-A", "-f", cwd=source)
    sh("git", "commit", "-q", "-m", "first", cwd=source, **PERSON)
    mirror = Mirror(tmp_path / "repos", 1)
    mirror.sync(local_remote(source))
    workspace = Workspace(mirror, "k3x9q2ab")
    workspace.open(sh("git", "rev-parse", "HEAD", cwd=source))
    box = Sandbox(workspace.tree, workspace.scratch, mounts=mounts, env=env or {})
    return Place(workspace, box)


def step(*files, main_file="", outputs=(), symbols=(), exports=()):
    """A step with (path, change) files and expected outputs."""
    return Step(
        id="s01",
        number=1,
        title="t",
        files=[FileChange(path=path, change=change) for path, change in files],
        expected_outputs=ExpectedOutputs(
            main_file=main_file, files=list(outputs), symbols=list(symbols), exports=list(exports)
        ),
    )
