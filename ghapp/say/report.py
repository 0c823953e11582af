"""The final report: what was done, shown by stored evidence.

### ✅ Done: Reject orders without stock
The branch `feature/stock-validation` is ready for your review.
3 files created, 2 changed · tests 41 → 47, all green · 31 min · $0.42
"""

from __future__ import annotations

from collections.abc import Sequence

from ghapp.emit.gate import KEEP
from ghapp.emit.inert import Md, code, fence
from ghapp.say import buttons, evidence, money
from ghapp.say.facts import FinalFacts, TestCounts
from ghapp.say.layout import blocks, bullets, details, link, section, short
from ghapp.say.links import Links
from ghapp.say.messages import say
from ghapp.say.offered import is_offered
from ghapp.say.turn import headline
from state.plan.dod import Verdict
from state.views import TaskView

OPEN_FILES = 8
SUSPICIONS = 5
OPEN_COMMITS = 8


def final_report(view: TaskView, facts: FinalFacts, links: Links) -> str:
    """The whole comment. Every line comes from a command, a count or a condition that was stored."""
    lang = view.language
    return blocks(
        [
            headline(view),
            _ready(lang, facts, links),
            _sums(lang, facts),
            _skipped(lang, facts),
            _suspicions(lang, facts),
            bullets(_next(lang, facts, links)),
            _held(lang, facts),
            buttons.render_all(_buttons(lang, facts)),
            section(say(lang, "report.criteria"), evidence.criteria_table(lang, facts.criteria)),
            _files(lang, facts),
            section(say(lang, "report.tests"), _tests(lang, facts)),
            *_done(lang, facts),
            section(say(lang, "report.estimate"), _estimate(lang, facts)),
            *money.warnings(view, facts.warnings),
            *money.stood_in(lang, facts.stand_ins),
            _commits(lang, facts, links),
            _by_hand(lang, facts),
            KEEP,
            f"<sub>{code(view.key)}</sub>",
        ]
    )


def _by_hand(lang: str, facts: FinalFacts) -> str:
    if _empty(facts):
        return ""
    return details(say(lang, "report.by_hand"), by_hand(lang, facts.branch, facts.setup, facts.verify))


def by_hand(lang: str, branch: str, setup: Sequence[str], verify: Sequence[str]) -> str:
    """The commands that take the branch home, make the clone ready and check it again."""
    take = [f"git fetch origin {branch}", f"git switch {branch}", "git pull --ff-only"]
    parts = (("take", take), ("setup", setup), ("verify", verify))
    return "\n\n".join(
        f"{say(lang, f'report.by_hand.{name}')}\n\n{fence(chr(10).join(lines), 'sh')}" for name, lines in parts if lines
    )


def counts(lang: str, tests: TestCounts | None) -> str:
    """One run of the suite in words."""
    if tests is None:
        return say(lang, "report.not_run")
    text = say(lang, "report.counts", passed=tests.passed, total=tests.total)
    if tests.failed:
        text += ", " + say(lang, "report.failed", n=tests.failed)
    return text + (", " + say(lang, "report.skipped", n=tests.skipped) if tests.skipped else "")


def _ready(lang: str, facts: FinalFacts, links: Links) -> str:
    if _empty(facts):
        return say(lang, "report.empty")
    return say(lang, "report.ready", branch=link(facts.branch, links.branch(facts.branch)))


def _empty(facts: FinalFacts) -> bool:
    """Whether every step was left out: there is nothing to review, to let CI run on, or to take home."""
    return bool(facts.skipped) and not facts.commits


def _skipped(lang: str, facts: FinalFacts) -> str:
    """Which steps people left out: what is there is less than what was approved."""
    told = (
        say(lang, "report.left_out_step", n=s.number, title=short(s.title, 100), login=s.login) for s in facts.skipped
    )
    return bullets(told)


def _sums(lang: str, facts: FinalFacts) -> str:
    changed = [
        say(lang, f"report.{kind}", n=len(files))
        for kind, files in (("created", facts.created), ("modified", facts.modified), ("deleted", facts.deleted))
        if files
    ]
    parts = [", ".join(changed), counts(lang, facts.tests_after)]
    parts += [say(lang, "report.took", time=facts.seconds), say(lang, "common.spent", spent=facts.spent)]
    return " · ".join(part for part in parts if part)


