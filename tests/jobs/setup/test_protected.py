"""ABU-27: paths that change who may do what, or what runs with whose rights."""

import pytest

from jobs.setup.protected import Guard

ABU_27 = [
    ".github/workflows/ci.yml",
    ".GITHUB/Workflows/x.yml",
    ".github/actions/setup/action.yml",
    "action.yml",
    "tools/action.yaml",
    ".github/devtask.yml",
    "CODEOWNERS",
    "docs/CODEOWNERS",
    ".github/CODEOWNERS",
    ".github/dependabot.yml",
    ".github/renovate.json5",
    "renovate.json",
    ".github/settings.yml",
    ".mergify.yml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "Jenkinsfile",
    "azure-pipelines.yml",
    ".buildkite/pipeline.yml",
    ".husky/pre-commit",
    ".githooks/pre-push",
    ".pre-commit-config.yaml",
    "lefthook.yml",
    ".gitmodules",
    ".npmrc",
    ".yarnrc.yml",
    ".vscode/tasks.json",
    ".devcontainer/devcontainer.json",
]
ORDINARY = [
    "Makefile",
    "package.json",
    "conftest.py",
    "src/app.py",
    ".gitignore",
    ".github/ISSUE_TEMPLATE/bug.md",
    "docs/actions.md",
]


@pytest.mark.parametrize("path", ABU_27)
def test_abu_27_a_path_that_runs_with_other_rights_is_held_by_its_name(path):
    guard = Guard()
    assert guard.held(path) and guard.reason(path) == f"{path} is protected, so it is held until a person allows it"


@pytest.mark.parametrize("path", ORDINARY)
def test_what_ordinary_work_changes_is_not_held(path):
    assert Guard().reason(path) is None and not Guard().held(path)


def test_a_writer_opens_exactly_one_path_and_nothing_below_beside_or_spelled_otherwise():
    guard = Guard(allowed=[".github/workflows/ci.yml", ".husky"])
    assert guard.reason(".github/workflows/ci.yml") is None
    for path in (".github/workflows/ci.yml.bak", ".github/workflows/CI.yml", ".github/workflows/x.yml", ".husky/push"):
        assert guard.held(path)


@pytest.mark.parametrize("path", [".dev-tasks/k/plan.md", ".DEV-TASKS/x", ".git/config", "sub/.GIT/hooks/post-commit"])
def test_what_the_service_and_git_own_is_opened_by_nobody(path):
    guard = Guard(allowed=[path, ".dev-tasks", ".git"])
    assert guard.never(path) and not guard.held(path) and "belongs to the service" in guard.reason(path)


def test_a_repository_may_protect_more():
    guard = Guard(["db/migrations/", "*.lock"])
    assert guard.held("db/migrations/1.sql") and guard.held("deep/uv.lock") and not guard.held("db/models.py")
