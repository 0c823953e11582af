"""What is found in a file, language by language."""

import pytest

from jobs.repomap import syntax
from jobs.repomap.languages import GRAMMARS, language_of
from jobs.repomap.outline import Outline, distinctive, words
from jobs.repomap.sources import readable

PYTHON = """\
from shop.errors import OutOfStock as Gone, Late
import os

LIMIT: int = 3
_cache = {}


@decorated_thing
class Stock(Base, mixins.Countable):
    size: int = 0

    @property
    def total(self) -> int:
        def local_helper():
            return 1
        return local_helper()

    async def take_out(
        self,
        sku: str,
        count: int = 1,
    ) -> None:
        rows.append(other_module.find_rows(sku))
"""
JAVASCRIPT = """\
const { readFile } = require("fs");
import { Basket as B } from "./basket";
export const LIMIT = 3;
export const total = (items) => items.reduce(sum, 0);
const api = {
  list() { return fetchAll() },
};
class Shop extends Base {
  open(day) {
    function inner() {}
  }
}
export default function start(port) { return new Server(port).listenOn(port) }
module.exports.stop = function () {};
"""
TYPESCRIPT = """\
export interface Item { name: string }
export type Id = string | number
enum Colour { Red }
export abstract class Store<T extends Item> extends Base {
  abstract find(id: Id): T
  add(item: T): void {}
}
declare function load(path: string): Store<Item>
"""
TSX = "export function Page(props: Props) { return <Panel title={props.title}><Footer/></Panel> }\n"
GO = """\
package shop

const Limit = 3

type Stock struct{ rows map[string]int }

type Finder interface {
	Find(sku string) (int, error)
}

func (s *Stock) Take(sku string) error { return errors.NewGone(sku) }

func New() *Stock { return &Stock{} }
"""
RUST = """\
use crate::errors::{Gone, Late};
const LIMIT: usize = 3;
pub struct Stock { rows: Vec<Row> }
pub trait Finder { fn find(&self, sku: &str) -> Option<Row>; }
impl Finder for Stock {
    fn find(&self, sku: &str) -> Option<Row> { lookup_row(sku) }
}
mod inner { pub fn helper() {} }
macro_rules! twice { () => {} }
"""
JAVA = """\
package shop;
import shop.errors.Gone;
public class Stock extends Base implements Finder {
  public Stock(int size) {}
  @Override
  public Row find(String sku) throws Gone { return lookupRow(sku); }
  interface Listener { void changed(); }
}
enum Colour { RED }
record Pair(int a, int b) {}
"""
CASES = {
    "python": (
        PYTHON,
        [
            "4: LIMIT: int = 3",
            "5: _cache = {}",
            "9: class Stock(Base, mixins.Countable)",
            "13:   def total(self) -> int",
            "18:   async def take_out(self, sku: str, count: int = 1) -> None",
        ],
        {
            "OutOfStock",
            "Late",
            "Base",
            "Countable",
            "decorated_thing",
            "find_rows",
            "int",
            "local_helper",
            "property",
            "str",
        },
    ),
    "javascript": (
        JAVASCRIPT,
        [
            "3: export const LIMIT = 3;",
            "4: export const total = (items) => items.reduce(sum, 0);",
            "5: const api",
            "6:   list() { return fetchAll() },",
            "8: class Shop extends Base",
            "9:   open(day)",
            "13: export default function start(port) { return new Server(port).listenOn(port) }",
            "14: module.exports.stop = function () {};",
        ],
        {"readFile", "Basket", "fetchAll", "Base", "Server", "listenOn", "require"},
    ),
    "typescript": (
        TYPESCRIPT,
        [
            "1: export interface Item { name: string }",
            "2: export type Id = string | number",
            "3: enum Colour { Red }",
            "4: export abstract class Store<T extends Item> extends Base",
            "5:   abstract find(id: Id): T",
            "6:   add(item: T): void {}",
            "8: declare function load(path: string): Store<Item>",
        ],
        {"Base", "Item", "Store"},
    ),
    "tsx": (
        TSX,
        ["1: export function Page(props: Props) { return <Panel title={props.title}><Footer/></Panel> }"],
        {"Footer", "Panel", "Props"},
    ),
    "go": (
        GO,
        [
            "3: const Limit = 3",
            "5: type Stock struct{ rows map[string]int }",
            "7: type Finder interface",
            "8:   Find(sku string) (int, error)",
            "11: func (s *Stock) Take(sku string) error { return errors.NewGone(sku) }",
            "13: func New() *Stock { return &Stock{} }",
        ],
        {"Finder", "NewGone", "Stock", "error", "int", "string"},
    ),
    "rust": (
        RUST,
        [
            "2: const LIMIT: usize = 3;",
            "3: pub struct Stock { rows: Vec<Row> }",
            "4: pub trait Finder { fn find(&self, sku: &str) -> Option<Row>; }",
            "5: impl Finder for Stock",
            "6:   fn find(&self, sku: &str) -> Option<Row> { lookup_row(sku) }",
            "8: mod inner { pub fn helper() {} }",
            "9: macro_rules! twice { () => {} }",
        ],
        {"Finder", "Gone", "Late", "Option", "Row", "Stock", "Vec", "errors", "lookup_row"},
    ),
    "java": (
        JAVA,
        [
            "3: public class Stock extends Base implements Finder",
            "4:   public Stock(int size) {}",
            "6:   public Row find(String sku) throws Gone { return lookupRow(sku); }",
            "7:   interface Listener { void changed(); }",
            "9: enum Colour { RED }",
            "10: record Pair(int a, int b) {}",
        ],
        {"Base", "Finder", "Gone", "Override", "Row", "String", "lookupRow"},
    ),
}


