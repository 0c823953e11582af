"""The anchor of P4: a job that says when it began and does nothing else."""

import time
from pathlib import Path


def stamp(path: str) -> None:
    """Write down the time."""
    Path(path).write_text(str(time.time()))
