import pytest

from ai.arguments import Mistake, accept
from ai.port import ToolCall
from ai.tools.edit import EDIT_FILE
from ai.tools.finish import DONE
from ai.tools.read import READ_FILE, SEARCH

SPECS = (READ_FILE, SEARCH, EDIT_FILE, DONE)
MENDED = [
    ("read_file", {"path": "a", "start": 3.0, "end": "7"}, {"path": "a", "start": 3, "end": 7}),
    ("read_file", {"path": "a", "start": None}, {"path": "a"}),
    ("search", {"pattern": "x", "regex": "True"}, {"pattern": "x", "regex": True}),
    ("edit_file", {"path": "a", "old": "", "new": ""}, {"path": "a", "old": "", "new": ""}),
]
WRONG = [
    ("read_file", {"path": "a", "start": "two"}, "'start' must be a whole number, not 'two'"),
    ("read_file", {"path": "a", "start": 1.5}, "'start' must be a whole number, not 1.5"),
    ("read_file", {"path": "a", "start": True}, "'start' must be a whole number, not True"),
    ("search", {"pattern": "x", "regex": "maybe"}, "'regex' must be true or false"),
    ("search", {"pattern": ["x"]}, "'pattern' must be a string"),
    (
        "edit_file",
        {"path": "a", "old_text": "b", "new": "c"},
        "has no argument 'old_text'. It takes path: a string, old:",
    ),
    ("edit_file", {"path": "a"}, "edit_file needs 'old', 'new'"),
    ("done", {"summary": "s", "handoff": "h", "extra_files": "all"}, "'extra_files' must be a list"),
    ("bash", {}, "There is no tool named 'bash'. The tools are: read_file, search, edit_file, done."),
    ("", {}, "There is no tool named ''"),
]


@pytest.mark.parametrize(("name", "args", "used"), MENDED)
def test_slips_of_the_wire_are_mended(name, args, used):
    assert accept(ToolCall("1", name, args), SPECS) == used


@pytest.mark.parametrize(("name", "args", "said"), WRONG)
def test_everything_else_is_said_in_words(name, args, said):
    with pytest.raises(Mistake) as told:
        accept(ToolCall("1", name, args), SPECS)
    assert said in str(told.value)


def test_arguments_that_are_no_object_are_said_in_words():
    with pytest.raises(Mistake, match=r"must be a JSON object .* It takes path: a string, start: a whole number"):
        accept(ToolCall("1", "read_file", {}, "The arguments must be a JSON object with named fields."), SPECS)
