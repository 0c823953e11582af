"""Addresses of pages of one repository; everything else is never linked."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class Links:
    """`repo` is the repository's page without a slash at the end, `check_run` a page below it or empty."""

    repo: str
    check_run: str = ""

    def prefixes(self) -> tuple[str, ...]:
        """What the emit gate lets through."""
        return (f"{self.repo}/",)

    def issue(self, number: int) -> str:
        """The issue's page."""
        return f"{self.repo}/issues/{number}"

    def branch(self, name: str) -> str:
        """The branch's files."""
        return f"{self.repo}/tree/{quote(name)}"

    def compare(self, base: str, branch: str) -> str:
        """The branch against its base."""
        return f"{self.repo}/compare/{quote(base)}...{quote(branch)}"

    def commit(self, sha: str) -> str:
        """One commit."""
        return f"{self.repo}/commit/{quote(sha)}"
