"""What the plan says will exist is looked for; what cannot be looked for refuses nobody."""

import pytest

from jobs.checks import outputs
from jobs.checks.result import Status
from tests.jobs.checks.place import place, step

PYTHON = """import os as system
from .errors import OutOfStock

LIMIT: int = 3
first, second = 1, 2
if True:
    def later(): ...
try:
    import fast
except ImportError:
    fast = None


class Cart:
    SIZE = 1

    def __init__(self):
        self.count = 0

    class Line:
        price = 1

    async def add(self): ...
"""
ECMA = """import fs from "fs";
export default class Lru { #entries = new Map(); static of() { return new Lru(); }
  get(key) {
    return call(key);
  }
  set size(n) {}
}
export async function slug(text) {}
const hidden = 1;
export { hidden as shown, other };
module.exports = { first, second };
exports.third = 3;
this.field = 1;
helper(1);
"""
TYPES = """export interface Options { max?: number }
export declare function slug(text: string): string;
export type Id = string;
export abstract class Base {
  run(id: Id): void;
}
export enum Size { Small }
"""


@pytest.mark.parametrize(
    ("name", "there"),
    [
        *((one, True) for one in ("Cart", "Cart.add", "Cart.count", "Cart.SIZE", "Cart.Line.price", "LIMIT", "later")),
        *((one, True) for one in ("second", "OutOfStock", "system", "fast", "shop.cart.Cart", "cart.Cart.add")),
        *((one, False) for one in ("add", "Basket.add", "cart.add", "Cart.remove", "remove", "os", "Cart.Cart")),
    ],
)
def test_names_of_a_python_module(name, there):
    assert outputs.defines_python(PYTHON, name) is there


@pytest.mark.parametrize(
    ("text", "name", "there"),
    [
        *(
            (ECMA, one, True)
            for one in ("Lru", "Lru.get", "slug", "hidden", "entries", "size", "field", "third", "first")
        ),
        *((ECMA, one, False) for one in ("call", "helper", "remove", "Map", "Lru.put")),
        *((TYPES, one, True) for one in ("Options", "Options.max", "slug", "Id", "Base.run", "Size")),
        *((TYPES, one, False) for one in ("text", "void", "Sizes")),
    ],
)
def test_names_of_a_javascript_or_typescript_file(text, name, there):
    assert outputs.defines_ecma(text, name) is there


@pytest.mark.parametrize(
    ("name", "there"),
    [
        *((one, True) for one in ("default", "Lru", "slug", "shown", "other", "first", "second", "third")),
        *((one, False) for one in ("size", "helper", "get", "field")),
    ],
)
def test_what_a_javascript_file_exports(name, there):
    assert outputs.exports_ecma(ECMA, name) is there


def judged(wanted, files, more=()):
    return outputs.verdict(wanted, files, files.get, lambda word: more)


def test_a_missing_file_and_a_missing_name_are_told_each_on_a_line():
    wanted = step(
        ("a.py", "create"), main_file="a.py", outputs=["a.py", "b.py"], symbols=["Cart", "Cart.add()"], exports=["x"]
    )
    found = judged(wanted, {"a.py": "class Cart:\n    pass\n"})
    assert found.red and found.reason == "outputs" and found.summary.startswith("3 of the step's 2 files and 3 names")
    assert found.tail.split("\n") == [
        "b.py does not exist",
        "Cart.add is defined nowhere (a.py were looked at)",
        "x is exported nowhere (a.py were looked at)",
    ]


def test_a_name_in_another_file_than_the_planned_one_counts():
    found = judged(step(main_file="a.py", symbols=["helper"]), {"a.py": "", "b.py": "def helper(): ...\n"}, ["b.py"])
    assert found.status is Status.PASSED and found.summary == "1 files and 1 names are there"


def test_a_file_that_is_to_be_deleted_and_a_folder_are_no_missing_files():
    wanted = step(("old.py", "delete"), main_file="old.py", outputs=["src", "src/"])
    assert judged(wanted, {"src/a.py": ""}).status is Status.PASSED


def test_words_that_are_no_names_are_for_a_person():
    found = judged(step(main_file="a.py", symbols=["GET /orders", "the button"]), {"a.py": ""})
    assert found.status is Status.PASSED and found.summary.endswith("2 are for a person to look for")
    assert judged(step(), {}).status is Status.NOT_RUN


def test_other_languages_and_broken_files_are_taken_as_text():
    assert judged(step(main_file="a.rb", symbols=["Cart.add"]), {"a.rb": "def add\nend\n"}).status is Status.PASSED
    assert judged(step(main_file="a.py", symbols=["Cart"]), {"a.py": "class Cart(:\n"}).red
    assert judged(step(main_file="a.go", symbols=["Add"]), {"a.go": "func Addition() {}\n"}).red


def test_the_whole_tree_is_searched_before_a_step_is_refused(tmp_path):
    here = place(tmp_path, {"src/deep/there.ts": "export const old = 1;\n", "notes.txt": "gone\n"})
    scene = here.scene(
        {"a.ts": "", "src/new.ts": "export function fresh() {}\n"}, step(main_file="a.ts", symbols=["fresh", "old"])
    )
    here.box.close()
    assert [one.status for one in outputs.judge(scene)] == [Status.PASSED]
    scene = here.scene({}, step(main_file="a.ts", symbols=["gone"]))
    assert [one.red for one in outputs.judge(scene)] == [True]


@pytest.mark.timeout(20)
def test_no_text_keeps_the_search_busy():
    for text in (
        "\n" * 300_000,
        " " * 300_000,
        "export {" * 100_000,
        "export " * 120_000,
        "a " * 150_000,
        "<" * 300_000,
    ):
        assert outputs.defines_ecma(text, "x") is False
