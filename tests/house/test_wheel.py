"""What is installed holds everything that the code reads at run time."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.files import PACKAGES, ROOT, tracked

NO_INDEX = ("No matching distribution", "Could not find a version", "Connection", "Temporary failure", "Network is")


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path):
    """A wheel of a copy of the tracked files, so that nothing of this working tree slips in."""
    for name in tracked():
        target = tmp_path / "tree" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--quiet", "-w", tmp_path / "out", tmp_path / "tree"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and any(words in done.stderr for words in NO_INDEX):
        pytest.skip("the build backend cannot be fetched here: no package index answers")
    assert done.returncode == 0, done.stderr[-3000:]
    (wheel,) = (tmp_path / "out").glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        held = set(opened.namelist())
        entry = opened.read(next(name for name in held if name.endswith("entry_points.txt"))).decode()
    missing = [name for name in tracked() if name.split("/")[0] in PACKAGES and name not in held]
    assert missing == []
    assert "devtask = cli.main:app" in entry
    for kind in (".md", ".yaml", ".json", ".mako", ".html"):
        assert any(name.endswith(kind) for name in held), kind
    assert not [name for name in held if name.startswith(("tests/", "docs/", "benchmarks/"))]
