"""A repository made ready for reading: facts from GitHub, an up-to-date mirror, the base branch and its commit."""

from __future__ import annotations

from dataclasses import dataclass

from ghapp.clients.github import RepoFacts
from jobs.git.facts import base_branch, branch_commit, is_empty
from jobs.git.mirror import Mirror
from jobs.git.remote import Remote, github_remote
from jobs.runtime import Runtime
from state.errors import Told
from state.views import RepoRef


@dataclass(frozen=True)
class Repository:
    """Where the work starts. `base_sha` is the base branch's commit as just fetched."""

    ref: RepoRef
    facts: RepoFacts
    mirror: Mirror
    base: str
    base_sha: str


def open_repository(runtime: Runtime, ref: RepoRef, wanted: str | None) -> Repository:
    """Fetch and choose the base branch.

    Raises Told for what a person must mend (no commit, archived, no such branch), GitError, and the errors of
    `ghapp.clients.errors`.
    """
    facts = runtime.github.talk(ref).repo_facts()
    if facts.archived:
        raise Told("repo.archived", "repo.archived.hint")
    mirror = Mirror(runtime.settings.repos_path, ref.id)
    mirror.sync(remote_for(runtime, ref, facts, "read"))
    if is_empty(mirror):
        raise Told("repo.empty", "repo.empty.hint")
    base = base_branch(mirror, facts.default_branch, wanted)
    commit = branch_commit(mirror, base) if base else None
    if base is None or commit is None:
        raise Told("repo.no_branch", "repo.no_branch.hint", branch=wanted or facts.default_branch)
    return Repository(ref, facts, mirror, base, commit)


def remote_for(runtime: Runtime, ref: RepoRef, facts: RepoFacts, purpose: str) -> Remote:
    """The address with a token of one purpose, minted or renewed now."""
    token = runtime.github.token_for(ref, purpose)
    return github_remote(facts.clone_url, runtime.settings.github_api_url, token)
