"""Whether and how a repository keeps a changelog, as the end of the sentence "Changelog: ...". Pure."""

from __future__ import annotations

import re

from jobs.setup.source import Source

NONE = "none is kept"
MADE = "made from the commits when it is released; leave it alone"
_FILE = re.compile(r"(docs/)?(change(s|log)|history|news|release[-_]notes|releases)(\.(md|rst|txt|adoc))?", re.I)
_FRAGMENTS = ("changelog.d", "changelog/fragments", "changelogs/unreleased", "newsfragments", "news", ".changeset")
_MAKERS = re.compile(r"\.releaserc(\.\w+)?|release\.config\.[cm]?js|\.?release-please-(config|manifest)\.json")
_OPEN = re.compile(r"(?im)^(?:[#*=\s]*)\[?(unreleased|next|upcoming|sin publicar)\b")


def changelog_of(source: Source) -> str:
    """What the executor is told of it; only names of a closed set get into the sentence."""
    if any(_MAKERS.fullmatch(path) for path in source.paths):
        return MADE
    for folder in _FRAGMENTS:
        if any(path.startswith(f"{folder}/") for path in source.paths):
            return f"one new file in `{folder}/`, named and written like those that lie or lay there (see `history`)"
    found = sorted((path for path in source.paths if _FILE.fullmatch(path)), key=lambda path: (path.count("/"), path))
    if not found:
        return NONE
    head = _OPEN.search((source.read(found[0]) or "")[:4_000])
    where = f"under {head[1].capitalize()}" if head else "at its top, as the entries there are written"
    return f"`{found[0]}`, {where}: one line for what its users notice, none for what they do not"
