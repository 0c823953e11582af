"""`python -m cli.papers [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEND = "make docs"


def papers() -> Mapping[str, str]:
    """Path below the project's root -> text of every generated paper."""
    from cli.papers.commands import commands_page
    from cli.papers.reference import reference_page
    from cli.papers.repository import repository_page, repository_schema
    from state.settings_docs import configuration_page, env_example

    return {
        ".env.example": env_example(),
        "docs/cli.md": reference_page(),
        "docs/commands.md": commands_page(),
        "docs/configuration.md": configuration_page(),
        "docs/repository-configuration.md": repository_page(),
        "docs/schemas/devtask.schema.json": repository_schema(),
    }


def stale(root: Path) -> list[str]:
    """The papers below `root` that are missing or differ from what the code says."""
    return [name for name, text in papers().items() if not (root / name).is_file() or (root / name).read_text() != text]


def write(root: Path) -> list[str]:
    """Write what is stale; its paths."""
    found, texts = stale(root), papers()
    for name in found:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(texts[name])
    return found


def main(arguments: list[str]) -> int:
    """0, or 1 when `--check` finds a stale paper."""
    if arguments not in ([], ["--check"]):
        print("usage: python -m cli.papers [--check]", file=sys.stderr)
        return 2
    if not arguments:
        print("\n".join(f"wrote {name}" for name in write(ROOT)) or "nothing to write")
        return 0
    found = stale(ROOT)
    if found:
        print(f"stale: {', '.join(found)}\nMend it with: {MEND}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
