"""The cache may be shared, damaged or out of reach: the map is the same."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from jobs.repomap.cache import DAY, FILE, KEEP_DAYS, Cache
from jobs.repomap.outline import Definition, Kind, Outline
from jobs.repomap.row import Row

ROOT = Path(__file__).parents[3]
OUTLINE = Outline(
    9, (Definition(1, 0, Kind.CLASS, "Stock", "class Stock"), Definition(2, 1, Kind.BLOCK, "x", "é")), ("a",)
)
ROWS = {f"{number:040x}:python:1": Row.of(OUTLINE) for number in range(300)}


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    made = Cache(tmp_path / "cache")
    made.put(ROWS)
    return made


def test_what_was_put_is_found_by_any_number_of_keys(cache: Cache):
    assert cache.get([*ROWS, "unknown"]) == ROWS
    assert cache.get([]) == {}
    assert Cache(cache.path.parent / "other").get(list(ROWS)) == {}


def test_a_row_unpacks_to_the_outline():
    row = Row.of(OUTLINE)
    assert tuple(row.definitions()) == OUTLINE.definitions
    assert (row.lines, row.names, row.refs, row.words) == (9, "Stock", "a", "stock")


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 900, b"SQLite format 3\0" + b"\xff" * 5_000])
def test_a_damaged_file_is_begun_afresh(cache: Cache, damage: bytes):
    cache.path.write_bytes(damage)
    assert cache.get(list(ROWS)) == {}
    cache.put(ROWS)
    assert cache.get(list(ROWS)) == ROWS


def test_a_file_cut_short_gives_nothing_wrong(cache: Cache):
    cache.path.write_bytes(cache.path.read_bytes()[:20_000])
    found = cache.get(list(ROWS))
    assert all(ROWS[key] == row for key, row in found.items())
    cache.put(ROWS)
    cache.put(ROWS)
    assert cache.get(list(ROWS)) == ROWS


def test_a_changed_byte_gives_no_wrong_outline(cache: Cache):
    raw = cache.path.read_bytes()
    for at in range(4_096, len(raw), 7_001):
        cache.path.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        assert all(ROWS[key] == row for key, row in cache.get(list(ROWS)).items())


def test_a_row_of_another_key_is_not_taken(cache: Cache):
    with sqlite3.connect(cache.path) as connection:
        connection.execute("UPDATE outlines SET names = 'Other' WHERE key LIKE '0%1:python:1'")
    connection.close()
    assert 0 < len(cache.get(list(ROWS))) < len(ROWS)


def test_a_folder_that_cannot_be_made_is_no_cache(tmp_path: Path):
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "cache")
    cache.put(ROWS)
    assert cache.get(list(ROWS)) == {}


def test_a_file_in_use_is_waited_for_and_then_left_alone(tmp_path: Path):
    cache = Cache(tmp_path, wait=0.05)
    cache.put(ROWS)
    holder = sqlite3.connect(cache.path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    assert cache.get(list(ROWS)) == {}
    cache.put(ROWS)
    holder.execute("ROLLBACK")
    holder.close()
    assert cache.get(list(ROWS)) == ROWS


def test_what_nobody_wants_goes_after_a_month(cache: Cache):
    with sqlite3.connect(cache.path) as connection:
        connection.execute("UPDATE outlines SET day = day - ? WHERE key < ?", (KEEP_DAYS + 1, f"{100:040x}"))
        connection.execute("UPDATE outlines SET day = day - ? WHERE key > ?", (KEEP_DAYS // 2, f"{199:040x}~"))
    connection.close()
    assert DAY == 24 * 60 * 60
    late = f"{299:040x}:python:1"
    assert cache.get([late])[late] == ROWS[late]
    cache.put({"new": Row()})
    with sqlite3.connect(cache.path) as connection:
        ages = dict(
            connection.execute("SELECT day - (SELECT max(day) FROM outlines), count(*) FROM outlines GROUP BY 1")
        )
    connection.close()
    assert ages == {0: 100 + 1 + 1, -(KEEP_DAYS // 2): 99}


def test_processes_share_one_new_file(tmp_path: Path):
    code = (
        "import sys; from pathlib import Path\n"
        "from jobs.repomap.cache import Cache\n"
        "from jobs.repomap.row import Row\n"
        "cache, me = Cache(Path(sys.argv[1])), sys.argv[2]\n"
        "for n in range(30):\n"
        "    cache.put({f'{me}-{n}': Row(n, me)})\n"
        "    assert cache.get([f'{me}-{n}']) == {f'{me}-{n}': Row(n, me)}\n"
    )
    commands = [[sys.executable, "-c", code, str(tmp_path), name] for name in ("a", "b", "c")]
    running = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(Cache(tmp_path).get([f"{name}-{n}" for name in "abc" for n in range(30)])) == 90
    assert {path.name for path in tmp_path.iterdir()} == {FILE}
