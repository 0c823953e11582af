"""Two small repositories that nothing of the service was made for, what people ask of them, and scripted answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.system.town import Mind, call, plan_of


@dataclass(frozen=True)
class Unseen:
    """A repository, an issue and a request; `tests` runs its suite after `python`."""

    files: Mapping[str, str]
    title: str
    body: str
    request: str
    mind: Mind
    tests: tuple[str, ...]
    test_environment: Mapping[str, str]


def _step(title: str, serves: str, main: str, test_file: str, symbol: str, test: str) -> Mapping[str, object]:
    return {
        "id": "a",
        "title": title,
        "serves": serves,
        "files": [{"path": main, "change": "modify"}, {"path": test_file, "change": "modify"}],
        "main_file": main,
        "symbols": [symbol],
        "estimated_minutes": 4,
        "lines_max": 20,
        "tests": [test],
    }


_FINISH = call("done", summary="the boundary is right, with a test for it", handoff="nothing is left")

_PRICE = """from dataclasses import dataclass

LIGHT_KG = 5
LIGHT, HEAVY = 490, 1290


@dataclass(frozen=True)
class Parcel:
    kg: float
    express: bool = False


def price(parcel: Parcel) -> int:
    base = LIGHT if parcel.kg < LIGHT_KG else HEAVY
    return base * 2 if parcel.express else base
"""
_PRICE_TEST = """import pytest

from parcels.price import Parcel, price


@pytest.mark.parametrize(("kg", "cents"), [(1, 490), (9, 1290)])
def test_the_weight_makes_the_price(kg, cents):
    assert price(Parcel(kg)) == cents


def test_express_is_twice_as_dear():
    assert price(Parcel(1, express=True)) == 980
"""
PARCELS = Unseen(
    files={
        "README.md": "# parcels\n\nWhat a parcel costs, in cents. Up to and including 5 kg is light.\n",
        "pyproject.toml": (
            '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n\n'
            '[project]\nname = "parcels"\nversion = "0.1"\n\n'
            '[tool.pytest.ini_options]\npythonpath = ["src"]\ntestpaths = ["tests"]\n'
        ),
        "requirements.txt": "pytest>=7\n",
        "src/parcels/__init__.py": "",
        "src/parcels/price.py": _PRICE,
        "tests/test_price.py": _PRICE_TEST,
    },
    title="Exactly 5 kg is charged as heavy",
    body="The README says that 5 kg is still light. A parcel of exactly 5 kg costs 12.90.",
    request="charge 5 kg as light",
    mind=Mind(
        planner=[
            [call("list_files", path="."), call("read_file", path="src/parcels/price.py")],
            plan_of(
                _step(
                    "Charge exactly 5 kg as light",
                    "charge 5 kg as light",
                    "src/parcels/price.py",
                    "tests/test_price.py",
                    "price",
                    "tests/test_price.py::test_the_weight_makes_the_price[5-490]",
                ),
                title="Charge 5 kg as light WORD",
                type="fix",
                summary="Exactly 5 kg is light.",
            ),
        ],
        executor=(
            [call("read_file", path="src/parcels/price.py"), call("read_file", path="tests/test_price.py")],
            [
                call("edit_file", path="src/parcels/price.py", old="parcel.kg < LIGHT_KG", new="parcel.kg <= LIGHT_KG"),
                call("edit_file", path="tests/test_price.py", old="[(1, 490), ", new="[(1, 490), (5, 490), "),
            ],
            call("run_tests"),
            _FINISH,
            _FINISH,
        ),
    ),
    tests=("-m", "pytest", "-q", "-p", "no:cacheprovider"),
    test_environment={"PYTHONPATH": "src"},
)

_LEDGER = """class Ledger:
    def __init__(self):
        self.entries = []

    def book(self, cents):
        self.entries.append(cents)

    @property
    def balance(self):
        return sum(self.entries)
"""
_LEDGER_TEST = """import unittest

from ledger import Ledger


class LedgerTest(unittest.TestCase):
    def setUp(self):
        self.ledger = Ledger()

    def test_what_is_booked_is_in_the_balance(self):
        self.ledger.book(500)
        self.ledger.book(-200)
        self.assertEqual(self.ledger.balance, 300)


if __name__ == "__main__":
    unittest.main()
"""
LEDGER = Unseen(
    files={
        "README": "A ledger that must never be in the red. Tests: python -m unittest\n",
        "ledger.py": _LEDGER,
        "test_ledger.py": _LEDGER_TEST,
    },
    title="The ledger can be overdrawn",
    body="Booking -900 on a balance of 300 is accepted. It should raise ValueError and book nothing.",
    request="refuse to be overdrawn",
    mind=Mind(
        planner=[
            [call("read_file", path="ledger.py"), call("read_file", path="test_ledger.py")],
            plan_of(
                _step(
                    "Refuse what the balance does not hold",
                    "refuse to be overdrawn",
                    "ledger.py",
                    "test_ledger.py",
                    "book",
                    "test_ledger.LedgerTest.test_it_is_never_in_the_red",
                ),
                title="Refuse to be overdrawn WORD",
                type="fix",
                summary="Booking more than there is raises ValueError and books nothing.",
            ),
        ],
        executor=(
            [call("read_file", path="ledger.py"), call("read_file", path="test_ledger.py")],
            [
                call(
                    "edit_file",
                    path="ledger.py",
                    old="        self.entries.append(cents)\n",
                    new=(
                        "        if self.balance + cents < 0:\n            raise ValueError(cents)\n"
                        "        self.entries.append(cents)\n"
                    ),
                ),
                call(
                    "edit_file",
                    path="test_ledger.py",
                    old="        self.assertEqual(self.ledger.balance, 300)\n",
                    new=(
                        "        self.assertEqual(self.ledger.balance, 300)\n\n"
                        "    def test_it_is_never_in_the_red(self):\n"
                        "        with self.assertRaises(ValueError):\n            self.ledger.book(-1)\n"
                        "        self.assertEqual(self.ledger.entries, [])\n"
                    ),
                ),
            ],
            call("run_tests"),
            _FINISH,
            _FINISH,
        ),
    ),
    tests=("-m", "unittest"),
    test_environment={},
)
