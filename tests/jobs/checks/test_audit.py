"""Known vulnerabilities of what is new, asked of a stand-in for the package indexes on loopback."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from jobs.checks import audit
from jobs.checks.audit_indexes import json_api
from jobs.checks.audit_versions import Package, added_packages, named
from jobs.checks.npm_ranges import within
from jobs.checks.result import Status
from jobs.setup.source import Files
from tests.jobs.checks.place import place

BAD = {"id": "PYSEC-1", "details": "Reads  files.\n", "fixed_in": ["2.0"], "withdrawn": None}
PAGES = {
    "/pypi/evil/1.0/json": {"vulnerabilities": [BAD, {"id": "OLD", "withdrawn": "2020-01-01"}]},
    "/pypi/fine/1.0/json": {"info": {}, "vulnerabilities": []},
    "/pypi/silent/1.0/json": {"info": {}},
}
ADVISORIES = {
    "left-pad": [{"url": "https://x/GHSA-1", "title": "Slow", "severity": "high", "vulnerable_versions": "<1.3.0"}],
    "mild": [{"id": 7, "title": "Hm", "severity": "low", "vulnerable_versions": "*"}],
}


class Index(BaseHTTPRequestHandler):
    """Answers what is in PAGES and ADVISORIES, and remembers what it was asked."""

    def do_GET(self):
        self._answer(PAGES.get(self.path), 404)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(asked)
        self._answer({name: ADVISORIES[name] for name in asked if name in ADVISORIES}, 500)

    def _answer(self, value, otherwise):
        self.server.asked.append(self.path)
        body = b"{broken" if "broken" in self.path else json.dumps(value).encode()
        self.send_response(200 if value is not None or "broken" in self.path else otherwise)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def index(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in (
        ("PIP_INDEX_URL", f"{url}/simple/"),
        ("NPM_CONFIG_REGISTRY", url),
        ("PIP_CONFIG_FILE", "/dev/null"),
    ):
        monkeypatch.setenv(name, value)
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def python(name, version="1.0"):
    return Package("python", name, version, "requirements.txt", 2)


def npm(name, version):
    return Package("npm", name, version, "package-lock.json", 9)


def asked(*packages, unknown=()):
    return audit.audited(packages, unknown, audit.adapters())


def test_what_is_known_of_a_python_package_is_told_with_the_version_that_mends_it(index):
    found = asked(python("fine"), python("evil"))
    assert found.stops and not found.red
    assert [str(one) for one in found.findings] == [
        "requirements.txt:2: evil 1.0: Reads files.; mended in 2.0 [PYSEC-1]"
    ]
    assert index.asked == ["/pypi/fine/1.0/json", "/pypi/evil/1.0/json"] and found.measured == {"audit.new": 1.0}
    assert asked(python("fine")).status is Status.PASSED


def test_npm_packages_are_asked_for_at_once_and_only_real_ones_count(index):
    found = asked(npm("left-pad", "1.2.0"), npm("left-pad", "1.3.0"), npm("mild", "1.0.0"), npm("other", "1.0.0"))
    assert [str(one) for one in found.findings] == ["package-lock.json:9: left-pad 1.2.0: Slow (<1.3.0) [GHSA-1]"]
    body, path = index.asked
    assert path == "/-/npm/v1/security/advisories/bulk"
    assert body == {"left-pad": ["1.2.0", "1.3.0"], "mild": ["1.0.0"], "other": ["1.0.0"]}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("silent", "the package index does not say whether silent 1.0 is vulnerable"),
        ("unknown", "127.0.0.1 answered 404"),
        ("broken", "127.0.0.1 gave no JSON"),
    ],
)
def test_no_answer_is_not_run_with_the_reason_and_never_passed(index, name, why):
    found = asked(python(name))
    assert found.status is Status.NOT_RUN and why in found.summary and found.measured == {}


def test_nobody_there_a_folder_and_an_unknown_version_are_not_run_either(index, monkeypatch, tmp_path):
    assert asked(python("fine"), unknown=["loose"]).status is Status.NOT_RUN
    found = asked(python("evil"), unknown=["loose"])
    assert found.status is Status.FAILED and "which version of loose is used is written nowhere" in found.summary
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    assert "127.0.0.1 could not be asked for known vulnerabilities: ConnectError" in asked(python("evil")).summary
    monkeypatch.setenv("PIP_INDEX_URL", tmp_path.as_uri())
    assert "is a folder" in asked(python("evil")).summary
    monkeypatch.setenv("HTTP_PROXY", "socks5://x:1")
    assert asked(python("evil")).status is Status.NOT_RUN


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "requirements.txt",
            "# x\nFlask_Login==1.0 # pin\nb>=2\n-r c.txt\ngit+https://x\nd[e]==3.1 ; x\n",
            "flask-login 1.0, b, d 3.1",
        ),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["a==1", "b"]\n[dependency-groups]\ndev = ["c>1", {x = 1}]\n',
            "a 1, b, c",
        ),
        ("pyproject.toml", '[tool.poetry.dependencies]\npython = "3"\na = "^1"\n', "a"),
        (
            "uv.lock",
            '[[package]]\nname="a"\nversion="1"\n[[package]]\nname="o"\nversion = "2"\nsource = {editable = "."}\n',
            "a 1",
        ),
        ("package.json", '{"dependencies": {"a": "1.2.3", "b": "^1.0.0", "c": "file:x"}}', "a 1.2.3, b"),
        (
            "package-lock.json",
            '{"packages": {"": {}, "node_modules/a/node_modules/@b/c": {"version": "1.0.0"}}}',
            "@b/c 1.0.0",
        ),
        ("Pipfile.lock", '{"default": {"a": {"version": "==1"}}, "develop": 3}', "a 1"),
        ("README.md", "a==1\n", ""),
        ("uv.lock", "package = 1", ""),
        ("package.json", "[]", ""),
        ("package-lock.json", '{"packages": 3}', ""),
    ],
)
def test_packages_of_manifests_and_lock_files(path, text, expected):
    found = ", ".join(f"{one.name} {one.version}".strip() for one in named(path, text))
    assert found == expected


def test_only_what_is_new_or_moved_counts_and_a_lock_file_settles_a_range():
    before = Files({"requirements.txt": "a==1\nb==1\n", "pyproject.toml": ""})
    now = Files(
        {
            "requirements.txt": "a==1\nb==2\n",
            "pyproject.toml": '[project]\ndependencies = ["c", "d"]\n',
            "uv.lock": '[[package]]\nname = "c"\nversion = "3"\n',
        }
    )
    found = [(one.name, one.version, one.line) for one in added_packages(before, now, sorted(now.paths))]
    assert found == [("d", "", 2), ("b", "2", 2), ("c", "3", 2)]


@pytest.mark.parametrize(
    ("version", "ranges", "inside"),
    [
        ("1.2.0", ">=1.0.0 <1.3.0", True),
        ("1.3.0", ">=1.0.0 <1.3.0", False),
        ("1.3.0-rc.1", "<1.3.0", True),
        ("2.0.0", "<1.0.0 || >=2.0.0, <2.1.0", True),
        ("2.0.0", "=2.0.0", True),
        ("2.0.1", "2.0.0", False),
        ("1.0.0", "*", True),
        ("1.0.0", "^0.5.0", True),
        ("main", "<1", True),
        ("1.0.0-alpha.2", "<=1.0.0-alpha.10", True),
    ],
)
def test_npm_ranges(version, ranges, inside):
    assert within(version, ranges) is inside


@pytest.mark.parametrize(
    ("address", "api"),
    [
        ("https://pypi.example/simple/", "https://pypi.example/pypi"),
        ("https://x.example/root/pypi/+simple", "https://x.example/root/pypi/pypi"),
        ("https://x.example", "https://x.example/pypi"),
        ("file:///srv/simple", ""),
        ("/srv/simple", ""),
    ],
)
def test_where_an_index_has_its_pages(address, api):
    assert json_api(address) == api


def test_nothing_new_asks_nobody_and_a_range_is_asked_for_as_it_is_installed(index, tmp_path):
    here = place(
        tmp_path, {"requirements.txt": "fine==1.0\n", "node_modules/left-pad/package.json": '{"version": "1.2.0"}'}
    )
    (found,) = audit.judge(here.scene({"a.py": "A = 1\n", "requirements.txt": "# pins\nfine==1.0\n"}))
    assert (found.status, found.summary, index.asked) == (Status.PASSED, "no new dependency", [])
    (found,) = audit.judge(here.scene({"package.json": '{"dependencies": {"left-pad": "^1.0.0"}}'}))
    assert [str(one) for one in found.findings] == ["package.json:1: left-pad 1.2.0: Slow (<1.3.0) [GHSA-1]"]
    (found,) = audit.judge(here.scene({"package.json": "{}", "requirements.txt": "fine==1.0\nevil\n"}))
    assert found.status is Status.NOT_RUN and "evil" in found.summary
    here.box.close()
