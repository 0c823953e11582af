"""Which clone address may be used: only one whose origin belongs to the API that named it (promises 1.11)."""

from __future__ import annotations

import ipaddress
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

PUBLIC_API = "api.github.com"
PUBLIC_WEB = "github.com"
DEFAULT_PORTS = {"https": 443, "http": 80}
AMBIGUOUS = frozenset("\\\r\n\t ")


def clone_url_belongs(clone_url: str, api_url: str) -> bool:
    """True if `clone_url` is on the API's own host and port (public GitHub: the web host), https or loopback http."""
    try:
        clone, api = urlsplit(clone_url), urlsplit(api_url)
        here, there = _origin(clone), _origin(api)
    except ValueError:
        return False
    web = PUBLIC_WEB if there.host == PUBLIC_API else there.host
    return _plain(clone_url, clone) and here == there._replace(host=web) and _safe(here)


class Origin(NamedTuple):
    """Where an address leads."""

    scheme: str
    host: str
    port: int


def _origin(url: SplitResult) -> Origin:
    """Raises ValueError for a port that is none, or without a host."""
    if not url.hostname:
        raise ValueError("no host")
    return Origin(url.scheme, url.hostname, url.port or DEFAULT_PORTS.get(url.scheme, 0))


def _plain(text: str, url: SplitResult) -> bool:
    """Nothing but scheme, host, port and path, and nothing in it that two readers may read in two ways."""
    if any((url.username, url.password, url.query, url.fragment)):
        return False
    return ".." not in url.path and AMBIGUOUS.isdisjoint(text)


def _safe(origin: Origin) -> bool:
    return origin.scheme == "https" or (origin.scheme == "http" and _is_loopback(origin.host))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
