"""Type checkers and linters: which one runs, what is read of it, and that only new problems count."""

import shutil
import subprocess
from dataclasses import replace

import pytest

from jobs.checks.commands_printed import problems
from jobs.checks.result import Layer, Status
from jobs.checks.types import mypy_configured
from jobs.sandbox.layout import Mount
from jobs.setup.config import RepoConfig
from jobs.setup.environment import Environment
from jobs.setup.source import Files
from jobs.setup.toolchains import shown, toolchains
from tests.jobs.checks.bench import Bench

PRINTED = {
    "mypy": (
        "shop.py:3: error: Incompatible types (x on line 7)  [assignment]\nshop.py:3:5: note: see there\nFound 1 error",
        ["shop.py:3: Incompatible types (x on line …) [assignment]"],
    ),
    "tsc": (
        "src/a.ts(3,5): error TS2322: Type 'string' is not assignable.\nerror TS18003: No inputs.\n",
        ["src/a.ts:3: Type 'string' is not assignable. [TS2322]", ":0: No inputs. [TS18003]"],
    ),
    "pyright": (
        "/work/a.py\n  /work/a.py:3:5 - error: not so (reportCallIssue)\n  /work/a.py:4:5 - warning: perhaps\n",
        ["a.py:3: not so [reportCallIssue]"],
    ),
    "ruff": (
        "F401 [*] `os` imported but unused\n --> shop.py:1:8\n  |\n1 | import os\n  |        ^^\n",
        ["shop.py:1: `os` imported but unused [F401]"],
    ),
    "ruff concise": ("shop.py:1:8: F401 [*] `os` imported\n", ["shop.py:1: `os` imported [F401]"]),
    "flake8": ("./shop.py:3:80: E501 line too long (95 > 79 characters)\n", None),
    "eslint": (
        "/work/src/a.js\n  1:10  error    'x' is not defined  no-undef\n  2:1  warning  quotes  quotes\n\n"
        "/work/src/b.js\n  2:10  error  Parsing error: no token\n\n✖ 2 problems (2 errors, 0 warnings)\n",
        ["src/a.js:1: 'x' is not defined [no-undef]", "src/b.js:2: Parsing error: no token [error]"],
    ),
    "cargo": ("error[E0425]: cannot find `x`\n --> src/main.rs:2:5\n", ["src/main.rs:2: cannot find `x` [E0425]"]),
    "go vet": ("# shop\n./a.go:5:2: undefined: x\n", ["a.go:5: undefined: x [error]"]),
    "black": ("would reformat a/b.py\nOh no!\n", ["a/b.py:0: is not formatted [error]"]),
    "nothing": ("Success: no issues found in 3 source files\nAll checks passed!\n", []),
}


@pytest.mark.parametrize("tool", PRINTED)
def test_what_a_tool_prints_is_read(tool):
    text, wanted = PRINTED[tool]
    found = [str(one) for one in problems(text, "/work")]
    assert found == (wanted if wanted is not None else ["shop.py:3: line too long (95 > 79 characters) [E501]"])


def test_a_line_made_to_keep_the_reader_busy_does_not():
    assert problems("\n".join([" " * 100_000 + "1:1", "  1:1  error  " + "x  " * 100_000, "a" * 1_000_000]), "/w") == (
        problems("  1:1  error", "/w")
    )


TYPED = {"shop.py": "A: int = 1\n", "mypy.ini": "[mypy]\nstrict = True\nfiles = shop.py\n"}
OLD = {"shop.py": "A: int = 'one'\n", "mypy.ini": "[mypy]\nfiles = shop.py\n"}


def test_types_the_repositorys_own_mypy_configuration_is_taken_and_old_problems_do_not_count(tmp_path, our_programs):
    bench = Bench(tmp_path, OLD, programs=our_programs)
    assert len(bench.before("types")) == 1
    bench.step({"shop.py": "\n\nA: int = 'one'\n"})
    (found,) = bench.say("types")
    assert found.status is Status.PASSED and found.summary == "no new problem; 1 were there before"
    assert found.command == "mypy" and found.layer is Layer.CRITICAL
    bench.step({"shop.py": "A: int = 1\nB: str = 2\n"})
    (found,) = bench.say("types")
    assert found.red and [one.line for one in found.findings] == [2] and found.fixed == 1


