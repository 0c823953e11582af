"""`python -m benchmarks [P1 ...]`: the figures beside their goals, one line each."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import time
from pathlib import Path

MODULES = {
    "P1": ("acks", "durable ack beside a view that stores nothing"),
    "P3": ("intake", "latency of the ack at 300/s, without Redis, with a million deliveries"),
    "P4": ("starts", "from the ack to the job and to the reaction"),
    "P5": ("trees", "workspaces beside `git worktree add`"),
    "P6": ("repomap", "the repository map beside a plain tree-sitter pass and beside aider's"),
    "P7": ("turns:run7", "the harness a turn beside mini-swe-agent"),
    "P8": ("turns:run8", "the sandbox a command beside bare bwrap"),
    "P9": ("tokens:run9", "what of a step's input a cache can keep"),
    "P10": ("tokens:run10", "input tokens of the same decisions beside mini-swe-agent"),
    "P11": ("project", "a project of fifty steps with and without caches"),
}


def main() -> int:
    """Run the chosen measurements; 0 when every goal was met."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measures the service on this machine and prints one line a figure.",
        epilog="; ".join(f"{name}: {what}" for name, (_, what) in MODULES.items()),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(MODULES)} (default: all)")
    chosen = [name.upper() for name in parser.parse_args().names] or list(MODULES)
    if unknown := [name for name in chosen if name not in MODULES]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(MODULES)}")
    met = [_measure(name) for name in chosen]
    return 0 if all(met) else 1


def _measure(name: str) -> bool:
    """One measurement in a folder of its own."""
    module, _, function = MODULES[name][0].partition(":")
    figures = getattr(importlib.import_module(f"benchmarks.{module}"), function or "run")
    began, met = time.monotonic(), True
    with tempfile.TemporaryDirectory(prefix=f"devtask-{name.lower()}-") as folder:
        for figure in figures(Path(folder)):
            print(figure.line(), flush=True)
            met &= figure.met
    print(f"    ({name} took {time.monotonic() - began:.0f} s)", file=sys.stderr, flush=True)
    return met


if __name__ == "__main__":
    sys.exit(main())
