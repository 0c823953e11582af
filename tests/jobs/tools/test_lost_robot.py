"""Lost robot, part (a): clumsy calls on the real tools in the real sandbox, and back only by what the results say."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from ai.asking import Asker
from ai.condense import Condensing
from ai.limits import Exit, Limits
from ai.loop import Loop, Talk
from ai.trajectory import Opening, Trajectory
from jobs.checks.testplan import TestPlan as Plan
from jobs.sandbox.shim import make_throwaway
from jobs.setup.protected import Guard
from jobs.tools.executor import ExecutorTools
from jobs.tools.suite import SandboxTests
from tests.ai.kit import CountingMeter
from tests.jobs.tools.kit import APP, Bench, Checks
from tests.jobs.tools.robot import Call, Lost, Robot

pytestmark = pytest.mark.slow  # ten seconds: every mistake has a tree and a sandbox of its own

FIXED = APP.decode().replace("return result / len(prices)", "return result / max(1, len(prices))")
UNIT = b"""import unittest

from src.app import mean


class T(unittest.TestCase):
    def test_mean(self):
        self.assertEqual(mean([]), 0)
"""


def edit(path, old, new, **more):
    return Call("edit_file", {"path": path, "old": old, "new": new}, **more)


def run(command, sees="", **more):
    return Call("run", {"command": command}, sees, **more)


def read(path, sees="", **more):
    return Call("read_file", {"path": path, **more}, sees)


MEND = edit("src/app.py", "return result / len(prices)", "return result / max(1, len(prices))")
SEEN = read("src/app.py")


@dataclass
class Mistake:
    """What the robot does at first, and what must be so at the end: files, and words of the `done` call."""

    todo: list[Call]
    files: dict[str, str | None] = field(default_factory=dict)
    says: str = ""
    before: Callable[[Bench], object] = lambda bench: None
    mending: list[Call] = field(default_factory=list)
    speaks: str = ""


def put(name, content):
    def change(bench):
        path = bench.tree / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content)

    return change


APP_FIXED = {"src/app.py": FIXED}
OTHER = {"src/other.py": "def helper(value):\n    return value + 42\n"}
MISTAKES = {
    "a wrong path": Mistake([read("app.py"), MEND], APP_FIXED),
    "an absolute path": Mistake([read("/work/src/app.py"), MEND], APP_FIXED),
    "numbered old text": Mistake(
        [
            SEEN,
            edit(
                "src/app.py",
                "13\t    return result / len(prices)",
                "13\t    return result / max(1, len(prices))",
            ),
        ],
        APP_FIXED,
    ),
    "tabs against spaces": Mistake(
        [SEEN, edit("src/app.py", "\treturn result / len(prices)", "\treturn result / max(1, len(prices))")], APP_FIXED
    ),
    "spaces against tabs": Mistake(
        [read("src/tabs.go"), edit("src/tabs.go", "        run()", "        walk()")],
        {"src/tabs.go": "func main() {\n\tif true {\n\t\twalk()\n\t}\n}\n"},
    ),
    "carriage returns (CRLF)": Mistake(
        [read("src/other.py"), edit("src/other.py", "    return value + 41\r", "    return value + 42\r")], OTHER
    ),
    "curly quotes": Mistake(
        [read("docs/guide.md"), edit("docs/guide.md", 'It\'s "quoted" text.', "It's plain text.")],
        {"docs/guide.md": "It's plain text.\ntrailing here   \nend\n"},
    ),
    "trailing blanks": Mistake(
        [read("docs/guide.md"), edit("docs/guide.md", "trailing here\nend", "nothing here\nend")],
        {"docs/guide.md": "It\u2019s \u201cquoted\u201d text.\nnothing here\nend\n"},
    ),
    "a passage from memory": Mistake(
        [
            read("src/other.py"),
            edit(
                "src/other.py", "def helper(val):\n    return val + 41\n", "def helper(value):\n    return value + 42\n"
            ),
        ],
        OTHER,
    ),
    "not unique": Mistake(
        [SEEN, edit("src/app.py", "    return result", "    return float(result)", place=0)],
        {"src/app.py": APP.decode().replace("    return result\n", "    return float(result)\n")},
    ),
    "not read before": Mistake([MEND], APP_FIXED),
    "a stale edit": Mistake(
        [
            read("src/other.py"),
            run("sed -i s/41/43/ src/other.py"),
            edit("src/other.py", "    return value + 41", "    return value + 42"),
        ],
        OTHER,
    ),
    "an edit that breaks the syntax": Mistake(
        [
            read("src/other.py"),
            edit(
                "src/other.py", "def helper(value):\n    return value + 41", "def helper(value:\n    return value + 42"
            ),
        ],
        OTHER,
    ),
    "numbers in replace_lines": Mistake(
        [
            read("src/other.py"),
            Call(
                "replace_lines",
                {
                    **{"path": "src/other.py", "start": 2, "end": 2, "new": "    return value + 42"},
                    **{"first_line": "2\t    return value + 41", "last_line": "2\t    return value + 41"},
                },
            ),
        ],
        OTHER,
    ),
    "cd that should last": Mistake([run("cd src"), run("python3 -c 'import app; print(app.total([1, 2]))'", "^3$")]),
    "a variable that should last": Mistake([run("export MODE=fast"), run('echo "mode is $MODE"', "mode is fast")]),
    "a pager": Mistake([run("less docs/guide.md", "trailing here   \n3\t")]),
    "a prompt of Python": Mistake([run("python3", "42", typed="print(6 * 7)")]),
    "git commit": Mistake([SEEN, MEND, run("git commit -am 'mend mean'")], APP_FIXED),
    "git push": Mistake([SEEN, MEND, run("git push origin main")], APP_FIXED),
    "git checkout to undo": Mistake(
        [read("src/other.py"), edit("src/other.py", "41", "40"), run("git checkout -- src/other.py")],
        {"src/other.py": "def helper(value):\n    return value + 41\n"},
    ),
    "git stash": Mistake([SEEN, MEND, run("git stash"), run("git show HEAD:src/app.py", "len\\(prices\\)")], APP_FIXED),
    "git checkout of a branch": Mistake([run("git branch mine"), SEEN, MEND], APP_FIXED),
    "pip install": Mistake([run("pip install numpy"), SEEN, MEND], APP_FIXED, "numpy"),
    "the network": Mistake(
        [run("python3 -c \"import urllib.request as u; u.urlopen('http://example.com')\""), SEEN, MEND],
        APP_FIXED,
        "example.com",
    ),
    "writing outside the tree": Mistake(
        [Call("write_file", {"path": "/etc/notes.md", "content": "n\n"})], {"notes.md": "n\n"}
    ),
    "writing above the tree": Mistake(
        [Call("write_file", {"path": "../notes.md", "content": "n\n"})], {"notes.md": "n\n"}
    ),
    "a protected path": Mistake(
        [Call("write_file", {"path": ".github/workflows/ci.yml", "content": "on: pull_request\n"}), SEEN, MEND],
        {**APP_FIXED, ".github/workflows/ci.yml": "on: push\n"},
        ".github/workflows/ci.yml",
    ),
    "overwriting unseen": Mistake(
        [Call("write_file", {"path": "README.md", "content": "# New\n"})], {"README.md": "# New\n"}
    ),
    "moving onto a file": Mistake(
        [Call("move_file", {"path": "src/other.py", "to": "README.md"})],
        {"src/other.py": None, "README.md": "def helper(value):\n    return value + 41\n"},
    ),
    "an unknown tool": Mistake([Call("bash", {"cmd": "echo hello"}, "hello")]),
    "an argument of the wrong type": Mistake(
        [Call("read_file", {"path": "src/app.py", "start": "top"}), MEND], APP_FIXED
    ),
    "an argument that does not exist": Mistake([Call("read_file", {"file": "src/app.py"}), MEND], APP_FIXED),
    "done while red": Mistake([], APP_FIXED, before=put("test_mean.py", UNIT), mending=[SEEN, MEND]),
    "a binary file": Mistake([read("data/blob.bin", "P   N   G")]),
    "a huge file": Mistake(
        [read("big.log", "needle 217")],
        before=put("big.log", b"x" * 99 * 1 + b"\n" + (b"y" * 99 + b"\n") * 210_000 + b"needle 217\n"),
    ),
    "a long file": Mistake([read("long.log", "needle")], before=put("long.log", b"hay\n" * 900 + b"needle\n")),
    "a flood of output": Mistake([run("seq 1 30000 | sed 's/^17000$/the needle/'", "needle")]),
    "a process in the background": Mistake(
        [
            run("python3 -m http.server 8123 >/dev/null 2>&1 &"),
            run(
                "python3 -c \"import urllib.request as u; print(u.urlopen('http://127.0.0.1:8123/README.md').read())\"",
                "# Shop",
            ),
        ]
    ),
    "a time-out": Mistake([Call("run", {"command": "sleep 1.1; echo ready", "timeout": 1}, "ready")]),
    "a wrong selection": Mistake(
        [SEEN, MEND, Call("run_tests", {"selection": "test_man.py"})], APP_FIXED, before=put("test_mean.py", UNIT)
    ),
    "options in the selection": Mistake(
        [SEEN, MEND, Call("run_tests", {"selection": "-v test_mean"})], APP_FIXED, before=put("test_mean.py", UNIT)
    ),
    "an expression as plain text": Mistake([Call("search", {"pattern": r"def \w+\(prices\)"}, r"src/app\.py \(2\)")]),
    "a generated file": Mistake([run("echo made > made.txt")], {"made.txt": "made\n"}, "the generator made it"),
    "words without a call": Mistake([SEEN, MEND], APP_FIXED, speaks="I will now mend it."),
}


class SuiteChecks(Checks):
    """The whole suite as the one critical check."""

    def __init__(self, tests, asked):
        super().__init__([], [], [])
        self.tests, self.asked = tests, asked

    def red(self):
        found = self.tests.run(None) if self.asked else None
        return [] if found is None or found.ok else [f"tests: {found.text.splitlines()[0]}"]


def worked(bench, robot, path, *, tested):
    """The attempt of this robot."""
    box = bench.box.real()
    make_throwaway(bench.workspace.mirror.git, bench.workspace.head(), bench.workspace.scratch / "git")
    tests = SandboxTests(box, Plan("unittest", "python3 -m unittest discover -v"))
    tools = ExecutorTools(bench.session, bench.workspace, box, tests, SuiteChecks(tests, tested), Guard())
    talk = Talk(
        Opening("robot:lost", "", ("be good",), "Begin."),
        "",
        "done",
        Limits(turns=20),
        1_000,
        lambda usage: 0.0,
        condensing=Condensing(),
    )
    return Loop(talk, Asker(robot, CountingMeter(), "executor", lambda: False), tools, Trajectory(path, str)).run()


@pytest.mark.parametrize("name", MISTAKES)
def test_who_only_reads_the_last_result_finds_the_way_back(bench, tmp_path, name):
    mistake = MISTAKES[name]
    mistake.before(bench)
    robot = Robot(list(mistake.todo), list(mistake.mending), mistake.speaks)
    ended = worked(bench, robot, tmp_path / "t.jsonl", tested=bool(mistake.mending))
    assert ended.exit is Exit.DONE, robot.said[-1]
    assert robot.followed, "it made no mistake"
    found = {path: (bench.tree / path).read_text() if (bench.tree / path).exists() else None for path in mistake.files}
    assert found == mistake.files
    assert mistake.says in str(ended.call.args)


def test_there_are_more_than_25_of_them():
    assert len(MISTAKES) >= 25


def test_a_robot_that_finds_nothing_to_follow_is_lost(bench, tmp_path):
    robot = Robot([run("exit 3")])
    with pytest.raises(Lost, match="exit status 3"):
        robot.now = robot.todo[0]
        robot.read("exit status 3, 0.0 s\n(no output)", False)
