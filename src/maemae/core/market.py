"""
What the core has observed of the market: prices, the day's rules, the phase.

None of it is in the journal's facts: after a restart it is observed anew, and until then the
gate refuses for want of a price or a state.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter, mul

import msgspec
from msgspec.structs import replace

from maemae.core.events import InstrumentUpdated
from maemae.core.state import Sleeve
from maemae.domain.ids import Symbol
from maemae.domain.terms import Side
from maemae.krx.halt import VI_OVER_AFTER
from maemae.krx.session import Phase
from maemae.krx.size_cap import max_order_qty
from maemae.krx.status import InstrumentState, Permission, permission
from maemae.krx.tick import TickTable, tick_table


class Doubt(msgspec.Struct, frozen=True, gc=False):
    """
    A print that was not believed.

    Attributes:
        price: Of the newest one [won].
        since: When prints near to one another began [ns].
    """

    price: int
    since: int


class MarketView:
    """
    The last word on every instrument.

    Attributes:
        phase: Phase of the exchange.
        phase_at: When it began [ns, UTC].
        prices: Last price [won].
        priced_at: Its time [ns, UTC].
        instruments: The day's rules.
        ticks: The day's tick table; absent where no claim about ticks is made.
        doubts: Prints that are not believed yet; only where prints are judged.
        sighted_at: When a believed print was seen last [ns, UTC]; only where they are judged.
        interrupted: When a volatility interruption (VI) began that is not over [ns, UTC].
    """

    def __init__(self) -> None:
        self.phase = Phase.CLOSED
        self.phase_at = 0
        self.prices: dict[Symbol, int] = {}
        self.priced_at: dict[Symbol, int] = {}
        self.instruments: dict[Symbol, InstrumentUpdated] = {}
        self.ticks: dict[Symbol, TickTable] = {}
        self.doubts: dict[Symbol, Doubt] = {}
        self.sighted_at: dict[Symbol, int] = {}
        self.interrupted: dict[Symbol, int] = {}

    def update(self, told: InstrumentUpdated) -> None:
        """Take in what holds for an instrument today."""
        instrument = told.instrument
        self.instruments[instrument.symbol] = told
        if InstrumentState.VI in told.states:
            self.interrupted[instrument.symbol] = told.at
        else:
            self.interrupted.pop(instrument.symbol, None)
        if told.base_price is None:
            self.ticks.pop(instrument.symbol, None)
        else:
            self.ticks[instrument.symbol] = tick_table(
                instrument.market, instrument.product, told.session_date
            )

    def end_interruptions(self, now: int) -> None:
        """End every VI that must be over by now: word of an end may be lost with a connection."""
        for symbol, began in tuple(self.interrupted.items()):
            if now >= began + VI_OVER_AFTER:
                self.end_interruption(symbol)

    def end_interruption(self, symbol: Symbol) -> None:
        """Take it that an instrument in a VI trades again."""
        del self.interrupted[symbol]
        told = self.instruments[symbol]
        states = tuple(state for state in told.states if state is not InstrumentState.VI)
        self.instruments[symbol] = replace(told, states=states)

    def see(self, prices: Mapping[Symbol, int], at: int) -> None:
        """Take in prices [won] of one instant [ns, UTC], not older than any before."""
        self.prices.update(prices)
        self.priced_at.update(dict.fromkeys(prices, at))

    def rescale(self, symbol: Symbol, numerator: int, denominator: int) -> None:
        """Tell the last price in new shares, until the first trade of the day tells it better."""
        price = self.prices.get(symbol)
        if price is not None:
            self.prices[symbol] = max(1, price * denominator // numerator)

    def lower(self, symbol: Symbol, worth: int) -> None:
        """Tell the last price without what was taken out of a share [won], at least 1 won."""
        price = self.prices.get(symbol)
        if price is not None:
            self.prices[symbol] = max(1, price - worth)

    def order_cap(self, symbol: Symbol) -> int | None:
        """Return the most shares that the exchange takes in one order; None if not known."""
        told = self.instruments.get(symbol)
        if told is None or told.base_price is None or not told.instrument.listed_shares:
            return None
        return max_order_qty(told.base_price, told.instrument.listed_shares)

    @property
    def is_auction(self) -> bool:
        """Whether the exchange collects orders for an auction."""
        return self.phase in _AUCTIONS

    def clamp(self, symbol: Symbol, price: int, side: Side) -> int:
        """Return the nearest price that may be named without going beyond `price` [won]."""
        table = self.ticks.get(symbol)
        if table is not None:
            price = table.floor(price) if side is Side.BUY else table.ceil(price)
        told = self.instruments.get(symbol)
        if told is not None and told.band is not None:
            price = min(max(price, told.band.lower), told.band.upper)
        return price

    def permission(self, symbol: Symbol, side: Side) -> Permission:
        """Return the strictest answer of the instrument's states."""
        told = self.instruments.get(symbol)
        if told is None:
            return permission(InstrumentState.UNKNOWN, side)
        answers = {permission(state, side) for state in told.states}
        return next((answer for answer in _STRICTEST_FIRST if answer in answers), Permission.ALLOW)

    def equity(self, sleeve: Sleeve) -> int | None:
        """Return cash, receivables and holdings at last prices [won]; None if one is missing."""
        held = sleeve.positions
        try:
            worth: int = sum(map(mul, map(_qty, held.values()), map(self.prices.__getitem__, held)))
        except KeyError:
            return None
        return sleeve.cash + worth + sum(sleeve.receivable.values())


_qty = attrgetter("qty")

_AUCTIONS = frozenset({Phase.PRE_OPEN_AUCTION, Phase.CLOSING_AUCTION})

_STRICTEST_FIRST = (
    Permission.BLOCK,
    Permission.MANUAL_ONLY,
    Permission.WAIT,
    Permission.WARN,
)
