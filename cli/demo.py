"""`devtask demo`: the whole story on this machine, with stand-ins for all that is outside. No account, no key."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from cli.problems import told


@told
def demo(
    once: Annotated[
        bool, typer.Option("--once", help="end by itself; exit 0 only if the branch is really good")
    ] = False,
    data: Annotated[Path | None, typer.Option(help="keep everything in this folder (default: a temporary one)")] = None,
) -> None:
    """Play the whole story on a sample repository, then stay up for you to try it by hand in the browser.

    With ANTHROPIC_API_KEY and GOOGLE_API_KEY set the real models are asked; otherwise their answers are scripted and
    everything else is real.
    """
    from cli.story import play

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="devtask-demo-") as temporary:
        try:
            good = play((data or Path(temporary)).resolve(), stay=not once, say=typer.echo)
        except KeyboardInterrupt:
            typer.echo("\nstopped; everything that was started is ended")
            raise typer.Exit(0) from None
    raise typer.Exit(0 if good else 1)


def has_keys() -> bool:
    """Whether the real models can be asked."""
    return bool(os.environ.get("ANTHROPIC_API_KEY") and os.environ.get("GOOGLE_API_KEY"))


def wait_for_ever() -> None:
    """Until Ctrl-C."""
    while True:
        time.sleep(1)
