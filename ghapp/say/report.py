"""The final report: what was done, shown by stored evidence.

### ✅ Done: Reject orders without stock
The branch `feature/stock-validation` is ready for your review.
3 files created, 2 changed · tests 41 → 47, all green · 31 min · $0.42
"""

from __future__ import annotations

from collections.abc import Sequence

from ghapp.emit.inert import Md, code, fence
from ghapp.say import money
from ghapp.say.facts import DoneItem, FinalFacts, TestCounts, Verdict
from ghapp.say.layout import blocks, bullets, details, link, section, short, table
from ghapp.say.links import Links
from ghapp.say.messages import say
from ghapp.say.offered import is_offered
from ghapp.say.turn import headline
from state.views import TaskView

OPEN_FILES = 8
OPEN_COMMITS = 8
VERDICTS = {Verdict.MET: "✅", Verdict.NOT_MET: "❌", Verdict.YOU_CHECK: "👀"}


def final_report(view: TaskView, facts: FinalFacts, links: Links) -> str:
    """The whole comment. Every line comes from a command, a count or a condition that was stored."""
    lang = view.language
    return blocks(
        [
            headline(view),
            say(lang, "report.ready", branch=link(facts.branch, links.branch(facts.branch))),
            _sums(lang, facts),
            bullets(_next(lang, facts, links)),
            section(say(lang, "report.criteria"), _criteria(lang, facts)),
            _files(lang, facts),
            section(say(lang, "report.tests"), _tests(lang, facts)),
            _done(lang, facts.done_items),
            section(say(lang, "report.estimate"), _estimate(lang, facts)),
            *money.warnings(view, facts.warnings),
            *money.stood_in(lang, facts.stand_ins),
            _commits(lang, facts, links),
            details(say(lang, "report.by_hand"), fence(by_hand(facts), "sh")),
            f"<sub>{code(view.key)}</sub>",
        ]
    )


def by_hand(facts: FinalFacts) -> str:
    """The commands that take the branch home and check it."""
    return "\n".join(
        [
            f"git fetch origin {facts.branch}",
            f"git switch {facts.branch}",
            "git pull --ff-only",
            *facts.verify,
        ]
    )


def counts(lang: str, tests: TestCounts | None) -> str:
    """One run of the suite in words."""
    if tests is None:
        return say(lang, "report.not_run")
    text = say(lang, "report.counts", passed=tests.passed, total=tests.total)
    if tests.failed:
        text += ", " + say(lang, "report.failed", n=tests.failed)
    return text + (", " + say(lang, "report.skipped", n=tests.skipped) if tests.skipped else "")


def _sums(lang: str, facts: FinalFacts) -> str:
    changed = [
        say(lang, f"report.{kind}", n=len(files))
        for kind, files in (("created", facts.created), ("modified", facts.modified), ("deleted", facts.deleted))
        if files
    ]
    parts = [", ".join(changed), counts(lang, facts.tests_after)]
    parts += [say(lang, "report.took", time=facts.seconds), say(lang, "common.spent", spent=facts.spent)]
    return " · ".join(part for part in parts if part)


def _next(lang: str, facts: FinalFacts, links: Links) -> list[str]:
    compare = link(say(lang, "report.compare"), links.compare(facts.base, facts.branch))
    by_hand = "report.next.review" if is_offered("pr") else "report.next.review_and_open"
    steps = [] if facts.tests_after else [say(lang, "report.next.no_tests")]
    steps.append(say(lang, by_hand, compare=compare))
    if any(item.verdict is Verdict.YOU_CHECK for item in facts.criteria):
        steps.append(say(lang, "report.next.check"))
    if facts.held_ci:
        ci = {"command": code("/ci")} if is_offered("ci") else {}
        steps.append(say(lang, "report.next.ci" if ci else "report.next.ci_by_hand", **ci))
    if is_offered("pr"):
        steps.append(say(lang, "report.next.pr", command=code("/pr")))
    return steps


def _criteria(lang: str, facts: FinalFacts) -> str:
    head = [say(lang, f"report.head.{name}") for name in ("criterion", "evidence", "verdict")]
    rows = [
        (
            item.criterion,
            _evidence(item.evidence),
            f"{VERDICTS[item.verdict]} {say(lang, f'verdict.{item.verdict.value}')}",
        )
        for item in facts.criteria
    ]
    return table(head, rows)


def _evidence(text: str) -> Md:
    return code(text) if text else Md("—")


def _files(lang: str, facts: FinalFacts) -> str:
    groups = (("created", facts.created), ("modified", facts.modified), ("deleted", facts.deleted))
    lines = [f"{say(lang, f'report.file.{kind}')}: {code(path)}" for kind, files in groups for path in files]
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
        ]
    )


def _done(lang: str, items: Sequence[DoneItem]) -> str:
    head = [say(lang, f"report.head.{name}") for name in ("item", "layer", "verdict", "evidence")]
    rows = [
        (
            f"{say(lang, f'done.group.{item.group}')}: {item.item}",
            say(lang, f"layer.{item.layer}"),
            f"{VERDICTS[item.verdict]} {say(lang, f'verdict.{item.verdict.value}')}",
            _evidence(item.evidence),
        )
        for item in items
    ]
    met = sum(item.verdict is Verdict.MET for item in items)
    return details(say(lang, "report.done", met=met, n=len(items)), table(head, rows))


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
