"""What goes into the budget, and how it reads."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.repomap.outline import Definition, Kind
from jobs.repomap.page import Entry, page
from jobs.repomap.tokens import line_tokens, piece_tokens, tokens


def entry(number: int, definitions: int, named: bool = False) -> Entry:
    made = [
        Definition(1 + 5 * n, min(n, 1), Kind.FUNCTION, f"f{n}", f"def function_{n}(value: int)")
        for n in range(definitions)
    ]
    scores = [1.0 / (number + 1) / (n + 1) for n in range(definitions)]
    return Entry(f"src/pkg{number % 7}/module_{number}.py", 5 * definitions, made, scores, named)


ENTRIES = st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60).map(
    lambda rows: [entry(number, count, named and number < 3) for number, (count, named) in enumerate(rows)]
)


def test_a_small_repository_is_shown_whole():
    assert page([entry(0, 2), Entry("README.md"), Entry("docs/a.md"), entry(1, 1)], 500) == (
        "src/pkg0/module_0.py (10 lines)\n"
        "  1: def function_0(value: int)\n"
        "  6:   def function_1(value: int)\n"
        "src/pkg1/module_1.py (5 lines)\n"
        "  1: def function_0(value: int)\n"
        "Other files:\n"
        "./: README.md\n"
        "docs/: a.md"
    )


def test_a_large_one_says_what_is_left_out():
    text = page([entry(number, 9) for number in range(100)], 300)
    lines = text.split("\n")
    assert lines[0] == "src/pkg0/module_0.py (45 lines)"
    assert any(line.startswith("  ⋮ ") for line in lines)
    assert lines[-1].startswith("and ") and lines[-1].endswith(" more files; list_files shows them")
    shown = sum("lines)" in line for line in lines) + sum(line.count(".py") for line in lines if "/: " in line)
    assert int(lines[-1].split()[1]) == 100 - shown


def test_a_named_file_is_shown_even_without_definitions():
    entries = [Entry("empty.cfg", named=True), *(entry(number, 9) for number in range(100))]
    assert page(entries, 300).startswith("empty.cfg\n")


def test_a_method_is_shown_below_its_class():
    definitions = [Definition(1, 0, Kind.CLASS, "A", "class A"), Definition(2, 1, Kind.FUNCTION, "f", "def f()")]
    many = [entry(number, 9) for number in range(1, 60)]
    lines = page([Entry("a.py", 9, definitions, [0.0, 9.0]), *many], 200).split("\n")
    assert lines[:3] == ["a.py (9 lines)", "  1: class A", "  2:   def f()"]


def test_an_empty_repository_is_an_empty_page():
    assert page([], 100) == ""


@settings(max_examples=60, deadline=None)
@given(ENTRIES, st.integers(60, 3_000))
def test_the_budget_is_never_exceeded_and_nearly_filled_when_there_is_enough(entries, budget):
    text = page(entries, budget)
    assert tokens(text) <= max(budget, 1)
    whole = page(entries, 10**9)
    if budget >= 500 and tokens(whole) > budget:
        assert tokens(text) >= 0.85 * budget
    if tokens(whole) <= budget:
        assert text == whole
    assert page(entries, budget) == text


@given(st.text(), st.text())
def test_tokens_of_parts_add_up_at_spaces_and_line_ends(one, other):
    assert tokens(f"{one}\n{other}") == tokens(one) + tokens(other)
    joined = piece_tokens(f"{one.strip()} {other.strip()}")
    assert joined == piece_tokens(one.strip()) + piece_tokens(other.strip())
    assert line_tokens(one) == 1 + piece_tokens(one)


def test_tokens_are_near_those_of_byte_pair_tokenizers():
    """Counted once with two published tokenizers: 17 and 19."""
    assert tokens("  12: async def take_out(self, sku: str, count: int = 1)") in range(17, 26)
