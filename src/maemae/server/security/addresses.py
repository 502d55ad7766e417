"""
Where a request really comes from, and whether anybody may come from there.

A proxy adds the address of whom it serves at the end of X-Forwarded-For. Read from that end, the
first address that is no trusted proxy is the client; whatever stands before it, the client wrote.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from starlette.concurrency import run_in_threadpool

from maemae.domain.errors import InvalidValueError
from maemae.server.config import Network
from maemae.storage.people.addresses import AllowedAddresses

_READ_AGAIN_SECS: Final = 2.0

Address = IPv4Address | IPv6Address


class AllowList:
    """
    Who may come at all: the networks of the settings and of the table; all, if both are empty.

    Whoever sits at this machine may always come, so that nobody locks everybody out.

    Args:
        networks: Of the settings.
        table: Read again every few seconds.
    """

    def __init__(self, networks: Sequence[Network], table: AllowedAddresses) -> None:
        self._fixed = tuple(networks)
        self._table = table
        self._networks: tuple[Network, ...] = self._fixed
        self._read_at: float | None = None

    async def lets(self, address: str) -> bool:
        """Whether somebody may come from an address."""
        await self._refresh()
        if not self._networks:
            return True
        parsed = parsed_address(address)
        if parsed is None:
            return False
        return parsed.is_loopback or any(parsed in network for network in self._networks)

    def forget(self) -> None:
        """Read the table before the next request; call it when the table was changed."""
        self._read_at = None

    async def _refresh(self) -> None:
        now = time.monotonic()
        if self._read_at is not None and now - self._read_at < _READ_AGAIN_SECS:
            return
        found = await run_in_threadpool(self._table.everything)
        self._networks = (*self._fixed, *(network_from_text(each.network) for each in found))
        self._read_at = now


def client_address(peer: str, forwarded: Sequence[str], trusted: Sequence[Network]) -> str:
    """
    Return where a request comes from.

    Args:
        peer: Who opened the connection.
        forwarded: Lines of X-Forwarded-For, in order.
        trusted: Proxies whose word is taken.
    """
    hops = [hop.strip() for line in forwarded for hop in line.split(",") if hop.strip()]
    while hops and _is_in(peer, trusted):
        peer = _without_port(hops.pop())
    return peer


def network_from_text(text: str) -> Network:
    """
    Return a network such as `192.168.0.0/24`, or one address.

    Raises:
        InvalidValueError: It is neither.
    """
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        raise InvalidValueError(
            f"{text!r} 은(는) 주소 범위가 아닙니다. 192.168.0.0/24 처럼 쓰세요.",
            f"{text!r} is no range of addresses. Write it like 192.168.0.0/24.",
        ) from None


def parsed_address(address: str) -> Address | None:
    """Return an address as a number; one of IPv4 that came as IPv6 is one of IPv4."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return parsed.ipv4_mapped
    return parsed


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    parsed = parsed_address(address)
    return parsed is not None and any(parsed in network for network in networks)


def _without_port(hop: str) -> str:
    """Return the address of `1.2.3.4:567` and of `[::1]:567`."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
