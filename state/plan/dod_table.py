"""The items of the Definition of Done (details.md 6) and the checks that show them. A new check gets a line here."""

from __future__ import annotations

from dataclasses import dataclass

CRITICAL, IMPORTANT, NICE = "critical", "important", "nice_to_have"


@dataclass(frozen=True)
class Rule:
    """An item and the checks that show it; none: a person looks. `each`: every step's own."""

    group: str
    item: str
    layer: str = ""
    checks: tuple[str, ...] = ()
    each: bool = False


RULES = (
    Rule("code", "syntax", CRITICAL, ("syntax",), each=True),
    Rule("code", "imports", CRITICAL, ("imports",)),
    Rule("code", "types", CRITICAL, ("types",)),
    Rule("code", "type_hints", NICE, ("hints",)),
    Rule("code", "size", CRITICAL, ("size",), each=True),
    Rule("code", "conventions"),
    Rule("quality", "lint", IMPORTANT, ("lint",)),
    Rule("quality", "security", IMPORTANT, ("security",)),
    Rule("quality", "audit", IMPORTANT, ("audit",)),
    Rule("quality", "format", NICE, ("format",)),
    Rule("quality", "complexity", NICE, ("complexity",)),
    Rule("quality", "debug", NICE, ("debug",)),
    Rule("quality", "performance", NICE, ("performance",)),
    Rule("quality", "silenced", NICE, ("silenced",)),
    Rule("functionality", "postconditions", CRITICAL, ("postcondition",), each=True),
    Rule("functionality", "outputs", CRITICAL, ("outputs",), each=True),
    Rule("functionality", "criteria", IMPORTANT, ("criteria",)),
    Rule("testing", "tests", CRITICAL, ("tests",)),
    Rule("testing", "baseline", CRITICAL, ("tests",)),
    Rule("testing", "tamper", CRITICAL, ("tamper",), each=True),
    Rule("testing", "special_case", NICE, ("suspicion",)),
    Rule("testing", "coverage", NICE, ("coverage",)),
    Rule("documentation", "docstrings", NICE, ("docstrings",)),
    Rule("documentation", "comments"),
    Rule("integration", "conflicts", CRITICAL, ("conflicts",), each=True),
    Rule("integration", "declared", CRITICAL, ("declared",), each=True),
    Rule("integration", "compatibility"),
)
KNOWN = frozenset(name for rule in RULES for name in rule.checks)
RED_FIRST = (
    "syntax",
    "conflicts",
    "size",
    "declared",
    "imports",
    "types",
    "postcondition",
    "outputs",
    "tamper",
    "tests",
)
"""The checks after which no further one is asked when they are red, in their order."""
