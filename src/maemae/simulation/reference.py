"""The rules of the day for each instrument: base price, band, states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from maemae.core.events import InstrumentUpdated
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.band import PriceBand, price_band
from maemae.krx.base_price import next_base_price
from maemae.krx.instrument import Instrument
from maemae.krx.status import InstrumentState
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.levels import next_traded


class Reference:
    """
    What holds for the instruments of a panel on each of its sessions.

    On adjusted data nothing is claimed about ticks, bands and size caps. On raw data the
    base follows from the close before; where the session's first print cannot lie in its
    band, the base was set otherwise (a split, a relisting). That is all that is taken from
    the session itself: the exchange tells the base before the opening, and the first print
    stands in for its word. Such a session is quarantined as it is live: nobody buys, and
    exits wait for the next one, because shares and prices of today do not belong together.
    """

    def __init__(
        self, bars: BarReader, axis: CalendarAxis, instruments: Mapping[Symbol, Instrument]
    ) -> None:
        self._bars = bars
        self._panel = bars.panel
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
        if self._is_break(symbol, session, band):
            return InstrumentUpdated(instrument, day, None, None, at, _BREAK)
        return InstrumentUpdated(instrument, day, base, band, at)

    def is_break(self, symbol: Symbol, session: int) -> bool:
        """Return whether a session's first print cannot follow from the close before."""
        _, band = self._base_and_band(self.instrument(symbol), session)
        return band is not None and self._is_break(symbol, session, band)

    def _base_and_band(
        self, instrument: Instrument, session: int
    ) -> tuple[int | None, PriceBand | None]:
        """Return base [won] and band that follow from the last close; None before the first."""
        bars, row = self._bars, self._panel.row(instrument.symbol)
        first, day = self._axis.first(session), self._axis.session_date(session)
        before = bars.last_traded(row, first - 1) if first else -1
        if before < 0:
            return None, None
        close = bars.close(row, before)
        base = next_base_price(close, close, instrument, day)
        return base, price_band(base, instrument, day)

    def _is_break(self, symbol: Symbol, session: int, band: PriceBand) -> bool:
        bars, row = self._bars, self._panel.row(symbol)
        end = self._axis.first(session + 1)
        found = next_traded(bars.traded(row), self._axis.first(session), end)
        return found < end and bars.bar(row, found)[0] not in band


_FIRST_DAY: Final = (InstrumentState.BASE_BY_FIRST_PRICE,)
_BREAK: Final = (InstrumentState.BASE_BY_FIRST_PRICE, InstrumentState.QUARANTINED)
