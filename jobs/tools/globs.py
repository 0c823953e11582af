"""Path patterns as models write them: `*`, `**`, `?`, `[ab]`, `{a,b}`; without a slash they hold at any depth."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from jobs.tools.errors import Refused

LONGEST: Final = 200
STARS: Final = 8
"""More stars would let a pattern backtrack for minutes on a long path."""
_TOKENS = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]/]+\]|\{|\}|,|[^*?\[{},]+|.")


def matcher(given: object) -> Callable[[str], bool]:
    """Whether a path matches; everything does without a pattern. Raises Refused."""
    glob = str(given or "").strip().removeprefix("./").lstrip("/")
    if not glob:
        return lambda _: True
    if len(glob) > LONGEST or glob.replace("**", "*").count("*") > STARS:
        raise Refused(f"The glob is too long: at most {LONGEST} characters and {STARS} stars. Narrow with `path`.")
    if glob.endswith("/"):
        glob += "**"
    pattern = _translated(glob)
    prefix = "" if "/" in glob else "(?:.*/)?"
    try:
        found = re.compile(f"{prefix}{pattern}")
    except re.error as wrong:
        raise Refused(f"`{glob}` is not a glob ({wrong}). Use for example `src/**/*.py` or `*.{{ts,tsx}}`.") from wrong
    return lambda path: found.fullmatch(path) is not None


def _translated(glob: str) -> str:
    depth, out = 0, []
    fixed = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    for token in _TOKENS.findall(glob):
        if token in fixed:
            out.append(fixed[token])
        elif token == "{":
            depth += 1
            out.append("(?:")
        elif token == "}" and depth:
            depth -= 1
            out.append(")")
        elif token == "," and depth:
            out.append("|")
        elif token.startswith("[") and token.endswith("]"):
            out.append(token.replace("\\", "\\\\").replace("[!", "[^", 1))
        else:
            out.append(re.escape(token))
    return "".join(out)
