"""Counts from what test runners print, for those that write no JUnit report. Pure."""

from __future__ import annotations

import re

from jobs.checks.junit import report_of
from jobs.checks.result import Case, CaseStatus, TestReport

_UNITTEST = re.compile(
    r"^(\w+) \(([\w.]+)\)(?:\n.*?)? \.\.\. (ok|FAIL|ERROR|skipped|expected failure|unexpected success)", re.M
)
_RAN = re.compile(r"^Ran (\d+) tests? in ", re.M)
_VERDICT = re.compile(r"^(OK|FAILED|NO TESTS RAN)(?: \((.*)\))?$", re.M)
_WORDS = {
    "ok": CaseStatus.PASSED,
    "FAIL": CaseStatus.FAILED,
    "ERROR": CaseStatus.ERROR,
    "skipped": CaseStatus.SKIPPED,
    "expected failure": CaseStatus.PASSED,
    "unexpected success": CaseStatus.FAILED,
}
_LINES: tuple[re.Pattern[str], ...] = (
    re.compile(r"^Tests:?\s+(?P<line>(?:\d+ \w+[,| ]*)+)", re.M),
    re.compile(r"^=+ (?P<line>(?:\d+ \w+,? ?)+) in [\d.]+", re.M),
    re.compile(r"^test result: \w+\. (?P<line>\d+ passed; \d+ failed; \d+ ignored)", re.M),
)
_COUNT = re.compile(r"(\d+) (passed|failed|skipped|todo|ignored|errors?|pending)")
_GO_TEST = re.compile(r"^\s*--- (PASS|FAIL|SKIP): (\S+) \(")
_GO_PACKAGE = re.compile(r"^(ok|FAIL)\s+([\w./-]*\w)\b")
_GO_WORDS = {"PASS": CaseStatus.PASSED, "FAIL": CaseStatus.FAILED, "SKIP": CaseStatus.SKIPPED}
_MOCHA = re.compile(r"^\s+(\d+) (passing|failing|pending)\b", re.M)
_TAP = re.compile(r"^# (tests|pass|fail|skipped|todo) (\d+)$", re.M)


def read_summary(output: str) -> TestReport | None:
    """The counts of a run, or None where no known summary is found."""
    return _unittest(output) or _go(output) or _tap(output) or _mocha(output) or _counted(output)


def _go(output: str) -> TestReport | None:
    """`go test -v`: tests by name, and at the end of a package its name; a package that was not built is an error."""
    cases: list[Case] = []
    package: list[tuple[str, str]] = []
    for line in output.split("\n"):
        if found := _GO_TEST.match(line):
            package.append((found[2], found[1]))
        elif found := _GO_PACKAGE.match(line):
            cases += [Case(f"{found[2]}.{name}", _GO_WORDS[word]) for name, word in package]
            if found[1] == "FAIL" and not any(word == "FAIL" for _, word in package):
                cases.append(Case(found[2], CaseStatus.ERROR))
            package = []
    return report_of(tuple(cases)) if cases else None


def _unittest(output: str) -> TestReport | None:
    ran, verdict = _RAN.search(output), _VERDICT.search(output)
    if not ran or not verdict:
        return None
    cases = tuple(Case(f"{group}", _WORDS[word]) for _, group, word in _cases(output))
    total = int(ran.group(1))
    if len(cases) == total:
        return report_of(cases)
    counts = dict(re.findall(r"(\w+(?: \w+)?)=(\d+)", verdict.group(2) or ""))
    bad = sum(int(counts.get(word, 0)) for word in ("failures", "errors", "unexpected successes"))
    skipped = int(counts.get("skipped", 0))
    return TestReport(total, max(0, total - bad - skipped), bad, skipped, cases)


def _cases(output: str) -> list[tuple[str, str, str]]:
    found = _UNITTEST.findall(output)
    return [(name, group if group.endswith(f".{name}") else f"{group}.{name}", word) for name, group, word in found]


def _tap(output: str) -> TestReport | None:
    counts = {name: int(number) for name, number in _TAP.findall(output)}
    if "tests" not in counts or "fail" not in counts:
        return None
    skipped = counts.get("skipped", 0) + counts.get("todo", 0)
    return TestReport(counts["tests"], counts.get("pass", 0), counts["fail"], skipped)


def _mocha(output: str) -> TestReport | None:
    counts = {name: int(number) for number, name in _MOCHA.findall(output)}
    if not counts:
        return None
    passed, failed, skipped = (counts.get(name, 0) for name in ("passing", "failing", "pending"))
    return TestReport(passed + failed + skipped, passed, failed, skipped)


def _counted(output: str) -> TestReport | None:
    found = [match.group("line") for pattern in _LINES for match in pattern.finditer(output)]
    if not found:
        return None
    sums = dict.fromkeys(("passed", "failed", "skipped"), 0)
    for number, word in (pair for line in found for pair in _COUNT.findall(line)):
        name = {"error": "failed", "errors": "failed"}.get(word, word if word in sums else "skipped")
        sums[name] += int(number)
    return TestReport(sum(sums.values()), sums["passed"], sums["failed"], sums["skipped"])
