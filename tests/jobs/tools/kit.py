"""A small repository and a bench of tools on it."""

from dataclasses import dataclass, field

from ai.port import ToolResult
from jobs.git.workspace import Workspace
from jobs.sandbox.box import Sandbox
from jobs.setup.protected import Guard
from jobs.tools.executor import ExecutorTools
from jobs.tools.memory import ToolSession
from jobs.tools.ports import TestsSaid

APP = b'''"""The shop."""


def total(prices):
    result = 0
    for price in prices:
        result += price
    return result


def mean(prices):
    result = total(prices)
    return result / len(prices)
'''
FILES = {
    "README.md": b"# Shop\n\nSells things.\n",
    "AGENTS.md": b"Use tabs never.\n",
    "src/app.py": APP,
    "src/other.py": b"def helper(value):\n    return value + 41\n",
    "src/windows.py": b"def one():\r\n    return 1\r\n\r\n\r\ndef two():\r\n    return 2\r\n",
    "src/mixed.txt": b"unix\nwindows\r\nunix again\n",
    "src/bom.py": b"\xef\xbb\xbfNAME = 'x'\n",
    "src/bare.txt": b"first\nlast",
    "src/latin.txt": b"caf\xe9\nplain\n",
    "src/tabs.go": b"func main() {\n\tif true {\n\t\trun()\n\t}\n}\n",
    "src/broken.py": b"def broken(:\n    pass\n",
    "data/config.json": b'{\n  "name": "shop",\n  "size": 3\n}\n',
    "data/config.toml": b'[tool]\nname = "shop"\n',
    "data/config.yml": b"name: shop\nitems:\n  - one\n",
    "data/blob.bin": b"\x89PNG\r\n\x00\x01",
    "data/empty.txt": b"",
    "bin/tool": b"#!/bin/sh\necho tool\n",
    "docs/guide.md": b"It\xe2\x80\x99s \xe2\x80\x9cquoted\xe2\x80\x9d text.\ntrailing here   \nend\n",
    "tests/test_app.py": b"from src.app import total\n\n\ndef test_total():\n    assert total([1, 2]) == 3\n",
    "with space/été.txt": b"summer\n",
    ".github/workflows/ci.yml": b"on: push\n",
    ".gitignore": b"*.log\nbuild/\n",
}


@dataclass
class Tests:
    """Answers what it is told to."""

    __test__ = False
    text: str = "Tests passed: 1 passed"
    ok: bool = True
    asked: list[str | None] = field(default_factory=list)

    def run(self, selection: str | None) -> TestsSaid:
        self.asked.append(selection)
        return TestsSaid(self.text, self.ok)


@dataclass
class Checks:
    """A checker whose findings are set by the test."""

    critical: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=lambda: ["total of nothing is 0"])

    def red(self) -> list[str]:
        return list(self.critical)

    def failing(self) -> list[str]:
        return list(self.others)

    def acceptance(self) -> list[str]:
        return list(self.wanted)


@dataclass
class Box:
    """The sandbox, made when a command first runs: most tests run none."""

    workspace: Workspace
    made: Sandbox | None = None

    def real(self) -> Sandbox:
        self.made = self.made or Sandbox(self.workspace.tree, self.workspace.scratch)
        return self.made

    def run(self, command, **how):
        return self.real().run(command, **how)


class Bench:
    """The executor's tools, called by name."""

    def __init__(self, workspace: Workspace, session: ToolSession | None = None) -> None:
        self.workspace = workspace
        self.tree = workspace.tree
        self.session = session or ToolSession(declared=("src/app.py",))
        self.box = Box(workspace)
        self.tests, self.checks = Tests(), Checks()
        self.tools = ExecutorTools(self.session, workspace, self.box, self.tests, self.checks, Guard(("secret/",)))

    def close(self) -> None:
        if self.box.made:
            self.box.made.close()

    def call(self, name: str, **args) -> ToolResult:
        return self.tools.call(name, args)

    def ok(self, name: str, **args) -> str:
        result = self.call(name, **args)
        assert not result.is_error, result.text
        return result.text

    def refused(self, name: str, **args) -> str:
        result = self.call(name, **args)
        assert result.is_error, result.text
        return result.text
