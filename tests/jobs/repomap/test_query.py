"""What a text asks about."""

import pytest

from jobs.repomap.query import Query, wanted

PATHS = [
    "README.md",
    "docs/guide.md",
    "src/shop/cart.py",
    "src/shop/config.py",
    "src/web/config.py",
    "a/config.py",
    "b/config.py",
    "tests/año/test_ñ.py",
]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Look at src/shop/cart.py:12, please.", ["src/shop/cart.py"]),
        ("`shop/cart.py` and ./README.md", ["src/shop/cart.py", "README.md"]),
        ("cart.py is wrong.", ["src/shop/cart.py"]),
        ("web/config.py", ["src/web/config.py"]),
        ("config.py is one of many", []),
        ("tests/año/test_ñ.py", ["tests/año/test_ñ.py"]),
        ("https://example.org/src/shop/cart.py", []),
        ("../../etc/passwd", []),
        ("nothing named", []),
    ],
)
def test_files_are_named_by_path_or_by_an_end_that_few_have(text, named):
    assert list(wanted(Query(text), PATHS).named) == named


def test_given_paths_come_before_mentioned_ones():
    asked = wanted(Query("see README.md", ("src/shop/cart.py", "src/shop/new.py")), PATHS)
    assert asked.named == ("src/shop/cart.py", "README.md")
    assert asked.folders[0] == "src/shop"


@pytest.mark.parametrize(
    ("text", "folders"),
    [("in src/web/", ["src/web"]), ("a new file docs/faq/start.md", ["docs"]), ("nowhere/at/all.py", [])],
)
def test_folders_are_named_by_themselves_or_by_a_file_to_come(text, folders):
    assert list(wanted(Query(text), PATHS).folders) == folders


def test_identifiers_are_told_from_plain_words():
    asked = wanted(Query("The Cart should call take_out when the warehouse is empty; getStock fails"), PATHS)
    assert asked.identifiers == ("Cart", "take_out", "warehouse", "getStock")
    assert asked.words == ("cart", "call", "warehouse", "empty", "stock")


def test_a_request_in_spanish_is_read_too():
    asked = wanted(Query("El carrito falla cuando el almacén está vacío"), PATHS)
    assert set(asked.words) >= {"carrito", "almacén", "vacío"}


def test_a_very_long_text_has_a_bounded_query():
    asked = wanted(Query(" ".join(f"Name{'x' * (n % 9)}{n} f{n}/g.py" for n in range(5_000))), PATHS)
    assert len(asked.identifiers) <= 400
    assert len(asked.words) <= 400
