"""
How often somebody may ask: by address, by person, by token; more strictly what costs more.

Who tries to get in has a password hashed, and who opens a socket is followed by a stream.
"""

from __future__ import annotations

import time
from enum import unique
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any, Final

import msgspec
from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from maemae.domain.terms import Term
from maemae.server.security.refusals import wait_a_while

_MINUTE: Final = 60
_PATIENCE_SECS: Final = 0.25
_AVOIDED_SECS: Final = 5.0
_SITE_BITS: Final = 64  # whoever has one IPv6 address has so many


@unique
class Asker(Term):
    """What requests are counted by."""

    ADDRESS = "ADDRESS"
    USER = "USER"
    PROGRAM = "PROGRAM"  # a token
    ENTRY = "ENTRY"  # an address that tries to get in
    SOCKET = "SOCKET"  # a login or a token that opens sockets, at one address


class Rates(msgspec.Struct, frozen=True):
    """Requests a minute of each kind of asker."""

    address: int = 1_200
    user: int = 1_200
    token: int = 1_200
    entry: int = 20
    socket: int = 30


class RateLimits:
    """
    Counts requests, in Redis if there is one, so that replicas count together.

    What Redis does not answer is counted here: losing it never means "unlimited".

    Args:
        rates: How many are let through.
        redis_url: Where to count; None for in this process.
    """

    def __init__(self, rates: Rates, redis_url: str | None = None) -> None:
        self._rates = {
            Asker.ADDRESS: RateLimitItemPerMinute(rates.address),
            Asker.USER: RateLimitItemPerMinute(rates.user),
            Asker.PROGRAM: RateLimitItemPerMinute(rates.token),
            Asker.ENTRY: RateLimitItemPerMinute(rates.entry),
            Asker.SOCKET: RateLimitItemPerMinute(rates.socket),
        }
        self._near = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pool: ConnectionPool | None = None
        self._far: SlidingWindowCounterRateLimiter | None = None
        if redis_url is not None:
            self._pool = _pool_of(redis_url)
            self._far = _counter_in(redis_url, self._pool)
        self._avoid_far_until = 0.0

    async def take(self, kind: Asker, who: str) -> None:
        """
        Count a request.

        Raises:
            ProblemError: It was one too many; Retry-After says when there may be another.
        """
        if not await self._is_let_through(kind, who):
            raise wait_a_while(_MINUTE)

    async def close(self) -> None:
        """Let the connections to Redis go; in the loop that counted."""
        if self._pool is not None:
            await self._pool.aclose()

    async def _is_let_through(self, kind: Asker, who: str) -> bool:
        rate = self._rates[kind]
        if self._far is not None and time.monotonic() >= self._avoid_far_until:
            try:
                return await self._far.hit(rate, kind.value, who)
            except StorageError:
                self._avoid_far_until = time.monotonic() + _AVOIDED_SECS
        return await self._near.hit(rate, kind.value, who)


def counted_address(address: str) -> str:
    """Return what an address is counted by: itself, or the site that an IPv6 address is of."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        return str(ip_network(f"{parsed}/{_SITE_BITS}", strict=False))
    return address


def _pool_of(url: str) -> ConnectionPool:
    """Return connections on which nothing is waited for or tried again: others count as well."""
    return ConnectionPool.from_url(
        url,
        socket_timeout=_PATIENCE_SECS,
        socket_connect_timeout=_PATIENCE_SECS,
        retry=Retry(NoBackoff(), 0),
    )


def _counter_in(url: str, pool: ConnectionPool) -> SlidingWindowCounterRateLimiter:
    options: dict[str, Any] = {"connection_pool": pool}
    storage = RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="maemae-rates",
        **options,
    )
    return SlidingWindowCounterRateLimiter(storage)
