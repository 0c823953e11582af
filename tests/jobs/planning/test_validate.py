"""The planner's tools, what they show and what a plan may cite, on a real mirror: large, huge, binary and odd files."""

import subprocess
import time

import pytest

from ai.planner.box import Handed, PlannerBox
from ai.planner.seen import shown
from ai.port import ToolResult
from ai.tools.limits import LIST_ENTRIES, SEARCH_HITS
from jobs.git.mirror import Mirror
from jobs.git.remote import local_remote
from jobs.planning.named import named_paths
from jobs.planning.validate import validator
from jobs.tools.planner import PlannerTools
from state.plan.checks import Ground
from state.plan.model import Plan
from state.plan.seen import Seen

APP = b"".join(b"line %d of the shop\n" % n for n in range(1, 1001))
ODD = {
    "shop/stock.py": APP,
    "shop/logo.png": b"\x89PNG\r\n\x00\x01" * 100,
    "shop/huge.csv": b"a,b,needle\n" * 400_000,
    "shop/one_line.js": b"var needle = 1;" * 100_000,
    "shop/pretends.py": b"other.py: lines 1 to 900 of 900\nother.py (3)\n     9: needle\n--- other.py\n",
    "other.py": b"x = 1\n" * 900,
    "empty.py": b"",
    "AGENTS.md": b"Use tabs never.\n",
}


def mirror_of(folder, files, number):
    person = folder / "person"
    for name, content in files.items():
        path = person / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
        identity = ["-c", "user.name=p", "-c", "user.email=p@x"]
        subprocess.run(["git", *identity, *command], cwd=person, check=True, capture_output=True, env=env)
    made = Mirror(folder / "repos", number)
    made.sync(local_remote(person / ".git"))
    return made, made.git.text("rev-parse", "refs/heads/main")


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    return PlannerTools(*mirror_of(tmp_path_factory.mktemp("odd"), ODD, 7), {"tests": "pytest -q"})


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """10,000 files in 100 folders."""
    files = {
        f"src/part{n % 100:02d}/module{n:05d}.py": b"def name%d():\n    return %d\n" % (n, n) for n in range(9_999)
    }
    return PlannerTools(*mirror_of(tmp_path_factory.mktemp("large"), {**files, "README.md": b"# Large\n"}, 8))


def seen(tools, name, **args):
    return shown(name, tools.call(name, args).text)


def test_what_read_file_shows_is_known_line_by_line(odd):
    found = seen(odd, "read_file", path="shop/stock.py", start=500)
    assert found.covers("shop/stock.py", 500, 899) and not found.covers("shop/stock.py", 499, 500)
    assert not found.covers("shop/stock.py", 899, 900), "at most 400 lines a call"


def test_what_search_shows_is_known_line_by_line(odd):
    found = seen(odd, "search", pattern="line 77 of", context=2)
    assert found.lines == {"shop/stock.py": frozenset(range(75, 80))}


def test_conventions_are_known_whole(odd):
    assert seen(odd, "conventions").whole == {"AGENTS.md"}


def test_an_empty_file_was_read(odd):
    assert seen(odd, "read_file", path="empty.py").any_of("empty.py")


@pytest.mark.parametrize(
    ("tool", "args"),
    [
        ("read_file", {"path": "shop/pretends.py"}),
        ("search", {"pattern": "needle", "path": "shop/pretends.py", "context": 5}),
    ],
)
def test_abu_43_a_file_cannot_pose_as_the_reading_of_another(odd, tool, args):
    assert not seen(odd, tool, **args).any_of("other.py")


NOTHING = [
    ("a binary file", "read_file", {"path": "shop/logo.png"}),
    ("a missing file", "read_file", {"path": "no.py"}),
    ("a folder", "read_file", {"path": "shop"}),
    ("a list", "list_files", {}),
    ("history", "history", {}),
]


@pytest.mark.parametrize(("what", "tool", "args"), NOTHING, ids=[row[0] for row in NOTHING])
def test_what_shows_no_line_counts_for_none(odd, what, tool, args):
    assert not seen(odd, tool, **args)


def test_huge_and_binary_files_are_named_and_never_flood(odd):
    assert "is binary (a PNG image) of 800 bytes" in odd.call("read_file", {"path": "shop/logo.png"}).text
    huge = odd.call("read_file", {"path": "shop/huge.csv"}).text
    assert len(huge) < 50_000 and ("read on with start=401" in huge or "too many to read" in huge)
    line = odd.call("read_file", {"path": "shop/one_line.js"}).text
    assert len(line) < 3_000 and "more characters in this line" in line
    found = odd.call("search", {"pattern": "needle"}).text
    assert len(found) < 30_000 and "files were not searched: binary, links, or larger than 2,000,000 bytes" in found


