"""The rules of many days at once are the rules of each day, and what does not fit is refused."""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.core.limits import Limits
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.band import price_band
from maemae.krx.base_price import next_base_price
from maemae.krx.calendar import sessions
from maemae.krx.costs import KIWOOM_REAL
from maemae.krx.instrument import Instrument
from maemae.krx.session import regular_close, regular_open
from maemae.krx.size_cap import max_order_qty
from maemae.research.backtest import BacktestPlan
from maemae.research.sweep.kernel.layout import CAP, LOWER, UPPER
from maemae.research.sweep.kernel.market import market_of
from maemae.research.sweep.kernel.terms import terms_of
from maemae.strategy.panel import FIELDS, Panel
from maemae.venue.assumptions import STRICT_KRX, EmptyBarHalt
from tests.market import daily_panel, minute_panel
from tests.strategy_runs import raises

pytestmark = pytest.mark.thorough

SYMBOL = Symbol("000010")
SPANS = [
    sessions(date(2015, 6, 10), date(2015, 6, 19)),  # 15 % becomes 30 %
    sessions(date(2023, 1, 19), date(2023, 1, 31)),  # other ticks
    sessions(date(2025, 2, 27), date(2025, 3, 7)),  # closes are rounded up
]
INSTRUMENTS = st.builds(
    lambda market, product, shares, leverage: Instrument(
        SYMBOL, "시험", market, product, shares, leverage
    ),
    st.sampled_from([Market.KOSPI, Market.KOSDAQ]),
    st.sampled_from([Product.STOCK, Product.ETF]),
    st.sampled_from([0, 9_000, 5_000_000, 6_000_000_000]),
    st.sampled_from([1, 2, -2]),
)


@given(INSTRUMENTS, st.sampled_from(SPANS), st.lists(st.integers(1, 900_000), min_size=9))
def test_bands_and_caps_of_many_days_are_those_of_each(
    instrument: Instrument, days: list[date], closes: list[int]
) -> None:
    close = np.array([closes[: len(days)]], np.int64)
    days = days[: close.shape[1]]
    fields = dict.fromkeys(FIELDS, close)
    opened = np.array([regular_open(day) for day in days], np.int64)
    known = np.array([regular_close(day) for day in days], np.int64)
    panel = Panel((SYMBOL,), opened, known, fields, PriceBasis.RAW)

    bars = market_of(panel, {SYMBOL: instrument}).bars[0]

    assert bars[0, UPPER] == bars[0, LOWER] == 0
    for time in range(1, len(days)):
        before = int(close[0, time - 1])
        base = next_base_price(before, before, instrument, days[time])
        band = price_band(base, instrument, days[time])
        if int(close[0, time]) not in band:
            assert (bars[time, LOWER], bars[time, UPPER]) == (-1, 0)
            continue
        assert (bars[time, LOWER], bars[time, UPPER]) == (band.lower, band.upper)
        shares = instrument.listed_shares
        assert bars[time, CAP] == (max_order_qty(base, shares) if shares else 0)


def test_bars_of_minutes_are_refused() -> None:
    with raises(InvalidValueError, "no daily bars"):
        market_of(minute_panel(1, PriceBasis.RAW, 2), {})


def test_a_price_of_nothing_is_refused() -> None:
    panel = daily_panel(1, PriceBasis.RAW, 1)
    panel.low[0, int(np.flatnonzero(panel.traded[0])[0])] = 0

    with raises(InvalidValueError, "price of 0"):
        market_of(panel, {})


class OtherHalt(EmptyBarHalt, frozen=True):
    """A model that the kernel has not met."""


@pytest.mark.parametrize(
    "plan",
    [
        BacktestPlan(limits=Limits(max_daily_loss=1_000_000)),
        BacktestPlan(limits=Limits(max_repeats=1)),
        BacktestPlan(cash=2 * 10**12),
        BacktestPlan(schedule=msgspec.structs.replace(KIWOOM_REAL, rate=2_000_000)),
        BacktestPlan(assumptions=msgspec.structs.replace(STRICT_KRX, halt=OtherHalt())),
    ],
)
def test_a_plan_that_the_kernel_does_not_know_is_refused(plan: BacktestPlan) -> None:
    with raises(InvalidValueError):
        terms_of(plan, PriceBasis.RAW)
