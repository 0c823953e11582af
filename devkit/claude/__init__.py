"""The Anthropic Messages API on loopback, answering from a script. See README.md beside this file."""

from devkit.claude.app import make_app

__all__ = ["make_app"]
