"""Paths that change who may do what, or what runs with whose rights: held until a writer says `/allow-path`."""

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
    "renovate.json*",
    ".renovaterc*",
    "codeowners",
    "action.yml",
    "action.yaml",
    ".gitlab-ci.yml",
    ".circleci/",
    ".travis.yml",
    "azure-pipelines.yml",
    "jenkinsfile",
    ".husky/",
    ".githooks/",
    ".pre-commit-config.yaml",
    ".lefthook*",
    "lefthook.y*ml",
    ".gitmodules",
    ".npmrc",
    "pip.conf",
    ".devcontainer/",
)
OURS: tuple[str, ...] = ("/.dev-tasks/",)
"""Written by the service itself; no permission opens them to the agent."""


class Guard:
    """Says why a path may not be written. Patterns are as in .gitignore; `allowed` are exact paths or folders opened
    by a writer.
    """

    def __init__(self, more: Sequence[str] = (), allowed: Collection[str] = ()) -> None:
        self.patterns = (*PROTECTED, *more)
        self._spec = pathspec.GitIgnoreSpec.from_lines([line.lower() for line in self.patterns])
        self._ours = pathspec.GitIgnoreSpec.from_lines(OURS)
        self._allowed = tuple(path.strip("/") for path in allowed)

    def reason(self, path: str) -> str | None:
        """A sentence for the model and the person, or None when the path may be written."""
        if self._ours.match_file(path.lower()):
            return f"{path} belongs to the service, which writes it itself"
        if any(path == one or path.startswith(f"{one}/") for one in self._allowed):
            return None
        if self._spec.match_file(path.lower()):
            return f"{path} is protected: only a person may change it, on the branch"
        return None
