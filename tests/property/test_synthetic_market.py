"""Every synthetic price is one that an order could have named that day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.catalogue.bars import content_hash
from maemae.catalogue.interval import Interval
from maemae.catalogue.synthetic import synthetic_market
from maemae.krx.band import price_band
from maemae.krx.calendar import sessions
from maemae.krx.tick import tick_table

# Days around the change of the tick tables on 2023-01-25 and 2023-12-11 are within reach.
starts = st.dates(date(2015, 7, 1), date(2026, 6, 1))
intervals = st.sampled_from([Interval(), Interval(10), Interval(45), Interval(390)])


@settings(max_examples=25)
@given(st.integers(0, 2**32), starts, intervals)
def test_prices_are_on_the_grid_inside_the_limits_and_consistent(
    seed: int, first: date, interval: Interval
) -> None:
    last = first + timedelta(days=12)
    market = synthetic_market(seed, first=first, last=last, interval=interval)

    days = set(sessions(first, last))
    for bar in market.bars.iter_rows(named=True):
        day = bar["date"] if interval.is_daily else bar["datetime"].date()
        instrument = market.instruments[bar["symbol"]]
        band = price_band(bar["base_price"], instrument, day)
        table = tick_table(instrument.market, instrument.product, day)
        prices = [bar[name] for name in ("open", "high", "low", "close")]
        assert day in days
        if bar["volume"] == 0:
            assert prices == [0, 0, 0, bar["base_price"]]
            continue
        assert all(table.is_on_grid(price) and price in band for price in prices)
        assert bar["high"] == max(prices)
        assert bar["low"] == min(prices)


@settings(max_examples=10)
@given(st.integers(0, 2**64), starts)
def test_same_seed_gives_the_same_bytes(seed: int, first: date) -> None:
    last = first + timedelta(days=12)
    one, two = (synthetic_market(seed, first=first, last=last).bars for _ in range(2))

    assert content_hash(one) == content_hash(two)
