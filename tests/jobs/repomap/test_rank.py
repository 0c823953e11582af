"""Which files matter."""

from jobs.repomap.query import Query, wanted
from jobs.repomap.rank import Node, is_test, rank

NODES = [
    Node("docs/a.md"),
    Node("src/cart.py", ["Cart", "add_item"], ["Warehouse", "take_out"], ["add", "cart", "item"]),
    Node("src/errors.py", ["OutOfStock"], [], ["out", "stock"]),
    Node("src/mail.py", ["send_mail"], [], ["mail", "send"]),
    Node("src/warehouse.py", ["Warehouse", "take_out"], ["OutOfStock"], ["out", "take", "warehouse"]),
    Node("tests/test_cart.py", ["test_empty"], ["Cart"], ["empty", "test"]),
    Node("vendor/cart.py", foreign=True),
]
PATHS = [node.path for node in NODES]


def order(text: str, *paths: str) -> list[str]:
    weights = rank(NODES, wanted(Query(text, paths), PATHS)).files
    return [PATHS[number] for number in sorted(range(len(NODES)), key=lambda number: -weights[number])]


def test_a_word_finds_the_file_and_what_it_uses():
    found = order("The cart loses an item")
    assert found[0] == "src/cart.py"
    assert found.index("src/warehouse.py") < found.index("src/mail.py")


def test_a_mentioned_name_finds_its_definer():
    assert order("`OutOfStock` is not caught")[0] == "src/errors.py"


def test_a_named_file_wins():
    assert order("the cart", "docs/a.md")[0] == "docs/a.md"


def test_what_others_use_outweighs_what_nobody_uses():
    found = order("")
    assert found.index("src/errors.py") < found.index("src/mail.py")


def test_others_work_comes_last():
    assert order("cart")[-1] == "vendor/cart.py"


def test_weights_are_shares_of_one():
    assert abs(sum(rank(NODES, wanted(Query("cart"), PATHS)).files) - 1.0) < 1e-9
    assert rank([], wanted(Query("cart"), [])).files == []


def test_tests_are_told_by_their_paths():
    tests = ["tests/a.py", "a/test_b.py", "x.test.ts", "x_test.go", "src/__tests__/a.js", "conftest.py"]
    assert [path for path in [*tests, "src/contest.py", "latest/a.py"] if is_test(path)] == tests