def shown(outline: Outline) -> list[str]:
    return [f"{each.line}: {'  ' * each.level}{each.text}" for each in outline.definitions]


@pytest.mark.parametrize("language", sorted(CASES))
def test_definitions_and_uses_of_each_language(language):
    source, lines, uses = CASES[language]
    outline = syntax.read(language, source.encode())
    assert shown(outline) == lines
    assert uses == set(outline.references)
    assert outline.lines == source.count("\n")


def test_every_grammar_has_a_case():
    assert set(CASES) == set(GRAMMARS)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("a.py", "python"),
        ("dir.py/a", None),
        ("a.PY", "python"),
        ("b.test.mjs", "javascript"),
        ("b.cts", "typescript"),
        ("b.tsx", "tsx"),
        ("ünï/ñ.rs", "rust"),
        ("Makefile", None),
        (".py", "python"),
        ("a.md", None),
    ],
)
def test_a_language_goes_by_the_end_of_the_name(path, language):
    assert language_of(path) == language


@pytest.mark.parametrize("language", sorted(CASES))
@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\n",
        b"((((((((" * 500,
        b"class {{{ def ( } = => ) fn\n" * 50,
        b"\xff\xfe\xfa class \xff:\n",
        b"class A" + b" " * 5_000 + b":\n  def f(" + b"x, " * 5_000,
    ],
)
def test_a_broken_file_gives_what_can_be_read(language, broken):
    outline = syntax.read(language, broken)
    assert all(len(each.text) <= 140 and "\n" not in each.text for each in outline.definitions)


def test_what_stands_before_and_after_an_error_is_found():
    source = b"def first():\n    return 1\n\ndef broken(:\n    retrun ((\n\nclass Later:\n    def method(self): ...\n"
    names = [each.name for each in syntax.read("python", source).definitions]
    assert names[0] == "first"
    assert "Later" in names


def test_windows_lines_and_tabs_leave_no_trace():
    outline = syntax.read("python", b"class A:\r\n\tdef f(self,\r\n\t\tx):\r\n\t\tpass\r\n")
    assert shown(outline) == ["1: class A", "2:   def f(self, x)"]


def test_characters_that_turn_the_text_around_are_not_shown():
    outline = syntax.read("python", "def f(a='\u202e\u2028x\x1b[31m'): pass\n".encode())
    assert [each.text for each in outline.definitions] == ["def f(a='� x�[31m'): pass"]


def test_a_file_of_a_thousand_functions_keeps_the_first_four_hundred():
    source = "".join(f"def f{number}(): pass\n" for number in range(1_000)).encode()
    assert len(syntax.read("python", source).definitions) == 400


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("take_out takeOut TakeOUT", ["take", "out", "take", "out", "take", "out"]),
        ("HTTPServer2", ["http", "server"]),
        ("carts planning planned class", ["cart", "plan", "plan", "class"]),
        ("año_nuevo Straße", ["año", "nuevo", "straße"]),
        ("a of", []),
    ],
)
def test_names_fall_into_words(text, found):
    assert words(text) == found


@pytest.mark.parametrize(
    ("name", "own"), [("append", False), ("get", False), ("find_rows", True), ("_get", False), ("NewGone", True)]
)
def test_a_plain_word_after_a_dot_is_nobodys_name(name, own):
    assert distinctive(name) is own


@pytest.mark.parametrize(
    ("data", "people"),
    [
        (b"def f():\n    pass\n", True),
        (b"", True),
        (b"\x7fELF\0\0", False),
        ("def f(): pass\n".encode("utf-16"), False),
        (b"// Code generated by protoc. DO NOT EDIT.\npackage x\n", False),
        (b"/* @generated */\n", False),
        (b"var a=1;" * 2_000, False),
        (b"x = 1\n" * 20_000, True),
    ],
)
def test_binary_minified_and_generated_files_are_not_read(data, people):
    assert readable(data) is people