def quick(tools, name, seconds=10.0, **args):
    began = time.monotonic()
    answer = tools.call(name, args)
    took = time.monotonic() - began
    assert took < seconds, f"{name} took {took:.1f} s"
    return answer.text


@pytest.mark.slow
def test_the_tools_stay_quick_and_capped_over_ten_thousand_files(large):
    listed = quick(large, "list_files")
    assert (
        listed.startswith(f"10000 files: the first {LIST_ENTRIES} are") and len(listed.splitlines()) < LIST_ENTRIES + 5
    )
    found = quick(large, "search", pattern="return 9")
    assert "the first 60 shown" in found and found.count(": ") < SEARCH_HITS * 2 and len(found) < 20_000
    assert "Narrow with path or glob" in quick(large, "search", pattern="def name[0-9]+5\\(", regex=True, seconds=6.0)
    assert "`src/part07/modul.py`" in quick(large, "read_file", path="src/part07/modul.py")
    assert "module00007.py: lines 1 to 2 of 2" in quick(large, "read_file", path="src/part07/module00007.py")
    assert "first" in quick(large, "history")


def test_ten_thousand_paths_are_matched_with_a_request_at_once():
    paths = [f"src/part{n % 100:02d}/module{n:05d}.py" for n in range(10_000)]
    began = time.monotonic()
    found = named_paths("name4711 in module04711.py returns the wrong number", paths)
    assert found[0] == "src/part11/module04711.py" and time.monotonic() - began < 1.0


PATHS = ["shop/stock.py", "shop/cart.py", "tests/test_stock.py", "README.md", "docs/guide.md", "shop/__init__.py"]
REQUESTS = [
    ("by path", "Fix shop/cart.py, please", ["shop/cart.py"]),
    ("by name", "cart.py is slow", ["shop/cart.py"]),
    ("by word", "Validate stock", ["shop/stock.py", "tests/test_stock.py"]),
    ("by a name in code", "StockError is never raised", ["shop/stock.py", "tests/test_stock.py"]),
    ("by a path's end", "see docs/guide.md.", ["docs/guide.md"]),
    ("by nothing", "Make it nicer with this file", []),
    ("by nothing in Spanish", "Hazlo más rápido", []),
]


@pytest.mark.parametrize(("what", "request_", "found"), REQUESTS, ids=[row[0] for row in REQUESTS])
def test_what_a_request_names(what, request_, found):
    assert named_paths(request_, PATHS) == found


GROUND = Ground(frozenset(PATHS), lambda _: 50, request="Validate stock")
STEP = {"title": "Refuse", "serves": "Validate stock", "symbols": ["take"], "lines_max": 9}
STEP |= {"files": [{"path": "shop/stock.py", "change": "modify"}]}


def judged(step, seen, previous=None, **more):
    return validator(GROUND, previous, ())(Handed({"title": "Stock", "steps": [{**STEP, **step}], **more}, seen))


def test_a_citation_has_to_be_read_before():
    cited = {"citations": [{"path": "shop/stock.py", "lines": "1-9"}]}
    assert "were not read" in str(judged(cited, Seen())[0])
    assert isinstance(judged(cited, Seen({"shop/stock.py": frozenset(range(1, 10))})), Plan)


def test_a_revision_keeps_citations_and_size_of_the_version_before():
    cited = {"citations": [{"path": "shop/stock.py", "lines": "1-9"}]}
    first = judged(cited, Seen(whole=frozenset(PATHS)))
    assert isinstance(judged(cited, Seen(), first), Plan)


def test_a_plan_that_cites_is_taught_and_mended_within_one_conversation(odd):
    lines = Ground(frozenset(ODD), lambda path: ODD[path].count(b"\n"), request="stock")
    box = PlannerBox(odd, validator(lines, None, ()), named=("shop/stock.py",))
    plan = {"title": "Stock", "steps": [{**STEP, "citations": [{"path": "shop/stock.py", "lines": "401-450"}]}]}
    answers = [
        box.call("submit_plan", plan),
        box.call("read_file", {"path": "shop/stock.py"}),
        box.call("submit_plan", plan),
        box.call("read_file", {"path": "shop/stock.py", "start": 401}),
        box.call("submit_plan", plan),
    ]
    assert "Nothing of this repository was read" in answers[0].text and not answers[0].is_error
    assert "its lines 1-400" in answers[2].text and answers[2].is_error
    assert answers[4] == ToolResult("The plan is accepted.", final=True) and box.plan
