"""The wire by itself, and what importing the clients costs."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing

import pytest

from devkit.rig import RunningServer
from ghapp.clients.errors import Retry
from ghapp.clients.wire import Wire


@pytest.mark.parametrize("address", ["ftp://x", "x", "", "file:///x"])
def test_only_http_services_can_be_spoken_to(address: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Wire(address)


def test_credentials_in_an_address_are_no_part_of_the_origin() -> None:
    assert Wire("https://user:pass@host.example:444/api").origin == "https://host.example:444"


def test_an_answer_too_long_is_given_up() -> None:
    def flood(environ: dict[str, object], start_response: object) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/plain")])  # type: ignore[operator]
        return [b"x" * 1024 * 1024] * 20

    with RunningServer(flood, "flood") as server, closing(Wire(server.url, 10)) as wire, pytest.raises(Retry):
        wire.send("GET", "/", {})


def test_importing_the_clients_loads_no_heavy_library() -> None:
    heavy = ("github", "requests", "jwt", "githubkit")
    check = f"import sys, ghapp.clients.github, ghapp.clients.telegram; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
