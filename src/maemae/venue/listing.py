"""What holds for one instrument on one day, as the exchange's matching and entry need it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final

import msgspec

from maemae.krx.band import PriceBand
from maemae.krx.instrument import Instrument
from maemae.krx.session import Phase
from maemae.krx.size_cap import max_order_qty
from maemae.krx.status import InstrumentState
from maemae.krx.tick import TickTable, tick_table


class Listing(msgspec.Struct, frozen=True):
    """
    One instrument on one day.

    Attributes:
        session_date: The day it holds for; where neither base price nor band is known
            nothing is claimed that could go out of date, and it holds from that day on.
        base_price: Base of the day [won]; None where no claim is made.
        table: Ticks of the day, None where no claim about them is made.
        band: Price limits of the day, None where there are or are known none.
        max_qty: Biggest order [shares], 0 where not known.
        states: Every state that is not NORMAL.
        is_call_auction: Whether the instrument trades in call auctions only.
        is_halted: Whether nothing trades, so that only cancels are taken.
    """

    instrument: Instrument
    session_date: date
    base_price: int | None
    table: TickTable | None
    band: PriceBand | None
    max_qty: int
    states: frozenset[InstrumentState]
    is_call_auction: bool
    is_halted: bool

    def holds_on(self, day: date) -> bool:
        """Return whether the listing is one of that day."""
        if self.table is None and self.band is None:
            return self.session_date <= day
        return self.session_date == day

    def phase_in(self, phase: Phase) -> Phase:
        """Return the phase of the instrument while the market is in `phase`."""
        if self.is_call_auction and phase is Phase.CONTINUOUS:
            return Phase.INTRADAY_AUCTION
        return phase


def listing_of(
    instrument: Instrument,
    session_date: date,
    base_price: int | None,
    band: PriceBand | None,
    states: Iterable[InstrumentState],
) -> Listing:
    """
    Return the listing of a day.

    Args:
        instrument: The instrument as it stands on that day.
        session_date: The day.
        base_price: Base price of the day [won]; None on adjusted data, where no claim about
            ticks and size caps is made.
        band: Price limits of the day; None where there are none.
        states: Every state that is not NORMAL.

    Raises:
        InvalidValueError: The base price is not positive.
        UnknownRuleError: A base price on a day before the first known ticks.
    """
    held = frozenset(states)
    table, max_qty = None, 0
    if base_price is not None:
        table = tick_table(instrument.market, instrument.product, session_date)
        if instrument.listed_shares > 0:
            max_qty = max_order_qty(base_price, instrument.listed_shares)
    return Listing(
        instrument=instrument,
        session_date=session_date,
        base_price=base_price,
        table=table,
        band=band,
        max_qty=max_qty,
        states=held,
        is_call_auction=not held.isdisjoint(_CALL_AUCTION_STATES),
        is_halted=not held.isdisjoint(_STANDING_STILL),
    )


_CALL_AUCTION_STATES: Final = frozenset(
    {
        InstrumentState.VI,
        InstrumentState.DELISTING,
        InstrumentState.OVERHEATED,
        InstrumentState.ILLIQUID,
    }
)

_STANDING_STILL: Final = frozenset({InstrumentState.HALTED, InstrumentState.UNKNOWN})
