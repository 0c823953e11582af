"""The Definition of Done and the criteria with what shows them, for reports and check runs.

✅ met · ❌ not met · 👀 you check

| Item | Evidence |
|---|---|
| **Quality** | |
| ✅ lint · important | `ruff check .` → 0 · 0.4 s |
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ghapp.emit.inert import Md, code, fence
from ghapp.say.facts import CriterionResult, Finding
from ghapp.say.layout import blocks, bullets, clamp, details, short, table
from ghapp.say.messages import known, say
from ghapp.say.numbers import number
from state.plan.dod import DoneItem, Proof, Verdict, Why, tally

VERDICTS = {Verdict.MET: "✅", Verdict.NOT_MET: "❌", Verdict.YOU_CHECK: "👀"}
LEVELS = {"failure": "❌", "warning": "⚠️", "notice": "💡"}
TAIL_LINES, TAIL_WIDTH = 20, 200
UNRUN = frozenset({Why.STOPPED, Why.NOTHING, Why.SAID})
SHOWN_COMMAND, SHOWN_PROOFS, SHOWN_FINDINGS = 80, 3, 20


def counted(lang: str, items: Sequence[DoneItem]) -> str:
    """`14 met, 0 not met, 3 for you to check, 6 not run`."""
    found = tally(items)
    left = sum(one.why in UNRUN for one in items)
    you_check = found[Verdict.YOU_CHECK] - left
    said = say(lang, "done.counts", met=found[Verdict.MET], not_met=found[Verdict.NOT_MET], you_check=you_check)
    return f"{said}, {say(lang, 'done.unrun', n=left)}" if left else said


def done_table(lang: str, items: Sequence[DoneItem]) -> str:
    """All items: those with evidence under their groups, in two columns, for a phone is not wide; the others in a line
    for each reason.
    """
    if not items:
        return ""
    head = [say(lang, f"report.head.{name}") for name in ("item", "evidence")]
    legend = " · ".join(verdict(lang, one) for one in Verdict)
    told = [one for one in items if one.why in ("", Why.SAID)]
    return blocks([legend, table(head, _rows(lang, told)), bullets(_unjudged(lang, items))])


def _unjudged(lang: str, items: Sequence[DoneItem]) -> Iterator[str]:
    for why in (Why.STOPPED, Why.NOTHING, Why.PERSON):
        names = [_named(lang, one) for one in items if one.why == why]
        if names:
            yield f"{VERDICTS[Verdict.YOU_CHECK]} {say(lang, f'done.why.{why}')}: {', '.join(names)}"


def _named(lang: str, item: DoneItem) -> str:
    layer = f" ({say(lang, f'layer.{item.layer}')})" if item.layer else ""
    return item_name(lang, item.item) + layer


def _rows(lang: str, items: Sequence[DoneItem]) -> Iterator[tuple[str, str]]:
    for group in dict.fromkeys(one.group for one in items):
        yield (Md(f"**{say(lang, f'done.group.{group}')}**"), "")
        yield from (_row(lang, one) for one in items if one.group == group)


def _row(lang: str, item: DoneItem) -> tuple[Md, Md]:
    layer = f" · {say(lang, f'layer.{item.layer}')}" if item.layer else ""
    return Md(f"{VERDICTS[item.verdict]} {item_name(lang, item.item)}{layer}"), Md(_evidence(lang, item))


def item_name(lang: str, item: str) -> str:
    """The item in words; the check's own name where there are none."""
    key = f"done.item.{item}"
    return say(lang, key) if known(key) else code(item)


def verdict(lang: str, found: Verdict) -> Md:
    """The verdict with its sign."""
    return Md(f"{VERDICTS[found]} {say(lang, f'verdict.{found.value}')}")


def _evidence(lang: str, item: DoneItem) -> str:
    if item.why:
        first = item.proofs[0]
        why = say(lang, "done.why.said", why=clamp(first.said, 160))
        return f"{shown(lang, first)}: {why}" if first.command else why
    lines = dict.fromkeys(_proof(lang, one) for one in item.proofs[:SHOWN_PROOFS])
    more = len(item.proofs) - SHOWN_PROOFS
    return "<br>".join([*lines, *([say(lang, "done.more", n=more)] if more > 0 else [])]) or "—"


def _proof(lang: str, proof: Proof) -> str:
    """The command with its end, else what our own look came to."""
    own = proof.said and not proof.new
    said = [shown(lang, proof)] if proof.command else [code(clamp(proof.said, 160))] if own else []
    said += [say(lang, "done.new", n=proof.new)] if proof.new else []
    said += [say(lang, "done.fixed", n=proof.fixed)] if proof.fixed else []
    return ", ".join(said)


def shown(lang: str, proof: Proof) -> str:
    """`ruff check .` → 0 · 0.4 s"""
    text = code(clamp(proof.command, SHOWN_COMMAND))
    if proof.exit_code is None:
        return text
    return f"{text} → {proof.exit_code} · {seconds(lang, proof.seconds)}"


def seconds(lang: str, value: float) -> str:
    """Seconds with two digits that say something."""
    return f"{number(round(value, 2 if value < 1 else 1 if value < 10 else 0), lang)} s"


def outputs(lang: str, proofs: Iterable[Proof]) -> str:
    """Each command once with its exit code, duration and the end of its output."""
    found = {one.command: one for one in proofs if one.command and one.exit_code is not None}
    parts = [_whole(lang, one) for one in found.values()]
    return details(say(lang, "done.outputs", n=len(parts)), "\n\n".join(parts)) if parts else ""


def _whole(lang: str, proof: Proof) -> str:
    """The whole command to copy, how it ended, what it said."""
    ended = f"→ {proof.exit_code} · {seconds(lang, proof.seconds)}"
    return "\n\n".join([fence(proof.command, "sh"), ended, fence(tail(proof.tail) or say(lang, "done.silent"))])


def tail(text: str) -> str:
    """The last lines, long ones cut."""
    lines = text.rstrip().split("\n")[-TAIL_LINES:]
    return "\n".join(line if len(line) <= TAIL_WIDTH else line[:TAIL_WIDTH] + "…" for line in lines)


def criteria_table(lang: str, found: Sequence[CriterionResult]) -> str:
    """Criterion, and below its evidence the verdict: a third column does not fit a phone."""
    head = [say(lang, f"report.head.{name}") for name in ("criterion", "evidence")]
    return table(
        head, ((one.criterion, Md(f"{_measured(lang, one)}<br>{verdict(lang, one.verdict)}")) for one in found)
    )


def _measured(lang: str, found: CriterionResult) -> Md:
    if not found.measurable or (found.verdict is Verdict.YOU_CHECK and not found.proof.said):
        return Md(say(lang, "done.why.person"))
    measure = code(found.measurable) + (f": {code(found.found)}" if found.found else "")
    if found.proof.command and found.proof.command not in found.measurable:
        return Md(f"{measure}<br>{shown(lang, found.proof)}")
    ended = found.proof.exit_code
    return Md(f"{measure} → {ended} · {seconds(lang, found.proof.seconds)}" if ended is not None else measure)


def findings(lang: str, found: Sequence[Finding]) -> str:
    """New problems, one line each."""
    lines = [finding(one) for one in found[:SHOWN_FINDINGS]]
    more = len(found) - SHOWN_FINDINGS
    return bullets([*lines, *([say(lang, "done.more", n=more)] if more > 0 else [])])


def finding(one: Finding) -> str:
    """Place, message and rule."""
    place = f"{one.path}:{one.line}" if one.line else one.path
    return f"{LEVELS[one.level]} {code(place)} {short(one.message, 200)} ({code(one.title)})"
