"""Which commands each ecosystem's files lead to: tables, nothing is run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jobs.checks.testplan import detect_tests
from jobs.setup.additions import unapproved
from jobs.setup.config import RepoConfig
from jobs.setup.detect import SetupPlan, Wanted, detect_setup
from jobs.setup.indexes import host_indexes
from jobs.setup.python import VENV, needs, venv_command
from jobs.setup.source import Files

NEEDS_A = json.dumps({"dependencies": {"a": "1"}})
PROJECT = '[project]\nname = "x"\ndependencies = ["six"]\n'
CFG = """\
[metadata]
classifiers =
    Topic :: Utilities
[options]
packages =
    mypkg
[options.entry_points]
console_scripts =
    foo = foo:main
"""
CRATE = '[package]\nname = "x"\n'


def package(**more: Any) -> str:
    return json.dumps({"dependencies": {"a": "1"}, **more})


def plan(files: dict[str, str], **more: Any) -> SetupPlan:
    return detect_setup(Files(files), RepoConfig(), **more)


@pytest.mark.parametrize(
    ("files", "kind", "part"),
    [
        ({"package.json": NEEDS_A, "package-lock.json": "{}"}, "npm", "npm ci --no-audit"),
        ({"package.json": NEEDS_A, "npm-shrinkwrap.json": "{}"}, "npm", "npm ci --no-audit"),
        ({"package.json": NEEDS_A}, "npm", "npm install --no-audit --no-fund --no-package-lock"),
        ({"package.json": package(workspaces=["p/*"])}, "npm", "/env/nested"),
        ({"package.json": NEEDS_A, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, "pnpm", "pnpm@9 &&"),
        ({"package.json": NEEDS_A, "pnpm-lock.yaml": "lockfileVersion: '6.0'\n"}, "pnpm", "pnpm@8 &&"),
        ({"package.json": NEEDS_A, "pnpm-lock.yaml": ""}, "pnpm", "install --frozen-lockfile --store-dir"),
        ({"package.json": package(packageManager="pnpm@9.1.2+sha512.ab")}, "pnpm", "pnpm@9.1.2 &&"),
        ({"package.json": package(packageManager="pnpm@9.1.2; rm")}, "pnpm", "pnpm@9.1.2 &&"),
        ({"package.json": "{}", "pnpm-workspace.yaml": ""}, "pnpm", "--no-lockfile"),
        ({"package.json": NEEDS_A, "yarn.lock": "# yarn lockfile v1\n"}, "yarn", "--non-interactive --frozen-lockfile"),
        ({"package.json": NEEDS_A, "yarn.lock": "__metadata:\n"}, "yarn", "@yarnpkg/cli-dist@4 &&"),
        (
            {"package.json": NEEDS_A, "yarn.lock": "", ".yarnrc.yml": "yarnPath: .yarn/releases/y.cjs\n"}
            | {".yarn/releases/y.cjs": ""},
            "yarn",
            "node .yarn/releases/y.cjs install --immutable",
        ),
        ({"package.json": NEEDS_A, ".yarnrc.yml": "yarnPath: ../x.cjs\n"}, "npm", "npm install"),
        ({"go.mod": "module x\nrequire a.test/b v1.0.0\n"}, "go", "GOMODCACHE=/env/go go mod download"),
        ({"go.mod": "module x\n\nrequire (\n\ta.org/b v1.0.0\n)\n"}, "go", "go mod download"),
        ({"Cargo.toml": CRATE + "[dependencies]\nserde = '1'\n"}, "cargo", "CARGO_HOME=/env/cargo cargo fetch"),
        ({"Cargo.toml": CRATE + "[dev-dependencies]\na = '1'\n", "Cargo.lock": ""}, "cargo", "fetch --locked"),
        ({"Cargo.toml": "[workspace]\n", "a/Cargo.toml": CRATE + "[dependencies]\na = '1'\n"}, "cargo", "fetch"),
        ({"pyproject.toml": PROJECT, "uv.lock": ""}, "uv", "/tmp/uv/bin/pip install -q uv"),
        ({"pyproject.toml": PROJECT, "uv.lock": ""}, "uv", 'UV_PROJECT_ENVIRONMENT=/env "$u" sync --frozen --inexact'),
        ({"poetry.lock": "", "pyproject.toml": "[tool.poetry]\n"}, "poetry", "/tmp/poetry/bin/pip install"),
        ({"requirements.txt": "six", "go.mod": "module x\n"}, "pip+go", "-r requirements.txt"),
    ],
)
def test_each_ecosystem_is_installed_with_its_own_tool(files: dict[str, str], kind: str, part: str):
    found = plan(files)
    assert found.kind == kind and part in "\n".join(found.commands)
    assert not kind.startswith("p") or found.commands


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"go.mod": "module x\n\ngo 1.22\n"}, "go"),
        ({"go.mod": "module x\nrequire a.test/b v1\n", "vendor/modules.txt": ""}, "go"),
        ({"Cargo.toml": CRATE}, "cargo"),
        ({"Cargo.toml": CRATE + "[dependencies]\nmine = {path = 'mine'}\n"}, "cargo"),
        (
            {"Cargo.toml": CRATE + "[dependencies]\na = '1'\n"}
            | {".cargo/config.toml": "[source.vendored]\ndirectory = 'vendor'\n"},
            "cargo",
        ),
        ({"package.json": "{}", "yarn.lock": ""}, "none"),
        ({"sub/package.json": NEEDS_A}, "none"),
    ],
)
def test_vendored_modules_and_those_without_dependencies_need_nothing(files: dict[str, str], kind: str):
    assert (plan(files).kind, plan(files).commands) == (kind, ())


def test_tests_of_compiled_languages_are_run_by_their_own_runner():
    for files, command in (({"go.mod": "module x\n"}, "go test -v ./..."), ({"Cargo.toml": CRATE}, "cargo test")):
        found = detect_tests(Files(files), RepoConfig())
        assert (found.kind, found.command) == ("command", command)


def test_later_commands_of_compiled_languages_fetch_nothing():
    assert plan({"go.mod": "module x\nrequire a.test/b v1\n"}).env["GOPROXY"] == "off"
    assert plan({"Cargo.toml": CRATE}).env == {"CARGO_TARGET_DIR": "/tmp/target", "CARGO_NET_OFFLINE": "true"}


TOX = """[tox]
envlist = py311
[testenv]
extras = test, docs
deps =
    pytest>=8  # the runner
    -r{toxinidir}/reqs/test.txt
    -rreqs/more.txt
    py27: mock
    {env:EXTRA}
    -e .
    coverage
