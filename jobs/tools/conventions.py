"""conventions: the repository's own rules in full, as data."""

from __future__ import annotations

from collections.abc import Mapping

from jobs.tools.filetext import decode
from jobs.tools.look import Look
from jobs.tools.paths import Mistake

NAMES = (
    *("AGENTS.md", "CLAUDE.md", "GEMINI.md", "CONTRIBUTING.md", ".github/CONTRIBUTING.md", "docs/CONTRIBUTING.md"),
    *("README.md", "README.rst", "README.txt", "README", ".github/devtask.yml"),
)
PART = 12_000


def conventions(look: Look, commands: Mapping[str, str]) -> str:
    """The rule files one after the other, and how tests, linter and type checker run."""
    parts = [f"{purpose}: {command}" for purpose, command in commands.items() if command]
    head = "How things run here:\n" + "\n".join(parts) if parts else "No test, lint or type command was found."
    texts = [head]
    for name in NAMES:
        text = _text(look, name)
        if text:
            more = f"\n[{len(text) - PART} more characters; use read_file]" if len(text) > PART else ""
            texts.append(f"=== {name} ===\n{text[:PART].rstrip()}{more}")
    return "\n\n".join(texts)


def _text(look: Look, name: str) -> str:
    try:
        data = look.content(name)
        return decode(data, name).text if data else ""
    except Mistake:
        return ""
