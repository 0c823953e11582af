"""The whole stand-in as a WSGI application and as a server in this process."""

from __future__ import annotations

from types import TracebackType

from flask import Flask, request

from devkit.github import admin, git_http, pages, rest, routing
from devkit.github.config import Config
from devkit.github.hub import Hub
from devkit.rig import Rig, RunningServer

__all__ = ["GitHub", "create_app", "rest"]


def create_app(hub: Hub) -> Flask:
    """REST under ``/api/v3``, git and pages at the root, the admin surface under ``/_admin``."""
    app = Flask("devkit.github", static_folder=None)
    app.url_map.merge_slashes = False

    @app.before_request
    def learn_address() -> None:
        if hub.base.count(":") < 2:
            hub.base = request.host_url.rstrip("/")

    routing.mount(app, hub)
    git_http.mount(app, hub)
    admin.mount(app, hub)
    pages.mount(app, hub)
    return app


class GitHub:
    """The stand-in in a thread of this process: ``with GitHub(Config(data=path)) as hub_server: server.url``."""

    def __init__(self, config: Config, port: int = 0) -> None:
        self.hub = Hub(config)
        self.server = RunningServer(Rig(create_app(self.hub), "github", config.data), "github", config.data, port)
        self.hub.base = self.server.url

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``; the API is at ``api_url``."""
        return self.server.url

    @property
    def api_url(self) -> str:
        """What GITHUB_API_URL is set to."""
        return self.hub.api

    def __enter__(self) -> GitHub:
        self.server.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.stop()
        self.hub.close()
