"""The Bot API's methods: each takes the request's parameters and returns `result`, or raises Refusal."""

import json
import time
from collections.abc import Callable
from typing import Any

from devkit.telegram.entities import parse
from devkit.telegram.errors import Refusal
from devkit.telegram.store import Data, Store

MAX_TEXT = 4096
MAX_BUTTON_DATA = 64
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
STATES = {
    "blocked": Refusal("bot was blocked by the user", 403),
    "kicked": Refusal("bot was kicked from the group chat", 403),
    "missing": Refusal("chat not found"),
}
Method = Callable[["Bot", Data], Any]


class Bot:
    """One bot: `user` is what getMe says."""

    def __init__(self, store: Store, token: str) -> None:
        self.store = store
        number = int(token.split(":", 1)[0])
        self.user = {"id": number, "is_bot": True, "first_name": "Bot", "username": f"bot{number}_bot"}

    def chat(self, given: Data) -> Data:
        """The chat of the request, made where it is new. Raises Refusal."""
        try:
            chat_id = int(given.get("chat_id", ""))
        except (TypeError, ValueError):
            raise Refusal("chat not found" if given.get("chat_id") else "chat_id is empty") from None
        chat = self.store.chat(chat_id)
        if chat is None:
            chat = new_chat(chat_id)
            self.store.put_chat(chat)
        if refusal := STATES.get(chat["state"]):
            raise refusal
        return chat

    def text(self, given: Data) -> Data:
        """`text` and `entities` of the request. Raises Refusal."""
        plain, entities = parse(str(given.get("text") or ""), given.get("parse_mode"))
        if not plain.strip():
            raise Refusal("message text is empty")
        if len(plain) > MAX_TEXT:
            raise Refusal("message is too long")
        return {"text": plain, "entities": entities} if entities else {"text": plain}

    def own_message(self, given: Data) -> Data:
        """The message to edit. Raises Refusal where there is none, or it is not the bot's."""
        chat = self.chat(given)
        try:
            message = self.store.message(chat["id"], int(given.get("message_id", "")))
        except (TypeError, ValueError):
            raise Refusal("message identifier is not specified") from None
        if message is None:
            raise Refusal("message to edit not found")
        if message["from"]["id"] != self.user["id"]:
            raise Refusal("message can't be edited")
        return message


def new_chat(chat_id: int, kind: str = "", title: str = "", state: str = "open") -> Data:
    """A chat: private with a positive id, a group with a negative one."""
    kind = kind or ("private" if chat_id > 0 else "supergroup")
    return {"id": chat_id, "type": kind, "title": title or f"Chat {chat_id}", "state": state}


def public_chat(chat: Data) -> Data:
    """The chat as the API shows it."""
    name = "first_name" if chat["type"] == "private" else "title"
    return {"id": chat["id"], "type": chat["type"], name: chat["title"]}


def markup(given: Data) -> Data:
    """`reply_markup` of the request, checked. Raises Refusal."""
    wanted = given.get("reply_markup")
    if isinstance(wanted, str):
        try:
            wanted = json.loads(wanted)
        except json.JSONDecodeError:
            raise Refusal("object expected as reply markup") from None
    if not wanted:
        return {}
    for row in wanted.get("inline_keyboard", []):
        for button in row:
            _check_button(button)
    return {"reply_markup": wanted}


def _check_button(button: Data) -> None:
    if not button.get("text"):
        raise Refusal("inline keyboard button text is empty")
    if "url" not in button and "callback_data" not in button:
        raise Refusal("can't parse inline keyboard button: Text buttons are allowed in the inline keyboard only")
    if len(str(button.get("callback_data", "x")).encode()) not in range(1, MAX_BUTTON_DATA + 1):
        raise Refusal("BUTTON_DATA_INVALID")


def get_me(bot: Bot, given: Data) -> Data:
    """getMe."""
    return {**bot.user, "can_join_groups": True, "can_read_all_group_messages": False, "supports_inline_queries": False}


