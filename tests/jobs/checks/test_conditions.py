"""Conditions and syntax: tables on a real tree and sandbox."""

import pytest

from jobs.checks.conditions import Ground, check_condition
from jobs.checks.result import Layer, Status
from jobs.checks.syntax import check_syntax, new_syntax_problem, syntax_problem
from jobs.checks.testplan import TestPlan
from state.plan.model import Condition

FILES = {
    "src/shop/__init__.py": "",
    "src/shop/stock.py": "import json\nfrom shop import price\nfrom . import price as p\n\nLIMIT: int = 3\n\n"
    "class Stock:\n    def check(self):\n        return LIMIT\n\nif True:\n    def late(): ...\n",
    "src/shop/price.py": "PRICE = 1\n",
    "src/shop/late.py": "import os.path\ntry:\n    import fast\nexcept ImportError:\n    fast = None\n"
    "    def slow(): ...\nfor one in (1, 2):\n    last = one\nwhile (step := 1) < 0:\n    never = step\n"
    "with open('x') as file:\n    text = file.read()\n\nclass Cart:\n    class Line:\n        price = 1\n\n"
    "    def __init__(self):\n        self.count = 0\n        inner = lambda: inner\n        given.size = 3\n",
    "src/shop/wrong.py": "import nothing_like_this\nfrom .price import MISSING\n",
    "web/app.ts": "export async function load(x) {}\nexport const rate = 3;\n",
    "web/lru.js": "class Lru {\n  get(key) {\n    return call(key);\n  }\n}\nmodule.exports = { Lru, rest };\n",
    "go/store.go": "func (s *Store) Save(one Row) error {\n\treturn write(one)\n}\n\ntype Row struct{}\n",
    "rust/lib.rs": "pub(crate) unsafe fn raw() {\n    other();\n}\npub static LIMIT: u32 = 3;\n// the fn hidden\n",
    "Cart.kt": "data class Line(val price: Int)\noverride suspend fun total(): Int = sum()\n",
    "Cart.php": "<?php\n  public static function total() {\n    return sum();\n  }\n",
    "cart.rb": "class Cart\n  def self.of(one)\n    new(one)\n  end\nend\n",
    "cart.cpp": "#define LIMIT 3\nvoid Cart::add(int n) {\n    return raise(n);\n    delete old;\n}\n",
    "Cart.java": "public class Cart {\n    private final Map<String, Integer> lines = new HashMap<>();\n"
    "    int total();\n    public static List<Line> all(int n) {\n        return sum(n);\n"
    "        new Other(n);\n    }\n}\n",
    "data.json": '{"a": 1}',
    "bad.json": '{"a": 1,}',
    "tests/test_x.py": "def test_good():\n    pass\n\ndef test_bad():\n    assert 0\n",
}
TABLE = [
    ("file_exists", "src/shop/stock.py", "", True),
    ("file_exists", "src/shop", "", False),
    ("file_exists", "link", "", True),
    ("file_exists", "out/passwd", "", False),
    ("directory_exists", "src/shop/", "", True),
    ("directory_exists", "data.json", "", False),
    ("symbol_defined", "src/shop/stock.py", "Stock", True),
    ("symbol_defined", "src/shop/stock.py", "Stock.check", True),
    ("symbol_defined", "src/shop/stock.py", "check", True),
    ("symbol_defined", "src/shop/stock.py", "Stock.check()", True),
    ("symbol_defined", "src/shop/stock.py", "LIMIT", True),
    ("symbol_defined", "src/shop/stock.py", "late", True),
    ("symbol_defined", "src/shop/stock.py", "Stoc", False),
    *(
        ("symbol_defined", "src/shop/late.py", one, True)
        for one in ("fast", "slow", "last", "never", "text", "Cart.count")
    ),
    *(
        ("symbol_defined", "src/shop/late.py", one, True)
        for one in ("count", "Cart.Line.price", "shop.late.Cart", "os.path")
    ),
    *(("symbol_defined", "src/shop/late.py", one, False) for one in ("path", "inner", "size", "Basket.count", "cart")),
    ("symbol_defined", "none.py", "x", False),
    ("symbol_defined", "web/app.ts", "load", True),
    ("symbol_defined", "web/app.ts", "rate", True),
    ("symbol_defined", "web/app.ts", "loads", False),
    *(("symbol_defined", "web/lru.js", one, True) for one in ("Lru", "Lru.get", "rest")),
    *(("symbol_defined", "web/lru.js", one, False) for one in ("call", "key", "Lru.put")),
    *(("symbol_defined", "go/store.go", one, True) for one in ("Save", "Store.Save", "Row")),
    *(("symbol_defined", "go/store.go", one, False) for one in ("write", "Store", "one")),
    *(("symbol_defined", "rust/lib.rs", one, True) for one in ("raw", "LIMIT")),
    *(("symbol_defined", "rust/lib.rs", one, False) for one in ("other", "hidden")),
    *(("symbol_defined", "Cart.kt", one, holds) for one, holds in (("Line", True), ("total", True), ("sum", False))),
    *(("symbol_defined", "Cart.php", one, holds) for one, holds in (("total", True), ("sum", False))),
    *(("symbol_defined", "cart.rb", one, holds) for one, holds in (("Cart.of", True), ("new", False), ("one", False))),
    *(("symbol_defined", "cart.cpp", one, True) for one in ("LIMIT", "Cart.add")),
    *(("symbol_defined", "cart.cpp", one, False) for one in ("raise", "old", "n")),
    *(("symbol_defined", "Cart.java", one, True) for one in ("Cart", "lines", "total", "Cart.all")),
    *(("symbol_defined", "Cart.java", one, False) for one in ("sum", "Other", "HashMap", "n")),
    ("import_available", "shop.stock", "", True),
    ("import_available", "json", "", True),
    ("import_available", "flask", "", False),
    ("syntax_valid", "data.json", "", True),
    ("syntax_valid", "bad.json", "", False),
    ("imports_resolve", "src/shop/stock.py", "", True),
    ("imports_resolve", "src/shop/wrong.py", "", False),
    ("text_matches", "src/shop/price.py", r"PRICE\s*=\s*\d", True),
    ("text_matches", "src/shop/price.py", "COST", False),
    ("text_matches", "out/passwd", "root", False),
    ("command_succeeds", "python3 -c 'print(1)'", "", True),
    ("command_succeeds", "exit 3", "", False),
    ("test_passes", "tests/test_x.py::test_good", "", True),
    ("test_passes", "tests/test_x.py::test_bad", "", False),
    ("test_passes", "tests/test_x.py::test_none", "", False),
]


