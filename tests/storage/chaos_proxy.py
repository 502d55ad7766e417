"""A proxy before PostgreSQL that does to a COMMIT what networks do."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

PIECE = 65_536


class Fault(Enum):
    """What happens to the next COMMIT."""

    NONE = auto()
    LOSE_REPLY = auto()  # it reaches the server; the connection dies before the answer
    LOSE_REQUEST = auto()  # the connection dies before it reaches the server
    STALL = auto()  # it reaches nobody, and nobody is told


class ChaosProxy:
    """
    Passes bytes between clients on a port of this machine and a server's socket.

    Args:
        server: Path of the server's Unix socket.

    Attributes:
        fault: What happens to the next COMMIT; NONE again once it has.
        is_down: Whether new connections are refused.
    """

    def __init__(self, server: Path) -> None:
        self.fault = Fault.NONE
        self.is_down = False
        self._server = server
        self._wires: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Accept no more, and drop every connection."""
        hang_up(self._listener)
        for wire in (self._listener, *self._wires):
            hang_up(wire)
            wire.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._wires.append(client)
                if self.is_down:
                    hang_up(client)
                    continue
                server = socket.socket(socket.AF_UNIX)
                self._wires.append(server)
                server.connect(str(self._server))
                for pump in (self._to_server, self._to_client):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := client.recv(PIECE):
                if b"COMMIT\0" in piece and self.fault is not Fault.NONE:
                    self._harm(client, server, piece)
                else:
                    server.sendall(piece)
        hang_up(server)

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(PIECE):
                client.sendall(piece)
        hang_up(client)

    def _harm(self, client: socket.socket, server: socket.socket, piece: bytes) -> None:
        fault, self.fault = self.fault, Fault.NONE
        if fault is Fault.STALL:
            return
        hang_up(client)  # the answer finds nobody
        if fault is Fault.LOSE_REPLY:
            server.sendall(piece)


def hang_up(wire: socket.socket) -> None:
    with suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)
