"""The Gemini REST API on loopback, answering from a script. See README.md beside this file."""

from devkit.gemini.app import make_app

__all__ = ["make_app"]
