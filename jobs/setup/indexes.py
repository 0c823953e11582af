"""The host's package indexes for the setup sandbox: passed on without credentials; folders and the CA file bound
read-only.

Read as pip and npm read them: environment first, then configuration files.
"""

from __future__ import annotations

import configparser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from jobs.sandbox.layout import Mount

_PLACES = ("index-url", "extra-index-url", "find-links")
_PLAIN = ("no-index", "trusted-host", "timeout", "default-timeout", "prefer-binary")
_CA = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
_PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "no_proxy", "NO_PROXY")


@dataclass(frozen=True)
class Indexes:
    """Variables for the setup sandbox and the host paths that they point at."""

    env: Mapping[str, str]
    mounts: tuple[Mount, ...]


def host_indexes(env: Mapping[str, str], pip_files: Sequence[Path] | None = None, home: Path | None = None) -> Indexes:
    """Index settings of this host, from its environment and pip's and npm's files (the usual places by default)."""
    folder = home or Path.home()
    options = _pip_options(env, _pip_files(env, folder) if pip_files is None else pip_files)
    found = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in options.items()}
    found |= {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    found |= _uv(options)
    registry = _npm_registry(env, folder)
    if registry:
        found["NPM_CONFIG_REGISTRY"] = registry
    found |= {name: without_user(env[name]) for name in _PROXIES if env.get(name)}
    ca = next((env[name] for name in _CA if env.get(name)), options.get("cert"))
    if ca and Path(ca).is_file():
        found |= dict.fromkeys(_CA, ca)
    paths = [path for name in _PLACES for part in options.get(name, "").split() if (path := local_path(part))]
    if ca and Path(ca).is_file():
        paths.append(Path(ca))
    return Indexes(found, tuple(Mount(path, str(path)) for path in _outermost(paths) if path.exists()))


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
