"""Hosts that a setup may reach: named by this machine's index settings, or by a repository. Pure.

`index.example.org`, `*.example.org` (any name below it), each with `:port` where it is neither 80 nor 443.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

PORTS = (80, 443)
_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(\*\.)?{_LABEL}(\.{_LABEL})*")
_WRITTEN = re.compile(r"(?P<name>[^:/\s]+)(:(?P<port>\d{1,5}))?")


@dataclass(frozen=True)
class Host:
    """One admitted host. `ours`: named by this machine's settings, so that it may stand in a private network too."""

    name: str
    port: int | None = None
    ours: bool = False

    def admits(self, name: str, port: int) -> bool:
        """Whether a connection to this name and port is meant."""
        if port != self.port and not (self.port is None and port in PORTS):
            return False
        return name == self.name or (self.name.startswith("*.") and name.endswith(self.name[1:]))

    def __str__(self) -> str:
        return self.name if self.port is None else f"{self.name}:{self.port}"


def written(text: str) -> Host:
    """A host as a repository writes it under `network`. Raises ValueError with what is wrong."""
    found = _WRITTEN.fullmatch(text.strip().lower().rstrip("."))
    if found is None:
        raise ValueError(f"{text!r} is no host: write example.org, *.example.org or example.org:8443")
    name, port = found["name"], found["port"]
    if not _NAME.fullmatch(name) or len(name) > 253 or (port and not 0 < int(port) < 65_536):
        raise ValueError(f"{text!r} is no host: write example.org, *.example.org or example.org:8443")
    if name.removeprefix("*.").count(".") == 0:
        raise ValueError(f"{text!r} is no host of the internet: a name with a dot is needed")
    if is_address(name):
        raise ValueError(f"{text!r} is an address: a repository may name hosts only")
    return Host(name, int(port) if port else None)


def of_urls(urls: Iterable[str]) -> tuple[Host, ...]:
    """The hosts of this machine's index addresses; folders and what is no address are left out."""
    found: dict[Host, None] = {}
    for url in urls:
        try:
            parts = urlsplit(url.removeprefix("sparse+").removeprefix("registry+"))
            port = parts.port
        except ValueError:
            continue
        if parts.scheme in ("http", "https") and parts.hostname:
            found[Host(parts.hostname, None if port in (None, *PORTS) else port, ours=True)] = None
    return tuple(found)


def is_address(name: str) -> bool:
    """Whether this is an IP address and no name."""
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return bool(re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+", name))
    return True


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet: not this machine, not a private network, not link-local."""
    found = ip_address(address.partition("%")[0])
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_global and not found.is_multicast
