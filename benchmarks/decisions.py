"""The same decisions of a scripted model for two harnesses, on the same generated repository: ours by its tools, the
peer's by shell commands, each in the way that costs it least.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.recorder import Decision
from benchmarks.trees import git

MODULES = 12
FUNCTIONS = 34
TASK = "In every module of `shop`, the last function adds one cent too much. Mend each and add a test for it."


def generate(folder: Path) -> str:
    """A repository of small modules with tests; in each module one function is wrong. Returns its commit."""
    git(folder.parent, "init", "-q", "-b", "main", str(folder))
    for name in ("shop", "tests"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("")
    for number in range(MODULES):
        (folder / "shop" / f"part{number}.py").write_text(module(number))
        (folder / "tests" / f"test_part{number}.py").write_text(tests(number))
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=bench", "-c", "user.email=bench@localhost", "commit", "-q", "-m", "start")
    return git(folder, "rev-parse", "HEAD")


def module(number: int) -> str:
    """A module of about 170 lines."""
    head = f'"""Prices of part {number}, in cents."""\n'
    body = (
        f"\n\ndef price_{number}_{each}(amount: int) -> int:\n"
        f'    """The price of kind {each}."""\n    return amount * {each + 1} + {int(each == FUNCTIONS - 1)}\n'
        for each in range(FUNCTIONS)
    )
    return head + "".join(body)


def tests(number: int) -> str:
    """Tests of which the last one fails."""
    cases = "".join(
        f"\n    def test_price_{each}(self):\n"
        f"        self.assertEqual(part{number}.price_{number}_{each}(2), {2 * each + 2})\n"
        for each in (0, 1, 2, FUNCTIONS - 1)
    )
    return f"import unittest\n\nfrom shop import part{number}\n\n\nclass Prices(unittest.TestCase):{cases}"


def ours(turns: int) -> list[Decision]:
    """The decisions as calls of our tools."""
    return [Decision(said, name, args) for (said, name, args), _ in both(turns)]


def theirs(turns: int) -> list[tuple[str, str]]:
    """The same as shell commands."""
    return [(said, command) for (said, _, _), command in both(turns)]


Both = tuple[tuple[str, str, dict[str, str]], str]


def both(turns: int) -> list[Both]:
    """So many decisions, a part of the repository after the other."""
    found: list[Both] = []
    for number in range(-(-turns // 10)):
        found += list(of_part(number % MODULES))
    return found[:turns]


def of_part(number: int) -> Iterator[Both]:
    """Ten decisions: find, read, see it fail, mend, see it pass, test, run all, look."""
    last = FUNCTIONS - 1
    path, test = f"shop/part{number}.py", f"tests/test_part{number}.py"
    wrong, right = f"    return amount * {FUNCTIONS} + 1", f"    return amount * {FUNCTIONS} + 0"
    old = f"price_{number}_{last}(2), {2 * FUNCTIONS})\n"
    new = f"{old}\n    def test_nothing(self):\n        self.assertEqual(part{number}.price_{number}_{last}(0), 0)\n"
    narrow = {"selection": f"tests.test_part{number}"}
    name = f"price_{number}_{last}"
    yield (("I look where it is defined and used.", "search", {"pattern": name}), f"grep -rn '{name}' --include=*.py .")
    yield (("I read the module.", "read_file", {"path": path}), f"cat {path}")
    yield (("Its tests next.", "read_file", {"path": test}), f"cat {test}")
    run = f"python3 -m unittest tests.test_part{number}"
    yield (("I see the test fail first.", "run_tests", narrow), run)
    mend = {"path": path, "old": wrong, "new": right}
    yield (("The last function adds a cent: that is the cause.", "edit_file", mend), replaced(path, wrong, right))
    yield (("Does it pass now?", "run_tests", narrow), run)
    more = {"path": test, "old": old, "new": new}
    yield (("Now a test for nothing at all.", "edit_file", more), replaced(test, old, new))
    yield (("Again the narrow tests.", "run_tests", narrow), run)
    yield (("And the whole suite.", "run_tests", {}), "python3 -m unittest discover")
    yield (("I look at what I changed here.", "diff", {"path": path}), f"git diff {path}")


def replaced(path: str, old: str, new: str) -> str:
    """An exact replacement as a shell command."""
    return (
        f"python3 - <<'EOF'\nfrom pathlib import Path\npath = Path('{path}')\n"
        f"path.write_text(path.read_text().replace('''{old}''', '''{new}'''))\nEOF"
    )
