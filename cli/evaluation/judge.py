"""The hidden checks, on a fresh clone of the pushed branch, in a sandbox without network: the code is a model's."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from cli.evaluation.samples import Check, Sample, write

SECONDS = 120.0
TAIL = 600


def hidden_checks(sample: Sample, bare: Path, branch: str, environment: Path | None, kind: str = "bwrap") -> str:
    """What is wrong with the branch, empty when every check holds. `environment` is what the setup phase installed."""
    from jobs.sandbox.box import Sandbox
    from jobs.sandbox.layout import ENV, Mount

    with tempfile.TemporaryDirectory(prefix="devtask-eval-") as folder:
        clone = Path(folder) / "clone"
        subprocess.run(["git", "clone", "-q", "--branch", branch, str(bare), str(clone)], check=True)
        shutil.rmtree(clone / ".git")
        write(sample.hidden(), clone)
        mounts = [Mount(environment, ENV)] if environment else []
        box = Sandbox(clone, Path(folder) / "scratch", kind=kind, mounts=mounts)
        try:
            for check in sample.asked.checks:
                done = box.run(check.run, timeout=SECONDS)
                if wrong := problem(check, done.exit_code, done.output):
                    return wrong
        finally:
            box.close()
    return ""


def problem(check: Check, exit_code: int, output: str) -> str:
    """Why a check does not hold. A program that ends early with 0 has not said its last line."""
    if exit_code:
        return f"`{check.run}` ended with {exit_code}: {output.strip()[-TAIL:]}"
    if check.says and output.strip().splitlines()[-1:] != [check.says]:
        return f"`{check.run}` ended with 0 and did not say {check.says!r}: {output.strip()[-TAIL:]}"
    return ""


def environment_of(repos: Path, repo_id: int) -> Path | None:
    """The newest environment that the setup phase made for a repository."""
    made = sorted(repos.glob(f"envs/{repo_id}/*/done.json"), key=lambda path: path.stat().st_mtime)
    return made[-1].parent / "env" if made else None
