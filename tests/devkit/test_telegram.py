"""The Telegram stand-in over HTTP, as a bot and as the people who talk to it."""

import json
import threading
import time

import httpx
import pytest
from flask import Flask, request

from devkit.rig import RunningServer, fingerprint, loopback_client
from devkit.telegram import Phone, make_app
from devkit.telegram.entities import parse
from devkit.telegram.errors import Refusal
from devkit.telegram.page import formatted

TOKEN = "12345:abcdefgh"
CHAT = 77


class World:
    """A running stand-in, a bot's calls and a person's phone."""

    def __init__(self, data=None):
        self.server = RunningServer(make_app(data), "telegram", data).start()
        self.phone = Phone(self.server.url)
        self.http = loopback_client(self.server.url, timeout=5)

    def call(self, method, token=TOKEN, **given):
        return self.http.post(f"/bot{token}/{method}", json=given)

    def ok(self, method, **given):
        answer = self.call(method, **given).json()
        assert answer["ok"], answer
        return answer["result"]

    def stop(self):
        self.http.close()
        self.server.stop()


@pytest.fixture
def world():
    made = World()
    yield made
    made.stop()


def test_the_bot_knows_itself_and_its_token_stays_out_of_the_ledger(world):
    assert world.ok("getMe")["is_bot"] is True
    path = world.server.client.ledger()[0].path
    assert path == f"/bot<{fingerprint(TOKEN)}>/getMe"


TOKENS = [("12345:invalid-token", 401, "Unauthorized"), ("nonsense", 404, "Not Found"), ("12345", 404, "Not Found")]


@pytest.mark.parametrize(("token", "code", "description"), TOKENS)
def test_a_wrong_token_is_a_401_and_a_malformed_one_a_404(world, token, code, description):
    answer = world.call("getMe", token=token)
    assert (answer.status_code, answer.json()) == (code, {"ok": False, "error_code": code, "description": description})


def test_an_unknown_method_is_a_404_and_names_know_no_case(world):
    assert world.call("flyAway").status_code == 404
    assert world.call("GETME").status_code == 200


def test_a_message_is_sent_edited_and_read(world):
    sent = world.ok("sendMessage", chat_id=CHAT, text="<b>Plan</b> for &lt;x&gt; ñ", parse_mode="HTML")
    assert sent["text"] == "Plan for <x> ñ"
    assert sent["entities"] == [{"type": "bold", "offset": 0, "length": 4}]
    assert (sent["message_id"], sent["chat"]["type"], sent["from"]["is_bot"]) == (1, "private", True)
    edited = world.ok("editMessageText", chat_id=CHAT, message_id=1, text="done")
    assert edited["text"] == "done" and "entities" not in edited and edited["edit_date"]
    assert [message["text"] for message in world.phone.reads(CHAT)] == ["done"]
    assert world.ok("deleteMessage", chat_id=CHAT, message_id=1) is True
    assert world.phone.reads(CHAT) == []


def test_parameters_come_as_query_form_or_json(world):
    url = f"/bot{TOKEN}/sendMessage"
    keyboard = json.dumps({"inline_keyboard": [[{"text": "Go", "callback_data": "go"}]]})
    world.http.get(url, params={"chat_id": CHAT, "text": "by query"})
    world.http.post(url, data={"chat_id": CHAT, "text": "by form", "reply_markup": keyboard})
    assert [message["text"] for message in world.phone.reads(CHAT)] == ["by query", "by form"]
    assert world.phone.reads(CHAT)[1]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Go"
    assert world.http.post(url, content=b"{", headers={"content-type": "application/json"}).status_code == 400


