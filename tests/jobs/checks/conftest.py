"""A sandbox on a small tree, with pytest visible as a repository's own."""

import sysconfig
from pathlib import Path

import pytest

from jobs.checks.programs import programs
from jobs.sandbox.box import Sandbox
from jobs.sandbox.layout import Mount

PARTS = ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments")


@pytest.fixture
def runner_mounts() -> tuple[Mount, ...]:
    site = Path(sysconfig.get_path("purelib"))
    return tuple(Mount(site / name, f"/env/{name}") for name in PARTS)


@pytest.fixture
def box(tmp_path: Path, runner_mounts):
    (tmp_path / "tree").mkdir()
    made = Sandbox(tmp_path / "tree", tmp_path / "scratch", mounts=runner_mounts, env={"PYTHONPATH": "/env"})
    yield made
    made.close()


@pytest.fixture(scope="session")
def our_programs(tmp_path_factory):
    return programs(tmp_path_factory.mktemp("programs"))
