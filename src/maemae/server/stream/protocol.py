"""Sockets under uvicorn that let go of a client which has stopped to read."""

from __future__ import annotations

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class StreamProtocol(WebSocketsSansIOProtocol):
    """As uvicorn's, but what was not read when a socket ends is dropped and not kept for ever."""

    async def run_asgi(self) -> None:
        """Serve one socket."""
        await super().run_asgi()
        if not self.writable.is_set():
            self.transport.abort()
