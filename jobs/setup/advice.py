"""What to put into `.github/devtask.yml` when a setup failed: an example in the words of what failed. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jobs.setup.diagnose import Cause, Diagnosis


@dataclass(frozen=True)
class Example:
    """Commands: the plain installation, one with another interpreter, one that builds nothing."""

    plain: str
    interpreter: str
    unbuilt: str


_PIP = Example(
    "/env/bin/pip install -r requirements.txt",
    "python3.12 -m venv --clear /env\n  - /env/bin/pip install -e .[test]",
    "/env/bin/pip install --only-binary :all: -r requirements.txt",
)
_EXAMPLES = {
    "npm": Example("npm install", "npm install --engine-strict=false", "npm ci --ignore-scripts"),
    "pnpm": Example("pnpm install", "pnpm install --config.engine-strict=false", "pnpm install --ignore-scripts"),
    "yarn": Example("yarn install", "yarn install --ignore-engines", "yarn install --ignore-scripts"),
    "cargo": Example("cargo fetch", "cargo fetch", "cargo fetch"),
    "go": Example("go mod download", "go mod download", "CGO_ENABLED=0 go mod download"),
}
_PROGRAM = re.compile(r"(?<![\w./-])(npm|pnpm|yarn|cargo|go)(?= )")


def advice(found: Diagnosis, command: str) -> str:
    """Lines of the configuration that mend this cause."""
    if found.cause is Cause.HOST:
        return "network:\n" + "\n".join(f"  - {host}" for host in found.what.split(", "))
    if found.cause is Cause.TIME:
        return "setup_seconds: 3600"
    program = _PROGRAM.search(command)
    example = _EXAMPLES[program[1]] if program else _PIP
    chosen = {Cause.PYTHON: example.interpreter, Cause.SYSTEM: example.unbuilt}.get(found.cause, example.plain)
    return f"setup:\n  - {chosen}"
