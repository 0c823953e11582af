"""The kit that every stand-in of the outside world is built from.

A stand-in is a WSGI application; `Rig` wraps it with a ledger of every request and with fault rules, `serve` runs it
alone, `RunningServer` runs it inside a test, `RigClient` reads the ledger and sets faults from another process.
"""

from devkit.rig.client import RigClient, loopback_client
from devkit.rig.faults import FaultBook, FaultRule
from devkit.rig.ledger import Entry, Ledger, fingerprint
from devkit.rig.server import RunningServer, command_line, serve
from devkit.rig.wrapper import Rig

__all__ = [
    "Entry",
    "FaultBook",
    "FaultRule",
    "Ledger",
    "Rig",
    "RigClient",
    "RunningServer",
    "command_line",
    "fingerprint",
    "loopback_client",
    "serve",
]
