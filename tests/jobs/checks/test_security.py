"""New weaknesses of a change: bandit in the sandbox and our own rules together; tests and old problems do not count."""

import re

import pytest

from jobs.checks.check import Check
from jobs.checks.programs import programs
from jobs.checks.result import Layer, Status
from jobs.checks.security import FIRST, UNKNOWN, look, read_bandit
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


RISKS = (
    "import yaml\nyaml.load(x)",
    "import subprocess\nsubprocess.run(f'ls {x}', shell=True)",
    "import os\nos.system('ls ' + x)",
    "import os\nos.chmod(x, 0o777)",
    "import hashlib\nhashlib.md5(x)",
    "import tarfile\ntarfile.open(x).extractall()",
    "import tempfile\ntempfile.mktemp()",
    "import ssl\nssl.wrap_socket(ssl_version=ssl.PROTOCOL_SSLv2)",
    "import ssl\nssl._create_unverified_context()",
    "import requests\nrequests.get(x, verify=False)",
    "import requests\nrequests.get(x)",
    "import paramiko\nparamiko.SSHClient().set_missing_host_key_policy(paramiko.AutoAddPolicy)",
    "import jinja2\njinja2.Environment()",
    "import marshal\nmarshal.loads(x)",
    "import pickle\npickle.loads(x)",
    "from flask import Flask\napp = Flask(x)\napp.run(debug=True)",
    "from django.utils.safestring import mark_safe\nmark_safe(x)",
    "from Crypto.Cipher import ARC4\nARC4.new(x)",
    "import telnetlib\ntelnetlib.Telnet(x)",
    "import logging.config\nlogging.config.listen(9999)",
)


def test_what_bandit_minds_ruff_has_found_before(ours, tmp_path):
    here = place(tmp_path, {}, (ours.mount,))
    for number, text in enumerate(RISKS):
        (here.box.tree / f"risk{number}.py").write_text(f"def f(x):\n    return x\n\n\n{text}\n")
    said = here.box.run([ours.program(here.box, "ruff"), *FIRST, "--output-format", "concise", "."], timeout=30).output
    found = {int(number) for number in re.findall(r"risk(\d+)\.py", said)}
    missed = [text for number, text in enumerate(RISKS) if number not in found]
    assert [text for text in missed if not UNKNOWN.search(text)] == []
    here.box.close()


def test_bandit_is_not_asked_about_what_nobody_minds(ours, tmp_path):
    here = place(tmp_path, {"a.py": "A = 1\n"}, (ours.mount,))
    (found,) = ROW.results(here.scene({"a.py": "A = 2\n"}, programs=ours))
    assert found.status is Status.PASSED and found.command.startswith("ruff check --isolated")
    here.box.close()


@pytest.mark.parametrize(
    "output", ["", "Traceback", "{", '{"results": 3}', '{"results": [{"filename": 1}]}', "{" * 9999]
)
def test_what_is_no_report_is_no_finding(output):
    assert read_bandit(output) is None
