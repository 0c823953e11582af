"""Where the package clients of this machine go when no setting says so: asked of the clients themselves."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jobs.sandbox.layout import interpreter

SECONDS = 20.0
_PIP = """
import ensurepip, pathlib, sys, sysconfig
places = [pathlib.Path(ensurepip.__file__).parent / "_bundled", sysconfig.get_config_var("WHEEL_PKG_DIR") or "/none"]
sys.path += [str(wheel) for place in places for wheel in pathlib.Path(place).glob("pip-*.whl")]
from pip._internal.models.index import PyPI
print(PyPI.simple_url, "https://" + PyPI.file_storage_domain)
"""
_URL = re.compile(r"https?://[^\s,|`'\"]+")
_DEAD = "http://127.0.0.1:1"


@cache
def default_urls(client: str) -> tuple[str, ...]:
    """The addresses that pip, npm, go or cargo uses by itself; empty where it is not on this machine."""
    asked = {"pip": _pip, "npm": _npm, "go": _go, "cargo": _cargo}[client]
    return tuple(dict.fromkeys(asked()))


def _pip() -> list[str]:
    return _URL.findall(_said([interpreter(), "-I", "-c", _PIP]))


def _npm() -> list[str]:
    return _URL.findall(_said(["npm", "config", "get", "registry"]))


def _go() -> list[str]:
    proxies, _, sums = _said(["go", "env", "GOPROXY", "GOSUMDB"]).partition("\n")
    named = [word.partition("+")[0] for word in sums.split() if word != "off"]
    return [*_URL.findall(proxies), *(word if "://" in word else f"https://{word}" for word in named)]


def _cargo() -> list[str]:
    """cargo names its index only in the error that it could not be reached; the index names where the crates are."""
    with tempfile.TemporaryDirectory() as home:
        env = {"CARGO_HOME": home, "CARGO_NET_RETRY": "0", "HTTPS_PROXY": _DEAD, "https_proxy": _DEAD}
        urls = [url for url in _URL.findall(_said(["cargo", "search", "x"], env)) if url.endswith("/config.json")]
    return [*urls, *(crates for url in urls[:1] for crates in _linked(url))]


def _linked(url: str) -> Sequence[str]:
    import httpx

    try:
        said = httpx.get(url, timeout=SECONDS).json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError):
        return ()
    return [said["dl"]] if isinstance(said, dict) and isinstance(said.get("dl"), str) else ()


def _said(argv: Sequence[str], more: Mapping[str, str] | None = None) -> str:
    """What a client of this machine prints, errors too; it stands in no repository and gets no secret of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "RUSTUP_HOME", "GOENV") if name in os.environ}
    try:
        done = subprocess.run(
            list(argv),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            cwd=Path("/"),
            env={**kept, **(more or {})},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + (done.stderr if more else "")
