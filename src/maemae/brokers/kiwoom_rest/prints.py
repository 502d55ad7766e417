"""Market data frames, and rows of last trades, as what the market told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest.codes import phase_from_code
from maemae.brokers.kiwoom_rest.config import KiwoomConfig
from maemae.brokers.kiwoom_rest.frames import (
    FIELD_NAMES,
    Entry,
    RealType,
    decode_book,
    decode_condition,
    decode_interruption,
    decode_phase,
    decode_position,
    decode_trade,
    decode_values,
)
from maemae.brokers.kiwoom_rest.messages import TradeRow
from maemae.brokers.kiwoom_rest.reading import (
    DayClock,
    count,
    instant,
    is_blank,
    price,
    symbol,
    unreadable,
)
from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY, kst_date
from maemae.domain.market_data import Trade
from maemae.domain.terms import ExecutionVenue
from maemae.krx.session import Phase

LEVELS: Final = 10


class BookUpdated(msgspec.Struct, frozen=True):
    """
    The ten best prices of each side; a level without a price is left out.

    Attributes:
        asks, bids: Price [won] and shares, best first.
    """

    symbol: Symbol
    asks: tuple[tuple[int, int], ...]
    bids: tuple[tuple[int, int], ...]
    at: int


class PhaseTold(msgspec.Struct, frozen=True):
    """The exchange says which phase begins."""

    venue: ExecutionVenue
    phase: Phase
    at: int


class InterruptionTold(msgspec.Struct, frozen=True):
    """
    A volatility interruption (VI) begins, or else ends if one is going on.

    Attributes:
        is_on: Whether it begins for certain; see `KiwoomConfig.vi_ends`.
    """

    symbol: Symbol
    is_on: bool
    px: int
    at: int


class PositionTold(msgspec.Struct, frozen=True):
    """What is held of an instrument now [shares]."""

    symbol: Symbol
    qty: int
    sellable: int


class ConditionHit(msgspec.Struct, frozen=True):
    """
    An instrument came into a condition search, or left it.

    Attributes:
        seq: The condition's number.
        at: When it was known [ns, UTC].
    """

    seq: str
    symbol: Symbol
    is_in: bool
    at: int


class FieldsTold(msgspec.Struct, frozen=True):
    """Values of a type that nothing here acts upon, under names of ours, as text."""

    kind: RealType
    item: str
    values: dict[str, str]


Update = (
    Trade | BookUpdated | PhaseTold | InterruptionTold | PositionTold | ConditionHit | FieldsTold
)


def update_of(entry: Entry, clock: DayClock, config: KiwoomConfig) -> Update | None:
    """
    Return what an entry tells, None if it tells nothing of a market of stocks.

    Args:
        entry: Of any type but 00, whose frames are about orders.
        clock: Of the trading day.
        config: Says which code of a VI may mean its end.

    Raises:
        BrokerUnavailableError: A value or the type cannot be understood.
        msgspec.MsgspecError: A value that must be there is not.
    """
    try:
        kind = RealType(entry.type)
    except ValueError:
        raise unreadable("type", entry.type) from None
    if kind is RealType.TRADE:
        return trade_of(entry, clock)
    if kind is RealType.BOOK:
        return _book(entry, clock)
    if kind is RealType.PHASE:
        return _phase(entry, clock)
    if kind is RealType.INTERRUPTION:
        return _interruption(entry, clock, config)
    if kind is RealType.POSITION:
        return _position(entry)
    if kind is RealType.CONDITION:
        return _condition(entry, clock)
    if kind is RealType.ORDER:
        raise unreadable("type", entry.type)
    return _fields(kind, entry)


def trade_of(entry: Entry, clock: DayClock) -> Trade | None:
    """
    Return a print (0B), None for one of no shares.

    Prices off the tick are real: the exchange matches between bid and ask.

    Raises:
        BrokerUnavailableError: A value cannot be understood.
        msgspec.MsgspecError: A value that must be there is not.
    """
    values = decode_trade(entry.values)
    qty, px = _plain(values.qty), _plain(values.px)
    if not qty or not px:
        return None
    return Trade(symbol("item", entry.item), px, qty, clock.instant(values.at))


def newest_trade(code: Symbol, rows: Sequence[TradeRow], now: int) -> Trade | None:
    """
    Return the newest print of a list of last trades, None if it is empty.

    The list tells no day: a time of day that has not come yet was yesterday's or earlier.

    Raises:
        BrokerUnavailableError: A value cannot be understood.
    """
    for row in rows:
        if is_blank(row.tm) or is_blank(row.cur_prc):
            continue
        at = instant("tm", kst_date(now), row.tm)
        if at > now:
            at -= DAY
        qty, px = price("cntr_trde_qty", row.cntr_trde_qty), price("cur_prc", row.cur_prc)
        if qty and px:
            return Trade(code, px, qty, at)
    return None


class DayClocks:
    """The clock of the day that it is, made anew when another begins."""

    def __init__(self) -> None:
        self._clock = DayClock(date(2000, 1, 1))

    def at(self, now: int) -> DayClock:
        """Return the clock of the day of an instant [ns]."""
        day = kst_date(now)
        if day != self._clock.on:
            self._clock = DayClock(day)
        return self._clock


def _plain(text: str) -> int:
    """Return a number without its sign; the quick way of `reading.price`."""
    bare = text.lstrip(" +-")
    if bare.isascii() and bare.isdigit() and len(bare) <= _DIGITS:
        return int(bare)
    return price("값", text)


def _book(entry: Entry, clock: DayClock) -> BookUpdated:
    values = decode_values(entry.values)
    at = clock.instant(decode_book(entry.values).at)
    sides = (_levels(values, _ASKS), _levels(values, _BIDS))
    return BookUpdated(symbol("item", entry.item), *sides, at)


def _levels(values: dict[str, str], first: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    px_at, qty_at = first
    levels = []
    for level in range(LEVELS):
        px_text, qty_text = values.get(str(px_at + level), ""), values.get(str(qty_at + level), "")
        px = 0 if is_blank(px_text) else price("호가", px_text)
        if px:
            levels.append((px, 0 if is_blank(qty_text) else count("호가잔량", qty_text)))
    return tuple(levels)


def _phase(entry: Entry, clock: DayClock) -> PhaseTold | None:
    values = decode_phase(entry.values)
    begins = phase_from_code(values.code)
    return None if begins is None else PhaseTold(*begins, clock.instant(values.at))


def _interruption(entry: Entry, clock: DayClock, config: KiwoomConfig) -> InterruptionTold:
    values = decode_interruption(entry.values)
    is_on = values.change.strip() != config.vi_ends
    px = 0 if is_blank(values.px) else price("1221", values.px)
    return InterruptionTold(symbol("9001", values.symbol), is_on, px, clock.instant(values.at))


def _position(entry: Entry) -> PositionTold:
    values = decode_position(entry.values)
    return PositionTold(
        symbol("9001", values.symbol), count("930", values.qty), count("933", values.sellable)
    )


def _condition(entry: Entry, clock: DayClock) -> ConditionHit:
    values = decode_condition(entry.values)
    is_in = {"I": True, "D": False}.get(values.change.strip())
    if is_in is None:
        raise unreadable("843", values.change)
    code = symbol("9001", values.symbol)
    return ConditionHit(values.seq.strip(), code, is_in, clock.instant(values.at))


def _fields(kind: RealType, entry: Entry) -> FieldsTold:
    names, values = FIELD_NAMES[kind], decode_values(entry.values)
    told = {name: values[fid] for fid, name in names.items() if fid in values}
    return FieldsTold(kind, entry.item, told)


_DIGITS: Final = 15
_ASKS: Final = (41, 61)
_BIDS: Final = (51, 71)
