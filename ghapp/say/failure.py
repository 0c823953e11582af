"""The failure report: what failed, with the evidence, why, the ways out, what is safe, what to type next.

### ❌ Stopped: Reject orders without stock
**Your turn:** step 3 did not pass its checks after 4 attempts.
`pytest -q` ended with exit code 1 after 2.5 s.
- [ ] **Do proposal 1 (80%)**  `/fix 1`
- [ ] **Try this step again**  `/retry 3`
"""

from __future__ import annotations

from ghapp.emit.gate import KEEP
from ghapp.emit.inert import Md, code, fence
from ghapp.say import buttons, evidence
from ghapp.say.facts import FailureFacts, Proposal
from ghapp.say.layout import blocks, bullets, details, link, section, short
from ghapp.say.links import Links
from ghapp.say.messages import known, say
from ghapp.say.numbers import percent
from ghapp.say.offered import is_offered
from ghapp.say.report import by_hand
from ghapp.say.turn import headline
from state.plan.dod import Verdict
from state.plan.runnable import runnable
from state.views import TaskView

LIKELIEST = 2
TAIL_LINES = 40
TAIL_WIDTH = 400


def failure_report(view: TaskView, facts: FailureFacts, links: Links, prefix: str = "/") -> str:
    """The whole comment; the evidence is the stored command, exit code and end of output."""
    lang = view.language
    offered = _offered(lang, facts, prefix)
    likeliest = offered[:LIKELIEST]
    return blocks(
        [
            headline(view),
            f"**{say(lang, 'turn.yours')}** {_reason(lang, facts)}",
            _command(lang, facts),
            say(lang, "failure.how", command=code(f"{prefix}revise …")),
            buttons.render_all(likeliest),
            section(say(lang, "failure.root_cause"), _root_cause(lang, facts)),
            section(say(lang, "failure.proposals"), _proposals(lang, facts, prefix)),
            section(say(lang, "failure.output"), fence(tail(facts.tail))) if facts.tail.strip() else "",
            say(lang, "failure.log", file=code(facts.log)) if facts.log else "",
            *_done(lang, facts),
            section(say(lang, "failure.claimed"), fence(tail(facts.claimed))) if facts.claimed.strip() else "",
            section(say(lang, "failure.safe"), _safe(lang, facts, links)),
            _blocked(lang, facts),
            section(say(lang, "failure.next"), bullets(_next(lang, facts, prefix))),
            details(say(lang, "report.by_hand"), _by_hand(lang, facts)),
            KEEP,
            buttons.render_all(offered[LIKELIEST:]),
            f"<sub>{code(view.key)}</sub>",
        ]
    )


def tail(text: str) -> str:
    """The last lines, long ones cut."""
    lines = text.rstrip().split("\n")[-TAIL_LINES:]
    return "\n".join(line if len(line) <= TAIL_WIDTH else line[:TAIL_WIDTH] + "…" for line in lines)


def _reason(lang: str, facts: FailureFacts) -> str:
    reason = say(lang, f"failure.reason.{facts.reason}")
    if facts.step_number is None:
        return reason
    where = say(lang, "failure.step", number=str(facts.step_number), title=short(facts.step_title, 120))
    tries = say(lang, "failure.attempts", n=facts.attempts) if facts.attempts else ""
    return " ".join(part for part in (f"{where}: {reason}", tries) if part)


def _command(lang: str, facts: FailureFacts) -> str:
    command = runnable(facts.command)
    if not command:
        return ""
    if facts.exit_code is None:
        return say(lang, "failure.command", command=code(command))
    took = Md(evidence.seconds(lang, facts.seconds))
    return say(lang, "failure.exit", command=code(command), exit=str(facts.exit_code), time=took)


def _offered(lang: str, facts: FailureFacts, prefix: str) -> list[buttons.Button]:
    """The buttons, likeliest first, of those commands that may be offered: a way out always."""
    step = "" if facts.step_number is None else f" {facts.step_number}"
    fixes = [_fix(lang, one, prefix) for one in facts.proposals]
    retry = [buttons.button(lang, "retry" if step else "replan", f"{prefix}retry{step}")]
    skip = [buttons.button(lang, "skip", f"{prefix}skip{step}")] if step else []
    found = [*fixes[:1], *retry, *fixes[1:], *skip, buttons.button(lang, "abort", f"{prefix}abort")]
    return [item for item in found if is_offered(item.command)]


