"""What broker, feed and market data share: one token, one client, one stream for each app key."""

from __future__ import annotations

import asyncio
from pathlib import Path

from maemae.brokers.kiwoom_rest.auth import AppKey, TokenOwner
from maemae.brokers.kiwoom_rest.client import KiwoomClient
from maemae.brokers.kiwoom_rest.config import KiwoomConfig
from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.brokers.kiwoom_rest.http import KiwoomHttp
from maemae.brokers.kiwoom_rest.quotas import TransactionQuotas
from maemae.brokers.kiwoom_rest.stream import KiwoomStream, Warn
from maemae.brokers.kiwoom_rest.token_file import TokenFile
from maemae.domain.text import Text
from maemae.ports import VenueClock, WallClock


class KiwoomConnection:
    """
    Everything behind one app key.

    Args:
        host: Of the key's mode.
        app_key: Of one account.
        config: What was learned of the server.
        folder: Where the token and the fills are kept; of this mode alone.
        clocks: The exchange's and the wall's.
        warn: Alerts a person.

    Attributes:
        host, config, folder: As they were given.
        http: Asks the REST server.
        stream: The socket.

    Raises:
        ConfigError: Key and server are of different modes.
    """

    def __init__(
        self,
        host: Host,
        app_key: AppKey,
        config: KiwoomConfig,
        folder: Path,
        clocks: tuple[VenueClock, WallClock],
        warn: Warn,
    ) -> None:
        self.host = host
        self.config = config
        self.folder = folder
        self.venue, self.wall = clocks
        self.warn = warn
        self._client = KiwoomClient(config)
        file = TokenFile(folder / "tokens", host.mode, app_key.app_key, self.wall)
        self._tokens = TokenOwner(host, app_key, self._client, config, file, self.wall)
        quotas = config.quotas
        buckets = TransactionQuotas(quotas, self.wall)
        self.http = KiwoomHttp(host, self._client, self._tokens, buckets, quotas, self.wall)
        self.stream = KiwoomStream(host.socket, self._tokens, config, clocks, warn)
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Keep the token fresh from now on; safe to call twice."""
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._tokens.keep())

    def skip(self, why: Text) -> None:
        """Alert a person of a frame that was left out."""
        self.warn("KIWOOM_FRAME_SKIPPED", why)

    async def stop(self) -> None:
        """Close the client until it is used again, and leave the token; safe to call twice."""
        await self._client.close()
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait([self._keeping])
            self._keeping = None

    async def close(self) -> None:
        """Stop; safe to call twice."""
        await self.stop()
