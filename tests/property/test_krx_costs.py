"""Charges add up to the won however an order is filled."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.costs import KIS_BANKIS, KIWOOM_PAPER, KIWOOM_REAL, CostSchedule, Rounding
from maemae.krx.instrument import Instrument

SCHEDULES = st.builds(
    lambda schedule, rounding: msgspec.structs.replace(schedule, rounding=rounding),
    st.sampled_from([KIWOOM_REAL, KIWOOM_PAPER, KIS_BANKIS]),
    st.sampled_from(Rounding),
)
FILLS = st.lists(st.integers(0, 10**10), max_size=30)
STOCKS = st.builds(
    Instrument,
    st.just(Symbol("005930")),
    st.just(""),
    st.sampled_from([Market.KOSPI, Market.KOSDAQ]),
    st.just(Product.STOCK),
)
DAYS = st.dates(date(2013, 7, 1), date(2028, 6, 30))


@given(SCHEDULES, FILLS, STOCKS, DAYS)
def test_charges_of_the_fills_add_up(
    schedule: CostSchedule, fills: list[int], stock: Instrument, day: date
) -> None:
    before, commission, tax = 0, 0, 0
    for notional in fills:
        fee = schedule.charge_for_fill(before, notional)
        levy = schedule.tax_for_fill(before, notional, stock, day)
        assert fee >= 0
        assert levy >= 0
        commission, tax, before = commission + fee, tax + levy, before + notional

    if schedule.rounding is Rounding.PER_FILL:
        assert commission == sum(map(schedule.commission, fills))
        assert tax == sum(schedule.tax(notional, stock, day) for notional in fills)
    else:
        assert commission == schedule.commission(before)
        assert tax == schedule.tax(before, stock, day)


@given(SCHEDULES, st.integers(0, 10**12))
def test_commission_never_exceeds_the_rate(schedule: CostSchedule, notional: int) -> None:
    commission = schedule.commission(notional)

    exact = notional * schedule.rate
    assert commission % schedule.cut == 0
    assert 0 <= exact - commission * schedule.rate_unit < schedule.cut * schedule.rate_unit
