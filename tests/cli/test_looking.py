"""`devtask status` and `devtask logs`: what they say, for people and for scripts."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cli.database import opened
from cli.logs import following, log_file, readable, tail
from cli.status import _print_all, _print_one, all_tasks, one_task
from state.db.engine import make_engine, write
from state.errors import Told
from state.settings import Process, load_settings
from tests.state.kit import executing, new_task


@pytest.fixture
def full(sqlite_url: str):
    engine = make_engine(sqlite_url)
    with write(engine) as session:
        new_task(session, 1)
        executing(session, 2)
    yield engine
    engine.dispose()


def test_status_lists_the_newest_task_first_with_its_place_in_the_queue(full: Engine):
    found = all_tasks(full, 20)
    assert [(one["issue"], one["status"], one["queue"], one["steps"]) for one in found] == [
        (2, "EXECUTING", 1, "0/2"),
        (1, "PLANNING", 1, "0/0"),
    ]


def test_status_of_one_task_has_plan_steps_money_and_events_oldest_first(full: Engine):
    key = all_tasks(full, 1)[0]["key"]
    one = one_task(full, key.upper(), 20)
    assert one["plan"]["approved"] is True
    assert [step["title"] for step in one["plan_steps"]] == ["Step s01", "Step s02"]
    assert [event["event"] for event in one["events"]] == [
        "CREATED",
        "VERSION_CREATED",
        "PLAN_GENERATED",
        "PLAN_APPROVED",
    ]
    json.dumps(one, default=str)


def test_status_can_be_read_by_people(full: Engine, capsys: pytest.CaptureFixture[str]):
    found = all_tasks(full, 20)
    _print_all(found)
    _print_one(one_task(full, found[0]["key"], 20))
    said = capsys.readouterr().out
    for word in (found[0]["key"], "octo/shop#2", "EXECUTING, number 1 in the queue", "· ", "1 Step s01", "by ana"):
        assert word in said


def test_an_unknown_task_is_told(full: Engine):
    with pytest.raises(Told, match="There is no task"):
        one_task(full, "zzzzzzzz", 20)


def test_titles_of_other_people_are_no_markup(sqlite_url: str, capsys: pytest.CaptureFixture[str]):
    engine = make_engine(sqlite_url)
    with write(engine) as session:
        task = new_task(session, 1)
    found = [{**all_tasks(engine, 1)[0], "title": "[bold]x[/] [link=http://x]y"}]
    _print_all(found)
    _print_one({**one_task(engine, task.key, 5), "title": "[bold]z[/nope]"})
    engine.dispose()
    assert "[/nope]" in capsys.readouterr().out


def test_looking_at_a_database_that_is_not_there_says_migrate_and_makes_none(tmp_path: Path):
    with pytest.raises(Told) as told:
        opened(load_settings(Process.TOOL, {}, data=tmp_path))
    assert "devtask migrate" in str(told.value.hint)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("key", "errors", "name"),
    [
        (None, False, "orchestrator.log"),
        (None, True, "error.log"),
        ("k3x9q2ab", False, "k3x9q2ab/execution.log"),
        ("k3x9q2ab", True, "k3x9q2ab/errors.log"),
    ],
)
def test_logs_are_read_where_they_are_written(key: str | None, errors: bool, name: str, tmp_path: Path):
    assert log_file(tmp_path, key, errors) == tmp_path / name


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            '{"event": "pushed", "level": "info", "at": "2026-01-02T03:04:05.678Z", "pid": 7, "sha": "ab12"}',
            "2026-01-02T03:04:05.678Z info    pushed  sha=ab12",
        ),
        (
            '{"event": "job failed", "level": "error", "at": "T", "why": "a b", "exception": "Traceback\\n  boom"}',
            'T error   job failed  why="a b"\nTraceback\n  boom',
        ),
        ("not json", "not json"),
        ("[1, 2]", "[1, 2]"),
        ('{"cut": ', '{"cut": '),
    ],
)
def test_a_stored_line_becomes_readable(line: str, shown: str):
    assert readable(line) == shown


def test_the_last_lines_are_shown(tmp_path: Path):
    path = tmp_path / "orchestrator.log"
    assert tail(path, 5) == []
    path.write_text("".join(f"{n}\n" for n in range(10)))
    assert tail(path, 3) == ["7", "8", "9"]
    assert tail(path, 0) == []


def test_following_goes_on_after_the_file_was_rotated(tmp_path: Path):
    path, seen, stop = tmp_path / "orchestrator.log", [], threading.Event()
    path.write_text("old\n")
    reader = threading.Thread(target=lambda: seen.extend(following(path, stop.is_set, 0.01)))
    reader.start()
    time.sleep(0.1)
    with path.open("a") as stream:
        stream.write("one\ntw")
        stream.flush()
        time.sleep(0.05)
        stream.write("o\n")
    time.sleep(0.1)
    path.rename(tmp_path / "orchestrator.log.1")
    path.write_text("three\n")
    time.sleep(0.2)
    stop.set()
    reader.join(5)
    assert seen == ["one", "two", "three"]
