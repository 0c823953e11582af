"""Relative imports of JavaScript and TypeScript files: the file has to be there. Pure, given the imports.

Packages are the business of `declared`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from jobs.checks.result import Finding

_ENDS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".tsx", ".mts", ".cts", ".d.ts", ".d.mts", ".d.cts", ".json", ".node")
_ENDS_TOO = (".vue", ".svelte", ".css", ".scss", ".graphql", ".native.js", ".ios.js", ".web.js", ".wasm", ".marko")
_WRITTEN_AS_JS = re.compile(r"\.([mc]?)jsx?$")
_MADE = re.compile(
    r"(^|/)(dist|build|out|lib|gen|generated|__generated__|\.next|\.svelte-kit|coverage|pkg|node_modules)/"
)


def absent(wanted: Iterable[Finding], paths: frozenset[str]) -> Iterator[Finding]:
    """Those of `wanted` (their message is what is imported) for which no file is there."""
    for one in wanted:
        name = re.split(r"[?#!]", one.message)[0]
        if not name.startswith(("./", "../")) and name not in (".", ".."):
            continue
        target = posixpath.normpath(posixpath.join(posixpath.dirname(one.path), name))
        if target.startswith("..") or _MADE.search(f"{target}/") or places(target) & paths or _folder(target, paths):
            continue
        yield Finding(
            one.path, one.line, "import", f"{one.message!r} is not there: no file {target} with any usual ending"
        )


def places(target: str) -> set[str]:
    """Paths of which one has to be there for an import of `target`."""
    stems = [target, *([_WRITTEN_AS_JS.sub("", target)] if _WRITTEN_AS_JS.search(target) else [])]
    return {
        target,
        *(stem + end for stem in stems for end in (*_ENDS, *_ENDS_TOO)),
        *(posixpath.normpath(f"{target}/index{end}") for end in (*_ENDS, *_ENDS_TOO)),
        posixpath.normpath(f"{target}/package.json"),
    }


def _folder(target: str, paths: frozenset[str]) -> bool:
    """A folder that a bundler asks for as a whole, or the root."""
    return target == "." or any(path.startswith(f"{target}/index.") for path in paths)
