"""The day's rules of instruments, from Kiwoom's list of them and its quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from maemae.brokers.kiwoom_rest.codes import (
    instrument_states,
    leverage_from_name,
    listing_from_code,
)
from maemae.brokers.kiwoom_rest.messages import InstrumentRow, QuoteRow
from maemae.brokers.kiwoom_rest.reading import count, is_blank, price
from maemae.core.events import InstrumentUpdated
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import Symbol
from maemae.krx.band import NO_BAND, PriceBand, price_band
from maemae.krx.instrument import Instrument
from maemae.krx.status import InstrumentState


def rules_of(
    symbols: Sequence[Symbol],
    listed: Mapping[Symbol, InstrumentRow],
    quotes: Mapping[Symbol, QuoteRow],
    day: date,
    now: int,
) -> tuple[InstrumentUpdated, ...]:
    """
    Return what holds for instruments on a day.

    Args:
        symbols: Instruments that are asked about.
        listed: Their entries in the list of instruments.
        quotes: Their quotes, with base price and limits.
        day: The session.
        now: The exchange's time [ns, UTC].

    Raises:
        BrokerUnavailableError: One of them is not there, is no instrument that maemae trades,
            or cannot be understood.
    """
    return tuple(_rule(symbol, listed, quotes, day, now) for symbol in symbols)


def _rule(
    symbol: Symbol,
    listed: Mapping[Symbol, InstrumentRow],
    quotes: Mapping[Symbol, QuoteRow],
    day: date,
    now: int,
) -> InstrumentUpdated:
    row, quote = listed.get(symbol), quotes.get(symbol)
    listing = None if row is None else listing_from_code(row.market_code)
    if row is None or quote is None or listing is None:
        raise BrokerUnavailableError(
            f"키움의 종목 목록에 {symbol} 이(가) 없거나 주식·ETF·ETN 이 아닙니다. 종목을 고치세요.",
            f"Kiwoom does not list {symbol} as a stock, ETF or ETN. Correct the instruments.",
        )
    instrument = Instrument(
        symbol,
        row.name.strip(),
        listing.market,
        listing.product,
        count("listCount", row.list_count),
        leverage_from_name(row.name, listing.product),
    )
    base = price("base_pric", quote.base_pric)
    states = instrument_states(row.order_warning, row.audit_info, row.state)
    band = _band(base, quote, instrument, day, states)
    return InstrumentUpdated(instrument, day, base, band, now, states)


def _band(
    base: int,
    quote: QuoteRow,
    instrument: Instrument,
    day: date,
    states: tuple[InstrumentState, ...],
) -> PriceBand:
    """Return the limits that the server names, or those that follow from the base price."""
    if InstrumentState.DELISTING in states:
        return NO_BAND
    if not (is_blank(quote.upl_pric) or is_blank(quote.lst_pric)):
        upper, lower = price("upl_pric", quote.upl_pric), price("lst_pric", quote.lst_pric)
        if 0 < lower < base < upper:
            return PriceBand(lower, upper)
    return price_band(base, instrument, day)
