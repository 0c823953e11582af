"""`devtask replay`: what a hostile conversation looks like as text and as a page."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ai.port import Answer, Answered, Reply, Said, Stop, ToolCall, Usage
from ai.trajectory import Opening, Trajectory, Used
from cli.replay import trajectories
from cli.replaying.model import Talk, plain, read, title
from cli.replaying.page import LONG_LINES, page
from cli.replaying.text import text
from state.errors import Told
from tests.cli.test_commands import devtask
from tests.system.browser import WIDTH, needs_chromium, phone

SNAPSHOTS = Path(__file__).parent / "snapshots"
HOSTILE = (
    "</pre></div><script>alert(1)</script>\n<img src=x onerror=alert(2)> &lt;b&gt; \"'"
    "\x1b[31mred\x1b[0m\r\n\u202eesrever\x00"
)
LONG = "\n".join(f"line {number}" for number in range(1, LONG_LINES + 21))


def conversation(folder: Path, name: str = "s01-r0-a0") -> Path:
    """A trajectory as the loop writes it: text, calls, an error, a cut turn, a note of ours, an accepted end."""
    file = folder / f"{name}.jsonl"
    written = Trajectory(file, lambda said: said)
    written.begin(
        Opening("gemini:gemini-x", "0123", ("You are the executor.\n" * 3, HOSTILE), f"# Your step\n{HOSTILE}")
    )
    read_it = ToolCall("c1", "read_file", {"path": "shop/größe.py"})
    edit = ToolCall("c2", "edit_file", {"new": "b = 2\n", "old": HOSTILE, "path": "<x>.py"})
    broken = ToolCall("c3", "run", {}, "the arguments are no JSON")
    answers = (
        Answer("c1", "read_file", LONG),
        Answer("c2", "edit_file", f"`old` is not in the file:\n{HOSTILE}", is_error=True),
        Answer("c3", "run", "(no output)"),
    )
    usage = Usage(tokens_in=1200, cached=1000, out=60)
    first = Reply(f"I look first. {HOSTILE}", (read_it, edit, broken), usage, Stop.CALLS, {"raw": "x"})
    note = "Note: 6 of 8 turns are used."
    written.turn((first, Answered(answers, note)), Used(1, 2.4, 0.0031, 1260))
    idle = Reply("Shall I go on?", (), Usage(tokens_in=1300, out=9), Stop.END)
    written.turn((idle, Said("Call a tool, or `done`.")), Used(2, 4.0, 0.0052, 2569))
    end = ToolCall("c4", "done", {"summary": "It is right now.", "extra_files": [{"path": "a", "reason": "b"}]})
    accepted = Answered((Answer("c4", "done", "Done. The checks run now on exactly this.", final=True),))
    written.turn((Reply("", (end,), Usage(tokens_in=1400, out=20), Stop.CALLS), accepted), Used(3, 65.0, 0.01, 3989))
    written.end("done", "")
    return file


@pytest.fixture
def talk(tmp_path: Path) -> Talk:
    found = read(conversation(tmp_path))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "shown"), [("replay.txt", text), ("replay-whole.txt", lambda one: text(one, whole=True))]
)
def test_the_text_is_as_it_was_looked_at(talk: Talk, name: str, shown: Callable[[Talk], str]):
    same(name, shown(talk))


def test_the_page_is_as_it_was_looked_at(talk: Talk):
    same("replay.html", page([talk]))


def same(name: str, made: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == made, "look at it, then run once with SNAPSHOTS=write"


class Tags(HTMLParser):
    """Tags with their attributes, and the texts of the preformatted parts."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.pre: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)
        if tag == "pre":
            self.pre.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"{tag} does not close what is open"

    def handle_data(self, data: str) -> None:
        if "pre" in self.open:
            self.pre[-1] += data


def test_nothing_of_a_conversation_becomes_markup_and_nothing_is_loaded(talk: Talk):
    tags = Tags()
    tags.feed(page([talk, talk]))
    assert tags.open == []
    names = {tag for tag, _ in tags.seen}
    assert names.isdisjoint({"script", "img", "link", "iframe", "object", "form"}) and "style" in names
    for tag, attributes in tags.seen:
        assert set(attributes) <= {"class", "id", "href", "lang", "charset", "name", "content", "http-equiv"}, tag
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in page([talk]) and "@import" not in page([talk])


