"""Price limits are valid prices around the base, for every base, product, board and day."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.band import price_band
from maemae.krx.base_price import ex_rights_base, next_base_price
from maemae.krx.instrument import Instrument
from maemae.krx.tick import tick_table

DAYS = st.dates(date(2010, 10, 4), date(2028, 12, 31))
BASES = st.integers(5, 5_000_000)
STOCKS = st.builds(
    Instrument,
    st.just(Symbol("005930")),
    st.just(""),
    st.sampled_from(Market),
    st.just(Product.STOCK),
)
FUNDS = st.builds(
    Instrument,
    st.just(Symbol("122630")),
    st.just(""),
    st.just(Market.KOSPI),
    st.sampled_from([Product.ETF, Product.ETN]),
    leverage=st.sampled_from([-2, -1, 1, 2, 3]),
)
INSTRUMENTS = st.one_of(STOCKS, FUNDS)


@given(BASES, INSTRUMENTS, DAYS)
def test_limits_are_valid_prices_around_the_base(
    base: int, instrument: Instrument, day: date
) -> None:
    table = tick_table(instrument.market, instrument.product, day)
    band = price_band(base, instrument, day)

    assert table.is_on_grid(band.lower)
    assert table.is_on_grid(band.upper)
    assert band.lower <= base <= band.upper
    assert band.lower < band.upper


@given(BASES, INSTRUMENTS, DAYS)
def test_limits_never_exceed_the_rate_unless_by_the_least_tick(
    base: int, instrument: Instrument, day: date
) -> None:
    table = tick_table(instrument.market, instrument.product, day)
    percent = 15 if instrument.market is Market.KONEX or day < date(2015, 6, 15) else 30
    most = max(table.tick(base) * 100, base * percent * abs(instrument.leverage))

    band = price_band(base, instrument, day)

    assert (band.upper - base) * 100 <= most
    assert (base - band.lower) * 100 <= most


@given(BASES, BASES, INSTRUMENTS, DAYS)
def test_limits_rise_with_the_base(one: int, other: int, instrument: Instrument, day: date) -> None:
    table = tick_table(instrument.market, instrument.product, day)
    low, high = (
        price_band(base, instrument, day) for base in sorted(map(table.floor, (one, other)))
    )

    assert low.lower <= high.lower
    assert low.upper <= high.upper


@given(BASES, FUNDS, DAYS)
def test_leverage_never_narrows_the_band(base: int, fund: Instrument, day: date) -> None:
    plain = Instrument(fund.symbol, "", fund.market, fund.product)

    narrow, wide = price_band(base, plain, day), price_band(base, fund, day)

    assert wide.lower <= narrow.lower
    assert narrow.upper <= wide.upper


@given(BASES, INSTRUMENTS, st.dates(date(2025, 3, 4), date(2028, 12, 31)))
def test_next_base_is_the_lowest_valid_price_from_the_close_up(
    close: int, instrument: Instrument, day: date
) -> None:
    base = next_base_price(1_000, close, instrument, day)

    assert base == tick_table(instrument.market, instrument.product, day).ceil(close)


@given(BASES, st.integers(1, 10**6), st.integers(0, 10**6), st.integers(0, 10**6), STOCKS, DAYS)
def test_ex_rights_base_lies_between_paid_and_close(
    close: int, held: int, issued: int, paid: int, stock: Instrument, day: date
) -> None:
    table = tick_table(stock.market, stock.product, day)

    base = ex_rights_base(close, held, issued, paid, stock, day)

    assert table.is_on_grid(base)
    assert min(paid, close) <= base <= table.ceil(close)