def _suspicions(lang: str, facts: FinalFacts) -> str:
    if not facts.suspicions:
        return ""
    places = "\n".join(evidence.finding(one) for one in facts.suspicions[:SUSPICIONS])
    return f"**{say(lang, 'report.suspicion')}**\n\n{places}"


def _next(lang: str, facts: FinalFacts, links: Links) -> list[str]:
    if _empty(facts):
        return []
    compare = link(say(lang, "report.compare"), links.compare(facts.base, facts.branch))
    look = "report.next.review" if is_offered("pr") else "report.next.review_and_open"
    steps = [] if facts.tests_after else [say(lang, "report.next.no_tests")]
    steps.append(say(lang, look, compare=compare))
    verdicts = [*(one.verdict for one in facts.criteria), *(one.verdict for one in facts.done_items)]
    if Verdict.YOU_CHECK in verdicts:
        steps.append(say(lang, "report.next.check"))
    return steps


def _held(lang: str, facts: FinalFacts) -> str:
    if not facts.held_ci or _empty(facts):
        return ""
    return say(lang, "report.next.ci" if is_offered("ci") else "report.next.ci_by_hand")


def _buttons(lang: str, facts: FinalFacts) -> list[buttons.Button]:
    if _empty(facts):
        return []
    held = [buttons.button(lang, "ci", "/ci")] if facts.held_ci else []
    return [*held, buttons.button(lang, "pr", "/pr")]


def _files(lang: str, facts: FinalFacts) -> str:
    groups = (("created", facts.created), ("modified", facts.modified), ("deleted", facts.deleted))
    lines = [f"{say(lang, f'report.file.{kind}')}: {code(path)}" for kind, files in groups for path in files]
    lines += [f"{say(lang, 'report.extra')}: {code(path)}: {short(why, 200)}" for path, why in facts.extra.items()]
    lines += [f"{say(lang, 'report.left_out')}: {code(path)}" for path in facts.left_out]
    title = say(lang, "report.files")
    body = bullets(lines)
    return details(f"{title} ({len(lines)})", body) if len(lines) > OPEN_FILES else section(title, body)


def _tests(lang: str, facts: FinalFacts) -> str:
    coverage = (
        say(lang, "report.coverage", percent=facts.coverage / 100)
        if facts.coverage is not None
        else say(lang, "report.coverage_not_measured")
    )
    return bullets(
        [
            say(lang, "report.before", counts=Md(counts(lang, facts.tests_before))),
            say(lang, "report.after", counts=Md(counts(lang, facts.tests_after))),
            coverage,
            say(lang, "report.flaky", n=len(facts.flaky), tests=Md(", ".join(code(one) for one in facts.flaky)))
            if facts.flaky
            else "",
        ]
    )


def _done(lang: str, facts: FinalFacts) -> list[str]:
    """The Definition of Done, the commands with their output, and what else the checks found."""
    items = facts.done_items
    proofs = [*(proof for item in items for proof in item.proofs), *(one.proof for one in facts.criteria)]
    title = f"{say(lang, 'report.done')}: {evidence.counted(lang, items)}"
    return [
        details(title, evidence.done_table(lang, items)),
        evidence.outputs(lang, proofs),
        section(say(lang, "report.fixed"), _fixed(lang, facts)),
        details(say(lang, "report.notes", n=len(facts.notes)), evidence.findings(lang, facts.notes)),
    ]


def _fixed(lang: str, facts: FinalFacts) -> str:
    return bullets(f"{evidence.item_name(lang, item)}: {say(lang, 'done.fixed', n=n)}" for item, n in facts.fixed)


def _estimate(lang: str, facts: FinalFacts) -> str:
    if facts.estimate is None:
        return ""
    low, high = facts.estimate.seconds_low, facts.estimate.seconds_high
    cheap, dear = facts.estimate.money_low, facts.estimate.money_high
    return bullets(
        [
            say(lang, "report.time_against", time=facts.seconds, low=low, high=high),
            say(lang, "report.money_against", spent=facts.spent, low=cheap, high=dear),
        ]
    )


def _commits(lang: str, facts: FinalFacts, links: Links) -> str:
    lines = [f"{link(item.sha[:7], links.commit(item.sha))} {short(item.subject, 100)}" for item in facts.commits]
    title = say(lang, "report.commits")
    body = bullets(lines)
    return details(f"{title} ({len(lines)})", body) if len(lines) > OPEN_COMMITS else section(title, body)
