"""This machine's package indexes for the setup sandbox: passed on without credentials; folders and the CA file bound
read-only; their hosts are what its way out admits.

Read as pip and npm read them: environment first, then configuration files.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from jobs.sandbox.layout import Mount
from jobs.setup.clients import default_urls
from jobs.setup.hosts import Host, of_urls
from jobs.setup.upstream import Upstream, of_environment
from state.errors import Told

_PLACES = ("index-url", "extra-index-url", "find-links")
_PLAIN = ("no-index", "trusted-host", "timeout", "default-timeout", "prefer-binary")
_CA = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_UV = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
_GO = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GOPRIVATE")


@dataclass(frozen=True)
class Indexes:
    """Variables for the setup sandbox and the host paths that they point at; by client (pip, npm, go, cargo) the index
    addresses that are set here, and how this machine itself gets out.
    """

    env: Mapping[str, str]
    mounts: tuple[Mount, ...]
    urls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    main: frozenset[str] = frozenset()
    upstream: Upstream = field(default_factory=Upstream)

    def hosts(
        self, clients: Sequence[str], default: Callable[[str], tuple[str, ...]] = default_urls
    ) -> tuple[Host, ...]:
        """What these clients may reach: what is set here, and, where their main index is not, their own."""
        found = [url for client in clients for url in self.urls.get(client, ())]
        found += [url for client in clients if client not in self.main for url in default(client)]
        return of_urls(found)


def host_indexes(env: Mapping[str, str], pip_files: Sequence[Path] | None = None, home: Path | None = None) -> Indexes:
    """Index settings of this host, from its environment and pip's and npm's files (the usual places by default).

    Raises Told where the proxy of this machine is none that can be used.
    """
    folder = home or Path.home()
    options = _pip_options(env, _pip_files(env, folder) if pip_files is None else pip_files)
    found = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in options.items()}
    found |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "UV_PYTHON_DOWNLOADS": "never"}
    found |= _uv(options) | _kept(env, _UV)
    registry = _npm_registry(env, folder)
    if registry:
        found |= dict.fromkeys(("NPM_CONFIG_REGISTRY", "YARN_NPM_REGISTRY_SERVER", "YARN_REGISTRY"), registry)
    found |= _kept(env, _GO)
    authorities = _authorities(env, options)
    if authorities:
        found |= dict.fromkeys(_CA, authorities)
    return Indexes(found, _mounts(options, authorities), *_places(found), _upstream(env))


def _kept(env: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    return {name: _without_users(env[name]) for name in names if env.get(name)}


def _authorities(env: Mapping[str, str], options: Mapping[str, str]) -> str | None:
    """The file with the certificates that this machine trusts, where one is named and there."""
    named = next((env[name] for name in _CA if env.get(name)), options.get("cert"))
    return named if named and Path(named).is_file() else None


def _mounts(options: Mapping[str, str], authorities: str | None) -> tuple[Mount, ...]:
    places = [place for name in _PLACES for place in options.get(name, "").split()]
    paths = [path for path in map(local_path, places) if path]
    if authorities:
        paths.append(Path(authorities))
    return tuple(Mount(path, str(path)) for path in _outermost(paths) if path.exists())


def _upstream(env: Mapping[str, str]) -> Upstream:
    try:
        return of_environment(env)
    except ValueError as wrong:
        raise Told("setup.proxy", None, why=str(wrong)) from None


def _places(found: Mapping[str, str]) -> tuple[dict[str, tuple[str, ...]], frozenset[str]]:
    """Addresses by client, and the clients whose main index is among them."""
    named = {
        "pip": ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_FIND_LINKS", *_UV),
        "npm": ("NPM_CONFIG_REGISTRY",),
        "go": ("GOPROXY", "GOSUMDB"),
    }
    urls = {
        client: tuple(re.findall(r"https?://[^\s,|]+", " ".join(found.get(name, "") for name in names)))
        for client, names in named.items()
    }
    main = {"pip": "PIP_INDEX_URL", "npm": "NPM_CONFIG_REGISTRY", "go": "GOPROXY"}
    settled = {client for client, name in main.items() if found.get(name)}
    return urls, frozenset(settled | ({"pip"} if found.get("PIP_NO_INDEX") else set()))


def _without_users(text: str) -> str:
    return re.sub(r"(https?://)[^/\s,|@]*@", r"\1", text)


def without_user(url: str) -> str:
    """The address without user name and password. What is no address stays as it is."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def local_path(place: str) -> Path | None:
    """The host path of a folder or file:// index; for a `simple` folder its parent, where its pages' links lead."""
    path = Path(unquote(urlsplit(place).path)) if place.startswith("file:") else Path(place)
    if not path.is_absolute() or (not place.startswith("file:") and "://" in place):
        return None
    return path.parent if path.name == "simple" and path.parent != Path("/") else path


def _outermost(paths: Sequence[Path]) -> list[Path]:
    unique = sorted(set(paths))
    return [path for path in unique if not any(other != path and path.is_relative_to(other) for other in unique)]


def _pip_options(env: Mapping[str, str], files: Sequence[Path]) -> dict[str, str]:
    options: dict[str, str] = {}
    for path in files:
        parser = configparser.RawConfigParser()
        try:
            parser.read(path)
        except (configparser.Error, OSError, UnicodeDecodeError):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                options.update({name.replace("_", "-"): value for name, value in parser.items(section)})
    options.update(
        {name[4:].lower().replace("_", "-"): value for name, value in env.items() if name.startswith("PIP_") and value}
    )
    kept = {name: value for name, value in options.items() if name in (*_PLAIN, "cert")}
    places = {name: " ".join(map(without_user, options[name].split())) for name in _PLACES if options.get(name)}
    return kept | places


def _pip_files(env: Mapping[str, str], home: Path) -> list[Path]:
    own = env.get("PIP_CONFIG_FILE")
    usual = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        home / ".pip/pip.conf",
        home / ".config/pip/pip.conf",
    ]
    return [*usual, *([Path(own)] if own else [])]


def _uv(options: Mapping[str, str]) -> dict[str, str]:
    names = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "find-links": "UV_FIND_LINKS"}
    return {names[name]: options[name] for name in names if options.get(name)}


def _npm_registry(env: Mapping[str, str], home: Path) -> str | None:
    for name in ("NPM_CONFIG_REGISTRY", "npm_config_registry"):
        if env.get(name):
            return without_user(env[name])
    for path in (home / ".npmrc", Path("/etc/npmrc"), Path("/usr/etc/npmrc")):
        if path.is_file():
            pairs = (line.partition("=") for line in path.read_text(errors="replace").splitlines())
            found = next((value.strip() for key, _, value in pairs if key.strip() == "registry"), None)
            if found:
                return without_user(found)
    return None