"""
NOX = """import nox

@nox.session
def lint(session):
    session.install("ruff")

@nox.session(python=["3.11"])
def tests(session):
    session.install("pytest", "-r", "reqs/test.txt", "-c", "limits.txt")
    session.install("-e", ".[test,fast]", *session.posargs)
"""


@pytest.mark.parametrize(
    ("files", "lines", "found", "extras"),
    [
        ({"tox.ini": TOX, "reqs/test.txt": ""}, ("pytest>=8", "coverage"), ("reqs/test.txt",), ("test", "docs")),
        ({"setup.cfg": "[testenv]\ndeps = pytest\n"}, ("pytest",), (), ()),
        ({"pyproject.toml": "[tool.tox.env_run_base]\ndeps = ['a', 'b']\nextras = ['t']\n"}, ("a", "b"), (), ("t",)),
        ({"pyproject.toml": '[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ndeps = a\n"""\n'}, ("a",), (), ()),
        ({"tox.toml": "[env_run_base]\ndeps = ['a']\nextras = 'test'\n"}, ("a",), (), ("test",)),
        ({"tox.toml": "[env_run_base]\ndeps = ['a']\nextras = 3\n"}, ("a",), (), ()),
        ({"pyproject.toml": "[dependency-groups]\ntest = 3\n"}, (), (), ()),
        ({"pyproject.toml": "tool = 3\ndependency-groups = 3\n"}, (), (), ()),
        ({"noxfile.py": NOX, "reqs/test.txt": ""}, ("pytest",), ("reqs/test.txt",), ("test", "fast")),
        ({"noxfile.py": "def x(:"}, (), (), ()),
        ({"tox.ini": TOX, "requirements-dev.txt": ""}, (), ("requirements-dev.txt",), ()),
        ({"tox.ini": "[testenv]\ndeps = a\n", "requirements.txt": ""}, ("a",), ("requirements.txt",), ()),
        ({"tox.ini": "no ini\nat all"}, (), (), ()),
    ],
)
def test_what_tox_and_nox_would_install(files: dict[str, str], lines: Any, found: Any, extras: Any):
    seen = needs(Files(files))
    assert (seen.lines, seen.files, seen.extras) == (lines, found, extras)


