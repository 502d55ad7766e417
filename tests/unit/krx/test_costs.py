"""Commission and tax: the recorded charges, every change of the law, and the rounding."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.costs import (
    KIS_BANKIS,
    KIS_BANKIS_NXT,
    KIWOOM_PAPER,
    KIWOOM_REAL,
    CostSchedule,
    Rounding,
)
from maemae.krx.instrument import Instrument

KOSPI = Instrument(Symbol("005930"), "", Market.KOSPI, Product.STOCK)
KOSDAQ = Instrument(Symbol("277810"), "", Market.KOSDAQ, Product.STOCK)
KONEX = Instrument(Symbol("058970"), "", Market.KONEX, Product.STOCK)
ETF = Instrument(Symbol("069500"), "", Market.KOSPI, Product.ETF)
ETN = Instrument(Symbol("530031"), "", Market.KOSPI, Product.ETN)

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("day", "kospi", "kosdaq", "konex"),
    [
        (date(2015, 6, 15), 3_000, 3_000, 3_000),
        (date(2019, 5, 29), 3_000, 3_000, 3_000),
        (date(2019, 5, 30), 2_500, 2_500, 1_000),
        (date(2020, 12, 28), 2_500, 2_500, 1_000),
        (date(2020, 12, 29), 2_300, 2_300, 1_000),
        (date(2022, 12, 27), 2_300, 2_300, 1_000),
        (date(2022, 12, 28), 2_000, 2_000, 1_000),
        (date(2023, 12, 26), 2_000, 2_000, 1_000),
        (date(2023, 12, 27), 1_800, 1_800, 1_000),
        (date(2024, 12, 26), 1_800, 1_800, 1_000),
        (date(2024, 12, 27), 1_500, 1_500, 1_000),
        (date(2025, 12, 26), 1_500, 1_500, 1_000),
        (date(2025, 12, 29), 2_000, 2_000, 1_000),
        (date(2026, 11, 20), 2_000, 2_000, 1_000),
    ],
)
def test_tax_on_a_million_won_by_trade_date(day: date, kospi: int, kosdaq: int, konex: int) -> None:
    charged = [KIWOOM_REAL.tax(MILLION, listed, day) for listed in (KOSPI, KOSDAQ, KONEX)]

    assert charged == [kospi, kosdaq, konex]


@pytest.mark.parametrize("fund", [ETF, ETN])
@pytest.mark.parametrize("day", [date(2015, 6, 15), date(2026, 9, 11)])
def test_tax_when_sold_is_a_fund_is_nothing(fund: Instrument, day: date) -> None:
    assert KIWOOM_REAL.tax(MILLION, fund, day) == 0


def test_tax_cuts_each_of_the_two_taxes_by_itself() -> None:
    # KOSPI 2026: 0.05 % of 9,999 is 4.9995, 0.15 % is 14.9985; KOSDAQ: 0.20 % is 19.998.
    assert KIWOOM_REAL.tax(9_999, KOSPI, date(2026, 9, 11)) == 4 + 14
    assert KIWOOM_REAL.tax(9_999, KOSDAQ, date(2026, 9, 11)) == 19


def test_paper_server_charges_as_recorded() -> None:
    day = date(2026, 9, 11)

    assert KIWOOM_PAPER.commission(258_000) == 900
    assert KIWOOM_PAPER.tax(258_000, KOSPI, day) == 516
    assert KIWOOM_PAPER.commission(250_250) == 870


@pytest.mark.parametrize(
    ("schedule", "notional", "commission"),
    [
        (KIWOOM_REAL, 10_000_000, 1_500),
        (KIWOOM_REAL, 66_666, 0),
        (KIWOOM_REAL, 66_667, 10),
        (KIWOOM_REAL, 0, 0),
        (KIS_BANKIS, 10_000_000, 1_400),
        (KIS_BANKIS_NXT, 10_000_000, 1_300),
    ],
)
def test_commission_is_cut_down(schedule: CostSchedule, notional: int, commission: int) -> None:
    assert schedule.commission(notional) == commission


def test_charge_when_rounded_per_order_does_not_depend_on_the_fills() -> None:
    fills = [258_000] * 7

    before, charged = 0, 0
    for notional in fills:
        charged += KIWOOM_PAPER.charge_for_fill(before, notional)
        before += notional

    assert charged == KIWOOM_PAPER.commission(sum(fills)) == 6_320


def test_charge_when_rounded_per_fill_forgets_what_came_before() -> None:
    per_fill = msgspec.structs.replace(KIWOOM_PAPER, rounding=Rounding.PER_FILL)

    assert per_fill.charge_for_fill(10**9, 258_000) == 900
    assert per_fill.tax_for_fill(10**9, 9_999, KOSPI, date(2026, 9, 11)) == 18


def test_tax_when_rounded_per_order_does_not_depend_on_the_fills() -> None:
    day = date(2026, 9, 11)

    first = KIWOOM_REAL.tax_for_fill(0, 9_999, KOSPI, day)
    second = KIWOOM_REAL.tax_for_fill(9_999, 9_999, KOSPI, day)

    assert first + second == KIWOOM_REAL.tax(19_998, KOSPI, day)


def test_costs_when_notional_is_negative_raises() -> None:
    with pytest.raises(InvalidValueError):
        KIWOOM_REAL.commission(-1)
    with pytest.raises(InvalidValueError):
        KIWOOM_REAL.tax(-1, KOSPI, date(2026, 9, 11))
    with pytest.raises(InvalidValueError):
        KIWOOM_REAL.charge_for_fill(100, -1)
    with pytest.raises(InvalidValueError):
        KIWOOM_REAL.tax_for_fill(-1, 100, KOSPI, date(2026, 9, 11))


def test_tax_when_the_board_did_not_exist_raises() -> None:
    with pytest.raises(UnknownRuleError, match="KONEX"):
        KIWOOM_REAL.tax(MILLION, KONEX, date(2012, 6, 15))
