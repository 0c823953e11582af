"""The routes: /bot<token>/<method>, /_telegram/... for what people do, and / for the phone."""

import json
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from devkit.telegram.bot import METHODS, Bot
from devkit.telegram.errors import Refusal
from devkit.telegram.page import page
from devkit.telegram.people import click, set_chat, write
from devkit.telegram.store import Data, Store
from devkit.telegram.updates import Poller

TOKEN = r"\d{1,20}:[A-Za-z0-9_-]{3,}"


def make_app(data: Path | None = None, tokens: Collection[str] | None = None) -> Flask:
    """The service. Without `tokens` it takes every well-formed token whose secret does not begin with `invalid`."""
    app = Flask("devkit.telegram")
    store = Store(data)
    poller = Poller(store)
    app.register_error_handler(Refusal, lambda refusal: (refusal.to_json(), refusal.code))
    app.register_error_handler(404, lambda _: (Refusal(code=404).to_json(), 404))

    @app.route("/bot<token>/<method>", methods=["GET", "POST"])
    def call(token: str, method: str) -> ResponseReturnValue:
        bot = Bot(store, _checked(token, tokens))
        given = parameters()
        _check_flood(store, method)
        if method.lower() == "getupdates":
            return {"ok": True, "result": poller.get(given)}
        found = METHODS.get(method.lower())
        if found is None:
            raise Refusal(code=404)
        return {"ok": True, "result": found(bot, given)}

    _people_routes(app, store)
    _phone_routes(app, store)
    return app


def _checked(token: str, tokens: Collection[str] | None) -> str:
    if not re.fullmatch(TOKEN, token):
        raise Refusal(code=404)
    if token.split(":", 1)[1].startswith("invalid") or (tokens is not None and token not in tokens):
        raise Refusal(code=401)
    return token


def parameters() -> Data:
    """The method's parameters from the query, a form or JSON; nested ones may be JSON texts."""
    given: Data = {**request.args.to_dict(), **request.form.to_dict()}
    if request.is_json:
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            raise Refusal("can't parse JSON object")
        given.update(body)
    if isinstance(given.get("reply_parameters"), str):
        given["reply_parameters"] = json.loads(given["reply_parameters"])
    return given


def _check_flood(store: Store, method: str) -> None:
    flood = store.setting("flood")
    if flood.get("times", 0) > 0 and re.search(flood.get("method", ""), method, re.IGNORECASE):
        store.set("flood", {**flood, "times": flood["times"] - 1})
        wait = int(flood.get("retry_after", 1))
        raise Refusal(f"retry after {wait}", 429, retry_after=wait)


def _people_routes(app: Flask, store: Store) -> None:
    @app.get("/_telegram/chats")
    def chats() -> ResponseReturnValue:
        return [{**chat, "messages": store.messages(chat["id"])} for chat in store.chats()]

    @app.get("/_telegram/queries/<query_id>")
    def query(query_id: str) -> ResponseReturnValue:
        return store.query(query_id) or {}

    doings: dict[str, Callable[[Store, Data], Any]] = {"messages": write, "clicks": click, "chats": set_chat}

    @app.post("/_telegram/<any(messages, clicks, chats):what>")
    def do(what: str) -> ResponseReturnValue:
        try:
            return doings[what](store, request.get_json(force=True)), 201
        except (KeyError, ValueError) as error:
            return {"error": f"{type(error).__name__}: {error}"}, 400

    @app.post("/_telegram/flood")
    def flood() -> ResponseReturnValue:
        store.set("flood", request.get_json(force=True))
        return store.setting("flood"), 201


def _phone_routes(app: Flask, store: Store) -> None:
    @app.get("/")
    def phone() -> ResponseReturnValue:
        return page(store, request.args.get("chat", type=int))

    @app.post("/_telegram/form/<any(message, click):what>")
    def form(what: str) -> ResponseReturnValue:
        given = request.form.to_dict()
        try:
            (write if what == "message" else click)(store, given)
        except (KeyError, ValueError) as error:
            return f"{error}", 400
        return redirect(f"/?chat={int(given['chat_id'])}", 303)
