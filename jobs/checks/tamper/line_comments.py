"""Comments over several lines, in any language. Pure."""

from __future__ import annotations

import re

_PIECES = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""                      # texts and line comments stay as they are
    |r(?P<raw>\#+)".*?"(?P=raw)
    |"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`
    |//[^\n]*|^[ \t]*\#[ \t][^\n]*
    |(?P<block>(?<![\w$"'}\\])/\*.*?\*/             # not the glob of a shell: $HOME/*
    |^=begin\b.*?^=end\b[^\n]*|^__END__$.*)
    |(?<![\w$"'}\\])/\*.*|^=begin\b.*              # never closed: no comment, and none after it''',
    re.X | re.S | re.M,
)


def without_blocks(text: str) -> str:
    """Blanks in their place, and as many lines as before; what is never closed is no comment."""
    return _PIECES.sub(_kept, text)


def _kept(found: re.Match[str]) -> str:
    return found[0] if found["block"] is None else "\n" * found[0].count("\n") or " "
