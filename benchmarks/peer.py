"""mini-swe-agent as it is published, in a virtual environment of its own below the cache folder, driven by a script."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any, Final

VERSION: Final = "2.4.6"
CACHE: Final = Path(__file__).resolve().parents[1] / ".cache" / "peers" / f"mini-swe-agent-{VERSION}"
PATIENCE: Final = 600.0
NOT_RUN: Final = f"mini-swe-agent {VERSION} could not be installed"

DRIVER: Final = """
import json, os, sys, time
from pathlib import Path
import minisweagent, yaml
from minisweagent.agents.default import DefaultAgent
from minisweagent.environments.local import LocalEnvironment
from minisweagent.models.test_models import DeterministicToolcallModel, make_toolcall_output
from minisweagent.models.utils.actions_toolcall import BASH_TOOL

asked = json.load(sys.stdin)
config = yaml.safe_load((Path(minisweagent.__file__).parent / "config/benchmarks/swebench.yaml").read_text())
times, sizes = [], []

class Model(DeterministicToolcallModel):
    def query(self, messages, **more):
        times.append(time.perf_counter())
        if asked["count"]:
            sent = [{key: value for key, value in one.items() if key != "extra"} for one in messages]
            sizes.append([len(json.dumps(one).encode()) for one in (BASH_TOOL, *sent)])
        return outputs[len(times) - 1]

class Nothing(LocalEnvironment):
    def execute(self, action, cwd="", *, timeout=None):
        return {"output": asked["answer"], "returncode": 0, "exception_info": ""}

outputs = []
for number, (said, command) in enumerate(asked["calls"]):
    call = {"id": f"call_{number}", "type": "function"}
    call["function"] = {"name": "bash", "arguments": json.dumps({"command": command})}
    outputs.append(make_toolcall_output(said, [call], [{"command": command, "tool_call_id": f"call_{number}"}]))
# Stale bytecode of a file that was edited within a second would make its tests fail, by the machine's speed.
variables = {"PAGER": "cat", "PYTHONDONTWRITEBYTECODE": "1"}
env = (LocalEnvironment if asked["real"] else Nothing)(cwd=asked["cwd"], timeout=60, env=variables)
# Without outputs in its configuration, which the agent would otherwise copy at every turn.
model = Model(outputs=[], cost_per_call=0.0, observation_template=config["model"]["observation_template"])
templates = {name: config["agent"][name] for name in ("system_template", "instance_template")}
agent = DefaultAgent(
    model, env, **templates,
    step_limit=len(outputs), cost_limit=0, output_path=Path(asked["out"]),
)
agent.run(asked["task"])
times.append(time.perf_counter())
print(json.dumps({"times": times, "sizes": sizes}))
"""


def python() -> Path | None:
    """The interpreter that has the peer; installs it at first. None where that cannot be done."""
    found = CACHE / "bin" / "python"
    ready = CACHE / "installed"
    if ready.exists():
        return found
    try:
        venv.create(CACHE, with_pip=True, clear=True)
        wanted = [str(found), "-m", "pip", "install", "--quiet", f"mini-swe-agent=={VERSION}"]
        subprocess.run(wanted, check=True, capture_output=True, timeout=PATIENCE)
    except (OSError, subprocess.SubprocessError) as why:
        print(f"    ({NOT_RUN}: {why})", file=sys.stderr)
        return None
    ready.touch()
    return found


def drive(folder: Path, **asked: Any) -> dict[str, Any]:
    """One run of the peer: `times` at each request, and at the end; `sizes`: bytes of the messages of each request."""
    interpreter = python()
    if interpreter is None:
        raise RuntimeError(NOT_RUN)
    given = {"count": False, "real": False, "answer": "", "task": "", "cwd": str(folder), **asked}
    given["out"] = str(folder / "peer.traj.json")
    quiet = {
        "MSWEA_SILENT_STARTUP": "1",
        "MSWEA_GLOBAL_CONFIG_DIR": str(folder),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
    }
    done = subprocess.run(
        [str(interpreter), "-c", DRIVER],
        input=json.dumps(given).encode(),
        env={**quiet, "HOME": str(folder)},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
