"""The phone: one page that shows a chat as a messenger does, readable at 390 px."""

import html
import re
from typing import Any

from devkit.telegram.entities import units
from devkit.telegram.store import Data, Store

STYLE = """
*{box-sizing:border-box}body{margin:0;font:15px/1.35 system-ui,sans-serif;background:#dfe7ec;color:#111}
main{max-width:430px;margin:0 auto;min-height:100vh;display:flex;flex-direction:column;background:#e6ebee}
header{position:sticky;top:0;background:#3f7fb0;color:#fff;padding:10px 14px;font-weight:600}
nav{display:flex;gap:6px;overflow-x:auto;padding:6px 10px;background:#fff}nav a{white-space:nowrap;color:#2a6492}
#thread{flex:1;padding:10px;display:flex;flex-direction:column;gap:6px}
.m{max-width:88%;padding:7px 10px;border-radius:12px;background:#fff;overflow-wrap:anywhere;white-space:pre-wrap}
.m.me{align-self:flex-end;background:#dcf5c7}.m.bot{align-self:flex-start}
.m small{display:block;text-align:right;color:#777;font-size:11px}
.m pre,.m code{font:13px/1.3 ui-monospace,monospace;white-space:pre-wrap;background:#0000000d;border-radius:4px}
.m blockquote{margin:2px 0;padding-left:8px;border-left:3px solid #3f7fb0}
.k{display:flex;flex-wrap:wrap;gap:4px;max-width:88%}.k form{flex:1 1 40%}
.k button,.k a{display:block;width:100%;padding:9px;border:0;border-radius:8px;background:#5b8fb8;color:#fff;
text-align:center;font:inherit;text-decoration:none}
footer{position:sticky;bottom:0;background:#fff;padding:8px}footer form{display:flex;gap:6px}
footer input{flex:1;min-width:0;padding:9px;border:1px solid #bbb;border-radius:18px;font:inherit}
footer button{border:0;border-radius:18px;background:#3f7fb0;color:#fff;padding:0 14px;font:inherit}
.empty{color:#555;text-align:center;margin:2em}
"""
SCRIPT = """
setInterval(async()=>{const r=await fetch(location.href);if(!r.ok)return;
const d=new DOMParser().parseFromString(await r.text(),'text/html').getElementById('thread');
const t=document.getElementById('thread');if(d&&d.innerHTML!==t.innerHTML)t.innerHTML=d.innerHTML},2000)
"""
WRAP = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}


def page(store: Store, chat_id: int | None) -> str:
    """The HTML of one chat (the first one without an id), with the other chats above it."""
    chats = store.chats()
    chat = next((item for item in chats if chat_id in (None, item["id"])), None)
    links = "".join(f'<a href="/?chat={item["id"]}">{html.escape(item["title"])}</a>' for item in chats)
    title = html.escape(chat["title"]) if chat else "No chat yet"
    thread = _thread(store.messages(chat["id"])) if chat else '<p class="empty">The bot has written nothing yet.</p>'
    number = chat["id"] if chat else 1001
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
        f"<style>{STYLE}</style><main><header>{title}</header><nav>{links}</nav><div id=thread>{thread}</div>"
        f'<footer><form method="post" action="/_telegram/form/message"><input type="hidden" name="chat_id" '
        f'value="{number}"><input name="text" placeholder="Message" aria-label="Message" required autocomplete="off">'
        f"<button>Send</button></form></footer></main><script>{SCRIPT}</script></html>"
    )


def _thread(messages: list[Data]) -> str:
    return "".join(_message(message) for message in messages) or '<p class="empty">No message yet.</p>'


def _message(message: Data) -> str:
    side = "bot" if message["from"]["is_bot"] else "me"
    edited = " edited" if "edit_date" in message else ""
    body = formatted(message["text"], message.get("entities", []))
    bubble = f'<div class="m {side}">{body}<small>#{message["message_id"]}{edited}</small></div>'
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    buttons = "".join(_button(message, button) for row in rows for button in row)
    return bubble + (f'<div class="k">{buttons}</div>' if buttons else "")


def _button(message: Data, button: Data) -> str:
    label = html.escape(button["text"])
    if "url" in button:
        return f'<a href="{html.escape(_safe(button["url"]))}">{label}</a>'
    fields = {"chat_id": message["chat"]["id"], "message_id": message["message_id"], "data": button["callback_data"]}
    hidden = "".join(f'<input type="hidden" name="{k}" value="{html.escape(str(v))}">' for k, v in fields.items())
    return f'<form method="post" action="/_telegram/form/click">{hidden}<button>{label}</button></form>'


def _safe(url: str) -> str:
    return url if re.match(r"(https?|tg|mailto):", url) else "#"


def formatted(text: str, entities: list[dict[str, Any]]) -> str:
    """The text with its entities as HTML; entities nest or stand side by side."""
    opened: dict[int, list[str]] = {}
    closed: dict[int, list[str]] = {}
    for entity in entities:
        before, after = _tags(entity)
        opened.setdefault(entity["offset"], []).append(before)
        closed.setdefault(entity["offset"] + entity["length"], []).insert(0, after)
    said, place = "", 0
    for character in text:
        said += "".join(closed.pop(place, [])) + "".join(opened.pop(place, [])) + html.escape(character)
        place += units(character)
    return said + "".join(closed.pop(place, []))


def _tags(entity: dict[str, Any]) -> tuple[str, str]:
    if entity["type"] == "text_link":
        return f'<a href="{html.escape(_safe(entity["url"]))}">', "</a>"
    tag = WRAP.get(entity["type"], "span")
    return f"<{tag}>", f"</{tag}>"
