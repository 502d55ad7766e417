"""A client of Kiwoom's REST server that can be closed, and is opened again by its next use."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import httpx

from maemae.brokers.kiwoom_rest.config import KiwoomConfig
from maemae.domain.instant import SECOND


class KiwoomClient:
    """
    Goes straight to the server: no proxy, no redirect, nothing repeated.

    Args:
        config: How patient to be, and how it is called.
    """

    def __init__(self, config: KiwoomConfig) -> None:
        self._config = config
        self._open: httpx.AsyncClient | None = None

    async def post(
        self,
        url: str,
        body: Mapping[str, str],
        headers: Mapping[str, str] | None = None,
        extensions: dict[str, Any] | None = None,
    ) -> httpx.Response:
        """
        Return the reply to a request.

        Raises:
            httpx.HTTPError: There is none.
        """
        if self._open is None:
            self._open = _opened(self._config)
        return await self._open.post(url, json=dict(body), headers=headers, extensions=extensions)

    async def close(self) -> None:
        """Close every connection; safe to call twice."""
        client, self._open = self._open, None
        if client is not None:
            await client.aclose()


@lru_cache(maxsize=1)
def trusted() -> ssl.SSLContext:
    """Return whom to trust; read once, as reading it takes longer than a request does."""
    return httpx.create_ssl_context(trust_env=False)


def _opened(config: KiwoomConfig) -> httpx.AsyncClient:
    patience = config.patience
    timeout = httpx.Timeout(
        patience.reply_within / SECOND, connect=patience.connect_within / SECOND
    )
    return httpx.AsyncClient(
        headers={
            "content-type": "application/json;charset=UTF-8",
            "user-agent": config.user_agent,
        },
        timeout=timeout,
        limits=httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=_KEPT_ALIVE),
        follow_redirects=False,
        trust_env=False,
        verify=trusted(),
    )


_CONNECTIONS: Final = 16
_KEPT_ALIVE: Final = 4.0  # s; an idle connection that the server closes would lose an answer
