"""docs/github-facts.md names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

HERE = Path(__file__).parent
FACTS = HERE.parents[2] / "docs" / "github-facts.md"


def test_every_fact_names_tests_that_exist():
    names = set(re.findall(r"^def test_(\w+)", "\n".join(p.read_text() for p in HERE.glob("test_*.py")), re.MULTILINE))
    rows = [
        line.split("|") for line in FACTS.read_text().splitlines() if line.startswith("| ") and "source" not in line
    ]
    assert len(rows) > 40
    for _, fact, _, tests, _ in rows:
        found = [word for word in re.findall(r"\w+", re.sub(r"test_\w+:", "", tests)) if "_" in word]
        assert found or "the same" in tests, fact
        for word in found:
            assert any(name.startswith(word.rstrip("_")) for name in names), (fact, word)
