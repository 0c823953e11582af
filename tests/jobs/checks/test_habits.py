"""Formatters, docstrings and types: asked for where the repository has them, and only of what is new."""

import pytest

from jobs.checks import complexity, debug, docs, performance
from jobs.checks import format as formatting
from jobs.checks.check import Check
from jobs.checks.docs import unannotated, undocumented
from jobs.checks.format import BLACK, PRETTIER, RUFF, formatters, unformatted
from jobs.checks.programs import programs
from jobs.checks.result import Layer, Status
from jobs.setup.source import Files
from tests.jobs.checks.place import place

MODULE = '''"""A module."""
from typing import overload

def f(a, *, b: int = 1): ...
def _own(a): ...
def told(a: int, *more: str, **rest: str) -> int:
    """Told."""
class Cart:
    def __init__(self, a): ...
    def add(self, n): ...
    @staticmethod
    def of(n) -> "Cart":
        """Made."""
    @overload
    def get(self, n): ...
class _Own:
    def add(self, n): ...
if f:
    def late(): ...
'''


def test_public_names_without_a_docstring_or_a_type():
    assert sorted(one.message for one in undocumented("a.py", MODULE)) == [
        "Cart has no docstring",
        "Cart.add has no docstring",
        "f has no docstring",
        "late has no docstring",
    ]
    assert sorted(one.message for one in unannotated("a.py", MODULE)) == [
        "Cart.add has no type for n, its result",
        "Cart.of has no type for n",
        "f has no type for a, its result",
        "late has no type for its result",
    ]
    assert undocumented("a.py", "def (") == [] and unannotated("a.py", "\0") == []


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"pyproject.toml": "[tool.ruff]\nline-length = 90\n"}, []),
        ({"pyproject.toml": "[tool.ruff.format]\nquote-style = 'single'\n"}, [RUFF]),
        ({"ruff.toml": "[format]\n"}, [RUFF]),
        ({".pre-commit-config.yaml": "repos:\n- hooks:\n  - id: ruff-format\n  - id: black\n"}, [RUFF, BLACK]),
        ({"pyproject.toml": "[tool.black]\n"}, [BLACK]),
        ({".prettierrc.json": "{}"}, [PRETTIER]),
        ({"package.json": '{"prettier": "@x/style"}'}, [PRETTIER]),
        ({"pyproject.toml": "tool = 1", "package.json": "[]", "web/.prettierrc": ""}, []),
    ],
)
def test_a_formatter_counts_only_where_the_repository_configures_it(files, found):
    assert formatters(Files(files)) == found


def test_the_paths_that_a_formatter_names():
    black = "would reformat /work/a b.py\nwould reformat /work/src/c.py\n\nOh no!\n2 files would be reformatted.\n"
    assert unformatted(BLACK, black, "/work") == ["a b.py", "src/c.py"]
    assert unformatted(RUFF, "Would reformat: größe.py\n1 file would be reformatted\n", "/work") == ["größe.py"]
    new = "unformatted: File would be reformatted\n --> src/a.py:1:3\n  |\n\n1 file would be reformatted\n"
    assert unformatted(RUFF, new + new, "/work") == ["src/a.py"]
    assert unformatted(PRETTIER, "[error] No parser\nsrc/a.ts\n", "/work") == ["src/a.ts"]


def results(scene, *rows):
    return [result for name, look in rows for result in Check(name, Layer.NICE, look=look).results(scene)]


def test_only_new_habits_are_told_with_path_and_line(tmp_path):
    before = {"a.py": "def old(x):\n    return x  # TODO: old\n", "b.py": "print(1)\n", "a.js": "console.log(1);\n"}
    here = place(tmp_path, before)
    after = {
        "a.py": before["a.py"] + "\n\ndef new(x):\n    print(x)\n    return x\n",
        "b.py": "print(1)\nprint(2)\n",
        "a.js": "console.log(1);\nconsole.log(2);\ndebugger;\n",
        "types.d.ts": "export function f(a: string): void;\n",
    }
    rows = (("debug", debug.look), ("docstrings", docs.docstrings), ("hints", docs.hints))
    rows += (("complexity", complexity.look), ("performance", performance.look))
    found = results(here.scene(after), *rows)
    told = {one.name: [f"{f.path}:{f.line} {f.code}" for f in one.findings] for one in found}
    assert told == {
        "debug": ["a.py:6 print", "a.js:3 debugger"],
        "docstrings": ["a.py:5 docstring"],
        "hints": [],
        "complexity": [],
        "performance": [],
    }
    assert next(one for one in found if one.name == "hints").status is Status.NOT_RUN
    assert not any(one.stops for one in found)
    here.box.close()


def test_types_and_doc_comments_are_asked_for_where_there_are_some(tmp_path):
    documented = "/** Adds. */\nexport function add(a) { return a; }\n"
    here = place(tmp_path, {"a.py": "def old(x: int) -> int:\n    return x\n", "a.js": documented})
    scene = here.scene({"b.py": "def new(x):\n    return x\n", "a.js": f"{documented}\nexport function sub(a) {{}}\n"})
    found = results(scene, ("docstrings", docs.docstrings), ("hints", docs.hints))
    assert [[str(f) for f in one.findings] for one in found] == [
        ["b.py:1: new has no docstring [docstring]", "a.js:4: sub has no doc comment [docstring]"],
        ["b.py:1: new has no type for x, its result [hint]"],
    ]
    here.box.close()


def test_the_configured_formatter_looks_at_the_tree(tmp_path):
    ours = programs(tmp_path / "data")
    here = place(tmp_path, {"ruff.toml": "[format]\n", "a.py": "A  = 1\n"}, (ours.mount,))
    scene = here.scene(
        {"src/b.py": "B = {  }\n", "c.py": "C = 1\n", "ruff.toml": "exclude = ['*']\n[format]\n"}, programs=ours
    )
    found = formatting.find(here.scene({"ruff.toml": "[format]\n"}, programs=ours))
    assert sorted(one.path for one in found.findings) == ["a.py", "src/b.py"] and found.exit_code == 1
    assert found.command == "ruff format --check --no-cache ." and scene.programs is ours
    here.box.close()


def test_a_formatter_that_is_not_there_is_not_run(tmp_path):
    here = place(tmp_path, {"pyproject.toml": "[tool.black]\n", ".prettierrc": "{}\n", "a.py": "A  = 1\n"})
    found = formatting.find(here.scene({}))
    assert found.not_run.startswith("black ended with 1: ") and "prettier ended with" in found.not_run
    assert formatting.find(place(tmp_path / "other", {}).scene({})).not_run == "the repository configures no formatter"
    here.box.close()
