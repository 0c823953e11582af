"""The process that parses: texts come in, rows go out, and nothing of the service is in its memory.

For each file the kernel counts its processor seconds; the process dies when they are used up, and the one that
started it (ask.py) goes on with the next file in a new one.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Iterator

from jobs.checks.ecma import habits, imports, security
from jobs.checks.ecma.node import File
from jobs.checks.ecma.row import Row

FILE_SECONDS = 3.0
MEMORY_BYTES = 2 << 30
_RULES = (imports.rows, security.rows, habits.complexity, habits.docs, habits.debug, habits.performance)


def main() -> None:
    """Say that it can begin, then answer each line of JSON, [language, path, text], with a line of rows."""
    from jobs.repomap.syntax import grammar

    for language in ("javascript", "typescript", "tsx"):
        grammar(language)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for asked in sys.stdin:
        language, path, text = json.loads(asked)
        signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS)
        sys.stdout.write(json.dumps(list(rows(language, path, text))) + "\n")
        sys.stdout.flush()


def rows(language: str, path: str, text: str) -> Iterator[Row]:
    """Everything that the checks may ask for; of a file that does not parse, what can be read."""
    from tree_sitter import Parser

    from jobs.repomap.syntax import grammar

    file = File(path, Parser(grammar(language)).parse(text.encode("utf-8", "replace")).root_node)
    for rule in _RULES:
        yield from rule(file)
