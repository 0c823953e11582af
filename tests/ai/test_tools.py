"""The tools as data: the contract with their implementations, and what services take."""

import inspect
import json
import re

import pytest

from ai.tools import limits
from ai.tools.finish import submit_plan
from ai.tools.sets import EXECUTOR, PLANNER_READ
from state.plan.schema import submit_plan_schema

ARGUMENTS = {
    "list_files": ["path", "glob"],
    "read_file": ["path", "start", "end"],
    "search": ["pattern", "regex", "glob", "path", "context"],
    "edit_file": ["path", "old", "new"],
    "replace_lines": ["path", "start", "end", "first_line", "last_line", "new"],
    "write_file": ["path", "content"],
    "delete_file": ["path"],
    "move_file": ["path", "to"],
    "run": ["command", "timeout"],
    "run_tests": ["selection"],
    "diff": ["path"],
    "history": ["path", "count"],
    "conventions": [],
    "done": ["summary", "handoff", "extra_files"],
}
EVERY = {spec.name: spec for spec in (*PLANNER_READ, *EXECUTOR)}


def test_the_tools_and_their_arguments_are_the_agreed_ones():
    assert {name: list(spec.schema["properties"]) for name, spec in EVERY.items()} == ARGUMENTS


# arguments whose name says all that there is to say; each costs its description at every turn
PLAIN = {"path", "reason", "count", "regex", "to", "content", "command", "pattern", "end", "old"}


@pytest.mark.parametrize("spec", EVERY.values(), ids=EVERY)
def test_each_tool_and_argument_is_described(spec):
    assert re.fullmatch(r"[a-z_]{1,64}", spec.name) and 20 < len(spec.description) < 1_000
    told = {name for name, about in spec.schema["properties"].items() if about.get("description")}
    assert set(spec.schema["properties"]) - told <= PLAIN | set(re.findall(r"`(\w+)`", spec.description))
    assert set(spec.schema.get("required", ())) <= set(spec.schema["properties"])


@pytest.mark.parametrize("spec", EVERY.values(), ids=EVERY)
def test_numbers_in_descriptions_are_those_of_the_limits(spec):
    known = {value for name, value in inspect.getmembers(limits) if name.isupper()} | {0, 1, 5, 10}
    found = {int(number) for number in re.findall(r"\d+", json.dumps([spec.description, spec.schema]))}
    assert found <= known


def test_the_planner_hands_in_either_a_plan_or_a_reason():
    spec = submit_plan(submit_plan_schema())
    assert spec.schema["required"] == [] and {"steps", "title", "cannot"} <= set(spec.schema["properties"])
    assert "A plan needs: title, steps." in spec.description and spec.checks_itself
    assert json.dumps(spec.schema) == json.dumps(submit_plan(submit_plan_schema()).schema)


def test_the_executors_tools_cost_few_tokens():
    size = sum(len(json.dumps(spec.schema)) + len(spec.description) for spec in EXECUTOR) // 4
    assert size < 2_000
