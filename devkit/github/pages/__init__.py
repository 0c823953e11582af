"""The web pages on which a person uses the stand-in."""

from __future__ import annotations

from flask import Flask

from devkit.github.hub import Hub
from devkit.github.pages import code, home, talk
from devkit.github.pages.desk import add


def mount(app: Flask, hub: Hub) -> None:
    """Every page, at the addresses that GitHub gives them."""
    for table in (home.TABLE, talk.TABLE, code.TABLE):
        for method, rule, view in table:
            add(app, hub, method, rule, view)
