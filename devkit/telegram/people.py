"""What people do: write, click, block; each becomes an update for the bot."""

import secrets
import time

from devkit.telegram.bot import new_chat, public_chat
from devkit.telegram.store import Data, Store
from devkit.telegram.updates import deliver

PERSON = {"id": 1001, "is_bot": False, "first_name": "Ana", "username": "ana", "language_code": "en"}


def write(store: Store, given: Data) -> Data:
    """A person writes `text` into `chat_id`; `from` replaces parts of the usual person. Returns the update."""
    chat = _chat(store, int(given["chat_id"]))
    message = {"from": {**PERSON, **given.get("from", {})}, "chat": public_chat(chat), "date": int(time.time())}
    text = str(given["text"])
    if text.startswith("/"):
        length = len(text.split(None, 1)[0])
        message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
    return _update(store, {"message": store.add_message({**message, "text": text})})


def click(store: Store, given: Data) -> Data:
    """A person clicks the button with `data` under `message_id` in `chat_id`. Raises ValueError without such one."""
    message = store.message(int(given["chat_id"]), int(given["message_id"]))
    rows = ((message or {}).get("reply_markup") or {}).get("inline_keyboard", [])
    if not any(button.get("callback_data") == given["data"] for row in rows for button in row):
        raise ValueError(f"no button with {given['data']!r} under this message")
    query = {
        "id": str(secrets.randbits(62)),
        "from": {**PERSON, **given.get("from", {})},
        "message": message,
        "chat_instance": "1",
        "data": given["data"],
    }
    store.put_query(query["id"], {"chat_id": int(given["chat_id"]), "data": given["data"]})
    return _update(store, {"callback_query": query})


def set_chat(store: Store, given: Data) -> Data:
    """Make or change a chat: `id`, `type`, `title`, `state` (open, blocked, kicked, missing)."""
    before = store.chat(int(given["id"])) or new_chat(int(given["id"]))
    chat = {**before, **given, "id": int(given["id"])}
    store.put_chat(chat)
    return chat


def _chat(store: Store, chat_id: int) -> Data:
    return store.chat(chat_id) or set_chat(store, {"id": chat_id})


def _update(store: Store, update: Data) -> Data:
    number = store.add_update(update)
    deliver(store)
    return {"update_id": number, **update}
