"""Who is dead is known to be dead; who cannot be known is not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jobs.processes import dead, holder, place

SAY = "from jobs.processes import holder; print(holder(), flush=True); input()"


@pytest.fixture
def other():
    """Another process of this host, and its name as an owner."""
    child = subprocess.Popen([sys.executable, "-c", SAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdin and child.stdout
    with child:
        yield child, child.stdout.readline().strip()
        child.stdin.close()


def test_a_process_is_dead_once_it_was_killed_also_before_its_parent_has_looked(other):
    child, owner = other
    assert not dead(owner)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert dead(owner)
    child.wait()
    assert dead(owner)


def test_a_process_id_that_is_used_again_is_somebody_else():
    where, pid, started = holder().split(":")
    assert not dead(holder())
    assert dead(f"{where}:{pid}:{int(started) - 1}")


@pytest.mark.parametrize("owner", ["elsewhere-12345678:1:1", "w", "", ":", f"{place()}:", f"{place()}:x:1"])
def test_nobody_is_dead_who_cannot_be_known_here(owner):
    assert not dead(owner)