@pytest.fixture
def ground(box):
    for name, text in FILES.items():
        path = box.tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (box.tree / "out").symlink_to("/etc")
    (box.tree / "link").symlink_to("data.json")
    return Ground(box, TestPlan("pytest", "python3 -m pytest -q"))


@pytest.mark.parametrize(("kind", "target", "value", "holds"), TABLE)
def test_a_condition_is_judged_by_a_program(ground, kind, target, value, holds):
    found = check_condition(Condition(type=kind, target=target, value=value), ground)
    assert (found.status is Status.PASSED) is holds, found
    assert found.layer is Layer.CRITICAL and found.summary


def test_a_condition_that_is_not_critical_never_stops_a_step(ground):
    condition = Condition(type="file_exists", target="none", critical=False)
    assert not check_condition(condition, ground).red


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.py", "x = 1\n", None),
        ("a.py", "\ufeffx = 1\n", None),
        ("a.py", "x = 1\ny = (\n", 2),
        ("a.py", "x = '\\d'\n", None),
        ("a.py", "x = \0\n", 0),
        ("a.py", "(" * 500 + ")" * 500, 0),
        ("a.json", '{"a": 1}\n', None),
        ("a.json", '{"a": 1,}\n', 1),
        ("tsconfig.json", "// c\n{}\n", None),
        ("a.yaml", "a: 1\nb: !Ref x\n---\nc: 2\n", None),
        ("a.yml", "a: 1\n b: 2\n", 2),
        ("a.toml", "a = 1\n", None),
        ("a.toml", "a = 1\nb = \n", 2),
        ("a.txt", "((((", None),
        ("Makefile", "((((", None),
    ],
)
def test_syntax_by_kind_of_file(path, text, line):
    found = syntax_problem(path, text)
    assert (found is None) is (line is None)
    assert line in {None, 0} or found.line == line


def test_what_was_broken_before_is_not_new():
    assert new_syntax_problem("a.py", "def\n", "def x\n") is None
    assert new_syntax_problem("a.py", None, "def x\n")


def test_the_syntax_check_names_place_and_reason():
    found = check_syntax(["a.py", "gone.py"], lambda path: None, {"a.py": "x = (\n"}.get)
    assert found.red and found.tail.startswith("a.py:1: ") and found.summary == "1 of 1 changed files cannot be parsed"
