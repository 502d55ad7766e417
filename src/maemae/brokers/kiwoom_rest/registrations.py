"""
What is registered on one connection, in groups as small as the server takes.

A group's number is private to the connection; everything registered goes with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from maemae.brokers.kiwoom_rest.config import SocketLimits
from maemae.brokers.kiwoom_rest.frames import RealType
from maemae.domain.errors import BrokerUnavailableError

_MOST_GROUPS: Final = 9_999  # four characters


class Wanted(msgspec.Struct, frozen=True):
    """
    What somebody wants to be told.

    Attributes:
        types: Of entries.
        items: Codes with or without the exchange's suffix; `("",)` for what concerns all.
    """

    types: tuple[RealType, ...]
    items: tuple[str, ...]


class Group(msgspec.Struct, frozen=True):
    """A group of the connection: its number, and what is in it."""

    number: str
    types: tuple[RealType, ...]
    items: tuple[str, ...]

    @property
    def data(self) -> list[dict[str, Any]]:
        """Return what a frame says of it."""
        return [{"item": list(self.items), "type": [kind.value for kind in self.types]}]


def groups_of(wanted: Mapping[str, Wanted], limits: SocketLimits) -> tuple[Group, ...]:
    """
    Return the groups of everything that is wanted.

    Args:
        wanted: By topic; the same topic always gets numbers in the same order.
        limits: Of the connection.

    Raises:
        BrokerUnavailableError: It is more than one connection takes.
    """
    items = sum(len([item for item in each.items if item]) for each in wanted.values())
    if items > limits.items:
        raise BrokerUnavailableError(
            f"실시간으로 {items}종목을 받을 수 없습니다(최대 {limits.items}종목). 종목을 줄이세요.",
            f"{items} instruments cannot be streamed, {limits.items} at most. Name fewer.",
        )
    chunks = [
        (each.types, chunk)
        for each in wanted.values()
        for chunk in _chunks(each.items, limits.group_items)
    ]
    if len(chunks) > _MOST_GROUPS:
        raise BrokerUnavailableError(
            "실시간 등록 그룹이 너무 많습니다. 종목을 줄이세요.",
            "There are too many groups of what is streamed. Name fewer.",
        )
    return tuple(
        Group(str(number), types, chunk) for number, (types, chunk) in enumerate(chunks, start=1)
    )


def _chunks(items: Sequence[str], size: int) -> list[tuple[str, ...]]:
    if not items:
        return [()]
    return [tuple(items[start : start + size]) for start in range(0, len(items), size)]
