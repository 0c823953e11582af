"""Which changed files a commit takes (spec 6): edited, named, generated as declared, or taken with a reason."""

import pytest

from jobs.setup.belongs import Named, choose, junk, named, summed
from state.plan.model import Change, Condition, ExpectedOutputs, FileChange, Step

STEP = Step(
    id="s01",
    number=1,
    title="Migrate",
    files=[FileChange(path="shop/models.py", change=Change.MODIFY), FileChange(path="old.py", change=Change.DELETE)],
    expected_outputs=ExpectedOutputs(main_file="shop/models.py", files=["shop/schema.json"]),
    postconditions=[
        Condition(type="file_exists", target="shop/api.json"),
        Condition(type="file_exists", target="notes.txt", critical=False),
        Condition(type="directory_exists", target="shop/migrations/"),
        Condition(type="directory_exists", target="."),
    ],
)
ROWS = {
    "shop/models.py": True,
    "old.py": True,
    "shop/schema.json": True,
    "shop/api.json": True,
    "notes.txt": False,
    "shop/migrations/0002_stock.py": True,
    "shop/migrations/__pycache__/0002.cpython-311.pyc": False,
    "shop/migrations.py": False,
    "shop/other.py": False,
}


@pytest.mark.parametrize("path", ROWS)
def test_the_plan_names_files_and_what_its_generators_make(path):
    assert named(STEP).takes(path, new=True) is ROWS[path]


def test_a_generators_folder_takes_new_files_only():
    assert not named(STEP).takes("shop/migrations/0001_initial.py", new=False)


def test_each_changed_file_is_taken_for_a_cause_or_listed():
    changed = ["a.py", "b.py", "c.json", "d.txt", "e.txt", ".github/workflows/ci.yml", "tests/out.db"]
    plan = Named(frozenset({"b.py", ".github/workflows/ci.yml"}))
    extra = {"c.json": "made by the generator", "d.txt": "  ", ".github/workflows/ci.yml": "wanted", "a.py": "again"}
    found = choose(changed, set(changed), plan, ["a.py"], extra, {".github/workflows/ci.yml"})
    assert found.taken == ("a.py", "b.py", "c.json")
    assert found.left == ("d.txt", "e.txt", ".github/workflows/ci.yml", "tests/out.db")
    assert found.extra == {"c.json": "made by the generator"}


JUNK = [
    "a/__pycache__/x.cpython-311.pyc",
    "x.pyc",
    ".pytest_cache/v/x",
    ".mypy_cache/3.11/a.json",
    ".coverage",
    ".coverage.host.1",
    "htmlcov/index.html",
    "shop.egg-info/PKG-INFO",
    "node_modules/x/index.js",
    "build.log",
    "Main.class",
    ".DS_Store",
]
GOOD = ["src/app.py", "cache.py", "core/app.py", "logs/__init__.py", "venvs.md", "coverage.py", "classes.py"]


@pytest.mark.parametrize("path", [*JUNK, *GOOD])
def test_caches_and_what_was_built_are_known(path):
    assert junk(path) is (path in JUNK)


def test_left_out_files_are_listed_without_end_or_noise():
    caches = [f"shop/__pycache__/m{number}.cpython-311.pyc" for number in range(40)]
    assert summed([*caches, "out.db", "a.log"]) == ("out.db", "shop/__pycache__/ (40)", "*.log")
    many = summed(f"f{number}.txt" for number in range(50))
    assert len(many) == 20 and many[-1] == "… +31"
