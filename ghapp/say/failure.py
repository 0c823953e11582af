"""The failure report: what failed, with the evidence, what is safe, what to type next.

### ❌ Stopped: Reject orders without stock
**Your turn:** step 3 did not pass its checks after 4 attempts.
`pytest -q` ended with exit code 1.
For another plan write `/revise …` with what should change.
- [ ] **Abort**  `/abort`
"""

from __future__ import annotations

from ghapp.emit.gate import KEEP
from ghapp.emit.inert import Md, code, fence
from ghapp.say import buttons
from ghapp.say.facts import FailureFacts
from ghapp.say.layout import blocks, bullets, details, link, section, short
from ghapp.say.links import Links
from ghapp.say.messages import say
from ghapp.say.offered import is_offered
from ghapp.say.turn import headline
from state.views import TaskView

TAIL_LINES = 40
TAIL_WIDTH = 400


def failure_report(view: TaskView, facts: FailureFacts, links: Links, prefix: str = "/") -> str:
    """The whole comment; the evidence is the stored command, exit code and end of output."""
    lang = view.language
    likeliest = _likeliest(lang, facts, prefix)
    return blocks(
        [
            headline(view),
            f"**{say(lang, 'turn.yours')}** {_reason(lang, facts)}",
            _command(lang, facts),
            say(lang, "failure.how", command=code(f"{prefix}revise …")),
            buttons.render_all(likeliest),
            section(say(lang, "failure.output"), fence(tail(facts.tail))) if facts.tail.strip() else "",
            say(lang, "failure.log", file=code(facts.log)) if facts.log else "",
            section(say(lang, "failure.claimed"), fence(tail(facts.claimed))) if facts.claimed.strip() else "",
            section(say(lang, "failure.safe"), _safe(lang, facts, links)),
            _blocked(lang, facts),
            section(say(lang, "failure.next"), bullets(_next(lang, facts, prefix))),
            details(say(lang, "report.by_hand"), fence(_by_hand(facts), "sh")) if facts.branch and facts.safe else "",
            KEEP,
            buttons.render_all(item for item in [_abort(lang, prefix)] if item not in likeliest),
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
    if not facts.command:
        return ""
    if facts.exit_code is None:
        return say(lang, "failure.command", command=code(facts.command))
    return say(lang, "failure.exit", command=code(facts.command), exit=str(facts.exit_code))


def _likeliest(lang: str, facts: FailureFacts, prefix: str) -> list[buttons.Button]:
    """At most two, of those that may be offered; where none of the repairs may, the way out."""
    step = "" if facts.step_number is None else f" {facts.step_number}"
    repairs = [buttons.button(lang, "retry" if step else "replan", f"{prefix}retry{step}")]
    if step:
        repairs.append(buttons.button(lang, "skip", f"{prefix}skip{step}"))
    found = [item for item in repairs if is_offered(item.command)]
    return found or [_abort(lang, prefix)]


def _abort(lang: str, prefix: str) -> buttons.Button:
    return buttons.button(lang, "abort", f"{prefix}abort")


def _safe(lang: str, facts: FailureFacts, links: Links) -> str:
    if not facts.safe:
        return say(lang, "failure.nothing_safe")
    lines = [f"{link(item.sha[:7], links.commit(item.sha))} {short(item.subject, 100)}" for item in facts.safe]
    return (
        say(lang, "failure.on_branch", branch=link(facts.branch, links.branch(facts.branch))) + "\n\n" + bullets(lines)
    )


def next_commands(facts: FailureFacts, prefix: str = "/") -> dict[str, str]:
    """Catalog word -> what to type, likeliest first; only what may be offered."""
    step = "" if facts.step_number is None else f" {facts.step_number}"
    repairs = {"retry": f"retry{step}", "skip": f"skip{step}", "continue": "continue"} if step else {"retry": "retry"}
    commands = repairs | {"revise": "revise …", "abort": "abort"}
    return {word: prefix + text for word, text in commands.items() if is_offered(text)}


def _next(lang: str, facts: FailureFacts, prefix: str) -> list[str]:
    lines = [
        f"{code(text)} — {say(lang, f'failure.next.{word}')}" for word, text in next_commands(facts, prefix).items()
    ]
    lines.append(say(lang, "failure.next.issue"))
    return lines


def _blocked(lang: str, facts: FailureFacts) -> str:
    if not facts.blocked:
        return ""
    return say(lang, "failure.blocked", steps=Md(", ".join(str(number) for number in facts.blocked)))


def _by_hand(facts: FailureFacts) -> str:
    lines = [f"git fetch origin {facts.branch}", f"git switch {facts.branch}", "git pull --ff-only"]
    return "\n".join([*lines, *([facts.command] if facts.command else [])])
