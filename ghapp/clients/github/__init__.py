"""GitHub through PyGithub over our own wire; jobs see only the small values of `facts`."""

from ghapp.clients.github.app import GitHubApp
from ghapp.clients.github.budget import Budget, NoBudget
from ghapp.clients.github.facts import Annotation, BranchFacts, CheckOutput, Comment, Issue, Label, RepoFacts
from ghapp.clients.github.talk import Talk

__all__ = [
    "Annotation",
    "BranchFacts",
    "Budget",
    "CheckOutput",
    "Comment",
    "GitHubApp",
    "Issue",
    "Label",
    "NoBudget",
    "RepoFacts",
    "Talk",
]