def send_message(bot: Bot, given: Data) -> Data:
    """sendMessage."""
    chat = bot.chat(given)
    body = {**bot.text(given), **markup(given)}
    reply = given.get("reply_parameters") or {}
    answered = bot.store.message(chat["id"], int(reply.get("message_id", 0))) if isinstance(reply, dict) else None
    context = {"reply_to_message": answered} if answered else {}
    sender = {"from": bot.user, "chat": public_chat(chat), "date": int(time.time())}
    return bot.store.add_message({**sender, **context, **body})


def edit_message_text(bot: Bot, given: Data) -> Data:
    """editMessageText; an edit without reply_markup takes the buttons away."""
    message = bot.own_message(given)
    return _edited(bot, message, {**bot.text(given), **markup(given)})


def edit_message_reply_markup(bot: Bot, given: Data) -> Data:
    """editMessageReplyMarkup."""
    message = bot.own_message(given)
    kept: Data = {key: message[key] for key in ("text", "entities") if key in message}
    return _edited(bot, message, {**kept, **markup(given)})


def _edited(bot: Bot, message: Data, body: Data) -> Data:
    changeable = ("text", "entities", "reply_markup")
    if {key: message[key] for key in changeable if key in message} == body:
        raise Refusal(SAME)
    rest = {key: value for key, value in message.items() if key not in changeable}
    changed = {**rest, "edit_date": int(time.time()), **body}
    bot.store.put_message(changed)
    return changed


def delete_message(bot: Bot, given: Data) -> bool:
    """deleteMessage."""
    chat = bot.chat(given)
    number = int(given.get("message_id") or 0)
    if bot.store.message(chat["id"], number) is None:
        raise Refusal("message to delete not found")
    bot.store.drop_message(chat["id"], number)
    return True


def answer_callback_query(bot: Bot, given: Data) -> bool:
    """answerCallbackQuery: once for each query."""
    query_id = str(given.get("callback_query_id") or "")
    query = bot.store.query(query_id)
    if query is None or "answer" in query:
        raise Refusal("query is too old and response timeout expired or query ID is invalid")
    bot.store.put_query(query_id, {**query, "answer": given.get("text") or ""})
    return True


def set_webhook(bot: Bot, given: Data) -> bool:
    """setWebhook; an empty url is deleteWebhook."""
    url = str(given.get("url") or "")
    if url and not url.startswith(("http://", "https://")):
        raise Refusal("bad webhook: An HTTPS URL must be provided for webhook")
    bot.store.set("webhook", {"url": url, "secret_token": given.get("secret_token") or ""} if url else {})
    return True


def delete_webhook(bot: Bot, given: Data) -> bool:
    """deleteWebhook."""
    bot.store.set("webhook", {})
    return True


def get_webhook_info(bot: Bot, given: Data) -> Data:
    """getWebhookInfo."""
    webhook = bot.store.setting("webhook")
    waiting = len(bot.store.updates(0, 1000))
    info = {"url": webhook.get("url", ""), "has_custom_certificate": False, "pending_update_count": waiting}
    return {**info, **{key: webhook[key] for key in ("last_error_message", "last_error_date") if key in webhook}}


def set_my_commands(bot: Bot, given: Data) -> bool:
    """setMyCommands."""
    commands = given.get("commands")
    bot.store.set("commands", {"commands": json.loads(commands) if isinstance(commands, str) else commands})
    return True


def send_chat_action(bot: Bot, given: Data) -> bool:
    """sendChatAction: checks the chat, shows nothing."""
    bot.chat(given)
    return True


METHODS: dict[str, Method] = {
    "getme": get_me,
    "sendmessage": send_message,
    "editmessagetext": edit_message_text,
    "editmessagereplymarkup": edit_message_reply_markup,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "setmycommands": set_my_commands,
    "sendchataction": send_chat_action,
}