BUTTON = {"inline_keyboard": [[{"text": "Approve", "callback_data": "approve:1"}]]}
REFUSED = {
    "no chat": ("sendMessage", {"chat_id": ""}, 400, "chat_id is empty"),
    "no such chat": ("sendMessage", {"chat_id": "@nobody"}, 400, "chat not found"),
    "no text": ("sendMessage", {"text": " "}, 400, "message text is empty"),
    "too long": ("sendMessage", {"text": "x" * 4097}, 400, "message is too long"),
    "no parse mode": ("sendMessage", {"parse_mode": "BBCode"}, 400, "unsupported parse_mode"),
    "broken HTML": ("sendMessage", {"text": "<b>x", "parse_mode": "HTML"}, 400, "can't parse entities"),
    "blocked": ("sendMessage", {"chat_id": 2}, 403, "Forbidden: bot was blocked by the user"),
    "kicked": ("sendMessage", {"chat_id": -3}, 403, "Forbidden: bot was kicked from the group chat"),
    "missing": ("sendMessage", {"chat_id": 4}, 400, "chat not found"),
    "button without data": ("sendMessage", {"reply_markup": {"inline_keyboard": [[{"text": "x"}]]}}, 400, "button"),
    "button data too long": (
        "sendMessage",
        {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y" * 65}]]}},
        400,
        "BUTTON_DATA_INVALID",
    ),
    "markup no JSON": ("sendMessage", {"reply_markup": "{"}, 400, "object expected as reply markup"),
    "same text": (
        "editMessageText",
        {"message_id": 1, "text": "first", "reply_markup": BUTTON},
        400,
        "is not modified",
    ),
    "edit of nothing": ("editMessageText", {"message_id": 99}, 400, "Bad Request: message to edit not found"),
    "edit without id": ("editMessageText", {}, 400, "message identifier is not specified"),
    "edit of another's": ("editMessageText", {"message_id": 2}, 400, "message can't be edited"),
    "delete of nothing": ("deleteMessage", {"message_id": 99}, 400, "message to delete not found"),
    "unknown click": ("answerCallbackQuery", {"callback_query_id": "1"}, 400, "query is too old"),
    "bad webhook": ("setWebhook", {"url": "ftp://x"}, 400, "bad webhook"),
}


@pytest.fixture(scope="module")
def settled():
    made = World()
    made.ok("sendMessage", chat_id=CHAT, text="first", reply_markup=BUTTON)
    made.phone.writes(CHAT, "mine")
    made.phone.sets_chat(2, state="blocked")
    made.phone.sets_chat(-3, state="kicked")
    made.phone.sets_chat(4, state="missing")
    yield made
    made.stop()


@pytest.mark.parametrize(("method", "given", "code", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_telegram_refuses(settled, method, given, code, reason):
    answer = settled.call(method, **{"chat_id": CHAT, "text": "x", **given})
    assert (answer.status_code, answer.json()["ok"], answer.json()["error_code"]) == (code, False, code)
    assert reason in answer.json()["description"]


def test_4096_characters_fit_after_the_tags_are_gone(world):
    world.ok("sendMessage", chat_id=CHAT, text="<b>" + "ñ" * 4096 + "</b>", parse_mode="HTML")


def test_a_flood_is_a_429_with_the_seconds_to_wait(world):
    world.phone.floods(times=1, retry_after=7, method="sendMessage")
    answer = world.call("sendMessage", chat_id=CHAT, text="x")
    assert (answer.status_code, answer.json()["parameters"]) == (429, {"retry_after": 7})
    assert answer.json()["description"] == "Too Many Requests: retry after 7"
    world.ok("sendMessage", chat_id=CHAT, text="x")


def test_updates_are_confirmed_by_the_next_offset(world):
    for text in ("/status", "two", "three"):
        world.phone.writes(CHAT, text, username="eva")
    first, *rest = world.ok("getUpdates", limit=2)
    assert first["message"]["text"] == "/status" and first["message"]["entities"][0]["length"] == 7
    assert first["message"]["from"]["username"] == "eva" and len(rest) == 1
    left = world.ok("getUpdates", offset=first["update_id"] + 2)
    assert [update["message"]["text"] for update in left] == ["three"]
    assert world.ok("getUpdates", offset=-1) == left
    assert world.ok("getUpdates", offset=left[0]["update_id"] + 1) == []
    assert world.ok("getUpdates") == []


def test_a_click_is_a_callback_query_that_is_answered_once(world):
    world.ok("sendMessage", chat_id=CHAT, text="Approve?", reply_markup=BUTTON)
    query = world.phone.clicks(CHAT, 1, "approve:1", id=5, first_name="Eva")["callback_query"]
    (update,) = world.ok("getUpdates", allowed_updates=["callback_query"])
    assert update["callback_query"] == query
    assert (query["data"], query["from"]["id"], query["message"]["text"]) == ("approve:1", 5, "Approve?")
    assert world.phone.sees_answer(query["id"]) is None
    assert world.ok("answerCallbackQuery", callback_query_id=query["id"], text="Noted") is True
    assert world.phone.sees_answer(query["id"]) == "Noted"
    assert world.call("answerCallbackQuery", callback_query_id=query["id"]).status_code == 400
    world.ok("editMessageReplyMarkup", chat_id=CHAT, message_id=1)
    with pytest.raises(ValueError, match="no button"):
        world.phone.clicks(CHAT, 1, "approve:1")


def test_a_long_poll_waits_for_the_next_update_and_ends_when_another_begins(world):
    answers = []

    def poll():
        answers.append(httpx.get(f"{world.server.url}/bot{TOKEN}/getUpdates?timeout=5", timeout=10).json())

    first = threading.Thread(target=poll)
    first.start()
    time.sleep(0.15)
    second = threading.Thread(target=poll)
    second.start()
    first.join()
    assert answers[0]["error_code"] == 409 and "terminated by other getUpdates" in answers[0]["description"]
    started = time.monotonic()
    world.phone.writes(CHAT, "hello")
    second.join()
    assert answers[1]["result"][0]["message"]["text"] == "hello"
    assert time.monotonic() - started < 2
    assert world.ok("getUpdates", offset=2, timeout=0.05) == []


def test_a_webhook_gets_updates_with_its_secret_and_bars_polling(world):
    got = []
    hook = Flask("hook")

    @hook.post("/hook")
    def receive():
        got.append((request.headers["X-Telegram-Bot-Api-Secret-Token"], request.get_json()["message"]["text"]))
        return "", 200 if len(got) > 1 else 500

    with RunningServer(hook, "hook") as target:
        world.ok("setWebhook", url=f"{target.url}/hook", secret_token="s3")
        assert world.call("getUpdates").status_code == 409
        world.phone.writes(CHAT, "one")
        wait_for(lambda: world.ok("getWebhookInfo").get("last_error_message"))
        assert world.ok("getWebhookInfo")["pending_update_count"] == 1
        world.phone.writes(CHAT, "two")
        wait_for(lambda: world.ok("getWebhookInfo")["pending_update_count"] == 0)
    assert got == [("s3", "one"), ("s3", "one"), ("s3", "two")]
    world.ok("deleteWebhook")
    assert world.ok("getUpdates") == []


def wait_for(happened):
    deadline = time.monotonic() + 5
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_chats_and_updates_survive_a_restart(tmp_path):
    for number in (1, 2):
        world = World(tmp_path)
        assert world.ok("sendMessage", chat_id=CHAT, text="x")["message_id"] == number * 2 - 1
        world.phone.writes(CHAT, "y")
        assert len(world.ok("getUpdates")) == number
        world.stop()


PARSED = [
    ("HTML", "a <i>b <b>c</b></i>", "a b c", [("italic", 2, 3), ("bold", 4, 1)]),
    ("HTML", "😀<code>x</code>", "😀x", [("code", 2, 1)]),
    ("HTML", '<a href="http://h/?a=1&amp;b">t</a> > &#33;', "t > !", [("text_link", 0, 1)]),
    ("HTML", '<pre><code class="language-py">x</code></pre>', "x", [("pre", 0, 1)]),
    ("HTML", "AT&T & co", "AT&T & co", []),
    ("MarkdownV2", r"*a* _b_ __c__ ~d~ ||e|| \.", "a b c d e .", None),
    ("MarkdownV2", "`a*b` [t](http://h/a\\)b)", "a*b t", [("code", 0, 3), ("text_link", 4, 1)]),
    ("MarkdownV2", "```py\nx = 1\n```\n>quote", "x = 1\n\nquote", [("pre", 0, 6)]),
    ("", "<b>*_", "<b>*_", []),
]


@pytest.mark.parametrize(("mode", "text", "plain", "entities"), PARSED)
def test_formatted_text_is_read(mode, text, plain, entities):
    said, found = parse(text, mode)
    assert said == plain
    if entities is not None:
        assert [(item["type"], item["offset"], item["length"]) for item in found] == entities


BROKEN = [
    ("HTML", "a < b", 'Unsupported start tag "" at byte offset 2'),
    ("HTML", "ñ<br>", 'Unsupported start tag "br" at byte offset 2'),
    ("HTML", "<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
    ("HTML", "<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ("HTML", "x</b>", "Unexpected end tag at byte offset 1"),
    ("MarkdownV2", "done.", r"Character '.' is reserved and must be escaped with the preceding '\'"),
    ("MarkdownV2", "a [b] c", "Character ']' is reserved"),
    ("MarkdownV2", "*a", "Can't find end of Bold entity at byte offset 0"),
    ("MarkdownV2", "x `a", "Can't find end of Code entity at byte offset 2"),
]


@pytest.mark.parametrize(("mode", "text", "reason"), BROKEN)
def test_broken_formatting_is_refused_with_the_place(mode, text, reason):
    with pytest.raises(Refusal) as caught:
        parse(text, mode)
    assert caught.value.description.startswith("Bad Request: can't parse entities: ")
    assert reason in caught.value.description


def test_the_phone_shows_the_chat_and_lets_a_person_write_and_click(world):
    assert "written nothing yet" in world.http.get("/").text
    text = '<b>Plan</b> &lt;script&gt; <a href="http://h/1">link</a>'
    world.ok("sendMessage", chat_id=CHAT, text=text, parse_mode="HTML", reply_markup=BUTTON)
    shown = world.http.get("/").text
    assert '<b>Plan</b> &lt;script&gt; <a href="http://h/1">link</a>' in shown
    assert "width=device-width" in shown and "<button>Approve</button>" in shown
    sent = world.http.post("/_telegram/form/message", data={"chat_id": CHAT, "text": "hi <b>"})
    assert sent.status_code == 303 and "hi &lt;b&gt;" in world.http.get(sent.headers["location"]).text
    click = {"chat_id": CHAT, "message_id": 1, "data": "approve:1"}
    assert world.http.post("/_telegram/form/click", data=click).status_code == 303
    assert world.http.post("/_telegram/form/click", data={**click, "data": "x"}).status_code == 400
    assert [sorted(update)[0] for update in world.ok("getUpdates")] == ["message", "callback_query"]


def test_entities_become_html_inside_out():
    text, entities = parse("<b>a<i>b</i></b>😀<code>c</code>", "HTML")
    assert formatted(text, entities) == "<b>a<i>b</i></b>😀<code>c</code>"
    link = [{"type": "text_link", "offset": 0, "length": 1, "url": "javascript:x"}]
    assert formatted("x", link) == '<a href="#">x</a>'
