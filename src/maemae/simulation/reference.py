"""The rules of the day for each instrument: base price, band, states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from maemae.core.events import InstrumentUpdated
from maemae.domain.corporate_action import Delisting
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.band import PriceBand, price_band
from maemae.krx.base_price import next_base_price, split_base
from maemae.krx.calendar import sessions
from maemae.krx.instrument import Instrument
from maemae.krx.status import InstrumentState
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.levels import next_traded
from maemae.strategy.restatement import factor


class Reference:
    """
    What holds for the instruments of a panel on each of its sessions.

    On adjusted data nothing is claimed about ticks, bands and size caps. On raw data the
    base follows from the close before; where the session's first print cannot lie in its
    band, the base was set otherwise (a split, a relisting). That is all that is taken from
    the session itself: the exchange tells the base before the opening, and the first print
    stands in for its word. Such a session is quarantined as it is live: nobody buys, and
    exits wait for the next one, because shares and prices of today do not belong together.

    Where an action is told of, the base follows from the close in new shares, and the session
    is one of ex-rights. In the last sessions before a delisting (정리매매) there is no band.
    """

    def __init__(
        self, bars: BarReader, axis: CalendarAxis, instruments: Mapping[Symbol, Instrument]
    ) -> None:
        self._bars = bars
        self._panel = bars.panel
        self._restatements = bars.panel.restatements
        self._axis = axis
        self._instruments = dict(instruments)

    def instrument(self, symbol: Symbol) -> Instrument:
        """Return the instrument; one that the master does not know counts as a KOSPI stock."""
        known = self._instruments.get(symbol)
        if known is None:
            known = Instrument(symbol, symbol, Market.KOSPI, Product.STOCK)
            self._instruments[symbol] = known
        return known

    def of_session(self, symbol: Symbol, session: int, at: int) -> InstrumentUpdated:
        """Return what holds for an instrument in a session."""
        instrument = self.instrument(symbol)
        day = self._axis.session_date(session)
        if self._panel.basis is PriceBasis.ADJUSTED:
            return InstrumentUpdated(instrument, day, None, None, at)
        base, band = self._base_and_band(instrument, session)
        if base is None or band is None:
            return InstrumentUpdated(instrument, day, None, None, at, _FIRST_DAY)
        if self._panel.actions and self._is_leaving(instrument, day, at):
            return InstrumentUpdated(instrument, day, base, None, at, _LEAVING)
        if self._is_break(symbol, session, band):
            return InstrumentUpdated(instrument, day, None, None, at, _BREAK)
        if self._restatements and self._is_restated(symbol, session):
            return InstrumentUpdated(instrument, day, base, band, at, _EX_RIGHTS)
        return InstrumentUpdated(instrument, day, base, band, at)

    def is_break(self, symbol: Symbol, session: int) -> bool:
        """Return whether a session's first print cannot follow from the close before."""
        _, band = self._base_and_band(self.instrument(symbol), session)
        return band is not None and self._is_break(symbol, session, band)

    def close_before(self, symbol: Symbol, session: int) -> int | None:
        """Return the last close before a session [won], in shares of its own day; None without."""
        row = self._panel.row(symbol)
        before = self._last_traded(row, session)
        return None if before < 0 else self._bars.close(row, before)

    def _last_traded(self, row: int, session: int) -> int:
        """Return the number of the last bar of a row before a session, below 0 if there is none."""
        first = self._axis.first(session)
        return self._bars.last_traded(row, first - 1) if first else -1

    def _base_and_band(
        self, instrument: Instrument, session: int
    ) -> tuple[int | None, PriceBand | None]:
        """Return base [won] and band that follow from the last close; None before the first."""
        bars, row = self._bars, self._panel.row(instrument.symbol)
        first, day = self._axis.first(session), self._axis.session_date(session)
        before = self._last_traded(row, session)
        if before < 0:
            return None, None
        close = bars.close(row, before)
        base = next_base_price(close, close, instrument, day)
        if self._restatements:
            up, down = factor(self._restatements.get(row, ()), before, first)
            if up != down:
                base = split_base(close, up, down, instrument, day)
        return base, price_band(base, instrument, day)

    def _is_restated(self, symbol: Symbol, session: int) -> bool:
        """Return whether shares changed as the session began."""
        steps = self._restatements.get(self._panel.row(symbol), ())
        first = self._axis.first(session)
        return any(step.start == first for step in steps)

    def _is_leaving(self, instrument: Instrument, day: date, at: int) -> bool:
        """Return whether it is one of a share's last sessions, and known to be."""
        if instrument.product is not Product.STOCK:
            return False
        return any(
            isinstance(action, Delisting)
            and action.symbol == instrument.symbol
            and action.known_at <= at
            and day in last_sessions(action.ex_date)
            for action in self._panel.actions
        )

    def _is_break(self, symbol: Symbol, session: int, band: PriceBand) -> bool:
        bars, row = self._bars, self._panel.row(symbol)
        end = self._axis.first(session + 1)
        found = next_traded(bars.traded(row), self._axis.first(session), end)
        return found < end and bars.bar(row, found)[0] not in band


@lru_cache(maxsize=1_024)
def last_sessions(delisted: date) -> tuple[date, ...]:
    """
    Return the sessions in which an instrument is sold off before it leaves (정리매매).

    Seven; general knowledge of the delisting rules, not read again. A fund that is wound up has
    none, nor has a share that a merger ends.
    """
    ahead = sessions(delisted - timedelta(days=30), delisted - timedelta(days=1))
    return tuple(ahead[-_SOLD_OFF:])


_SOLD_OFF: Final = 7
_FIRST_DAY: Final = (InstrumentState.BASE_BY_FIRST_PRICE,)
_EX_RIGHTS: Final = (InstrumentState.EX_RIGHTS,)
_LEAVING: Final = (InstrumentState.DELISTING,)
_BREAK: Final = (InstrumentState.BASE_BY_FIRST_PRICE, InstrumentState.QUARANTINED)
