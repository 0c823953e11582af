"""Which clone address may be used: only one whose origin belongs to the API that named it (promises 1.11)."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

PUBLIC_API = "api.github.com"
PUBLIC_WEB = "github.com"


def clone_url_belongs(clone_url: str, api_url: str) -> bool:
    """True if `clone_url` is on the API's own host and port (public GitHub: the web host), https or loopback http."""
    try:
        clone, api = urlsplit(clone_url), urlsplit(api_url)
        ports = (clone.port or _default(clone.scheme), api.port or _default(api.scheme))
    except ValueError:
        return False
    if clone.username or clone.password or clone.query or clone.fragment or not clone.hostname or not api.hostname:
        return False
    if any(char in clone_url for char in "\\\r\n\t ") or ".." in clone.path:
        return False
    host = PUBLIC_WEB if api.hostname == PUBLIC_API else api.hostname
    if clone.hostname != host or ports[0] != ports[1] or clone.scheme != api.scheme:
        return False
    return clone.scheme == "https" or (clone.scheme == "http" and _is_loopback(clone.hostname))


def _default(scheme: str) -> int:
    return {"https": 443, "http": 80}.get(scheme, 0)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
