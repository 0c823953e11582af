"""How the command line shows an error meant for a person: the sentence, what to do, exit code 1; no traceback."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer

from state.errors import Told

P = ParamSpec("P")
R = TypeVar("R")


def told(command: Callable[P, R]) -> Callable[P, R]:
    """Print `Told` errors of a command to stderr and exit with 1."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Told as error:
            typer.echo(str(error), err=True)
            if error.hint:
                typer.echo(error.hint, err=True)
            raise typer.Exit(1) from None

    return run
