"""JavaScript: npm, pnpm or yarn, by what the repository says. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from jobs.setup.source import Source

NODE_PATHS = (
    *("package.json", "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"),
    *("yarn.lock", ".yarnrc.yml", ".npmrc"),
)
_DEPENDENCIES = ("dependencies", "devDependencies", "optionalDependencies", "workspaces")
_NPM_INDEX = 'export YARN_REGISTRY="${YARN_REGISTRY:-$(npm config get registry)}"'
_LOCK_TOO = r"""sed -i -E 's#^(  resolved ")https?://[^/]+/(.+/-/[^/]+[.]tgz)#\1'"${YARN_REGISTRY%/}"'/\2#' yarn.lock"""
"""yarn 1 and its lock name an index of their own; npm's serves the same packages, and the hashes hold for both."""
_VERSION = re.compile(r"(npm|pnpm|yarn)@(\d+(?:\.\d+){0,2})")
KEEP = "test ! -d node_modules || mv node_modules /env/node_modules"
KEEP_NESTED = (
    "mkdir -p /env/nested && find . -mindepth 2 -name node_modules -type d -prune -print0 "
    "| tar --create --null --files-from - | tar --extract --directory /env/nested"
)


def node_kind(source: Source) -> str | None:
    """npm, pnpm or yarn, or None where nothing is installed."""
    package = json_object(source.read("package.json"))
    if "package.json" not in source.paths or not any(package.get(name) for name in _DEPENDENCIES):
        return None if "pnpm-workspace.yaml" not in source.paths else "pnpm"
    named = _VERSION.match(str(package.get("packageManager", "")))
    if named:
        return named[1]
    if "pnpm-lock.yaml" in source.paths:
        return "pnpm"
    return "yarn" if "yarn.lock" in source.paths else "npm"


def node_commands(source: Source, kind: str, more: tuple[str, ...] = ()) -> list[str]:
    """The installation, and its outcome kept; `more` are approved packages that the manifest does not name yet."""
    install = {"npm": _npm, "pnpm": _pnpm, "yarn": _yarn}[kind](source)
    added = [f"npm install --no-save --no-audit --no-fund {' '.join(more)}"] if more else []
    package = json_object(source.read("package.json"))
    nested = [KEEP_NESTED] if package.get("workspaces") or "pnpm-workspace.yaml" in source.paths else []
    return [install, *added, *nested, KEEP]


def _npm(source: Source) -> str:
    locked = {"package-lock.json", "npm-shrinkwrap.json"} & source.paths
    return "npm ci --no-audit --no-fund" if locked else "npm install --no-audit --no-fund --no-package-lock"


def _pnpm(source: Source) -> str:
    frozen = "--frozen-lockfile" if "pnpm-lock.yaml" in source.paths else "--no-lockfile"
    return _had("pnpm", f"pnpm@{_pnpm_version(source)}", f'"$m" install {frozen} --store-dir /tmp/pnpm-store')


def _pnpm_version(source: Source) -> str:
    named = _named(source, "pnpm")
    if named:
        return named
    written = re.search(r"(?m)^lockfileVersion:\s*['\"]?(\d+)", source.read("pnpm-lock.yaml") or "")
    return {"5": "7", "6": "8"}.get(written[1] if written else "", "9")


def _yarn(source: Source) -> str:
    modern = source.read(".yarnrc.yml") is not None or "__metadata:" in (source.read("yarn.lock") or "")
    return _yarn_modern(source) if modern else _yarn_classic(source)


def _yarn_classic(source: Source) -> str:
    locked = "yarn.lock" in source.paths
    settled = "registry" in (source.read(".npmrc") or "") or ".yarnrc" in source.paths
    index = [] if settled else [_NPM_INDEX, *([_LOCK_TOO] if locked else [])]
    run = f'"$m" install --non-interactive {"--frozen-lockfile" if locked else "--no-lockfile"}'
    return _had("yarn", f"yarn@{_named(source, 'yarn') or '1'}", "; ".join([*index, run]))


def _yarn_modern(source: Source) -> str:
    run = "install --immutable" if "yarn.lock" in source.paths else "install"
    linker = "YARN_NODE_LINKER=node-modules YARN_ENABLE_GLOBAL_CACHE=false YARN_ENABLE_TELEMETRY=0"
    own = re.search(r"(?m)^yarnPath:\s*['\"]?([\w./-]+\.c?js)", source.read(".yarnrc.yml") or "")
    if own and own[1] in source.paths:
        return f"{linker} node {own[1]} {run}"
    version = _named(source, "yarn") or "4"
    return _had("", f"@yarnpkg/cli-dist@{version}", f'{linker} "$m" {run}', "yarn")


def _named(source: Source, manager: str) -> str | None:
    named = _VERSION.match(str(json_object(source.read("package.json")).get("packageManager", "")))
    return named[2] if named and named[1] == manager else None


def _had(command: str, package: str, run: str, name: str | None = None) -> str:
    """The machine's own manager, else the one that the registry has."""
    place = "/tmp/manager"
    own = f"{place}/node_modules/.bin/{name or command}"
    get = f"npm install --silent --no-audit --no-fund --prefix {place} {package} && m={own}"
    return f"m=$(command -v {command}) || {{ {get}; }}; {run}" if command else f"{get} && {run}"


def json_object(text: str | None) -> dict[str, Any]:
    """A JSON object; empty where it is missing, broken or something else."""
    try:
        value = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}
