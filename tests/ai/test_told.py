"""Lost robot, part (b): what the rendered prompt alone says about tools, limits, judging and finishing is what the code
does, in both directions.
"""

import inspect
import re

import pytest

from ai.executor.agent import CONDENSING, FINISH
from ai.limits import WARN_AT
from ai.loop import CALLS_A_TURN
from ai.rules import IN_A_ROW
from ai.stuck import ALTERNATIONS, SAME_ERRORS, SAME_PAIRS
from ai.tools.limits import STEP_LINES
from ai.tools.sets import EXECUTOR
from jobs.checks.result import Layer
from jobs.checks.table import TABLE
from jobs.sandbox.shim import GIT_WRAPPER
from jobs.setup.protected import Guard
from jobs.tools.errors import Refused
from jobs.tools.executor import ExecutorTools
from jobs.tools.names import clean
from tests.ai.test_prompts import TERMS, step_prompt

SYSTEM, FIRST = step_prompt()
RULES = "\n".join(SYSTEM.parts[:5])
FLAT = " ".join(RULES.split())
TOOLS = {spec.name: spec for spec in EXECUTOR}
ARGUMENTS = {name for spec in EXECUTOR for name in spec.schema["properties"]}
OTHERS = {"print", "eval", "exec", "main"}

# what is said (numbers in the order of the groups), and where the code keeps it
LIMITS = {
    r"at most (\d+) a reply": (CALLS_A_TURN,),
    r"does nothing; (\d+) in a row end the attempt": (IN_A_ROW,),
    r"the same result (\d+) times, the same error (\d+) times in a row, and two calls that alternate (\d+) times": (
        *(SAME_PAIRS, SAME_ERRORS, ALTERNATIONS),
    ),
    r"Limits of this attempt: (\d+) turns, ([\d.]+) minutes, \$([\d.]+), ([\d,]+) tokens": (
        *(TERMS.limits.turns, TERMS.limits.seconds / 60, TERMS.limits.dollars, TERMS.limits.tokens),
    ),
    r"told at (\d+) % and (\d+) % of one; at (\d+) % the attempt ends": (*sorted(100 * mark for mark in WARN_AT), 100),
    r"over ([\d,]+) tokens, thinking included": (TERMS.max_out,),
    r"From turn (\d+) on, every (\d+) turns, all but the last (\d+) are condensed": (
        *(CONDENSING.begin, CONDENSING.every, CONDENSING.keep),
    ),
    r"more than (\d+) lines fails the step": (STEP_LINES,),
    r"at most (\d+) in all": (4,),
}


def number(text):
    return float(text.replace(",", ""))


@pytest.mark.parametrize("said", LIMITS)
def test_a_limit_that_is_told_is_the_one_that_is_kept(said):
    found = re.search(said, FLAT)
    assert found, "not in the prompt"
    assert tuple(map(number, found.groups())) == tuple(map(float, LIMITS[said]))


def test_every_number_in_the_rules_is_one_of_these_limits():
    told = [number(one) for one in re.findall(r"\d[\d,.]*\d|\d", re.sub(r"^\d\. ", "", RULES, flags=re.M))]
    known = [float(one) for values in LIMITS.values() for one in values]
    assert sorted(told) == sorted(known)


def test_the_tools_that_are_listed_are_those_that_are_offered_in_their_order():
    listed = re.search(r"# Your tools\n(.*?)\. ", RULES)[1]
    assert re.findall(r"`(\w+)`", listed) == list(TOOLS)


def test_every_name_in_code_marks_is_a_tool_an_argument_or_plainly_something_else():
    named = set(re.findall(r"`([a-z_]+)`", RULES))
    assert named <= {*TOOLS, *ARGUMENTS, *OTHERS} and {"run_tests", "diff", "done", "extra_files", "summary"} <= named


def test_every_tool_is_worked_by_the_executor_and_no_other():
    source = inspect.getsource(ExecutorTools.__init__)
    assert set(re.findall(r'^ +"(\w+)": ', source, re.M)) == set(TOOLS)


def test_the_order_of_judging_is_the_order_of_the_checks():
    says = (r"in this order and stop at the first red one: (.*?)\.", r"must pass too: (.*?)\.", r"to people: (.*?)\.")
    told = [re.search(one, FLAT)[1].split(", ") for one in says]
    words = {
        "syntax": "syntax",
        "conflicts": "merge conflicts",
        "size": "size",
        "declared": "undeclared packages",
        "imports": "imports",
        "types": "the type checker",
        "postcondition": "the step's postconditions",
        "outputs": "its planned outputs",
        "tamper": "weakened tests",
        "tests": "the tests",
        "suspicion": "answers made only for tests",
        "lint": "the linter",
        "security": "security",
        "audit": "vulnerable packages",
        "format": "format",
        "complexity": "complexity",
        "coverage": "test coverage",
        "docstrings": "docstrings",
        "hints": "type hints",
        "debug": "debug code",
        "performance": "slow code",
        "silenced": "checkers switched off by a comment",
        "criteria": "with the last step the plan's criteria",
    }
    assert told == [[words[check.name] for check in TABLE if check.layer is layer] for layer in Layer]


def test_how_to_finish_is_how_the_loop_ends():
    assert FIRST.parts[0].rstrip().endswith(f"finish by calling `{FINISH}`.")
    assert "call `done` again unchanged" in FLAT and "call it again unchanged" in TOOLS[FINISH].description
    assert TOOLS[FINISH].schema["required"] == ["summary", "handoff"]


def test_what_git_is_said_to_do_is_what_the_stand_in_does():
    refused = re.findall(r"`git (\w+)`", FLAT.partition("show the start of the step; ")[2].partition("do not work")[0])
    answered = {word for names in re.findall(r"^  ([a-z|-]+)\)$", GIT_WRAPPER, re.M) for word in names.split("|")}
    assert refused and set(refused) <= answered
    assert not {"diff", "show", "log", "status"} & answered


def test_the_paths_that_are_named_are_refused():
    with pytest.raises(Refused, match="no git directory here"):
        clean(".git/config")
    assert "`.git/`" in RULES and "`.dev-tasks/`" in RULES
    for path in (".dev-tasks/k/plan.md", ".github/workflows/ci.yml", "CODEOWNERS", ".githooks/pre-commit"):
        assert Guard().reason(path)


def test_the_first_message_is_smaller_than_the_mark():
    assert len(FIRST.parts[0]) // 4 < 1_100, "the task part; measured at 190 tokens without a map"
    assert sum(map(len, SYSTEM.parts)) // 4 < 1_800
