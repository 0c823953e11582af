"""Adds up one column of a CSV file: `python3 colsum.py FILE COLUMN`."""

import csv
import sys
from decimal import Decimal


def total(rows, column):
    """The sum of a column; rows are dictionaries of texts."""
    return sum(Decimal(row[column]) for row in rows)


def main(argv):
    if len(argv) != 2:
        print("usage: colsum.py FILE COLUMN", file=sys.stderr)
        return 2
    with open(argv[0], newline="", encoding="utf-8") as stream:
        print(f"{total(csv.DictReader(stream), argv[1]):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
