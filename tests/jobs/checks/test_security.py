"""New weaknesses of a change: bandit in the sandbox and our own rules together; tests and old problems do not count."""

import pytest

from jobs.checks.check import Check
from jobs.checks.programs import programs
from jobs.checks.result import Layer, Status
from jobs.checks.security import look, read_bandit
from tests.jobs.checks.place import place

ROW = Check("security", Layer.IMPORTANT, look=look)
OLD = "import yaml\n\n\ndef read(text):\n    return yaml.load(text)\n"
NEW = """import subprocess
import yaml


def fetch(text, name):
    assert name
    subprocess.run(f"ls {name}", shell=True)  # nosec
    return yaml.load(text)


def read(text):
    return eval(text)
"""


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return programs(tmp_path_factory.mktemp("data"))


@pytest.mark.slow
def test_only_what_is_new_counts_with_path_and_line(ours, tmp_path):
    before = {"größe.py": OLD, "a.js": "el.innerHTML = x;\n", "gone.py": "eval(x)\n", "pyproject.toml": "tool = 3\n"}
    here = place(tmp_path, before, (ours.mount,))
    after = {
        "größe.py": NEW.replace("\n", "\r\n"),
        "a.js": "// moved\nel.innerHTML = x;\nel.outerHTML = y;\n",
        "gone.py": None,
        "moved/gone.py": "x = 1\neval(x)\n",
        "tests/test_a.py": "def test_a(x):\n    assert eval(x)\n",
        "latin.py": b"# caf\xe9\nA = 1\n",
        "broken.py": "def (\n",
        ".bandit": "[bandit]\nskips = B602\n",
        "node_modules/x/a.js": "eval(x)\n",
        ".dev-tasks/k/a.py": "eval(x)\n",
    }
    (found,) = ROW.results(here.scene(after, programs=ours))
    assert [(one.path, one.line, one.code) for one in sorted(found.findings, key=str)] == [
        ("a.js", 3, "html"),
        ("größe.py", 12, "eval"),
        ("größe.py", 7, "B602"),
    ]
    assert found.stops and found.command.startswith("bandit -q -ll -ii") and found.measured["security.new"] == 3
    assert list((here.box.scratch / "tmp").iterdir()) == []
    (found,) = ROW.results(here.scene({"größe.py": OLD, "a.js": None, "moved/gone.py": None}, programs=ours))
    assert found.status is Status.PASSED and found.measured["security.new"] == 0
    here.box.close()


@pytest.mark.parametrize(
    "output", ["", "Traceback", "{", '{"results": 3}', '{"results": [{"filename": 1}]}', "{" * 9999]
)
def test_what_is_no_report_is_no_finding(output):
    assert read_bandit(output) is None
