"""Telegram: the bot answers with its token, and the chat that gets the mirror is there."""

from __future__ import annotations

from cli.findings import Finding, fine, wrong
from ghapp.clients.errors import ClientError
from ghapp.clients.telegram import Telegram
from state.settings import Settings

AREA = "telegram"


def telegram(settings: Settings) -> list[Finding]:
    """One getMe."""
    if settings.telegram_bot_token is None:
        return [fine(AREA, "not set up; nothing is mirrored")]
    bot = Telegram(settings.telegram_bot_token.get_secret_value(), settings.telegram_api_url)
    try:
        name = bot.me()
    except ClientError as error:
        mend = "Check TELEGRAM_BOT_TOKEN (ask @BotFather) and TELEGRAM_API_URL."
        return [wrong(AREA, f"the bot does not answer: {error}", mend)]
    finally:
        bot.close()
    return [fine(AREA, f"@{name} answers; chat {settings.telegram_chat_id} gets the mirror")]