@pytest.mark.parametrize(
    ("files", "part"),
    [
        ({}, VENV),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.9"\n'}, VENV),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.9,<4"\n'}, VENV),
        ({"pyproject.toml": '[tool.poetry.dependencies]\npython = "^3.10"\n'}, VENV),
        ({"pyproject.toml": '[project]\nrequires-python = "~=3.11"\n'}, VENV),
        ({"setup.cfg": "[options]\npython_requires = >=3.8\n"}, VENV),
        (
            {"pyproject.toml": '[project]\nrequires-python = ">=3.12"\n'},
            "command -v python3.12 || command -v python3.13",
        ),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.12"\n'}, "requires Python >=3.12; here is only"),
        ({"pyproject.toml": '[project]\nrequires-python = "<3.11"\n'}, "command -v python3.10"),
        ({"pyproject.toml": '[project]\nrequires-python = "==3.10.*"\n'}, "p=$(command -v python3.10) ||"),
        ({".python-version": "3.12.1\n"}, "p=$(command -v python3.12 || echo python3)"),
        ({".python-version": "3.11.9\n"}, VENV),
        ({"pyproject.toml": '[project]\nrequires-python = ">=3.12; $(rm)"\n'}, "Python >=3.12 ;"),
    ],
)
def test_the_interpreter_is_the_one_that_the_repository_asks_for(files: dict[str, str], part: str):
    found = venv_command(Files(files), (3, 11))
    assert part in found if part != VENV else found == VENV
    assert "rm" not in found


@pytest.mark.parametrize(
    ("files", "wanted", "part"),
    [
        ({"requirements.txt": "six\n"}, Wanted("Inflection", ">=0.5"), "Inflection>=0.5"),
        ({"requirements.txt": "six\n"}, Wanted("six", ">=1"), None),
        ({"requirements.txt": "six\n"}, Wanted("x; rm -rf /"), None),
        ({"requirements.txt": "six\n"}, Wanted("inflection", "; os_name=='nt'"), "inflection\n"),
        ({"requirements.txt": "six\n", "package.json": NEEDS_A}, Wanted("inflection"), None),
        ({"README": ""}, Wanted("inflection"), None),
    ],
)
def test_approved_packages_are_there_before_a_manifest_names_them(files: dict[str, str], wanted: Wanted, part: Any):
    found = plan(files, wanted=[wanted])
    written = dict(found.files).get("/tmp/devtask-needs.txt", "")
    assert part in written if part else wanted.package not in written
    assert (found.lock != plan(files).lock) is bool(part)


def test_an_approved_package_of_npm_is_installed_besides():
    assert (
        "npm install --no-save --no-audit --no-fund @a/b"
        in plan({"package.json": NEEDS_A}, wanted=[Wanted("@a/b", "^1")]).commands
    )


