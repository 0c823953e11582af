"""Go and Rust: modules fetched once, vendored ones and those without dependencies as they are. Pure."""

from __future__ import annotations

import re
from typing import Any

from jobs.setup.source import Source
from jobs.setup.tables import at, table, toml, values

COMPILED_PATHS = (
    *("go.mod", "go.sum", "go.work", "vendor/modules.txt"),
    *("Cargo.toml", "Cargo.lock", ".cargo/config.toml", "rust-toolchain.toml", "rust-toolchain"),
)
GO_ENV = {"GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOMODCACHE": "/env/go", "GOPROXY": "off"}
RUST_ENV = {"CARGO_TARGET_DIR": "/tmp/target", "CARGO_NET_OFFLINE": "true"}
_TABLES = ("dependencies", "dev-dependencies", "build-dependencies")


def go_commands(source: Source) -> list[str] | None:
    """Commands, or None where this is no Go module."""
    if "go.mod" not in source.paths:
        return None
    if "vendor/modules.txt" in source.paths or not re.search(r"(?m)^\s*require\b", source.read("go.mod") or ""):
        return []
    return ["GOTOOLCHAIN=local GOMODCACHE=/env/go go mod download"]


def go_env(source: Source) -> dict[str, str]:
    """What later commands get: the fetched modules and no attempt to fetch."""
    fetched = bool(go_commands(source))
    return {name: GO_ENV[name] for name in (GO_ENV if fetched else ("GOTOOLCHAIN", "GOPROXY"))}


def cargo_commands(source: Source) -> list[str] | None:
    """Commands, or None where this is no Rust package."""
    if "Cargo.toml" not in source.paths:
        return None
    vendored = _holds_directory(toml(source.read(".cargo/config.toml")))
    manifests = [path for path in source.paths if path == "Cargo.toml" or path.endswith("/Cargo.toml")]
    if vendored or not any(_fetched(toml(source.read(path))) for path in manifests):
        return []
    return [f"CARGO_HOME=/env/cargo cargo fetch{' --locked' if 'Cargo.lock' in source.paths else ''}"]


def cargo_env(source: Source) -> dict[str, str]:
    """What later commands get: the fetched crates, a target folder outside the tree, no attempt to fetch."""
    return RUST_ENV | ({"CARGO_HOME": "/env/cargo"} if cargo_commands(source) else {})


def cargo_dependencies(manifest: dict[str, Any]) -> set[str]:
    """Names of the crates that a manifest takes from outside its own tree."""
    tables = [manifest, at(manifest, "workspace"), *values(at(manifest, "target"))]
    found = (table(at(one, name)) for one in tables for name in _TABLES)
    return {name for crates in found for name, one in crates.items() if not _inside(one)}


def _inside(one: Any) -> bool:
    return isinstance(one, dict) and ("path" in one or one.get("workspace") is True)


def _fetched(manifest: dict[str, Any]) -> bool:
    return bool(cargo_dependencies(manifest))


def _holds_directory(config: dict[str, Any]) -> bool:
    sources = config.get("source", {})
    return isinstance(sources, dict) and any(isinstance(one, dict) and "directory" in one for one in sources.values())
