"""Bars of an instrument as a chart shows them: the catalogue's, then the present session's own."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from maemae.domain.errors import MissingDataError
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.server.market_data import BarSeries, MarketData
from maemae.trading.control.replies import MadeBars


class Wanted(msgspec.Struct, frozen=True):
    """
    What is to be shown.

    Attributes:
        interval: `DAY` or minutes such as `5m`; None for the longest there is.
        first, last: Korean days; None is open.
        most: At most so many bars, the newest.
    """

    symbol: Symbol
    interval: str | None
    first: date | None
    last: date | None
    most: int


def chart(market: MarketData, wanted: Wanted, made: MadeBars) -> BarSeries:
    """
    Return bars, oldest first.

    The session that an executor tells of is told by nobody else: what a catalogue has of it, or
    of later days, a simulated market has yet to trade.

    Args:
        market: The catalogue.
        wanted: What is to be shown.
        made: What the executor has made of the session; of none, the catalogue tells everything.

    Raises:
        MissingDataError: There are no such bars.
    """
    day = made.session_date
    if day is None or made.interval is None:
        return _kept(market, wanted, wanted.last)
    is_wanted = (wanted.first or day) <= day <= (wanted.last or day)
    own = [msgspec.structs.astuple(bar) for bar in made.bars] if is_wanted else []
    before = day - timedelta(days=1)
    try:
        kept = _kept(market, wanted, min(wanted.last or before, before))
    except MissingDataError:
        if not own or wanted.interval not in (None, made.interval):
            raise
        return BarSeries(None, made.interval, PriceBasis.RAW, own[-wanted.most :])
    if kept.interval != made.interval:
        return kept
    return msgspec.structs.replace(kept, bars=[*kept.bars, *own][-wanted.most :])


def _kept(market: MarketData, wanted: Wanted, last: date | None) -> BarSeries:
    return market.bars(wanted.symbol, wanted.interval, wanted.first, last, wanted.most)