@pytest.mark.parametrize(
    ("before", "after", "approved", "held"),
    [
        ({"requirements.txt": "six\n"}, {"requirements.txt": "six==1\n"}, [], ()),
        ({"requirements.txt": "six\n"}, {"requirements.txt": "six\nevil>=1\n"}, [], ("evil",)),
        ({"requirements.txt": "six\n"}, {"requirements.txt": "six\nGood_Lib[x]>1\n"}, ["good.lib"], ()),
        ({}, {"requirements.txt": "--index-url https://evil.test/\n"}, ["x"], ("--index-url https://evil.test/",)),
        ({}, {"pyproject.toml": '[project]\ndependencies = ["evil"]\n'}, [], ("evil",)),
        ({}, {"pyproject.toml": '[project.optional-dependencies]\ndev = ["evil"]\n'}, [], ("evil",)),
        ({}, {"pyproject.toml": '[dependency-groups]\ndev = ["evil"]\n'}, [], ("evil",)),
        ({}, {"pyproject.toml": '[build-system]\nrequires = ["evil"]\n'}, [], ("evil",)),
        ({}, {"pyproject.toml": '[tool.poetry.dependencies]\npython = "3"\nevil = "1"\n'}, [], ("evil",)),
        ({}, {"pyproject.toml": '[tool.poetry.group.dev.dependencies]\nevil = "1"\n'}, [], ("evil",)),
        ({}, {"setup.py": "setup(install_requires=['evil>=1'])"}, [], ("evil",)),
        ({}, {"setup.cfg": "[options]\ninstall_requires =\n    evil>1\n"}, [], ("evil",)),
        ({}, {"setup.cfg": "[options.extras_require]\ndev = evil; other>1\n"}, [], ("evil", "other")),
        ({}, {"setup.cfg": CFG}, [], ()),
        ({}, {"setup.cfg": "no cfg at all\n  evil\n"}, [], ()),
        ({}, {"poetry.lock": "package = 3\n"}, [], ()),
        ({}, {"pyproject.toml": "tool = 3\nproject = 3\n"}, [], ()),
        ({}, {"tox.ini": "[testenv]\ndeps = evil\n"}, [], ("evil",)),
        ({}, {"package.json": '{"devDependencies": {"@x/evil": "1"}}'}, [], ("@x/evil",)),
        ({}, {"package.json": '{"dependencies": {"express": "4"}}'}, ["express"], ()),
        ({}, {"Cargo.toml": CRATE + "[dependencies]\nevil = '1'\nmine = {path = 'm'}\n"}, [], ("evil",)),
        ({}, {"go.mod": "module x\nrequire a.test/evil v1.0.0\n"}, [], ("a-test/evil",)),
        ({}, {"uv.lock": '[[package]]\nname = "evil"\n'}, [], ("evil",)),
        ({}, {"package-lock.json": '{"packages": {"": {}, "node_modules/evil": {}}}'}, [], ("evil",)),
        (
            {},
            {"requirements.txt": "good\n", "uv.lock": '[[package]]\nname = "came-along"\n'},
            ["good"],
            (),
        ),
        ({"a.py": "1"}, {"a.py": "2"}, [], ()),
    ],
)
def test_abu_33_only_packages_that_were_approved_are_installed(before: Any, after: Any, approved: Any, held: Any):
    assert unapproved(Files(before), Files({**before, **after}), approved) == held


def test_the_clients_of_a_plan_are_asked_for_their_own_index_only_where_none_is_set():
    asked: list[str] = []

    def default(client: str) -> tuple[str, ...]:
        asked.append(client)
        return (f"https://{client}.example/",)

    set_here = host_indexes(
        {"PIP_INDEX_URL": "https://mine.example/simple", "GOPROXY": "https://go.example,direct"}, []
    )
    found = plan({"requirements.txt": "", "package.json": NEEDS_A, "go.mod": "module x\nrequire a.b/c v1\n"})
    assert [str(host) for host in set_here.hosts(found.clients, default)] == [
        "mine.example",
        "go.example",
        "npm.example",
    ]
    assert asked == ["npm"]
    assert plan({"requirements.txt": ""}).clients == ("pip",)
    assert detect_setup(Files({}), RepoConfig(setup=("make",))).clients == ("pip", "npm", "go", "cargo")
