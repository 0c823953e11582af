"""Whether a sandbox can really be had here: by running one, never by looking for a program."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from jobs.sandbox.box import Sandbox, SandboxRefused

NO_SANDBOX = "sandbox.missing"
"""The sentence by which a task is told that nothing is executed here."""

_TRIAL = (
    'test "$(id -u)" = 1000 && test ! -e /root/.ssh && test ! -e /etc/shadow && '
    "! (exec 3<>/dev/tcp/127.0.0.1/9) 2>/dev/null && ! touch /usr/trial 2>/dev/null && "
    "touch trial && rm trial && echo contained"
)
_MEND = (
    ("not installed", "Install it: apt-get install bubblewrap (version 0.8 or newer)."),
    ("Unknown option", "This bubblewrap is too old: version 0.8 or newer is needed."),
    (
        "No permissions to create",
        "Allow user namespaces: sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile for bwrap that "
        "allows userns (Ubuntu 24.04: sysctl kernel.apparmor_restrict_unprivileged_userns=0).",
    ),
    (
        "proc",
        "Inside a container add security_opt: seccomp=<the shipped profile>, apparmor=unconfined, "
        "systempaths=unconfined; systemd units on a virtual machine are the recommended road.",
    ),
)
_OTHERWISE = "Run `bwrap --unshare-all --ro-bind / / true` as the service's user to see what the system refuses."


@dataclass(frozen=True)
class Probe:
    """Whether commands are contained; `reason` and `mend` are for people; `weak` names bounds that are not in force
    here.
    """

    ok: bool
    reason: str = ""
    mend: str = ""
    weak: tuple[str, ...] = ()


def probe(kind: str = "bwrap") -> Probe:
    """Runs one command in a sandbox on a throwaway folder. `none` is answered without one: it contains nothing."""
    if kind == "none":
        return Probe(False, "SANDBOX=none: repository code runs with the service's own rights.", "Set SANDBOX=bwrap.")
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        tree.mkdir()
        try:
            box = Sandbox(tree, Path(folder, "scratch"))
            result = box.run(_TRIAL, timeout=20)
        except SandboxRefused as refused:
            return _failed(str(refused))
        weak = _weak(box)
        box.close()
    if result.exit_code == 0 and result.output.strip() == "contained":
        return Probe(True, weak=weak)
    return _failed(result.output.strip() or f"the trial command ended with {result.exit_code}")


def _weak(box: Sandbox) -> tuple[str, ...]:
    group = box._group
    if group is None:
        return ("number of processes", "memory of all processes together")
    return () if group.memory else ("memory of all processes together",)


def _failed(reason: str) -> Probe:
    mend = next((text for needle, text in _MEND if needle.lower() in reason.lower()), _OTHERWISE)
    return Probe(False, reason[:500], mend)
