"""The web pages on which a person uses the stand-in."""

from __future__ import annotations

from flask import Flask

from devkit.github.hub import Hub


def mount(app: Flask, hub: Hub) -> None:
    return None
