"""Paths that change who may do what, or what runs with whose rights: held until a writer says `/allow-path`.

What ordinary work changes as well (Makefile, package scripts, conftest.py) is not among them: CI does not run before a
person lets it (`ci: hold`), and tests are guarded on their own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pathspec

PROTECTED: tuple[str, ...] = (
    ".github/workflows/",
    ".github/actions/",
    ".github/devtask.yml",
    ".github/dependabot.yml",
    ".github/dependabot.yaml",
    ".github/renovate*",
    ".github/settings.yml",
    ".github/mergify.yml",
    "renovate.json*",
    ".renovaterc*",
    ".mergify.yml",
    ".mergify/",
    ".kodiak.toml",
    "bors.toml",
    "codeowners",
    "action.yml",
    "action.yaml",
    ".gitlab-ci.yml",
    ".circleci/",
    ".buildkite/",
    ".travis.yml",
    ".drone.yml",
    ".woodpecker*",
    "appveyor.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "cloudbuild.yaml",
    "jenkinsfile",
    ".husky/",
    ".githooks/",
    ".pre-commit-config.yaml",
    ".lefthook*",
    "lefthook.y*ml",
    ".overcommit.yml",
    ".gitmodules",
    ".npmrc",
    ".yarnrc*",
    "pip.conf",
    ".envrc",
    ".vscode/tasks.json",
    ".devcontainer/",
)
OURS: tuple[str, ...] = ("/.dev-tasks/",)
"""Written by the service itself; no permission opens them to the agent."""


class Guard:
    """Says why a path may not be written. Patterns are as in .gitignore; `allowed` are exact paths that a writer opened
    for this task.
    """

    def __init__(self, more: Sequence[str] = (), allowed: Collection[str] = ()) -> None:
        self.patterns = (*PROTECTED, *more)
        self._spec = pathspec.GitIgnoreSpec.from_lines([line.lower() for line in self.patterns])
        self._ours = pathspec.GitIgnoreSpec.from_lines(OURS)
        self._allowed = frozenset(allowed)

    def never(self, path: str) -> bool:
        """Whether no permission opens the path: what the service writes itself, and git's own."""
        return self._ours.match_file(path.lower()) or ".git" in path.lower().split("/")

    def held(self, path: str) -> bool:
        """Whether the path waits for a person's `/allow-path`."""
        return not self.never(path) and path not in self._allowed and self._spec.match_file(path.lower())

    def reason(self, path: str) -> str | None:
        """A sentence for the model and the person, or None when the path may be written."""
        if self.never(path):
            return f"{path} belongs to the service, which writes it itself"
        if self.held(path):
            return f"{path} is protected, so it is held until a person allows it"
        return None
