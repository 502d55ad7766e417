"""What carries the app over HTTP and WebSocket: uvicorn with protocols of our own."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from typing import Final

import uvicorn
from fastapi import FastAPI

from maemae.app.listening import ServeRequest
from maemae.domain.errors import ConfigError
from maemae.server.security.patient_protocol import Tolerance, patient
from maemae.server.stream.envelope import LARGEST_MESSAGE
from maemae.server.stream.protocol import StreamProtocol

_KEPT_ALIVE: Final = 20  # s
_LANDING: Final = 5  # s that a request may take to its end when the server stops


def server_of(
    app: FastAPI,
    request: ServeRequest,
    on_ready: Callable[[], None],
    tolerance: Tolerance | None = None,
) -> uvicorn.Server:
    """
    Return what serves an app.

    Args:
        app: What is served.
        request: Its certificate.
        on_ready: Called once requests are taken.
        tolerance: Of slow clients; None for the usual.

    Raises:
        ConfigError: The certificate cannot be used.
    """
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # the door reads them, and knows whom to believe
        server_header=False,
        http=patient(tolerance or Tolerance()),
        ws=StreamProtocol,
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,  # each client would be compressed for anew
        timeout_keep_alive=_KEPT_ALIVE,
        timeout_graceful_shutdown=_LANDING,
        ssl_certfile=request.tls_cert,
        ssl_keyfile=request.tls_key,
    )
    try:
        config.load()
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"인증서를 쓸 수 없습니다 ({error}). --tls-cert 와 --tls-key 의 파일을 확인하세요.",
            f"The certificate cannot be used ({error}). Check --tls-cert and --tls-key.",
        ) from error
    return _AnnouncingServer(config, on_ready)


class _AnnouncingServer(uvicorn.Server):
    """A server that tells its starter once it answers."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()
