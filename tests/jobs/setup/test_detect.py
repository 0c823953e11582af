"""Configuration, detection, index settings: tables."""

from pathlib import Path

import pytest

from jobs.setup.config import ConfigError, RepoConfig, parse_config
from jobs.setup.detect import detect_setup
from jobs.setup.indexes import host_indexes, local_path, without_user
from jobs.setup.source import Files

PROJECT = '[project]\nname = "x"\n'


def test_a_full_configuration_is_read():
    text = b"""base: develop
setup: pip install -r r.txt
test: pytest -q
protected: [db/]
approvers:
  - ana
budget: 2.5
language: es
ci: run
prefix_only: true
"""
    config = parse_config(text)
    assert config.setup == ("pip install -r r.txt",) and config.protected == ("db/",) and config.approvers == ("ana",)
    assert (config.base, config.budget, config.language, config.ci, config.prefix_only) == (
        "develop",
        2.5,
        "es",
        "run",
        True,
    )


def test_every_problem_is_told_with_its_line():
    with pytest.raises(ConfigError) as wrong:
        parse_config(b"tets: x\nci: y\nbudget: -1\n")
    assert wrong.value.params["line"] == 1
    assert "; line 2: ci: " in wrong.value.params["message"] and "; line 3: budget: " in wrong.value.params["message"]


def test_no_configuration_is_the_defaults():
    assert parse_config(b"") == parse_config(b"# nothing\n") == RepoConfig()


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        (b"base: main\ntets: x\n", 2, "unknown key 'tets'"),
        (b"base: main\ntset: x\n", 2, "did you mean 'test'?"),
        (b"setup: a\nbase: x\nsetup: b\n", 3, "stands here twice"),
        (b"network:\n  - a.test\n  - https://b.test\n", 3, "is no host"),
        (b"network: 10.0.0.1\n", 1, "is an address"),
        (b"setup_seconds: 3\n", 1, "setup_seconds"),
        (b"budget: -1\n", 1, "budget"),
        (b"base: main\nbudget: much\n", 2, "budget"),
        (b"ci: sometimes\n", 1, "ci"),
        (b"approvers:\n  - ana\n  - [x]\n", 3, "approvers"),
        (b"parallel_steps: 99\n", 1, "parallel_steps"),
        (b"a: b: c\n", 1, "mapping"),
        (b"base: main\n\tx: y\n", 2, ""),
        (b"- a\n", 1, "key: value"),
        (b"base: main\n\xff\xfe\n", 2, "UTF-8"),
        (b"x" * 70_000, 1, "larger"),
        (b"!!python/object/apply:os.system ['true']\n", 1, ""),
    ],
)
def test_an_error_names_its_line(text, line, part):
    with pytest.raises(ConfigError) as wrong:
        parse_config(text)
    assert wrong.value.problems[0].line == line and part in wrong.value.problems[0].message


@pytest.mark.parametrize(
    ("files", "kind", "parts"),
    [
        ({"README.md": ""}, "none", []),
        ({"a.py": ""}, "pip", ["venv /env", "import pytest"]),
        ({"requirements.txt": "", "requirements-dev.txt": ""}, "pip", ["-r requirements.txt -r requirements-dev.txt"]),
        ({"requirements/test.txt": ""}, "pip", ["-r requirements/test.txt"]),
        ({"pyproject.toml": PROJECT}, "pip", ["-e '.'"]),
        (
            {"pyproject.toml": PROJECT + "[project.optional-dependencies]\ntest = []\ngpu = []\n"},
            "pip",
            ["-e '.[test]'"],
        ),
        ({"pyproject.toml": "[dependency-groups]\ndev = ['six']\n"}, "pip", ["-r /tmp/devtask-needs.txt"]),
        ({"setup.py": ""}, "pip", ["-e '.'"]),
        ({"setup.cfg": "[metadata]\n[options.extras_require]\ndev = x\n[flake8]\ntest = 1\n"}, "pip", ["-e '.[dev]'"]),
        ({"setup.cfg": "[flake8]\n", "a.py": ""}, "pip", ["venv"]),
        ({"pyproject.toml": "[tool.ruff]\n", "a.py": ""}, "pip", ["venv"]),
        ({"pyproject.toml": PROJECT, "uv.lock": ""}, "uv", ["sync --frozen", "else /env/bin/python -m pip"]),
        ({"pyproject.toml": "[tool.poetry]\n", "poetry.lock": ""}, "poetry", ["install --no-interaction"]),
        ({"package.json": '{"devDependencies": {"a": "1"}}', "package-lock.json": ""}, "npm", ["npm ci"]),
        ({"package.json": '{"devDependencies": {"a": "1"}}'}, "npm", ["npm install"]),
        ({"package.json": "{}"}, "none", []),
        ({"package.json": "not json"}, "none", []),
        ({"package.json": '{"dependencies": {"a": "1"}}', "requirements.txt": ""}, "pip+npm", ["npm install"]),
    ],
)
def test_what_a_repository_needs_is_seen_from_its_files(files, kind, parts):
    plan = detect_setup(Files(files), RepoConfig())
    assert plan.kind == kind
    for part in parts:
        assert part in "\n".join(plan.commands)


