"""The demo's printed thread: readable at 100 columns, and never silent."""

from __future__ import annotations

from typing import Any

from cli.thread import WIDTH, Thread, cut, doing, readable, reports, wrapped
from state.lifecycle import TaskStatus

STATUS = (
    "### ⚙️ Working: Stock\n\nThe bot is at work.\n\n**Now:** running the tests\n\n<sub>task `k` · as of 12:00 UTC</sub>"
)
PART = "<details>\n<summary>Part</summary>\n\ny\n\n</details>"
NESTED = f"<details>\n<summary>All</summary>\n\nx\n\n{PART}\n\n</details>\n\nend"


class World:
    """An issue whose comments a test sets."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []

    def says(self, login: str, body: str, number: int = 0) -> None:
        kind = "Bot" if login.endswith("[bot]") else "User"
        self.found = [one for one in self.found if one["id"] != number]
        self.found.append({"id": number, "body": body, "user": {"login": login, "type": kind}})

    def comments(self, repo: str, number: int) -> list[dict[str, Any]]:
        return self.found


def thread() -> tuple[World, list[str], Thread]:
    world, lines = World(), list[str]()
    return world, lines, Thread(world, "ana/shop", 1, lines.append)  # type: ignore[arg-type]


def test_folded_parts_are_one_line_each_and_links_their_text() -> None:
    assert readable(NESTED) == "▸ All\n\nend"
    assert readable("**See** [all changes](http://127.0.0.1:1/x)<!-- devtask:op -->.") == "See all changes."


def test_long_lines_hang_below_their_list_item() -> None:
    lines = wrapped("- " + "word " * 60)
    assert len(lines) > 2 and all(len(line) <= WIDTH for line in lines)
    assert all(line.startswith("  word") for line in lines[1:])
    assert cut(["a", "b", "c"], 2) == ["a", "b", "… 1 more lines on the page"]


def test_an_edit_prints_what_it_adds() -> None:
    world, lines, shown = thread()
    world.says("devtask[bot]", STATUS)
    shown.show_new()
    world.says("devtask[bot]", STATUS.replace("running the tests", "pushing"))
    shown.show_new()
    assert lines[1] == "┌ devtask[bot] (edited)\n│ Now: pushing\n"
    world.says("devtask[bot]", STATUS.replace("running the tests", "pushing").replace("12:00", "12:01"))
    shown.show_new()
    assert len(lines) == 2


def test_silence_says_what_runs() -> None:
    assert doing(STATUS) == "running the tests"
    assert doing("### 🧭 Planning: Stock\n\nYou need do nothing.") == "🧭 Planning: Stock"


def test_waiting_ends_when_the_task_stops_otherwise() -> None:
    world, lines, shown = thread()
    world.says("devtask[bot]", "### ❌ Stopped: Stock\n<!-- devtask:op 1 -->")
    assert shown.wait_for("plan v1", 60) is None
    assert lines and "nothing came" not in "".join(lines)


def test_only_a_milestone_comment_is_a_report() -> None:
    assert reports("### ✅ Done: x\n<!-- devtask:op 1 -->", (TaskStatus.COMPLETED,))
    assert not reports("### ✅ Done: x", (TaskStatus.COMPLETED,))
    assert not reports("### ✅ Plan approved: x\n<!-- devtask:op 1 -->", (TaskStatus.COMPLETED,))
