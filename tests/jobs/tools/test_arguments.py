"""Arguments of the wrong type never reach a tool: they are answered in words, whoever calls."""

import pytest

from jobs.tools.planner import PlannerTools

LINES = {"path": "src/app.py", "end": 2, "first_line": "", "last_line": "", "new": "x"}
WRONG = [
    ("replace_lines", {**LINES, "start": "one"}, "'start' must be a whole number"),
    ("replace_lines", {**LINES, "start": True}, "'start' must be a whole number"),
    ("replace_lines", {**LINES, "start": 1.5}, "'start' must be a whole number"),
    ("run", {"command": "true", "timeout": "soon"}, "'timeout' must be a whole number"),
    ("run", {"command": 3}, "'command' must be a string"),
    ("run", {"command": ["ls"]}, "'command' must be a string"),
    ("run", {}, "needs 'command'"),
    ("write_file", {"path": "new.json", "content": {}}, "'content' must be a string"),
    ("edit_file", {"path": "src/app.py", "old": 1, "new": "2"}, "'old' must be a string"),
    ("read_file", {"path": "src/app.py", "start": "first"}, "'start' must be a whole number"),
    ("search", {"pattern": "x", "regex": "perhaps"}, "'regex' must be true or false"),
    ("search", {"pattern": ["x"]}, "'pattern' must be a string"),
    ("history", {"count": "all"}, "'count' must be a whole number"),
    ("done", {"summary": "s", "handoff": "h", "extra_files": "a.py"}, "'extra_files' must be a list"),
    ("read_file", {"path": "src/app.py", "lines": 3}, "has no argument 'lines'"),
    ("bash", {}, "For that use `run`. It takes command: a string, timeout: a whole number (may be left out)."),
    ("raed_file", {}, "For that use `read_file`."),
    ("teleport", {}, "There is no tool named 'teleport'. The tools are: list_files"),
]


@pytest.mark.parametrize(
    ("name", "args", "said"), WRONG, ids=[f"{name}-{number}" for number, (name, *_) in enumerate(WRONG)]
)
def test_a_wrong_argument_is_answered_with_what_is_right(desk, name, args, said):
    answer = desk.tools.call(name, args)
    assert answer.is_error
    assert said in answer.text


def test_what_a_wire_makes_of_numbers_is_taken(desk):
    answer = desk.tools.call("read_file", {"path": "src/app.py", "start": "2", "end": 3.0})
    assert not answer.is_error
    assert "lines 2 to 3" in answer.text


def test_the_planners_tools_are_as_careful(mirror, commit):
    tools = PlannerTools(mirror, commit)
    assert "'start' must be a whole number" in tools.call("read_file", {"path": "src/app.py", "start": "one"}).text
    assert "There is no tool named 'run'" in tools.call("run", {"command": "ls"}).text
