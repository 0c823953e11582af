"""The Telegram Bot API on loopback, with a phone to look at and to type into. See README.md beside this file."""

from devkit.telegram.app import make_app
from devkit.telegram.phone import Phone

__all__ = ["Phone", "make_app"]
