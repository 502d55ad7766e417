"""Connections are counted: of each address, of all, and of one server only."""

from __future__ import annotations

import asyncio
import json

import uvicorn
from uvicorn.server import ServerState

from maemae.server.security.patient_protocol import PatientProtocol, Tolerance, patient

UPGRADE = (
    b"GET /api/stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
)


async def nothing(_scope: object, _receive: object, _send: object) -> None:
    """Be an app."""


class Line(asyncio.Transport):
    """A connection that remembers what was said on it."""

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 4711), "sockname": ("127.0.0.1", 7700)})
        self.said = b""
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Remember what is said."""
        self.said += bytes(data)

    def close(self) -> None:
        """Remember the end."""
        self._is_closing = True

    def is_closing(self) -> bool:
        """Whether it ends."""
        return self._is_closing

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Let another one have it."""


class Upgraded(asyncio.Protocol):
    """What a socket is handed over to."""

    def __init__(self, **_: object) -> None:
        """Take what it is made with."""


class Doorway:
    """One server's protocol, and connections to it."""

    def __init__(self, **tolerance: int) -> None:
        self.kind = patient(Tolerance(**tolerance))
        self._config = uvicorn.Config(nothing, log_config=None, ws=Upgraded)
        self._config.load()

    def come(self, address: str) -> tuple[PatientProtocol, Line]:
        """Open a connection from an address."""
        line = Line(address)
        protocol = self.kind(self._config, ServerState(), {}, asyncio.get_running_loop())
        protocol.connection_made(line)
        return protocol, line


def is_taken(line: Line) -> bool:
    """Whether a connection goes on; one that does not was told why."""
    if not line.is_closing():
        return True
    head, _, body = line.said.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503 ")
    problem = json.loads(body)
    assert problem["code"] == "TOO_MANY_CONNECTIONS"
    assert problem["ko"]
    return False


def test_connections_when_too_many_are_refused_by_address_and_in_all() -> None:
    async def main() -> list[bool]:
        door = Doorway(connections=3, of_address=2)
        return [is_taken(door.come(address)[1]) for address in ("a", "a", "a", "b", "c", "b")]

    assert asyncio.run(main()) == [True, True, False, True, False, False]


def test_connection_when_it_has_ended_makes_room_for_another_and_not_for_two() -> None:
    async def main() -> list[bool]:
        door = Doorway(connections=3, of_address=2)
        first, _ = door.come("a")
        refused, _ = [door.come("a"), door.come("a")][1]
        refused.connection_lost(None)  # it never was in
        still = door.come("a")[1]
        first.connection_lost(None)
        first.connection_lost(None)
        return [is_taken(still), *(is_taken(door.come("a")[1]) for _ in range(2))]

    assert asyncio.run(main()) == [False, True, False]


def test_connection_when_handed_over_to_a_socket_is_counted_no_more() -> None:
    async def main() -> tuple[int, int]:
        door = Doorway(connections=1)
        protocol, _ = door.come("a")
        protocol.data_received(UPGRADE)
        handed_over = door.kind.crowd.total
        protocol.connection_lost(None)
        return handed_over, door.kind.crowd.total

    assert asyncio.run(main()) == (0, 0)


def test_servers_count_their_own_connections() -> None:
    async def main() -> list[bool]:
        doors = [Doorway(connections=1) for _ in range(2)]
        return [is_taken(door.come("a")[1]) for door in doors]

    assert asyncio.run(main()) == [True, True]
