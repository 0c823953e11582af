"""Every check, in the order of spec 6. A new check is one file and one line here.

What is nice to have stops a step only where the repository's configuration says so (`blocking`), and too little
coverage also where the plan names a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from jobs.checks import (
    audit,
    complexity,
    conditions,
    conflicts,
    coverage,
    criteria,
    debug,
    declared,
    docs,
    format,
    imports,
    lint,
    outputs,
    performance,
    security,
    silenced,
    size,
    suite,
    suspicion,
    syntax,
    types,
)
from jobs.checks.check import Check
from jobs.checks.result import CheckResult, Layer
from jobs.checks.scene import Scene
from jobs.checks.tamper import guard

TABLE: tuple[Check, ...] = (
    Check("syntax", Layer.CRITICAL, judge=syntax.judge),
    Check("conflicts", Layer.CRITICAL, look=conflicts.look),
    Check("size", Layer.CRITICAL, judge=size.judge),
    Check("declared", Layer.CRITICAL, judge=declared.judge),
    Check("imports", Layer.CRITICAL, judge=imports.judge),
    Check("types", Layer.CRITICAL, find=types.find),
    Check("postcondition", Layer.CRITICAL, judge=conditions.judge),
    Check("outputs", Layer.CRITICAL, judge=outputs.judge),
    Check("tamper", Layer.CRITICAL, judge=guard.judge),
    Check("tests", Layer.CRITICAL, judge=suite.judge),
    Check("lint", Layer.IMPORTANT, find=lint.find),
    Check("security", Layer.IMPORTANT, look=security.look),
    Check("audit", Layer.IMPORTANT, judge=audit.judge),
    Check("format", Layer.NICE, find=format.find),
    Check("complexity", Layer.NICE, look=complexity.look),
    Check("coverage", Layer.NICE, judge=coverage.judge),
    Check("docstrings", Layer.NICE, look=docs.docstrings),
    Check("hints", Layer.NICE, look=docs.hints),
    Check("debug", Layer.NICE, look=debug.look),
    Check("performance", Layer.NICE, look=performance.look),
    Check("silenced", Layer.NICE, look=silenced.look),
    Check("criteria", Layer.IMPORTANT, judge=criteria.judge),
    Check("suspicion", Layer.NICE, judge=suspicion.judge),
)


def run_checks(scene: Scene, table: tuple[Check, ...] = TABLE) -> Iterator[CheckResult]:
    """What each check says, up to and including the first that is red."""
    for check in table:
        red = False
        for found in check.results(scene):
            result = replace(found, layer=Layer.IMPORTANT) if check.name in scene.config.blocking else found
            red = red or result.red
            scene.so_far.append(result)
            yield result
        if red:
            return
