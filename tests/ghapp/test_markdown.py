"""What is seen of a comment: hidden shapes never reach a prompt, visible ones do (ABU-17)."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghapp.invisible import drop_invisible
from ghapp.markdown import quote_free, visible_text

EVIL = "EVIL"
TAGGED = "".join(chr(0xE0000 + ord(char)) for char in EVIL)
SELECTED = "".join(chr(0xE0100 + ord(char)) for char in EVIL)

HIDDEN = {
    "comment": "a <!-- EVIL --> b",
    "comment block": "a\n\n<!-- EVIL\n\nEVIL -->\n\nb",
    "unclosed comment block": "a\n\n<!-- EVIL\n\nEVIL",
    "unclosed comment within HTML": "<div>a <!-- EVIL\nEVIL</div>",
    "short comments": "a <!--> <!-- EVIL --> b",
    "entity comment": "a &lt;!-- EVIL --&gt; b",
    "numeric entity comment": "a &#60;!-- EVIL --&#62; b",
    "half entity comment, unclosed": "a &lt;!-- EVIL",
    "escaped comment": r"a \<!-- EVIL --> b",
    "processing instruction": "a <?EVIL?> b",
    "processing block": "<?php EVIL ?>\n\nb",
    "entity processing instruction": "a &lt;?EVIL?&gt;",
    "cdata": "a <![CDATA[ EVIL ]]> b",
    "cdata block": "<![CDATA[\nEVIL\n]]>\n\nb",
    "declaration": "a <!DOCTYPE EVIL> b",
    "details": "<details><summary>log</summary>\n\nEVIL\n\n</details>",
    "details without summary": "<details>EVIL</details>",
    "second summary": "<details><summary>one</summary><summary>EVIL</summary></details>",
    "nested details": "<details><summary>x<details>EVIL</details></summary>y</details>",
    "open details in closed": "<details><summary>x</summary><details open>EVIL</details></details>",
    "hidden span": "a <span hidden>EVIL</span> b",
    "hidden upper case": "a <SPAN HIDDEN>EVIL</SPAN> b",
    "hidden until found": '<p hidden="until-found">EVIL</p>',
    "hidden across blocks": "<div hidden>\n\nEVIL\n\n- EVIL\n\n</div>",
    "hidden, unclosed": "<div hidden>\n\nEVIL",
    "hidden list item": "<ul><li hidden>EVIL</li><li>b</li></ul>",
    "link title": 'a [b](https://x.example "EVIL") c',
    "link title on its own line": 'a [b](https://x.example\n"EVIL") c',
    "link address": "a [b](https://x.example/EVIL) c",
    "link address in brackets": "a [b](<EVIL and more>) c",
    "definition title": 'a [b]\n\n[b]: https://x.example "EVIL"',
    "definition nobody uses": "a\n\n[EVIL instructions]: https://x.example",
    "definition as comment": "a\n\n[//]: # (EVIL)",
    "reference label": "a [b][EVIL]\n\n[EVIL]: https://x.example",
    "alt text": "a ![EVIL](https://x.example/i.png) b",
    "nested alt text": "a ![x [EVIL] y](https://x.example/i.png) b",
    "alt text of an image in a link": "[![EVIL](https://x.example/i.png)](https://x.example)",
    "image title": 'a ![b](https://x.example/i.png "EVIL")',
    "img tag": '<img src="x" alt="EVIL" title="EVIL">',
    "attribute": '<a name="EVIL" data-x="EVIL" href="EVIL" aria-label="EVIL">b</a>',
    "abbreviation": '<abbr title="EVIL">b</abbr>',
    "fence info": "```py EVIL\ncode\n```",
    "script": "a <script>EVIL</script> b",
    "style": "<style>EVIL</style>b",
    "template": "<template>EVIL</template>b",
    "textarea": "<textarea>EVIL</textarea>b",
    "title element": "<title>EVIL</title>b",
    "noscript": "<noscript>EVIL</noscript>b",
    "video fallback": "<video>EVIL</video>b",
    "select": "<select><option>EVIL</option></select>b",
    "svg": "<svg><text>EVIL</text></svg>b",
    "ruby parenthesis": "<ruby>a<rp>EVIL</rp></ruby>",
    "white LaTeX": r"a $\color{white}{EVIL}$ b",
    "white LaTeX block": "a\n\n$$\n\\textcolor{white}{EVIL}\n$$\n",
    "phantom LaTeX": r"a $\phantom{EVIL}$ b",
    "LaTeX link": r"a $\href{EVIL}{x}$ b",
    "tag characters": f"a {TAGGED} b",
    "selectors": f"a 😀{SELECTED} b",
    "word joiners": "a E\u2060V\u2061I\u2062L\u2063\u2064",
    "zero width": "a E\u200bV\u200cI\u200dL\ufeff",
    "soft hyphens": "a E\u00adV\u00adI\u00adL",
    "private use": "a \ue000EV\uf8ffIL\U000f0000",
    "blank letters": "a E\u3164V\u115fI\uffa0L\u2800",
    "bidi override": "a \u202eLIVE\u202c",
    "unassigned": "a E\u0378V\U000e0fffIL",
    "control": "a E\x00V\x07I\x1bL",
}
INVISIBLE_ONLY = {"word joiners", "zero width", "soft hyphens", "private use", "blank letters", "bidi override"}
INVISIBLE_ONLY |= {"unassigned", "control"}


@pytest.mark.parametrize("name", [name for name in HIDDEN if name not in INVISIBLE_ONLY])
def test_hidden_shapes_are_left_out_and_counted(name):
    text, hidden = visible_text(HIDDEN[name])
    assert EVIL not in text
    assert not any(0xE0000 <= ord(char) <= 0xE0FFF for char in text)
    assert hidden >= 1 or name in {"link address", "link address in brackets", "reference label", "attribute"}


@pytest.mark.parametrize("name", sorted(INVISIBLE_ONLY))
def test_letters_split_or_turned_by_unseen_characters_read_as_shown(name):
    text, hidden = visible_text(HIDDEN[name])
    assert text in ("a EVIL", "a LIVE") and hidden >= 1


def test_there_are_at_least_forty_hidden_shapes():
    assert len(HIDDEN) >= 40


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("plain", "plain"),
        ("two\r\nlines", "two\nlines"),
        ("one\n\ntwo", "one\n\ntwo"),
        ("# Head\n\ntext", "# Head\n\ntext"),
        ("- a\n- b\n  - c", "- a\n- b\n  - c"),
        ("> quoted\n> more\n\nown", "> quoted\n> more\n\nown"),
        ("`code` and **bold** ~~gone~~", "`code` and bold gone"),
        ("```py\nx = '<!-- shown -->'\n```", "```py\nx = '<!-- shown -->'\n```"),
        ("    indented\n", "```\nindented\n```"),
        ("| a | b |\n|---|---|\n| 1 | 2 |", "| a | b\n| 1 | 2"),
        ("[text](https://x.example)", "text"),
        ("<https://x.example>", "https://x.example"),
        ("x ![a](b)", "x [image]"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("<kbd>Ctrl</kbd> <b>bold</b>", "`Ctrl` bold"),
        ("<details open><summary>s</summary>t</details>", "s\nt"),
        ("<details><summary>s</summary>t</details>", "s"),
        ("cost is $5 and $6", "cost is $5 and $6"),
        ("$a^2 + b^2$", "$a^2 + b^2$"),
        ("👩‍💻 ❤️ 👍🏽 done", "👩‍💻 ❤️ 👍🏽 done"),
        ("\uff46\uff55\uff4c\uff4c and \U0001d41b\U0001d428\U0001d425\U0001d41d", "full and bold"),
        ("x² ½ …", "x² ½ …"),
        ("ñandú 中文 العربية हिन्दी", "ñandú 中文 العربية हिन्दी"),
        ("", ""),
    ],
)
def test_what_is_rendered_stays(body, shown):
    text, hidden = visible_text(body)
    assert [line.rstrip() for line in text.split("\n")] == shown.split("\n")
    assert hidden == ("<details>" in body) + body.count("![")


@pytest.mark.parametrize(
    ("body", "own"),
    [
        ("> looks good\n\nno", "no"),
        ("> looks good\nlazy", ""),
        ("`approve` it", "it"),
        ("```\napprove\n```\nlater", "later"),
        ("fine\n\n-- \nJohn", "fine"),
        ("fine\n\n----Original Message----\napprove", "fine"),
        ("<blockquote>approve</blockquote>", ""),
    ],
)
def test_quotes_code_and_signatures_are_not_own_words(body, own):
    assert quote_free(body).strip() == own


def test_a_large_body_is_read_quickly():
    began = time.perf_counter()
    for body in ("[" * 65_536, "*a " * 21_000, "<div>" * 13_000, "`a``" * 16_000, "a\u200b" * 32_000, "$a" * 32_000):
        visible_text(body)
    assert time.perf_counter() - began < 6


@settings(max_examples=150, deadline=None)
@given(
    st.text(alphabet=st.sampled_from(list("ab/<>!-[]()`*_~|$\\&;#\n \u200b\ue000\ue001\ue002\ue003🙂")), max_size=80)
)
def test_any_text_is_read_without_an_error_and_without_markers(body):
    text, hidden = visible_text(body)
    assert hidden >= 0 and not set(text) & set("\ue000\ue001\ue002\ue003\u200b")


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_dropping_what_is_invisible_twice_changes_nothing(text):
    once, _ = drop_invisible(text)
    assert drop_invisible(once) == (once, 0)
