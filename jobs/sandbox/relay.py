"""A script of its own, run inside a sandbox without network: `relay.py PORT SOCKET COMMAND...`.

It listens on PORT of the sandbox's own loopback, hands each connection to SOCKET, which was bound in, and becomes
COMMAND. Only the standard library: nothing of the service is visible there.
"""

from __future__ import annotations

import os
import socket
import sys
import threading

MOST = 65_536


def main(arguments: list[str]) -> None:
    """Leave the relay behind, as nobody's child, and become the command."""
    port, door, command = int(arguments[0]), arguments[1], arguments[2:]
    server = socket.create_server(("127.0.0.1", port), backlog=128)
    first = os.fork()
    if first == 0:
        if os.fork() == 0:
            serve(server, door)
        os._exit(0)
    os.waitpid(first, 0)
    server.close()
    os.execvp(command[0], command)


def serve(server: socket.socket, door: str) -> None:
    """Until the sandbox ends. The command's descriptors are let go: who waits for their end must not wait for this."""
    empty = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(empty, standard)
    os.closerange(3, server.fileno())
    os.closerange(server.fileno() + 1, 4096)
    while True:
        near, _ = server.accept()
        threading.Thread(target=pass_on, args=(near, door), daemon=True).start()


def pass_on(near: socket.socket, door: str) -> None:
    """One connection, both ways, until both ends have nothing more to say."""
    with near, socket.socket(socket.AF_UNIX) as far:
        try:
            far.connect(door)
        except OSError:
            return
        back = threading.Thread(target=copy, args=(far, near), daemon=True)
        back.start()
        copy(near, far)
        back.join()


def copy(source: socket.socket, target: socket.socket) -> None:
    """All bytes of one direction."""
    try:
        while data := source.recv(MOST):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


if __name__ == "__main__":
    main(sys.argv[1:])
