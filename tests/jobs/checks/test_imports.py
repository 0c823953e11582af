"""Imports of changed files: what resolves, what does not, what was broken before, and who imports what is gone."""

import pytest

from jobs.checks.imports_ecma import absent
from jobs.checks.imports_python import imports, roots
from jobs.checks.result import Finding, Status
from tests.jobs.checks.bench import Bench

FILES = {
    "src/shop/__init__.py": "from shop.price import PRICE\n",
    "src/shop/price.py": "PRICE = 1\nif PRICE:\n    LATE = 2\n",
    "src/shop/lazy.py": "def __getattr__(name):\n    return 1\n",
    "src/shop/sub/deep.py": "DEEP = 1\n",
    "src/shop/broken.py": "import never_there\n\nA = 1\n",
    "services/billing/billing/tax.py": "RATE = 1\n",
    "services/billing/billing/__init__.py": "",
    "types.py": "OWN = 1\n",
    "fast.pyx": "",
    "pyproject.toml": "[project]\nname = 'shop'\noptional-dependencies.plot = ['matplotlib>=3']\n",
}
RESOLVE = """
import json, os.path, collections.abc, xml.etree.ElementTree as tree
from typing import Any, TypedDict
from os import path, sep
from types import OWN, SimpleNamespace
from importlib import metadata
import shop
import shop.price as p
from shop import PRICE, price, lazy, sub
from shop.price import LATE
from shop.lazy import anything_at_all
from shop.sub import deep
from shop.sub.deep import DEEP
from . import price as again, PRICE as one
from .sub.deep import *
from .price import PRICE as two
from billing.tax import RATE
from fast import quick
from shop._version import version
from shop.messages_pb2 import Order
try:
    import ujson
    from quick_json import loads
except ImportError:
    ujson = None
if os.name == "nt":
    import winreg2
def plot():
    import matplotlib.pyplot
"""
DO_NOT = {
    "import never_there": "there is no module never_there",
    "import shop.nothing": "there is no module shop.nothing",
    "from shop import nothing": "shop has no nothing",
    "from shop.price import nothing": "shop.price has no nothing",
    "from .price import nothing": "price has no nothing",
    "from .json import loads": "there is no module json",
    "from .. import nothing": "the package has no nothing",
    "from os import nothing": "there is no module os",
    "from collections.abc import Nothing": "there is no module collections.abc",
    "import os.nothing": "there is no module os.nothing",
    "from shop.sub import nothing": "shop.sub has no nothing",
    "try:\n    import never_there\nexcept KeyError:\n    pass": "there is no module never_there",
    "def late():\n    import never_there": "there is no module never_there",
    "class A:\n    from shop.price import nothing": "shop.price has no nothing",
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("imports"), FILES)


def test_what_resolves_is_green_and_no_code_is_run(bench):
    bench.step({"src/shop/new.py": RESOLVE + "\nraise SystemExit('run')\n"})
    (found,) = bench.say("imports")
    assert found.status is Status.PASSED, found.tail
    bench.step({"src/shop/new.py": None})


def test_what_does_not_is_red_with_its_line(bench):
    for number, text in enumerate(DO_NOT):
        bench.step({f"src/shop/new{number:02d}.py": f"\n{text}\n"})
    (found,) = bench.say("imports")
    said = {one.path: one for one in found.findings}
    assert found.red and len(found.findings) == len(DO_NOT)
    for number, (text, words) in enumerate(DO_NOT.items()):
        one = said[f"src/shop/new{number:02d}.py"]
        assert words in one.message and one.line == text[: text.index("import")].count("\n") + 2, one
        bench.step({one.path: None})


def test_what_was_broken_before_is_not_new(bench):
    bench.step({"src/shop/broken.py": "import never_there\n\nA = 2\n"})
    assert bench.say("imports")[0].status is Status.PASSED
    bench.step({"src/shop/broken.py": FILES["src/shop/broken.py"]})


def test_who_imports_what_the_task_takes_away_is_named_though_it_was_left_alone(bench):
    bench.step({"src/shop/price.py": "COST = 1\n", "src/shop/sub/user.py": "from shop.price import LATE\n"})
    (found,) = bench.say("imports")
    assert {one.path for one in found.findings} == {"src/shop/__init__.py", "src/shop/sub/user.py"}
    bench.step({"src/shop/price.py": None})
    assert "there is no module shop.price" in bench.say("imports")[0].tail
    bench.step({"src/shop/price.py": FILES["src/shop/price.py"], "src/shop/sub/user.py": None})


def test_nothing_to_judge_is_said(bench):
    bench.step({"notes.txt": "x"})
    assert bench.say("imports")[0].status is Status.NOT_RUN
    bench.step({"notes.txt": None})


def test_a_text_that_does_not_parse_asks_for_nothing():
    assert imports("def (") == () and [str(one) for one in imports("from .a import b")] == ["from .a import b"]


def test_where_absolute_imports_may_begin():
    paths = frozenset({"lib/a/shop/x.py", "tests/unit/test_x.py"})
    assert roots("tests/unit/test_x.py", "shop", paths) == ("tests/unit", "tests", "", "src", "lib/a")


ECMA = frozenset(
    {
        "src/a.ts",
        "src/b/index.tsx",
        "src/c.d.ts",
        "src/data.json",
        "src/d.vue",
        "src/style.css",
        "lib/x/index.mjs",
        "e.js",
    }
)


@pytest.mark.parametrize(
    ("path", "name", "there"),
    [
        ("src/m.ts", "./a", True),
        ("src/m.ts", "./a.js", True),
        ("src/m.ts", "./a.ts", True),
        ("src/m.ts", "./b", True),
        ("src/m.ts", "./b/", True),
        ("src/m.ts", "./c", True),
        ("src/m.ts", "./data.json", True),
        ("src/m.ts", "./d.vue", True),
        ("src/m.ts", "./style.css?inline", True),
        ("src/b/n.ts", "../a", True),
        ("src/b/n.ts", "..", True),
        ("src/b/n.ts", ".", True),
        ("src/m.ts", "../e.js", True),
        ("src/m.ts", "./dist/made.js", True),
        ("src/m.ts", "../../outside", True),
        ("src/m.ts", "react", True),
        ("src/m.ts", "@/a", True),
        ("src/m.ts", "./nothing", False),
        ("src/m.ts", "./a/nothing", False),
        ("src/m.ts", "../a", False),
        ("src/m.ts", "./data.yml", False),
    ],
)
def test_relative_imports_of_javascript_name_a_file(path, name, there):
    assert (not list(absent([Finding(path, 1, "import", name)], ECMA | {"src/index.ts"}))) is there


@pytest.mark.slow
def test_javascript_new_imports_count_and_those_of_what_is_gone(tmp_path):
    files = {
        "a.js": "import './gone-before.js';\n",
        "b.js": "export const b = 1;\n",
        "c.ts": "import { b } from './b.js';\n",
        "d.mjs": "const b = require('./b');\ntry { require('./perhaps'); } catch {}\n",
    }
    bench = Bench(tmp_path, files)
    bench.step({"a.js": "import './gone-before.js';\nimport fs from 'node:fs';\nimport { b } from './b.js';\n"})
    assert bench.say("imports")[0].status is Status.PASSED
    bench.step({"a.js": "import './nothing.js';\n"})
    (found,) = bench.say("imports")
    assert found.red and [one.path for one in found.findings] == ["a.js"] and "./nothing.js" in found.tail
    bench.step({"a.js": "", "b.js": None})
    assert {(one.path, one.line) for one in bench.say("imports")[0].findings} == {("c.ts", 1), ("d.mjs", 1)}
