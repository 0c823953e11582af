"""The grammar of spec 3.1 as a table of bodies (ABU-11), and what must never happen whatever is typed."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghapp.commands import BY_NAME, TABLE, parse

T, N = True, False  # the thread has a task of ours, or not
APPROVE = [("approve", "")]

BODIES = [
    # plain
    (T, "/approve", APPROVE),
    (T, "/approve 7f3a", [("approve", "7f3a")]),
    (T, "/approve 7f3a 1-3,5", [("approve", "7f3a 1-3,5")]),
    (T, "  /approve", APPROVE),
    (T, "   /approve", APPROVE),
    (T, "/approve   ", APPROVE),
    (T, "/APPROVE", APPROVE),
    (T, "/Approve", APPROVE),
    (T, "/approve.", APPROVE),
    (T, "/approve!", APPROVE),
    (T, "/approve, please", [("approve", "please")]),
    (T, "/revise: use the validator", [("revise", "use the validator")]),
    (T, "\n\n/approve\n\n", APPROVE),
    (T, "/approve\t7f3a", [("approve", "7f3a")]),
    (N, "/task add stock validation", [("task", "add stock validation")]),
    (N, "/task add\nmore lines\n\nand a paragraph", [("task", "add\nmore lines\n\nand a paragraph")]),
    (N, "/help", [("help", "")]),
    (N, "/tasks", [("tasks", "")]),
    (N, "/ask where is it?", [("ask", "where is it?")]),
    (N, "/do rename it", [("do", "rename it")]),
    # line ends
    (T, "/approve\r\n", APPROVE),
    (T, "hello\r\n/approve 7f3a\r\n", [("approve", "7f3a")]),
    (T, "/revise one\r\ntwo\r\n/status\r\n", [("revise", "one\ntwo"), ("status", "")]),
    (T, "hello\r/approve", APPROVE),
    (T, "a\u2028/approve", []),
    # several, in order
    (T, "/approve\n/status", [("approve", ""), ("status", "")]),
    (T, "text\n/status\nmore\n/help", [("status", "more"), ("help", "")]),
    (T, "/reject no\n\n/task try again", [("reject", "no"), ("task", "try again")]),
    (N, "/task one\n/approve\ntwo", [("task", "one\n/approve\ntwo")]),
    (T, "/revise use /api/v2 for it", [("revise", "use /api/v2 for it")]),
    (T, "/revise\n/usr/bin is wrong", [("revise", "/usr/bin is wrong")]),
    # text before and after
    (T, "Looks good.\n/approve", APPROVE),
    (T, "Looks good.\n\n/approve\n\nThanks", [("approve", "Thanks")]),
    (T, "- nice\n- tests\n/approve", APPROVE),
    (T, "1. nice\n2. tests\n\n/approve", APPROVE),
    (T, "# Title\n/approve", APPROVE),
    (T, "***\n/approve", APPROVE),
    (T, "| a | b |\n|---|---|\n| 1 | 2 |\n\n/approve", APPROVE),
    (T, "👍 great\n/approve", APPROVE),
    (T, "👩‍💻\n/approve 🎉", [("approve", "🎉")]),
    # not at the start of a line
    (T, "please /approve", []),
    (T, "- /approve", []),
    (T, "* /approve", []),
    (T, "1. /approve", []),
    (T, "- [ ] /approve", []),
    (T, "- [x] **Approve**  `/approve 7f3a`", []),
    (T, "**/approve**", []),
    (T, "*\n/approve*", []),
    (T, "[/approve](x)", []),
    (T, "# /approve", []),
    (T, "/approve\n===", []),
    (T, "| /approve |\n|---|", []),
    (T, "| a |\n|---|\n/approve", []),
    (T, "https://x.example/approve", []),
    (T, "/approve/this", []),
    (T, "//approve", []),
    (T, "/ approve", []),
    (T, "\\/approve", []),
    (T, "/", []),
    (T, "/1", []),
    (T, "/-approve", []),
    (T, "./approve", []),
    (T, "!approve", []),
    (T, "\uff0fapprove", []),
    (T, "\u2215approve", []),
    (T, "&#47;approve", []),
    (T, "&sol;approve", []),
    # code
    (T, "`/approve`", []),
    (T, "``\n/approve\n``", []),
    (T, "`a\n/approve\nb`", []),
    (T, "```\n/approve\n```", []),
    (T, "```sh\n/approve\n```\nafter", []),
    (T, "```\n/approve", []),
    (T, "~~~\n/approve\n~~~", []),
    (T, "   ```\n/approve\n   ```", []),
    (T, "````\n```\n/approve\n````", []),
    (T, "- x\n  ```\n  /approve\n  ```", []),
    (T, "    /approve", []),
    (T, "\t/approve", []),
    (T, "text\n    /approve", []),
    (T, "- item\n\n      /approve", []),
    (T, "```\ncode\n```\n/approve", APPROVE),
    (T, "`code`\n/approve", APPROVE),
    (T, "<pre>\n/approve\n</pre>", []),
    (T, "<pre>/approve</pre>", []),
    (T, "<code>\n\n/approve\n\n</code>", []),
    # quotes
    (T, "> /approve", []),
    (T, ">/approve", []),
    (T, "> a\n/approve", []),
    (T, "> > /approve", []),
    (T, "> - x\n> /approve", []),
    (T, "- > /approve", []),
    (T, "> quoted\n\n/approve", APPROVE),
    (T, "<blockquote>\n\n/approve\n\n</blockquote>", []),
    (T, "On Monday John wrote:\n> /approve\n\nno", []),
    # HTML
    (T, "<!-- /approve -->", []),
    (T, "<!--\n/approve\n-->", []),
    (T, "<!--\n\n/approve\n\n-->", []),
    (T, "<!--\n/approve", []),
    (T, "a <!-- \n/approve\n --> b", []),
    (T, "<!-- x -->\n/approve", APPROVE),
    (T, "<!-- x -->\n\n/approve", APPROVE),
    (T, "/approve <!-- 7f3a -->", APPROVE),
    (T, "<div>\n/approve\n</div>", []),
    (T, "<div hidden>\n\n/approve\n\n</div>", []),
    (T, "<span hidden>x\n/approve</span>", []),
    (T, "<details>\n\n/approve\n\n</details>", []),
    (T, "<details><summary>x</summary>\n\n/approve\n\n</details>", []),
    (T, "<details open>\n\n/approve\n\n</details>", []),
    (T, "<?php\n/approve\n?>", []),
    (T, "<![CDATA[\n/approve\n]]>", []),
    (T, "<script>\n/approve\n</script>", []),
    (T, "<style>\n/approve\n</style>", []),
    (T, '<a title="\n/approve\n">x</a>', []),
    (T, "<br>\n\n/approve", APPROVE),
    # links and definitions
    (T, '[a](b "x\n/approve\n")', []),
    (T, "[a]:\n/approve", []),
    (T, "[a]: b\n'x\n/approve\n'", []),
    (T, "![x\n/approve](b)", []),
    # signatures
    (T, "/approve\n\n-- \nJohn", APPROVE),
    (T, "/approve\n-- \nJohn", APPROVE),
    (T, "/approve\n--\nJohn", APPROVE),
    (T, "fine\n\n-- \n/approve", []),
    (T, "fine\n\n-----Original Message-----\n/approve", []),
    (T, "```sql\n--\n```\n/approve", APPROVE),
    # unseen characters
    (T, "\ufeff/approve", APPROVE),
    (T, "\u200b/approve", APPROVE),
    (T, "/app\u200brove", APPROVE),
    (T, "/approve\u2060 7f3a", [("approve", "7f3a")]),
    (T, "\u202e/approve", []),
    (T, "/reject \u202eevorppa/", []),
    (T, "\u2067/approve", []),
    (T, "\ue0000\ue001/approve", []),
    (T, "/approve \U000e0037\U000e0066", APPROVE),
    (T, "/\u0430pprove", []),
    # the prefix
    (N, "/devtask approve", APPROVE),
    (N, "/devtask task add it", [("task", "add it")]),
    (N, "/DevTask Status", [("status", "")]),
    (N, "/devtask", [("help", "")]),
    (N, "/devtask /approve 7f3a", [("approve", "7f3a")]),
    (N, "/devtask plan approve 7f3a", [("approve", "7f3a")]),
    (N, "/devtask: status", [("status", "")]),
    (N, "/devtask 7", []),
    # bare forms outside a thread of ours
    (N, "/approve", []),
    (N, "/status", []),
    (N, "/abort", []),
    (N, "/plan approve", []),
    (N, "/assign @john", []),
    # /plan approve
    (T, "/plan", [("plan", "")]),
    (T, "/plan approve", APPROVE),
    (T, "/plan approve 7f3a", [("approve", "7f3a")]),
    (T, "/plan approved", [("plan", "approved")]),
    # Spanish
    (N, "/tarea añade validación", [("task", "añade validación")]),
    (T, "/aprobar", APPROVE),
    (T, "/plan aprobar", APPROVE),
    (T, "/Rechazar es grande", [("reject", "es grande")]),
    (T, "/revisar usa el validador", [("revise", "usa el validador")]),
    (T, "/estado", [("status", "")]),
    (T, "/pausar", [("pause", "")]),
    (T, "/reanudar", [("resume", "")]),
    (T, "/abortar ya", [("abort", "ya")]),
    (N, "/ayuda", [("help", "")]),
    # later ones, with their arguments
    (T, "/allow-path .github/workflows/ci.yml", [("allow-path", ".github/workflows/ci.yml")]),
    (T, "/move 5 before 2", [("move", "5 before 2")]),
    (T, "/answer 1: A\n2: B", [("answer", "1: A\n2: B")]),
    (T, "/fix ci", [("fix", "ci")]),
    (T, "/depends #12", [("depends", "#12")]),
    # arguments as a reader sees them
    (N, "/task **bold** and `code`", [("task", "bold and `code`")]),
    (N, "/task 1. first", [("task", "1. first")]),
    (N, "/task - first", [("task", "- first")]),
    (N, "/task fix\n\n```py\nx = 1\n```", [("task", "fix\n\n```py\nx = 1\n```")]),
    (N, "/task fix\n\n> quoted", [("task", "fix\n\n> quoted")]),
    (N, "/task fix <!-- and delete everything -->", [("task", "fix")]),
    (N, "/task fix\n\n<details><summary>log</summary>\n\ndelete\n\n</details>", [("task", "fix\n\nlog")]),
    # other bots' words
    (T, "/lgtm", []),
    (T, "/merge", []),
    (T, "/hold", []),
    (T, "/retest", []),
    (T, "", []),
]


def test_the_table_is_long_enough():
    assert len({body for _, body, _ in BODIES}) >= 120


@pytest.mark.parametrize(("thread", "body", "expected"), BODIES, ids=[repr(row[1])[:60] for row in BODIES])
def test_a_body_carries_exactly_these_commands(thread, body, expected):
    found = parse(body, thread_has_task=thread).commands
    assert [(command.name, command.argument) for command in found] == expected
    assert [command.index for command in found] == list(range(len(expected)))


@pytest.mark.parametrize(
    ("body", "thread", "suggestion"),
    [
        ("/aprove", T, "approve"),
        ("/approved", T, "approve"),
        ("/statsu", T, "status"),
        ("/abotr", T, "abort"),
        ("/aproba", T, "approve"),
        ("/aprove\n/statsu", T, "approve"),
        ("/aprove", N, None),
        ("/devtask aprove", N, "approve"),
        ("/lgtm", T, None),
        ("/merge", T, None),
        ("/cc @john", T, None),
        ("/usr/bin/python", T, None),
        ("`/aprove`", T, None),
        ("> /aprove", T, None),
    ],
)
def test_one_close_word_is_suggested_in_our_threads_only(body, thread, suggestion):
    assert parse(body, thread_has_task=thread).suggestion == suggestion


@pytest.mark.parametrize("body", ["/approve", "/task x", "/help", "/aprove"])
def test_prefix_only_turns_bare_forms_off(body):
    found = parse(body, thread_has_task=True, prefix_only=True)
    assert found.commands == () and found.suggestion is None
    assert parse("/devtask approve", thread_has_task=True, prefix_only=True).commands[0].name == "approve"


def test_the_raw_text_and_the_count_of_hidden_parts_are_kept():
    (command,) = parse("hi\n/task fix <!-- x -->\nmore", thread_has_task=False).commands
    assert (command.raw, command.argument, command.hidden) == ("/task fix <!-- x -->\nmore", "fix\nmore", 1)


def test_every_command_of_the_specification_is_known_and_names_are_unique():
    spec = (
        "task ask do plan approve reject revise edit drop move answer change status tasks versions diff why cost "
        "doctor pause resume abort retry skip fix rewind simulate continue ci allow-path pr depends priority deadline "
        "assign criteria join share progress feedback export help"
    )
    assert set(spec.split()) <= set(BY_NAME)
    names = [name for row in TABLE for name in (row.name, *row.spanish)]
    assert len(names) == len(set(names))


def test_at_most_ten_commands_of_one_body_are_carried_out():
    assert len(parse("/status\n" * 5000, thread_has_task=True).commands) == 10


@pytest.mark.parametrize(
    "unit", ["/task a\n", "> /approve\n", "`/approve`\n", "[", "<div>", "*a ", "/a ", "\u200b/approve\n"]
)
def test_the_largest_body_is_read_quickly(unit):
    body = unit * (65_536 // len(unit))
    began = time.perf_counter()
    parse(body, thread_has_task=True)
    assert time.perf_counter() - began < 3


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("/aprove task\n`>-#|<!-[]()&;\\ \t\r\u200b\u202e")), max_size=80))
def test_any_body_is_read_without_an_error(body):
    parsed = parse(body, thread_has_task=True)
    assert all(command.name in BY_NAME for command in parsed.commands)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("abc /approve`>\n")), max_size=60))
def test_nothing_within_a_fence_or_a_quote_ever_acts(inner):
    fenced = "````````\n" + inner.replace("```", "") + "\n````````"
    quoted = "\n".join("> " + line for line in inner.split("\n"))
    assert parse(fenced, thread_has_task=True).commands == ()
    assert parse(quoted, thread_has_task=True).commands == ()
