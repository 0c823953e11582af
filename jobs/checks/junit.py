"""JUnit XML as test runners write it, read as the untrusted text that it is."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, JUnitXmlError, Skipped, TestCase, TestSuite

from jobs.checks.result import Case, CaseStatus, TestReport

MAX_BYTES = 32 * 1024 * 1024
_DETAIL = 4_000
_MESSAGE = 500


class ReportMissing(Exception):
    """There is no usable report; the text says why."""


def read_report(path: Path) -> TestReport:
    """The report that this run wrote. Raises ReportMissing for none, a link, a huge or a malformed one."""
    return parse_report(plain_bytes(path))


def parse_report(data: bytes) -> TestReport:
    """A report from its bytes. Raises ReportMissing."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ReportMissing("the report declares entities, which no test runner does")
    try:
        root = JUnitXml.fromstring(data)
        suites = [*_loose(root), *(case for suite in _suites(root) for case in suite)]
        cases = tuple(_case(case) for case in suites)
    except (JUnitXmlError, SyntaxError, ValueError, AttributeError, TypeError) as wrong:
        raise ReportMissing(f"the report cannot be read: {str(wrong)[:200]}") from wrong
    return report_of(cases)


def report_of(cases: tuple[Case, ...]) -> TestReport:
    """Counts from the cases themselves; a report's own totals are not believed."""
    count = {status: sum(case.status is status for case in cases) for status in CaseStatus}
    bad = count[CaseStatus.FAILED] + count[CaseStatus.ERROR]
    return TestReport(len(cases), count[CaseStatus.PASSED], bad, count[CaseStatus.SKIPPED], cases)


def plain_bytes(path: Path) -> bytes:
    """The bytes of a file that a sandbox wrote. Raises ReportMissing for none, a link, a pipe or a huge one."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as wrong:
        raise ReportMissing("the tests ended without writing a report") from wrong
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            raise ReportMissing("the report is no file of a usable size")
        return file.read()


def _suites(root: JUnitXml | TestSuite) -> list[TestSuite]:
    if isinstance(root, TestSuite):
        nested: list[TestSuite] = list(root.testsuites())  # type: ignore[no-untyped-call]
        return [root, *(inner for suite in nested for inner in _suites(suite))]
    return [inner for suite in root for inner in _suites(suite)]


def _loose(root: JUnitXml | TestSuite) -> list[TestCase]:
    """Cases outside any suite, as node writes them."""
    if isinstance(root, TestSuite):
        return []
    return [TestCase.fromelem(element) for element in root._elem.findall("testcase")]  # type: ignore[no-untyped-call]


def _case(case: TestCase) -> Case:
    status, message, detail = CaseStatus.PASSED, "", ""
    for result in case.result:
        if isinstance(result, Error | Failure):
            status = CaseStatus.ERROR if isinstance(result, Error) else CaseStatus.FAILED
            message, detail = result.message or "", result.text or ""
            break
        if isinstance(result, Skipped):
            status, message = CaseStatus.SKIPPED, result.message or ""
    return Case(_id(case), status, message[:_MESSAGE], _ends(detail), float(case.time or 0))


def _id(case: TestCase) -> str:
    """A pytest node id where class name and file allow it, else `class::name`."""
    name, group = case.name or "?", case.classname or ""
    path = getattr(case, "_elem", {}).get("file") or ""
    if path.endswith(".py"):
        module = path.removesuffix(".py").replace("/", ".")
        classes = group.removeprefix(module).strip(".").split(".") if group.startswith(module) else []
        return "::".join([path, *(part for part in classes if part), name])
    if not group or group == name:
        return name
    return f"{group}::{name}"


def _ends(text: str) -> str:
    return text if len(text) <= _DETAIL else f"{text[: _DETAIL // 2]}\n[...]\n{text[-_DETAIL // 2 :]}"
