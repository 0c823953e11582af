"""Asks the package indexes of this machine's settings what is known against a version. No other host is asked.

<index>/pypi/<name>/<version>/json            `vulnerabilities` (Python; where the index offers it)
<registry>/-/npm/v1/security/advisories/bulk  {name: [version]} -> {name: [advisory]} (npm)
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit, urlunsplit

from jobs.checks.audit_versions import Package
from jobs.checks.npm_ranges import within
from jobs.setup.clients import default_urls
from jobs.setup.hosts import of_urls
from jobs.setup.indexes import Indexes

if TYPE_CHECKING:
    import httpx

SECONDS, ALL_SECONDS = 5.0, 40.0
MAX_BYTES = 8_000_000
_MILD = ("low", "info", "none")


class Silent(Exception):
    """Nobody answered; the text says why."""


@dataclass(frozen=True)
class Advisory:
    """One known vulnerability. `mended` names the versions without it, or is empty."""

    id: str
    summary: str
    mended: str = ""


def ask_pypi(indexes: Indexes, packages: Sequence[Package]) -> dict[Package, list[Advisory]]:
    """What the Python index says. Raises Silent."""
    urls = [api for url in _places(indexes, "pip") if (api := json_api(url))]
    if not urls:
        raise Silent("the package index of this machine is a folder, which knows of no vulnerabilities")
    found, end = {}, time.monotonic() + ALL_SECONDS
    with _client() as client:
        for package in packages:
            if time.monotonic() > end:
                raise Silent(f"the package index did not answer for all {len(packages)} packages in {ALL_SECONDS:g} s")
            found[package] = read_pypi(_first(client, urls, package), package)
    return found


def ask_npm(indexes: Indexes, packages: Sequence[Package]) -> dict[Package, list[Advisory]]:
    """What the npm registry says. Raises Silent."""
    places = _places(indexes, "npm")
    if not places:
        raise Silent("no npm registry is configured on this machine")
    body: dict[str, list[str]] = {}
    for package in packages:
        body.setdefault(package.name, []).append(package.version)
    with _client() as client:
        said = _json(client, "POST", f"{places[0].rstrip('/')}/-/npm/v1/security/advisories/bulk", body)
    return {package: read_npm(said, package) for package in packages}


def _places(indexes: Indexes, kind: str) -> tuple[str, ...]:
    """The addresses of the index: as set, else the client's own; the host that only keeps files is none."""
    own = indexes.urls.get(kind, ())
    if kind in indexes.main or (kind == "pip" and own):
        return tuple(dict.fromkeys(own))
    return (*own, *default_urls(kind)[:1])


def json_api(index: str) -> str:
    """Where an index has its JSON: beside `simple`. Empty for what is no address."""
    parts = urlsplit(index)
    if parts.scheme not in ("http", "https") or not of_urls([index]):
        return ""
    path = re.sub(r"/\+?simple/?$", "", parts.path.rstrip("/") or "/")
    return urlunsplit(parts._replace(path=f"{path.rstrip('/')}/pypi", query="", fragment=""))


def read_pypi(said: Any, package: Package) -> list[Advisory]:
    """The advisories of a version's page. Raises Silent where the index offers none. Pure."""
    rows = said.get("vulnerabilities") if isinstance(said, dict) else None
    if not isinstance(rows, list):
        raise Silent(f"the package index does not say whether {package.name} {package.version} is vulnerable")
    found = []
    for row in rows:
        if isinstance(row, dict) and not row.get("withdrawn"):
            fixed = row.get("fixed_in")
            mended = ", ".join(map(str, fixed[:5])) if isinstance(fixed, list) else ""
            text = str(row.get("summary") or row.get("details") or "known vulnerability")
            found.append(Advisory(str(row.get("id") or "vulnerability"), _short(text), mended))
    return found


def read_npm(said: Any, package: Package) -> list[Advisory]:
    """The advisories on this version, the mild ones left out. Raises Silent on what is no answer. Pure."""
    if not isinstance(said, dict):
        raise Silent("the npm registry gave no list of advisories")
    rows = said.get(package.name)
    grave = [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []
    grave = [one for one in grave if str(one.get("severity")) not in _MILD]
    return [_advisory(one) for one in grave if within(package.version, _affected(one))]


def _affected(row: dict[str, Any]) -> str:
    return str(row.get("vulnerable_versions") or "*")


def _advisory(row: dict[str, Any]) -> Advisory:
    name = str(row.get("url") or row.get("id") or "").rstrip("/").rpartition("/")[2]
    return Advisory(name or "vulnerability", _short(f"{row.get('title') or 'known vulnerability'} ({_affected(row)})"))


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 200 else f"{line[:199]}…"


def _first(client: httpx.Client, urls: Sequence[str], package: Package) -> Any:
    """The page of the first index that has one. Raises Silent with what the last one said."""
    trouble = Silent("no index")
    for url in urls:
        try:
            return _json(client, "GET", f"{url}/{quote(package.name, safe='')}/{quote(package.version, safe='')}/json")
        except Silent as why:
            trouble = why
    raise trouble


def _client() -> httpx.Client:
    import httpx

    return httpx.Client(timeout=SECONDS, follow_redirects=False)


def _json(client: httpx.Client, method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
    import httpx

    host, data = urlsplit(url).hostname, b""
    try:
        with client.stream(method, url, json=body) as answer:
            if answer.status_code != 200:
                raise Silent(f"{host} answered {answer.status_code} when it was asked for known vulnerabilities")
            for part in answer.iter_bytes():
                data += part
                if len(data) > MAX_BYTES:
                    raise Silent(f"{host} answered with more than {MAX_BYTES} bytes")
        return json.loads(data)
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        raise Silent(f"{host} could not be asked for known vulnerabilities: {type(wrong).__name__}") from None
    except (ValueError, RecursionError):
        raise Silent(f"{host} gave no JSON when it was asked for known vulnerabilities") from None
