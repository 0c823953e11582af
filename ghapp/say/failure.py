"""The failure report: what failed, with the evidence, what is safe, what to type next.

### ❌ Stopped: Reject orders without stock
**Your turn:** step 3 did not pass its checks after 4 attempts.
`pytest -q` ended with exit code 1
- [ ] **Try this step again**  `/retry 3`
- [ ] **Leave this step out**  `/skip 3`
"""

from __future__ import annotations

from ghapp.emit.gate import KEEP
from ghapp.emit.inert import Md, code, fence
from ghapp.say import buttons
from ghapp.say.facts import FailureFacts
from ghapp.say.layout import blocks, bullets, details, link, section, short
from ghapp.say.links import Links
from ghapp.say.messages import say
from ghapp.say.turn import headline
from state.views import TaskView

TAIL_LINES = 40
TAIL_WIDTH = 400


def failure_report(view: TaskView, facts: FailureFacts, links: Links, prefix: str = "/") -> str:
    """The whole comment; the evidence is the stored command, exit code and end of output."""
    lang = view.language
    return blocks(
        [
            headline(view),
            f"**{say(lang, 'turn.yours')}** {_reason(lang, facts)}",
            _command(lang, facts),
            buttons.render_all(_likeliest(lang, facts, prefix)),
            section(say(lang, "failure.output"), fence(tail(facts.tail))) if facts.tail.strip() else "",
            say(lang, "failure.log", file=code(facts.log)) if facts.log else "",
            section(say(lang, "failure.safe"), _safe(lang, facts, links)),
            section(say(lang, "failure.next"), bullets(_next(lang, facts, prefix))),
            details(say(lang, "report.by_hand"), fence(_by_hand(facts), "sh")) if facts.branch and facts.safe else "",
            KEEP,
            buttons.render_all([buttons.button(lang, "abort", f"{prefix}abort")]),
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
    step = "" if facts.step_number is None else f" {facts.step_number}"
    found = [buttons.button(lang, "retry" if step else "replan", f"{prefix}retry{step}")]
    return [*found, buttons.button(lang, "skip", f"{prefix}skip{step}")] if step else found


def _safe(lang: str, facts: FailureFacts, links: Links) -> str:
    if not facts.safe:
        return say(lang, "failure.nothing_safe")
    lines = [f"{link(item.sha[:7], links.commit(item.sha))} {short(item.subject, 100)}" for item in facts.safe]
    return (
        say(lang, "failure.on_branch", branch=link(facts.branch, links.branch(facts.branch))) + "\n\n" + bullets(lines)
    )


def _next(lang: str, facts: FailureFacts, prefix: str) -> list[str]:
    step = "" if facts.step_number is None else f" {facts.step_number}"
    commands = {"retry": f"retry{step}", "skip": f"skip{step}", "continue": "continue", "revise": "revise …"}
    if not step:
        commands = {name: command for name, command in commands.items() if name in ("retry", "revise")}
    commands["abort"] = "abort"
    lines = [f"{code(prefix + text)} — {say(lang, f'failure.next.{name}')}" for name, text in commands.items()]
    if facts.blocked:
        waiting = Md(", ".join(str(number) for number in facts.blocked))
        lines.append(say(lang, "failure.blocked", steps=waiting))
    return lines


def _by_hand(facts: FailureFacts) -> str:
    lines = [f"git fetch origin {facts.branch}", f"git switch {facts.branch}", "git pull --ff-only"]
    return "\n".join([*lines, *([facts.command] if facts.command else [])])
