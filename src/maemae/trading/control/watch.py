"""
What an executor tells those who watch it: prices, the clock, and that something became durable.

A pulse says "look now", and what the market shows; what happened to orders is read from the
journal, so that a pulse may be lost and nothing is.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from maemae.domain.ids import Symbol
from maemae.krx.session import Phase
from maemae.trading.control.frames import VERSION, framed, not_understood, require_version
from maemae.trading.control.replies import Failed


class Quote(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """
    The last print of an instrument.

    Attributes:
        px: Price [won].
        qty: Shares of that print.
        at: When it traded [ns, UTC].
        base_price: The day's base price [won]; None until the day's rules are known.
    """

    symbol: Symbol
    px: int
    qty: int
    at: int
    base_price: int | None = None


class Pulse(msgspec.Struct, frozen=True, tag="PULSE"):
    """
    What changed since the last one.

    Attributes:
        at: The exchange's time [ns, UTC].
        phase: Phase of the exchange.
        session_date: The session that goes on, or went on last; None before the first.
        head: Number of the newest durable record that was seen; 0 before the first.
        quotes: Of every instrument that traded meanwhile; of all of them in the first pulse.
    """

    at: int
    phase: Phase
    session_date: date | None
    head: int
    quotes: tuple[Quote, ...] = ()


class WatchFrame(msgspec.Struct, frozen=True):
    """A pulse on its way, or why there will be none."""

    version: int
    told: Pulse | Failed


_FRAMES: Final = msgspec.msgpack.Decoder(WatchFrame)


def watch_frame(told: Pulse | Failed) -> bytes:
    """Return the bytes of a pulse."""
    return framed(msgspec.msgpack.encode(WatchFrame(VERSION, told)))


def read_watch(body: bytes) -> Pulse | Failed:
    """
    Return a pulse.

    Raises:
        InvalidValueError: It cannot be understood or is of another version.
    """
    require_version(body)
    try:
        return _FRAMES.decode(body).told
    except msgspec.MsgspecError as error:
        raise not_understood(error) from error
