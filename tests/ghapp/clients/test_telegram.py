"""The Telegram client against the stand-in (F45)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import pytest

from devkit.rig import RunningServer
from devkit.telegram import Phone
from devkit.telegram.app import make_app
from ghapp.clients.errors import Bug, ClientError, Denied, Gone, Retry, Uncertain
from ghapp.clients.telegram import Telegram

TOKEN = "12345:AAsecretsecretsecret"
CHAT = 77


@dataclass
class Scene:
    server: RunningServer
    phone: Phone
    bot: Telegram


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with RunningServer(make_app(), "telegram") as running:
        yield running


@pytest.fixture
def scene(server: RunningServer) -> Iterator[Scene]:
    bot = Telegram(TOKEN, server.url, deadline=0.8)
    phone = Phone(server.url)
    phone.sets_chat(CHAT, state="open")
    yield Scene(server, phone, bot)
    server.client.clear()
    bot.close()


def test_a_message_is_sent_and_edited_and_the_same_text_again_is_no_error(scene: Scene) -> None:
    number = scene.bot.send(CHAT, "<b>step 1/2</b>", quiet=True)
    for _ in range(2):
        scene.bot.edit(CHAT, number, "<b>step 2/2</b>")
    assert [found["text"] for found in scene.phone.reads(CHAT) if found["message_id"] == number] == ["step 2/2"]
    assert scene.bot.me()


def test_F45_a_flood_says_how_long_to_wait(scene: Scene) -> None:
    scene.phone.floods(1, 13, "sendMessage")
    with pytest.raises(Retry) as caught:
        scene.bot.send(CHAT, "x")
    assert caught.value.after == 13


@pytest.mark.parametrize("state", ["blocked", "kicked", "missing"])
def test_F45_who_blocked_the_bot_is_denied(scene: Scene, state: str) -> None:
    scene.phone.sets_chat(CHAT, state=state)
    with pytest.raises(Denied) as caught:
        scene.bot.send(CHAT, "x")
    assert caught.value.reason == "blocked"


def test_a_message_that_is_not_there_is_gone(scene: Scene) -> None:
    with pytest.raises(Gone):
        scene.bot.edit(CHAT, 999_999, "x")


@pytest.mark.parametrize("text", ["<b>x", "", "y" * 5000])
def test_what_telegram_refuses_is_a_bug(scene: Scene, text: str) -> None:
    with pytest.raises(Bug):
        scene.bot.send(CHAT, text)


@pytest.mark.parametrize("kind", ["apply_then_500", "apply_then_drop", "truncate", "drop_before", "garbage"])
def test_F45_a_message_that_may_have_been_sent_is_uncertain(scene: Scene, kind: str) -> None:
    scene.server.client.fault(kind, "sendMessage$")
    with pytest.raises(Uncertain):
        scene.bot.send(CHAT, "x")


@pytest.mark.parametrize("kind", ["apply_then_500", "apply_then_drop", "garbage"])
def test_F45_an_edit_may_be_repeated(scene: Scene, kind: str) -> None:
    number = scene.bot.send(CHAT, "a")
    scene.server.client.fault(kind, "editMessageText$")
    with pytest.raises(Retry):
        scene.bot.edit(CHAT, number, "b")
    scene.bot.edit(CHAT, number, "b")


def test_F39_a_slow_answer_ends_at_the_deadline(scene: Scene) -> None:
    scene.server.client.fault("slow_drip", "sendMessage$", seconds=40)
    began = time.monotonic()
    with pytest.raises(Uncertain):
        scene.bot.send(CHAT, "x")
    assert time.monotonic() - began < 2.5


def test_the_token_is_in_no_error_and_no_representation(scene: Scene) -> None:
    errors: list[ClientError] = []
    for kind, method in (("garbage", "sendMessage"), ("reset", "sendMessage"), ("status", "sendMessage")):
        scene.server.client.fault(kind, f"{method}$", status=502)
        with pytest.raises(ClientError) as caught:
            scene.bot.send(CHAT, "x")
        errors.append(caught.value)
    with closing(Telegram(TOKEN, "http://127.0.0.1:9", deadline=1)) as away, pytest.raises(ClientError) as caught:
        away.send(CHAT, "x")
    errors.append(caught.value)
    with closing(Telegram("12345:invalid-token", scene.server.url)) as other, pytest.raises(Denied) as denied:
        other.send(CHAT, "x")
    assert denied.value.reason == "credentials"
    for error in errors:
        chain = [error, error.__cause__, error.__context__ if not error.__suppress_context__ else None]
        assert not any("secretsecret" in repr(link) for link in chain)
    assert "secret" not in repr(scene.bot)
