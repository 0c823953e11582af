"""Running a stand-in: alone (`serve`) or inside a test (`RunningServer`)."""

import argparse
import threading
from pathlib import Path
from wsgiref.types import WSGIApplication

from devkit.rig.client import RigClient
from devkit.rig.http import RigServer
from devkit.rig.wrapper import Rig

HOST = "127.0.0.1"


def as_rig(app: WSGIApplication, name: str, data: Path | None) -> Rig:
    """The application in a rig; one that is a rig already stays as it is."""
    return app if isinstance(app, Rig) else Rig(app, name, data)


def serve(app: WSGIApplication, port: int, data: Path | None, name: str, host: str = HOST) -> None:
    """Serve until the process is ended; prints the URL first. Ledger in `data`."""
    server = RigServer(host, port, as_rig(app, name, data))
    print(f"{name} stand-in on {server.url} (ledger: {server.url}/_rig/ledger)", flush=True)
    server.serve_forever()


def command_line(name: str, description: str, script: bool = False) -> argparse.ArgumentParser:
    """The arguments that every stand-in has: --port, --data, --host, and --script where it answers from one."""
    parser = argparse.ArgumentParser(prog=f"python -m devkit.{name}", description=description)
    parser.add_argument("--port", type=int, default=0, help="port to listen on (0 = any free one)")
    parser.add_argument("--data", type=Path, default=None, help="folder for the ledger and the state (default: memory)")
    parser.add_argument("--host", default=HOST, help="address to listen on")
    if script:
        parser.add_argument("--script", type=Path, default=None, help="YAML or JSON file with the answers")
    return parser


class RunningServer:
    """A stand-in in a thread of this process: `with RunningServer(app, "claude") as server: server.url`."""

    def __init__(self, app: WSGIApplication, name: str, data: Path | None = None, port: int = 0) -> None:
        self.rig = as_rig(app, name, data)
        self._server = RigServer(HOST, port, self.rig)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name=name, daemon=True)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self._server.url

    @property
    def client(self) -> RigClient:
        """A client of this server's ledger and faults."""
        return RigClient(self.url)

    def start(self) -> "RunningServer":
        """Serve in the background."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the server, its connections and its ledger; a second call does nothing."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._server.end_connections()
            self._thread.join()
            self.rig.ledger.close()

    def __enter__(self) -> "RunningServer":
        return self.start()

    def __exit__(self, *details: object) -> None:
        self.stop()
