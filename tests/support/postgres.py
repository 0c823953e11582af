"""A private PostgreSQL cluster for tests: temporary folder, loopback port, no durability, gone at the end."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path


def binaries() -> Path | None:
    """The newest installed PostgreSQL's folder of programs, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    return found[-1] if found else None


class Cluster:
    """A running server. As root everything runs as the user `postgres`, since the server refuses root."""

    def __init__(self) -> None:
        folder = binaries()
        if folder is None:
            raise RuntimeError("PostgreSQL is not installed (Debian package: postgresql)")
        self._bin = folder
        self._home = Path(tempfile.mkdtemp(prefix="devtask-pg-"))
        self._as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self.user = "postgres" if self._as_user else pwd.getpwuid(os.geteuid()).pw_name
        if self._as_user:
            shutil.chown(self._home, "postgres")
        self.port = _free_port()
        self._data = self._home / "data"
        self._start()

    def _start(self) -> None:
        self._run("initdb", "-D", self._data, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-U", self.user)
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._home} -c fsync=off -c full_page_writes=off "
            "-c max_connections=200 -c shared_buffers=32MB"
        )
        self._run("pg_ctl", "-D", self._data, "-l", self._home / "log", "-w", "-t", "30", "-o", options, "start")

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of a database of this cluster."""
        return f"postgresql+psycopg://{self.user}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Makes a database and returns its URL."""
        self._sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Removes a database, its connections included."""
        self._sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def restart(self, mode: str = "immediate") -> None:
        """Restarts the server as `pg_ctl` does; `immediate` is like a crash."""
        self._run("pg_ctl", "-D", self._data, "-l", self._home / "log", "-w", "-m", mode, "restart")

    def stop(self) -> None:
        """Stops the server and removes its folder."""
        try:
            self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")
        finally:
            shutil.rmtree(self._home, ignore_errors=True)

    def _sql(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=self.user, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)

    def _run(self, program: str, *args: object) -> None:
        command = [*self._as_user, str(self._bin / program), *map(str, args)]
        subprocess.run(
            command, check=True, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
