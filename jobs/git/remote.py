"""The address of a repository and the one header that opens it."""

from __future__ import annotations

import base64
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from jobs.git.errors import AddressRefused

PUBLIC_API, PUBLIC_WEB = "api.github.com", "github.com"


@dataclass(frozen=True)
class Remote:
    """Where a repository is fetched from and pushed to. The token never stands in `url`."""

    url: str
    scheme: str
    token: str | None = field(default=None, repr=False)

    def config(self) -> Mapping[str, str]:
        """Git settings for one command that talks to this address."""
        values = {f"protocol.{self.scheme}.allow": "always"}
        if self.token:
            basic = base64.b64encode(f"x-access-token:{self.token}".encode()).decode()
            values[f"http.{self.url}.extraHeader"] = f"Authorization: Basic {basic}"
        return values

    def secrets(self) -> tuple[str, ...]:
        """Texts that must not appear in an error."""
        if not self.token:
            return ()
        return (self.token, base64.b64encode(f"x-access-token:{self.token}".encode()).decode())


def github_remote(clone_url: str, api_url: str, token: str | None = None) -> Remote:
    """The remote for an address from the API's answer. Raises AddressRefused unless it belongs to that API's host."""
    clone, api = urlsplit(clone_url), urlsplit(api_url)
    if not _has_port(clone):
        raise AddressRefused(f"clone address of {clone.hostname} has a port that is none")
    if _carries_more(clone) or "\n" in clone_url:
        raise AddressRefused(f"clone address of {clone.hostname} carries more than a path")
    if clone.scheme not in {"https", "http"} or not clone.hostname or not clone.path.strip("/"):
        raise AddressRefused(f"clone address must be http(s), not {clone.scheme!r}")
    if clone.scheme == "http" and not _loopback(clone.hostname):
        raise AddressRefused("plain http is accepted for loopback addresses only")
    if _origin(clone) != _expected(api):
        raise AddressRefused(f"clone address {clone.hostname} does not belong to {api.hostname}")
    return Remote(clone_url, clone.scheme, token)


def local_remote(path: Path) -> Remote:
    """A repository on this machine, for the local mode."""
    return Remote(path.resolve().as_uri(), "file")


def _has_port(clone: SplitResult) -> bool:
    try:
        return clone.port is None or clone.port > 0
    except ValueError:
        return False


def _carries_more(clone: SplitResult) -> bool:
    return bool(clone.username or clone.password or clone.query or clone.fragment)


def _expected(api: SplitResult) -> tuple[str | None, int | None]:
    if api.hostname == PUBLIC_API:
        return PUBLIC_WEB, 443
    return _origin(api)


def _origin(parts: SplitResult) -> tuple[str | None, int | None]:
    return parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
