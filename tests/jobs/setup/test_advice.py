"""What is proposed after a setup that failed speaks of the program that failed."""

import pytest

from jobs.setup.advice import advice
from jobs.setup.diagnose import Cause, Diagnosis


@pytest.mark.parametrize(
    ("cause", "command", "told"),
    [
        (Cause.OTHER, "/env/bin/python -m pip install -e .", "/env/bin/pip install -r requirements.txt"),
        (Cause.SYSTEM, "/env/bin/python -m pip install -e .", "--only-binary :all:"),
        (Cause.PYTHON, "python3 -m venv /env", "python3.12 -m venv --clear /env"),
        (Cause.PACKAGE, "npm ci --no-audit", "  - npm install"),
        (Cause.SYSTEM, "cd web && npm ci", "npm ci --ignore-scripts"),
        (Cause.PYTHON, "yarn install --frozen-lockfile", "yarn install --ignore-engines"),
        (Cause.OTHER, "pnpm install --frozen-lockfile", "  - pnpm install"),
        (Cause.OTHER, "cargo fetch --locked", "cargo fetch"),
        (Cause.OTHER, "go mod download", "go mod download"),
        (Cause.OTHER, "./go build", "/env/bin/pip install"),
        (Cause.TIME, "npm ci", "setup_seconds: 3600"),
    ],
)
def test_the_example_speaks_of_the_program_that_failed(cause: Cause, command: str, told: str):
    assert told in advice(Diagnosis(cause), command)


def test_hosts_are_named_each_on_its_line():
    assert advice(Diagnosis(Cause.HOST, "a.test, b.test"), "npm ci") == "network:\n  - a.test\n  - b.test"
