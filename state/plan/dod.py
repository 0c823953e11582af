"""The Definition of Done (details.md 6): stored facts turned into items with a verdict, never a model's claim.

An item is met or not met by the checks that ran; what did not run, and what no machine can judge, a person checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from state.plan.dod_table import CRITICAL, IMPORTANT, KNOWN, NICE, RED_FIRST, RULES, Rule
from state.plan.runnable import runnable, tool

PERSISTENCE = "persistence"


class Verdict(StrEnum):
    """What the stored evidence says; `you_check` is what no program could or did judge."""

    MET = "met"
    NOT_MET = "not_met"
    YOU_CHECK = "you_check"


class Why(StrEnum):
    """Why no program gave a verdict."""

    PERSON = "person"
    STOPPED = "stopped"
    NOTHING = "nothing"
    SAID = "said"


@dataclass(frozen=True)
class Proof:
    """What one check left: its own line, the command as it is typed in a clone, how it ended, the end of its output.

    `new` counts problems that the base does not have, `fixed` those that are gone; `tool` is the program that
    is run, if the service has it for repositories that do not.
    """

    said: str = ""
    command: str = ""
    exit_code: int | None = None
    seconds: float = 0.0
    tail: str = ""
    new: int = 0
    fixed: int = 0
    tool: str = ""


NO_PROOF = Proof()


@dataclass(frozen=True)
class DoneItem:
    """One item; `layer` is that of its check (spec 2), empty where there is none; `why` only with `you_check`."""

    group: str
    item: str
    layer: str
    verdict: Verdict
    proofs: tuple[Proof, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Evidence:
    """What is stored of one step: its checks as JSON, the commit, the pushed commit, whether the row holds it all."""

    checks: Sequence[Mapping[str, Any]]
    commit: str = ""
    pushed: str = ""
    stored: bool = False
    branch: str = ""


def done_items(steps: Sequence[Evidence]) -> tuple[DoneItem, ...]:
    """The items of one step, or of a task with its finished steps oldest first: what looks at the whole tree counts as
    the last step left it, what looks at a step's own change counts for each.
    """
    if not steps:
        return ()
    every = [check for step in steps for check in step.checks]
    last = steps[-1].checks
    unasked = _unasked(last)
    found = [_item(rule, every if rule.each else last, bool(unasked & set(rule.checks))) for rule in RULES]
    others = dict.fromkeys(str(check["name"]) for check in last if check["name"] not in KNOWN)
    found += [_item(Rule("quality", name, _layer(last, name), (name,)), last, False) for name in others]
    return (*found, *_kept(steps))


def attempt_items(checks: Sequence[Mapping[str, Any]]) -> tuple[DoneItem, ...]:
    """The items of an attempt that came to no commit: there is nothing kept to speak of."""
    return tuple(one for one in done_items([Evidence(checks)]) if one.group != PERSISTENCE) if checks else ()


def satisfied(items: Iterable[DoneItem]) -> bool:
    """Whether the step may be called done: nothing critical or important is not met, and what came of it is kept."""
    found = list(items)
    required = [one for one in found if one.layer in (CRITICAL, IMPORTANT)]
    kept = [one for one in found if one.group == PERSISTENCE]
    return (
        bool(kept)
        and all(one.verdict is Verdict.MET for one in kept)
        and all(one.verdict is not Verdict.NOT_MET for one in required)
    )


def tally(items: Iterable[DoneItem]) -> dict[Verdict, int]:
    """How many items have each verdict."""
    found = list(items)
    return {verdict: sum(one.verdict is verdict for one in found) for verdict in Verdict}


def proof(check: Mapping[str, Any]) -> Proof:
    """A stored check as evidence."""
    raw = str(check.get("command") or "")
    return Proof(
        said=str(check.get("summary") or check.get("detail") or ""),
        command=runnable(raw),
        exit_code=check.get("exit_code"),
        seconds=float(check.get("seconds") or 0.0),
        tail=str(check.get("tail") or ""),
        new=len(check.get("findings") or ()),
        fixed=int(check.get("fixed") or 0),
        tool=tool(raw),
    )


def from_json(values: Mapping[str, Any]) -> DoneItem:
    """An item out of the dictionary that `dataclasses.asdict` made of it."""
    proofs = tuple(Proof(**one) for one in values.get("proofs", ()))
    return DoneItem(**{**values, "verdict": Verdict(values["verdict"]), "proofs": proofs})


def _item(rule: Rule, checks: Sequence[Mapping[str, Any]], stopped: bool) -> DoneItem:
    if not rule.checks:
        return DoneItem(rule.group, rule.item, rule.layer, Verdict.YOU_CHECK, why=Why.PERSON)
    mine = [check for check in checks if check["name"] in rule.checks]
    if not mine:
        unrun = Why.STOPPED if stopped else Why.NOTHING
        return DoneItem(rule.group, rule.item, rule.layer, Verdict.YOU_CHECK, why=unrun)
    proofs = tuple(map(proof, mine))
    failed = {str(check["layer"]) for check in mine if check["status"] == "failed"}
    if failed:
        # a condition that is only nice to have is told, and fails nothing
        layer = next(name for name in (CRITICAL, IMPORTANT, NICE) if name in failed)
        return DoneItem(rule.group, rule.item, layer, Verdict.NOT_MET, proofs)
    layer = str(mine[0]["layer"])
    if all(check["status"] == "passed" for check in mine):
        return DoneItem(rule.group, rule.item, layer, Verdict.MET, proofs)
    return DoneItem(rule.group, rule.item, layer, Verdict.YOU_CHECK, proofs, Why.SAID)


def _unasked(checks: Sequence[Mapping[str, Any]]) -> frozenset[str]:
    """The checks that a red one before them kept from being asked."""
    red = {str(one["name"]) for one in checks if one["status"] == "failed" and one["layer"] == CRITICAL}
    if not red:
        return frozenset()
    reached = [at for at, name in enumerate(RED_FIRST) if name in red]
    return KNOWN - set(RED_FIRST[: reached[0] + 1]) if reached else frozenset()


def _layer(checks: Sequence[Mapping[str, Any]], name: str) -> str:
    return next(str(check["layer"]) for check in checks if check["name"] == name)


def _kept(steps: Sequence[Evidence]) -> tuple[DoneItem, ...]:
    """The commits, the pushes and the rows themselves."""
    last = steps[-1]
    show = f"git show --stat {last.commit[:12]}" if last.commit else ""
    log = f"git merge-base --is-ancestor {last.pushed[:12]} origin/{last.branch}" if last.pushed and last.branch else ""
    facts = (
        ("commit", all(step.commit for step in steps), show),
        ("push", all(step.pushed and step.pushed == step.commit for step in steps), log),
        ("stored", all(step.stored for step in steps), ""),
    )
    return tuple(_fact(item, holds, command) for item, holds, command in facts)


def _fact(item: str, holds: bool, command: str) -> DoneItem:
    verdict = Verdict.MET if holds else Verdict.NOT_MET
    return DoneItem(PERSISTENCE, item, CRITICAL, verdict, (Proof(command=command),) if holds and command else ())
