"""What ran in a sandbox ends when its maker is dead, and only then."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from jobs.sandbox import cgroup
from jobs.sandbox.limits import Limits

MAKER = """
import subprocess
from jobs.sandbox import cgroup
from jobs.sandbox.limits import Limits
group = cgroup.make(Limits())
joins = f"echo 0 > {group.procs} || exit 1; exec sleep 4321"
left = subprocess.Popen(["/bin/sh", "-c", joins], start_new_session=True, stdout=subprocess.DEVNULL)
while not group.procs.read_text():
    pass
print(group.path, left.pid, flush=True)
input()
"""


@pytest.fixture
def maker():
    """A process that made a group and started something in it; the group's folder and what runs there."""
    probe = cgroup.make(Limits())
    if probe is None:
        pytest.skip("no control group may be made here")
    probe.remove()
    child = subprocess.Popen([sys.executable, "-c", MAKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin and child.stdout
    with child:
        folder, left = child.stdout.readline().split()
        yield child, folder, int(left)
        child.kill()
        with suppress(ProcessLookupError):
            os.kill(int(left), signal.SIGKILL)


def runs(pid):
    """Whether it runs; a process of which only the exit status is left does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_group_is_left_alone_while_its_maker_lives_and_ends_with_it(maker):
    child, folder, left = maker
    cgroup.sweep()
    assert runs(left) and Path(folder).is_dir()
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert runs(left)
    cgroup.sweep()
    deadline = time.monotonic() + 2
    while runs(left) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not runs(left)
    cgroup.sweep()
    assert not Path(folder).is_dir()
