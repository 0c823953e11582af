"""Untrusted fragments for sinks that are not Markdown."""

from __future__ import annotations

import html
import re

from ghapp.emit.clean import clean

ZERO = "\u200b"
_MENTION = re.compile(r"@(?=\w)")


def plain_text(text: str) -> str:
    """For titles, logs and the terminal: nothing hidden, mentions broken."""
    return _MENTION.sub("@" + ZERO, clean(text))


def html_text(text: str) -> str:
    """For Telegram's HTML parse mode; a mention or a bot command there is a link, so both are broken."""
    text = html.escape(plain_text(text), quote=False)
    return re.sub(r"(?<![\w/<])/(?=[A-Za-z])", "/" + ZERO, text)