def test_every_text_stands_on_the_page_as_the_model_saw_it(talk: Talk):
    tags = Tags()
    tags.feed(page([talk]))
    texts = [one.removeprefix("\n") for one in tags.pre]
    assert plain(HOSTILE) in texts, "the argument"
    assert f"`old` is not in the file:\n{plain(HOSTILE)}" in texts
    assert "\n".join(one for one in texts if one.startswith("line ")) == LONG


def test_what_a_terminal_would_obey_is_made_visible(talk: Talk):
    shown = text(talk, whole=True)
    assert not [letter for letter in shown if ord(letter) < 32 and letter not in "\n\t"]
    assert "\u202e" not in shown and "␛[31mred" in shown and "<U+202E>esrever␀" in shown
    assert plain("a\r\nb\rc\ud800") == "a␍\nb␍c\\ud800"


def test_a_file_that_a_crash_cut_is_shown_up_to_there(tmp_path: Path):
    file = conversation(tmp_path)
    rows = file.read_text().split("\n")
    file.write_text("\n".join([*rows[:3], rows[3][:40]]))
    found = read(file)
    assert found is not None and len(found.turns) == 2 and "not ended" in text(found)


def test_condensed_turns_are_declared_and_unknown_rows_left_out(tmp_path: Path):
    file = conversation(tmp_path)
    rows = file.read_text().splitlines()
    rows.insert(2, json.dumps({"kind": "condensed", "kept": 2, "stands": {"type": "Condensed", "text": "Kept: all."}}))
    rows.insert(3, json.dumps({"kind": "weather", "sun": True}))
    file.write_text("\n".join([*rows, ""]))
    found = read(file)
    assert found is not None and [turn.condensed for turn in found.turns] == ["", "Kept: all.", ""]
    assert "stands for the turns before" in text(found) and "Kept: all." in page([found])


@pytest.mark.parametrize("content", ["", "no json\n", '{"kind": "turn"}\n'])
def test_what_is_no_conversation_is_none(tmp_path: Path, content: str):
    file = tmp_path / "x.jsonl"
    file.write_text(content)
    assert read(file) is None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("plan-r0-3", "Planning"),
        ("plan-r2-9", "Planning, round 3"),
        ("s01-r0-a0", "Step s01, attempt 1"),
        ("s12-r1-a2", "Step s12, round 2, attempt 3"),
        ("other", "other"),
    ],
)
def test_a_files_name_becomes_words(name: str, shown: str):
    assert title(name) == shown


def test_a_task_is_found_by_its_key_oldest_conversation_first(tmp_path: Path):
    folder = tmp_path / "data" / "trajectories" / "k3x9q2ab"
    for number, name in enumerate(("plan-r0-1", "s02-r0-a0", "s01-r0-a0")):
        os.utime(conversation(folder, name), (number, number))
    done = devtask(tmp_path, "replay", "K3X9Q2AB")
    heads = [line.split(" · ")[0] for line in done.stdout.splitlines() if line.startswith("━━ ") and "gemini" in line]
    assert heads == ["━━ Planning", "━━ Step s02, attempt 1", "━━ Step s01, attempt 1"], done.stderr
    assert devtask(tmp_path, "replay", "k3x9q2ab", "--out", "page.html").returncode == 0
    assert (tmp_path / "page.html").read_text().count('<section class="talk"') == 3


@pytest.mark.parametrize("what", ["../etc", "k3x9q2a", "no.jsonl"])
def test_what_is_neither_file_nor_key_is_told(what: str):
    with pytest.raises(Told, match="neither"):
        trajectories(what)


@pytest.mark.slow
@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone_and_folds_what_is_long(talk: Talk, tmp_path: Path, scheme: str):
    file = tmp_path / "page.html"
    file.write_text(page([talk, talk]), encoding="utf-8")
    with phone() as shown:
        shown.emulate_media(color_scheme=scheme)
        shown.goto(file.as_uri())
        assert shown.evaluate("document.documentElement.scrollWidth") <= WIDTH
        assert not shown.get_by_text("You are the executor.").first.is_visible()
        shown.get_by_text("System prompt, part 1").first.click()
        assert shown.get_by_text("You are the executor.").first.is_visible()
        assert shown.get_by_text(f"line {LONG_LINES}", exact=False).first.is_visible()
        assert not shown.get_by_text(f"line {LONG_LINES + 5}", exact=False).first.is_visible()
        sizes = "[...document.querySelectorAll('pre, p, small')].map(one => parseFloat(getComputedStyle(one).fontSize))"
        assert min(shown.evaluate(sizes)) >= 13
