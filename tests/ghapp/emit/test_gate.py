"""The gate: secrets, size, and nothing live that our own texts do not hold (ABU-23, ABU-24, ABU-25)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghapp.emit.commit import commit_subject, commit_text
from ghapp.emit.gate import BODY_LIMIT, KEEP, MARKER_ROOM, gate, gate_plain, gate_telegram, live_lines
from ghapp.say import buttons
from ghapp.say.replies import cut_note, told
from state.errors import Told
from state.redact import Redactor

TOKEN = "ghs_" + "a1B2" * 12
REDACTOR = Redactor({"github": TOKEN})
OURS = ("https://github.com/acme/shop/",)
BUTTON = "- [ ] **Abort**  `/abort`"


def test_ABU_23_a_secret_leaves_by_no_sink() -> None:
    for text in (TOKEN, TOKEN[::-1], TOKEN.encode().hex(), f"x{TOKEN}y"):
        for emitted in (gate(text, REDACTOR), gate_telegram(text, REDACTOR), gate_plain(text, REDACTOR)):
            assert TOKEN not in emitted.text and text not in emitted.text
            assert emitted.redactions == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/merge", "\\/merge"),
        ("  /merge", "  \\/merge"),
        ("> /merge", "> \\/merge"),
        ("@bob hi", "\\@\u200bbob hi"),
        ("hi @bob `@bob` ``@a`b``", "hi @\u200bbob `@bob` ``@a`b``"),
        ("```\n/merge\n@bob\n```", "```\n/merge\n@bob\n```"),
        ("~~~\n/merge\n~~~\n/x", "~~~\n/merge\n~~~\n\\/x"),
        (BUTTON, BUTTON),
        ("a@b.c and 12+x@users.noreply.github.com", "a@b.c and 12+x@users.noreply.github.com"),
        ("[x](https://github.com/acme/shop/issues/1)", "[x](https://github.com/acme/shop/issues/1)"),
        ("<details>\n<summary>x</summary>\n\ny\n\n</details>", "<details>\n<summary>x</summary>\n\ny\n\n</details>"),
    ],
)
def test_ABU_25_no_line_begins_as_a_command_outside_code(text: str, shown: str) -> None:
    emitted = gate(text, Redactor(), links=OURS)
    assert emitted.text == shown
    assert not live_lines(emitted.text)


@pytest.mark.parametrize(
    "hole",
    [
        "[x](http://evil)",
        "![x](https://github.com/acme/shop/x.png)",
        "<img src=x>",
        "<details onclick=x>",
        "http://evil/",
        "www.evil.example",
        "<!-- other marker -->",
        "<b>x</b>",
        "[x](https://github.com/acme/shop.evil/)",
    ],
)
def test_ABU_24_a_body_with_what_ours_never_holds_is_shown_as_text(hole: str) -> None:
    emitted = gate(f"### Title\n\n{hole}", Redactor(), links=OURS)
    assert emitted.text.startswith("\\### Title")
    assert gate(emitted.text, Redactor(), links=OURS).text == emitted.text


def test_F37_a_body_too_long_is_cut_with_a_line_that_names_the_whole_and_keeps_its_buttons() -> None:
    long = "<details>\n<summary>log</summary>\n\n```\n" + "line of the log\n" * 20_000 + "```\n\n</details>"
    body = f"### Title\n\n{long}\n\n{KEEP}\n\n{BUTTON}\n"
    emitted = gate(body, Redactor(), cut_note=cut_note("en", "k3x9q2ab/execution.log"))
    assert emitted.cut and len(emitted.text) <= BODY_LIMIT - MARKER_ROOM
    assert "the rest is in `k3x9q2ab/execution.log`" in emitted.text
    assert [found.button.command for found in buttons.read(emitted.text)] == ["/abort"]
    assert emitted.text.count("<details>") == emitted.text.count("</details>") == 1
    assert emitted.text.count("```") == 2
    assert not gate("short", Redactor()).cut


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["a", "```", "<details>", "</details>", "~~~~", "x" * 90, "", "- b"]), max_size=60))
def test_a_cut_body_is_never_longer_than_its_limit(lines: list[str]) -> None:
    emitted = gate("\n".join(lines), Redactor(), limit=300, cut_note="cut")
    assert len(emitted.text) <= 300 or not emitted.cut
    assert emitted.cut == (len("\n".join(lines)) > 300)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>x</b> <code>y</code>", "<b>x</b> <code>y</code>"),
        ('<a href="https://github.com/acme/shop/issues/1">x</a>',) * 2,
        ('<a href="http://evil">x</a>', '&lt;a href="http:/\u200b/\u200bevil"&gt;x&lt;/a&gt;'),
        ("<tg-spoiler>x</tg-spoiler>", "&lt;tg-spoiler&gt;x&lt;/tg-spoiler&gt;"),
    ],
)
def test_telegram_takes_only_our_few_tags(text: str, shown: str) -> None:
    assert gate_telegram(text, Redactor(), links=OURS).text.replace("\u200b", "") == shown.replace("\u200b", "")


def test_a_long_telegram_text_ends_at_a_line() -> None:
    emitted = gate_telegram("<b>line</b>\n" * 1000, Redactor(), cut_note="cut")
    assert emitted.cut and len(emitted.text) <= 4096
    assert emitted.text.endswith("<b>line</b>\ncut")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Fixes #1", "issue 1"),
        ("closes: GH-12 and resolves o/r#3", "issue 12 and issue 3"),
        ("fix https://github.com/o/r/issues/1", "github.com/o/r/issues/1"),
        ("thanks @bob", "thanks bob"),
        ("mail a@b.c", "mail a@b.c"),
        ("[skip ci] x [ci skip]", "x"),
        ("[sk[skip ci]ip ci] x", "x"),
        ("body\n\nDevtask-State: wip\nCo-authored-by: x <x@y.z>", "body"),
        ("a\x1b[31mb\u202e", "ab"),
    ],
)
def test_a_commit_text_closes_calls_and_skips_nothing(text: str, shown: str) -> None:
    found = commit_text(text)
    assert commit_text(found) == found
    assert "#" not in found and "[skip" not in found
    assert found == shown


def test_a_commit_subject_is_one_line_cut_at_a_word() -> None:
    assert commit_subject("a\nb") == "a b"
    cut = commit_subject("word " * 40)
    assert len(cut) <= 72 and cut.endswith("word…")


def test_an_error_for_people_is_said_in_their_language_or_shown_as_it_is() -> None:
    assert told("es", Told("state.failed")) == "Detenido"
    assert told("en", Told("no such key @bob", hint="state.completed")) == "no such key @\u200bbob Done"
