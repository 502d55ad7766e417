"""
Ends connections that take their time: headers that trickle in, bodies that never end.

Whoever opens connections and says little would otherwise keep them for ever, until nobody else
can open one.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Final, cast

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from maemae.domain.text import Text
from maemae.server.problem import MEDIA_TYPE, problem_of


class Tolerance(msgspec.Struct, frozen=True):
    """
    How much is put up with.

    Attributes:
        opening: How long a new connection may say nothing [s].
        request: How long a request may take to come in, from its first byte [s].
        connections: Open at once; further ones are closed.
        of_address: Open at once from one address; what a proxy forwards counts as the proxy's.
    """

    opening: float = 5.0
    request: float = 10.0
    connections: int = 1_024
    of_address: int = 256


class Crowd:
    """Counts connections by where they come from."""

    def __init__(self) -> None:
        self.total = 0
        self._by_address: Counter[str] = Counter()

    def of(self, address: str) -> int:
        """Return how many come from an address."""
        return self._by_address[address]

    def enter(self, address: str) -> None:
        """Count one more."""
        self.total += 1
        self._by_address[address] += 1

    def leave(self, address: str) -> None:
        """Count one less."""
        self.total -= 1
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]


_TOO_SLOW: Final = Text(
    "요청이 제때 다 오지 않아 연결을 끊었습니다. 네트워크를 확인하고 다시 하세요.",
    "The request did not come in in time, so the connection was closed. Check the network.",
)
_TOO_MANY: Final = Text(
    "연결이 너무 많습니다. 쓰지 않는 창을 닫고 다시 하세요.",
    "There are too many connections. Close windows that you do not use and try again.",
)


class PatientProtocol(HttpToolsProtocol):
    """HTTP/1.1 that gives up on whoever is too slow; `patient` makes one for a server."""

    tolerance = Tolerance()
    crowd = Crowd()

    _due: asyncio.TimerHandle | None = None
    _address: str | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a connection, unless there are too many."""
        super().connection_made(cast("asyncio.Transport", transport))
        address = self.client[0] if self.client else ""
        crowd, tolerance = self.crowd, self.tolerance
        is_full = crowd.total >= tolerance.connections
        if is_full or crowd.of(address) >= tolerance.of_address:
            self._refuse(503, "TOO_MANY_CONNECTIONS", _TOO_MANY)
            return
        crowd.enter(address)
        self._address = address
        self._expect(tolerance.opening)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._leave()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Take the first byte of a request."""
        super().on_message_begin()
        self._expect(self.tolerance.request)

    def on_message_complete(self) -> None:
        """Take the last byte of a request."""
        self._expect(None)
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; who opens a socket is looked at by its gate."""
        self._leave()
        super().handle_websocket_upgrade()

    def _leave(self) -> None:
        self._expect(None)
        if self._address is not None:
            self.crowd.leave(self._address)
            self._address = None

    def _expect(self, within_secs: float | None) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = None
        if within_secs is not None:
            self._due = self.loop.call_later(within_secs, self._give_up)

    def _give_up(self) -> None:
        self._due = None
        self._refuse(408, "TOO_SLOW", _TOO_SLOW)

    def _refuse(self, status: int, code: str, text: Text) -> None:
        if self.transport.is_closing():
            return
        if not getattr(self.cycle, "response_started", False):
            body = problem_of(status, code, text).model_dump_json().encode()
            head = (
                f"HTTP/1.1 {status} {code}\r\ncontent-type: {MEDIA_TYPE}\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode("ascii") + body)
        self.transport.close()


def patient(tolerance: Tolerance) -> type[PatientProtocol]:
    """Return a protocol for one server, which counts that server's connections."""
    name = "PatientProtocolOfServer"
    return type(name, (PatientProtocol,), {"tolerance": tolerance, "crowd": Crowd()})
