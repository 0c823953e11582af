"""`python -m kitchen FILE`: prints a recipe."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from kitchen.recipe import read_recipe


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="kitchen")
    parser.add_argument("file", type=Path)
    given = parser.parse_args(argv)
    print(read_recipe(given.file.read_text(encoding="utf-8")))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