def test_types_a_configured_command_is_compared_too_and_judged_by_its_exit_code_where_it_cannot_be_read(tmp_path):
    command = "cat said.txt; exit $(cat code.txt)"
    bench = Bench(tmp_path, {"said.txt": "a.py:3: error: old\n", "code.txt": "1"}, RepoConfig(typecheck=command))
    assert [str(one) for one in bench.before("types")] == ["a.py:3: old [error]"]
    for said, code, status in (
        ("a.py:9: error: old\n", "1", Status.PASSED),
        ("a.py:9: error: old\na.py:1: error: new\n", "1", Status.FAILED),
        ("a.py:9: error: old\n", "2", Status.FAILED),
        ("it broke\n", "1", Status.FAILED),
        ("a.py:1: error: new\n", "0", Status.PASSED),
    ):
        bench.step({"said.txt": said, "code.txt": code})
        assert bench.say("types")[0].status is status, (said, code)


def test_types_a_command_that_breaks_off_at_the_base_in_the_same_way_says_nothing_of_the_step(tmp_path):
    bench = Bench(tmp_path, {"a.py": ""}, RepoConfig(typecheck="no-such-checker"))
    bench.before("types")
    (found,) = bench.say("types")
    assert found.status is Status.NOT_RUN and "ended with 127, at the base commit too" in found.summary


NEW = """import yaml
from old import double


class Base(yaml.YAMLObject):
    def twice(self, x: int) -> int:
        return double(x)
"""


def test_types_without_a_configuration_only_what_the_step_creates_is_strict(tmp_path, our_programs):
    bench = Bench(tmp_path, {"old.py": "def double(x):\n    return x.nothing + 'a' + 1\n"}, programs=our_programs)
    assert bench.before("types") == ()
    bench.step({"old.py": "def double(x):\n    return x\n"})
    assert bench.say("types")[0].status is Status.NOT_RUN
    bench.step(
        {"new.py": NEW, "tests/test_new.py": "def test_a(x):\n    assert x\n", "tests/kit.py": "def a(b): ...\n"}
    )
    (found,) = bench.say("types")
    assert found.status is Status.PASSED, found
    bench.step({"new.py": NEW + "\n\ndef untyped(x):\n    return x\n\n\nA: int = Base().twice('1')\n"})
    (found,) = bench.say("types")
    assert found.red and {one.code for one in found.findings} == {"no-untyped-def", "arg-type"}
    assert "--strict" in found.command and found.command.startswith("mypy ") and "/devtask" not in found.command


@pytest.mark.slow
def test_types_what_mypy_cannot_read_by_itself_is_not_held_against_the_step(tmp_path, our_programs):
    bench = Bench(tmp_path, {"a-b/c.py": ""}, programs=our_programs)
    bench.step({"a-b/__init__.py": "", "a-b/d.py": "A: int = 1\n"})
    assert bench.say("types")[0].status is Status.NOT_RUN


@pytest.mark.parametrize(
    ("files", "configured"),
    [
        ({"mypy.ini": ""}, True),
        ({"pyproject.toml": "[tool.mypy]\n"}, True),
        ({"setup.cfg": "[mypy]\n"}, True),
        ({"setup.cfg": "[metadata]\n", "a.py": ""}, False),
    ],
)
def test_types_where_mypy_is_configured(files, configured):
    assert mypy_configured(Files(files)) is configured


def test_types_typescript_is_checked_by_its_own_compiler_only(tmp_path):
    bench = Bench(tmp_path, {"tsconfig.json": "{}"})
    assert "TypeScript is not among the installed packages" in bench.say("types")[0].summary


def node(tmp_path, name, script):
    """An environment whose node_modules has one program."""
    folder = tmp_path / "env"
    program = folder / "node_modules" / ".bin" / name
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return Environment("npm", folder, (Mount(folder / "node_modules", "/work/node_modules"),))


@pytest.mark.slow
def test_lint_the_repositorys_own_eslint_is_asked(tmp_path):
    said = 'printf "/work/a.js\\n  1:1  error  not defined  no-undef\\n"; exit 1'
    bench = Bench(tmp_path, {"eslint.config.js": "", "a.js": ""}, environment=node(tmp_path, "eslint", said))
    (found,) = bench.say("lint")
    assert found.stops and str(found.findings[0]) == "a.js:1: not defined [no-undef]"
    bare = replace(bench, folder=tmp_path / "other") if (tmp_path / "other").mkdir() is None else bench
    bare.environment = Environment("none")
    assert "not among the installed packages" in bare.say("lint")[0].summary