def _fix(lang: str, proposal: Proposal, prefix: str) -> buttons.Button:
    label = say(lang, "button.fix", number=str(proposal.n), share=Md(percent(proposal.success_probability, lang)))
    return buttons.Button(label, f"{prefix}fix {proposal.n}")


def _root_cause(lang: str, facts: FailureFacts) -> str:
    if facts.unanalysed:
        return say(lang, f"failure.unanalysed.{facts.unanalysed}")
    return blocks([short(facts.root_cause, 1_000), bullets(short(one, 300) for one in facts.symptoms)])


def _proposals(lang: str, facts: FailureFacts, prefix: str) -> str:
    """Each with what it changes, how likely it helps and what it takes."""
    return "\n\n".join(_proposal(lang, one, prefix) for one in facts.proposals)


def _proposal(lang: str, one: Proposal, prefix: str) -> str:
    command = f"{prefix}fix {one.n}"
    chance = say(lang, "failure.chance", share=one.success_probability, time=one.minutes * 60)
    action = f"failure.action.{one.action}"
    lines = [
        f"**{one.n}. {short(one.title, 120)}**" + (f"  {code(command)}" if is_offered(command) else ""),
        f"{chance} · {say(lang, action)}" if known(action) else chance,
        short(one.description, 600),
        short(one.note, 300),
    ]
    return "\n\n".join(line for line in lines if line)


def _done(lang: str, facts: FailureFacts) -> list[str]:
    """How the last attempt stood: every item, and the commands with their output."""
    if not facts.done_items:
        return []
    title = f"{say(lang, 'report.done')}: {evidence.counted(lang, facts.done_items)}"
    proofs = [proof for item in facts.done_items for proof in item.proofs]
    return [details(title, evidence.done_table(lang, facts.done_items)), evidence.outputs(lang, proofs)]


def _safe(lang: str, facts: FailureFacts, links: Links) -> str:
    wip = link(facts.wip[:7], links.commit(facts.wip)) if facts.wip else ""
    kept = say(lang, "failure.wip", commit=wip) if wip else ""
    if not facts.safe:
        return kept or say(lang, "failure.nothing_safe")
    lines = [f"{link(item.sha[:7], links.commit(item.sha))} {short(item.subject, 100)}" for item in facts.safe]
    branch = link(facts.branch, links.branch(facts.branch))
    return blocks([say(lang, "failure.on_branch", branch=branch), bullets(lines), kept])


def next_commands(facts: FailureFacts, prefix: str = "/") -> dict[str, str]:
    """Catalog word -> what to type, likeliest first; only what may be offered."""
    step = "" if facts.step_number is None else f" {facts.step_number}"
    repairs = {"retry": f"retry{step}", "skip": f"skip{step}", "continue": "continue"} if step else {"retry": "retry"}
    fixes = {f"fix {one.n}": f"fix {one.n}" for one in facts.proposals}
    commands = fixes | repairs | {"revise": "revise …", "abort": "abort"}
    return {word: prefix + text for word, text in commands.items() if is_offered(text)}


def _next(lang: str, facts: FailureFacts, prefix: str) -> list[str]:
    titles = {f"fix {one.n}": short(one.title, 120) for one in facts.proposals}
    lines = [
        f"{code(text)} — {titles.get(word) or say(lang, f'failure.next.{word}')}"
        for word, text in next_commands(facts, prefix).items()
    ]
    lines.append(say(lang, "failure.next.issue"))
    return lines


def _blocked(lang: str, facts: FailureFacts) -> str:
    if not facts.blocked:
        return ""
    return say(lang, "failure.blocked", steps=Md(", ".join(str(number) for number in facts.blocked)))


def _by_hand(lang: str, facts: FailureFacts) -> str:
    """Nothing where no branch was pushed."""
    if not facts.branch or not (facts.safe or facts.wip):
        return ""
    bad = (proof for item in facts.done_items if item.verdict is Verdict.NOT_MET for proof in item.proofs)
    verify = dict.fromkeys(filter(None, [runnable(facts.command), *(proof.command for proof in bad)]))
    return by_hand(lang, facts.branch, facts.setup, list(verify))
