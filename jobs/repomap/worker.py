"""The process that parses: a text comes in, its outline goes out, and nothing of the service is in its memory.

For each file the kernel counts its processor seconds; the process dies when they are used up, and the one that
started it (parsing.py) goes on with the next file in a new one.
"""

from __future__ import annotations

import gc
import json
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import astuple
from typing import BinaryIO

from jobs.repomap import syntax
from jobs.repomap.row import Row

FILE_SECONDS = 2.0
MEMORY_BYTES = 2 << 30


def main() -> None:
    """Answer each file on standard input with one line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # nothing here makes cycles, and looking for them takes time
    for language, data in files(sys.stdin.buffer):
        signal.setitimer(signal.ITIMER_PROF, FILE_SECONDS)
        try:
            row = Row.of(syntax.read(language, data))
        except MemoryError:
            row = Row()
        sys.stdout.buffer.write(json.dumps(astuple(row)).encode() + b"\n")
        sys.stdout.buffer.flush()


def files(stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    """Each after a line of its language and size."""
    while head := stream.readline():
        language, size = head.decode().split()
        yield language, stream.read(int(size))
