"""The rules of the day for each instrument: base price, band, states."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from maemae.core.events import InstrumentUpdated
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.band import price_band
from maemae.krx.base_price import next_base_price
from maemae.krx.instrument import Instrument
from maemae.krx.status import InstrumentState
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.panel import Panel


class Reference:
    """
    What holds for the instruments of a panel on each of its sessions.

    On adjusted data nothing is claimed about ticks, bands and size caps. On raw data the
    base follows from the close before; where that day's prices cannot lie in its band, the
    base was set otherwise (a split, a relisting), and nobody buys on such a day.
    """

    def __init__(
        self, panel: Panel, axis: CalendarAxis, instruments: Mapping[Symbol, Instrument]
    ) -> None:
        self._panel = panel
        self._axis = axis
        self._instruments = instruments

    def instrument(self, symbol: Symbol) -> Instrument:
        """Return the instrument; one that the master does not know counts as a KOSPI stock."""
        known = self._instruments.get(symbol)
        return known or Instrument(symbol, symbol, Market.KOSPI, Product.STOCK)

    def of_session(self, symbol: Symbol, session: int, at: int) -> InstrumentUpdated:
        """Return what holds for an instrument in a session."""
        instrument = self.instrument(symbol)
        day = self._axis.session_date(session)
        if self._panel.basis is PriceBasis.ADJUSTED:
            return InstrumentUpdated(instrument, day, None, None, at)
        first, end = self._axis.first(session), self._axis.first(session + 1)
        row = self._panel.row(symbol)
        before = np.flatnonzero(self._panel.traded[row, :first])
        if not len(before):
            states = (InstrumentState.BASE_BY_FIRST_PRICE,)
            return InstrumentUpdated(instrument, day, None, None, at, states)
        close = int(self._panel.close[row, before[-1]])
        base = next_base_price(close, close, instrument, day)
        limits = price_band(base, instrument, day)
        traded = self._panel.traded[row, first:end]
        lows, highs = self._panel.low[row, first:end], self._panel.high[row, first:end]
        if traded.any() and (
            int(lows[traded].min()) < limits.lower or int(highs[traded].max()) > limits.upper
        ):
            states = (InstrumentState.BASE_BY_FIRST_PRICE,)
            return InstrumentUpdated(instrument, day, None, None, at, states)
        return InstrumentUpdated(instrument, day, base, limits, at)