def test_included_groups_are_resolved_and_options_are_not_requirements():
    text = "[dependency-groups]\ntest = ['pytest<9', '--evil']\n"
    text += "dev = [{include-group = 'test'}, {include-group = 'dev'}, 'six']\n"
    assert detect_setup(Files({"pyproject.toml": text}), RepoConfig()).files == (
        ("/tmp/devtask-needs.txt", "pytest<9\nsix\n"),
    )


def test_abu_34_the_cache_key_changes_with_lock_files_and_commands_only():
    one = detect_setup(Files({"requirements.txt": "six", "a.py": "1"}), RepoConfig()).lock
    assert one == detect_setup(Files({"requirements.txt": "six", "a.py": "2"}), RepoConfig()).lock
    assert one != detect_setup(Files({"requirements.txt": "six==1", "a.py": "1"}), RepoConfig()).lock
    assert one != detect_setup(Files({"requirements.txt": "six", "a.py": "1"}), RepoConfig(setup=("x",))).lock


def test_index_settings_travel_without_credentials_and_with_their_folders(tmp_path):
    (tmp_path / "idx" / "simple").mkdir(parents=True)
    (tmp_path / "wheels").mkdir()
    (tmp_path / "ca.pem").write_text("x")
    conf = tmp_path / "pip.conf"
    conf.write_text(
        "[global]\nindex-url = https://user:s3cret@index.example/simple\n"
        f"extra-index-url = file://{tmp_path}/idx/simple\n    https://x:y@more.example/\nno-such = 1\n"
    )
    (tmp_path / ".npmrc").write_text("registry=https://u:p@npm.example/\n//npm.example/:_authToken=t0ken\n")
    env = {
        "PIP_FIND_LINKS": str(tmp_path / "wheels"),
        "PIP_CERT": str(tmp_path / "ca.pem"),
        "https_proxy": "http://a:b@p:1",
    }
    found = host_indexes(env, [conf], tmp_path)
    assert found.env["PIP_INDEX_URL"] == found.env["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert found.env["PIP_EXTRA_INDEX_URL"] == f"file://{tmp_path}/idx/simple https://more.example/"
    assert found.env["NPM_CONFIG_REGISTRY"] == "https://npm.example/"
    assert found.upstream.tunnel.host == "p" and "proxy" not in str(found.env).lower()
    assert found.env["SSL_CERT_FILE"] == str(tmp_path / "ca.pem")
    assert {mount.target for mount in found.mounts} == {str(tmp_path / name) for name in ("idx", "wheels", "ca.pem")}
    assert not any(mount.writable for mount in found.mounts)
    assert not any(word in str(found) for word in ("s3cret", "t0ken", "a:b", "x:y", "u:p"))


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("/srv/wheels", "/srv/wheels"),
        ("file:///srv/a%20b/simple", "/srv/a b"),
        ("https://x/simple", None),
        ("relative", None),
    ],
)
def test_local_places(place, path):
    assert local_path(place) == (Path(path) if path else None)


def test_an_address_without_user_is_unchanged():
    assert without_user("https://a/b") == "https://a/b" and without_user("/a@b") == "/a@b"