def test_lint_the_repositorys_own_ruff_configuration_is_taken(tmp_path, our_programs):
    bench = Bench(tmp_path, {"ruff.toml": "[lint]\nselect = ['E7']\n", "a.py": "import os\n"}, programs=our_programs)
    assert bench.before("lint") == ()
    bench.step({"a.py": "import os\nl = 1\n"})
    (found,) = bench.say("lint")
    assert found.stops and [one.code for one in found.findings] == ["E741"] and found.measured == {"lint.new": 1.0}


def test_lint_without_a_configuration_only_plain_mistakes_count_and_only_new_ones(tmp_path, our_programs):
    bench = Bench(tmp_path, {"a.py": "import os\n", "b.py": "import sys\n"}, programs=our_programs)
    assert len(bench.before("lint")) == 2
    bench.step({"a.py": "\nimport os\nl = 1; m = lambda: (l)\n", "pkg/__init__.py": "from .x import y\n"})
    (found,) = bench.say("lint")
    assert found.status is Status.PASSED and found.command.startswith("ruff check --isolated"), found
    bench.step({"a.py": "print(nothing)\n"})
    (found,) = bench.say("lint")
    assert [one.code for one in found.findings] == ["F821"] and found.fixed == 1


def test_lint_a_moved_file_brings_no_new_problem(tmp_path, our_programs):
    bench = Bench(tmp_path, {"a.py": "import os\n"}, programs=our_programs)
    bench.before("lint")
    bench.step({"a.py": None, "pkg/b.py": "import os\n"})
    assert bench.say("lint")[0].status is Status.PASSED
    bench.step({"pkg/b.py": "import os\nimport sys\n"})
    assert bench.say("lint")[0].stops


def test_lint_where_there_is_nothing_to_ask_it_is_said(tmp_path):
    (found,) = Bench(tmp_path, {"a.rb": ""}).say("lint")
    assert found.status is Status.NOT_RUN and "no linter" in found.summary


@pytest.mark.slow
def test_types_typescripts_own_compiler_is_asked_about_the_whole_project(tmp_path):
    folder = tmp_path / "env"
    folder.mkdir()
    got = subprocess.run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "typescript@5"], check=False
    )
    if got.returncode:
        pytest.skip("no npm, or no registry")
    mounts = (Mount(folder / "node_modules", "/work/node_modules"),)
    files = {
        "tsconfig.json": '{"compilerOptions": {"strict": true, "noEmit": true}, "include": ["src"]}',
        "src/a.ts": "export const a: number = 'old';\n",
        "notes.md": "",
    }
    bench = Bench(tmp_path, files, environment=Environment("npm", folder, mounts))
    assert [one.code for one in bench.before("types")] == ["TS2322"]
    bench.step({"notes.md": "more"})
    assert "nothing that the type checker reads" in bench.say("types")[0].summary
    moved = {"src/a.ts": "\n\nexport const a: number = 'old';\n"}
    bench.step(moved | {"src/b.ts": "import { a } from './a';\nexport const b: string = a;\n"})
    (found,) = bench.say("types")
    assert found.red and [(one.path, one.line) for one in found.findings] == [("src/b.ts", 2)]
    assert found.command == "node_modules/.bin/tsc --noEmit --pretty false -p tsconfig.json"


@pytest.mark.slow
def test_types_rusts_own_compiler_is_asked(tmp_path):
    mounts, folders = toolchains("cargo")
    if not shutil.which("cargo"):
        pytest.skip("no cargo")
    env = {"CARGO_TARGET_DIR": "/tmp/target", "CARGO_NET_OFFLINE": "true", **shown(folders)}
    files = {
        "Cargo.toml": '[package]\nname = "a"\nversion = "0.1.0"\n',
        "src/lib.rs": "pub fn a() -> i32 {\n    1\n}\n",
    }
    bench = Bench(tmp_path, files, environment=Environment("cargo", None, mounts, env))
    assert bench.before("types") == ()
    bench.step({"src/lib.rs": "pub fn a() -> i32 {\n    nothing\n}\n"})
    (found,) = bench.say("types")
    assert found.red and (found.findings[0].path, found.findings[0].line) == ("src/lib.rs", 2), found.tail
