"""Imports in JavaScript and TypeScript files of packages that no package.json of the repository names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence

from jobs.checks.ecma import ask
from jobs.checks.result import Finding
from jobs.checks.scene import Scene
from jobs.setup.additions import plain
from jobs.setup.node import json_object
from jobs.setup.source import Source

_TABLES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_PACKAGE = re.compile(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9-][a-z0-9._~-]*")
_CONFIGURES = re.compile(
    r"(^|/)([jt]sconfig[\w.-]*\.json|(vite|vitest|webpack|jest|next|rollup|nuxt|babel|metro|astro)[\w.-]*\.config\.\w+"
    r"|(vite|vitest|webpack|jest|next|rollup|nuxt|babel|metro|astro|svelte)\.config\.\w+|\.babelrc\w*|deno\.jsonc?"
    r"|import_?map\.json)$"
)
_BUILT_IN = frozenset(
    {"assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram"}
    | {"diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net"}
    | {"os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream", "sqlite"}
    | {"string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "test"}
    | {"worker_threads", "zlib"}
)


def undeclared(scene: Scene, own: Collection[str]) -> list[Finding]:
    """New imports only. `own` are names that need no declaration."""
    files = ask.ecma_files(scene)
    if not files:
        return []
    now, before = ask.found(files, "imports")
    old = {(one.path, one.message) for one in before}
    wanted = [one for one in now if (one.path, one.message) not in old]
    found = judged(wanted, scene.now, own)
    used = _used_before(scene, {package_of(one.message) for one in wanted}) if found else set()
    return [one for one in found if one.message.partition(" ")[0] not in used]


def judged(wanted: Iterable[Finding], source: Source, own: Collection[str]) -> list[Finding]:
    """The verdict on imports, whose message is what is imported. Pure."""
    manifests = [path for path in source.paths if path.rpartition("/")[2] == "package.json"]
    if not manifests:
        return []
    named = {plain(name) for path in manifests for name in _names(source.read(path))} | set(own)
    aliased = _aliases(source)
    found = []
    for one in wanted:
        name = package_of(one.message)
        if name and not aliased(name) and not {plain(name), plain(_types_of(name))} & named:
            found.append(Finding(one.path, one.line, "undeclared", f"{name} is in no package.json of the repository"))
    return found


def _types_of(name: str) -> str:
    return f"@types/{name.lstrip('@').replace('/', '__')}"


def _aliases(source: Source) -> Callable[[str], bool]:
    """Says whether a name may mean a place of the repository itself: a file, a folder, or what its tools configure."""
    places = {part.partition(".")[0] for path in source.paths for part in path.split("/")}
    configured = "\n".join(source.read(path) or "" for path in source.paths if _CONFIGURES.search(path))
    written = configured.replace("'", '"')
    return lambda name: name.partition("/")[0] in places or f'"{name.partition("/")[0]}' in written


def package_of(specifier: str) -> str:
    """The package of an import; empty for what is none: a path, an alias, a part of node."""
    parts = specifier.split("/")
    name = "/".join(parts[:2] if specifier.startswith("@") else parts[:1])
    if name in _BUILT_IN or ":" in name or (specifier.startswith("@") and len(parts) < 2):
        return ""
    return name if _PACKAGE.fullmatch(name) else ""


def _names(text: str | None) -> list[str]:
    package = json_object(text)
    tables = [package.get(table) for table in _TABLES]
    return [str(name) for table in tables if isinstance(table, dict) for name in table]


def _used_before(scene: Scene, names: Sequence[str] | Collection[str]) -> set[str]:
    """Those that some file imported at the base commit already."""
    known = sorted(name for name in names if name)
    pattern = rf"(from|import|require)[[:space:](]*['\"]({'|'.join(map(re.escape, known))})[/'\"]"
    globs = [f"*{end}" for end in ask.ENDS]
    out = scene.mirror.git.run("grep", "-h", "-I", "-o", "-E", "-e", pattern, scene.base, "--", *globs, ok=(0, 1))
    said = re.findall(r"['\"](.+?)['\"/]?$", out.decode("utf-8", "replace"), re.MULTILINE)
    return set(said)
