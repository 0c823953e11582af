"""The setup as a person types it in a clone."""

from __future__ import annotations

import pytest

from jobs.setup.by_hand import by_hand
from jobs.setup.config import RepoConfig
from jobs.setup.detect import detect_setup

VENV = ("python3 -m venv .venv", ". .venv/bin/activate")
PYTEST = "python -m pip install pytest"
NODE = '{"dependencies": {"a": "1"}}'
PROJECT = '[project]\nname = "x"\nrequires-python = ">=3.8,<3.10"\n[dependency-groups]\ntest = ["pytest>=8"]\n'
CASES = {
    "nothing": ({"README": ""}, ()),
    "bare": ({"a.py": ""}, (*VENV, PYTEST)),
    "requirements": (
        {"requirements.txt": "x"},
        (*VENV, "python -m pip install -r requirements.txt", PYTEST),
    ),
    "another Python": (
        {"pyproject.toml": PROJECT},
        (
            "python3.8 -m venv .venv",
            VENV[1],
            "python -m pip install 'pytest>=8'",
            "python -m pip install -e '.'",
            PYTEST,
        ),
    ),
    "uv": (
        {"uv.lock": "", "pyproject.toml": ""},
        (
            *VENV,
            "python -m pip install uv",
            "UV_PROJECT_ENVIRONMENT=.venv uv sync --frozen --inexact --all-extras --all-groups",
            PYTEST,
        ),
    ),
    "poetry": (
        {"poetry.lock": ""},
        (*VENV, "python -m pip install poetry", "poetry install --all-extras --all-groups", PYTEST),
    ),
    "npm": ({"package.json": NODE, "package-lock.json": "{}"}, ("npm ci",)),
    "pnpm": ({"package.json": NODE, "pnpm-lock.yaml": ""}, ("npx pnpm@9 install --frozen-lockfile",)),
    "yarn": ({"package.json": NODE, "yarn.lock": ""}, ("npx yarn@1 install --frozen-lockfile",)),
    "yarn 4": (
        {"package.json": NODE, "yarn.lock": "__metadata:"},
        ("npx -p @yarnpkg/cli-dist@4 yarn install --immutable",),
    ),
    "go": ({"go.mod": "require x"}, ("go mod download",)),
    "cargo": ({"Cargo.toml": '[dependencies]\na = "1"', "Cargo.lock": ""}, ("cargo fetch --locked",)),
}


class Files:
    def __init__(self, files: dict[str, str]) -> None:
        self._files = files
        self.paths = frozenset(files)

    def read(self, path: str) -> str | None:
        return self._files.get(path)


@pytest.mark.parametrize("name", CASES)
def test_no_line_names_a_place_of_ours(name: str) -> None:
    files, lines = CASES[name]
    found = by_hand(detect_setup(Files(files), RepoConfig()))
    assert found == lines
    assert not any("/env" in line or "/tmp" in line for line in found)


def test_a_configured_setup_gets_an_environment_of_the_clone() -> None:
    config = RepoConfig(setup=["/env/bin/pip install -e .[test]", "make deps"])
    found = by_hand(detect_setup(Files({"a.py": ""}), config))
    assert found == (*VENV, "pip install -e .[test]", "make deps")
