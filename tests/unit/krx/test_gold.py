"""Gold, by samples of the broker's list: ticks, limits, charges, and no tax of securities."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.domain.errors import UnknownRuleError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.band import PriceBand, price_band
from maemae.krx.costs import KIWOOM_GOLD, sell_tax
from maemae.krx.instrument import Instrument
from maemae.krx.tick import tick_table

GOLD = Instrument(Symbol("M04020000"), "금 99.99_1Kg", Market.KOSPI, Product.GOLD)
DAY = date(2025, 8, 27)


@pytest.mark.parametrize("price", [10, 46_950, 151_680, 1_000_000])
def test_tick_of_gold_is_ten_won_at_every_price(price: int) -> None:
    table = tick_table(GOLD.market, GOLD.product, DAY)
    assert (table.tick(price), table.is_on_grid(price), table.is_on_grid(price + 5)) == (
        10,
        True,
        False,
    )


def test_tick_of_gold_when_there_was_no_market_for_it_raises() -> None:
    assert tick_table(GOLD.market, GOLD.product, date(2014, 3, 24)).lowest == 10
    with pytest.raises(UnknownRuleError, match="2014-03-24"):
        tick_table(GOLD.market, GOLD.product, date(2014, 3, 23))


def test_limits_of_gold_are_a_tenth_cut_to_the_tick() -> None:
    assert price_band(151_680, GOLD, DAY) == PriceBand(136_520, 166_840)


def test_sale_of_gold_owes_no_tax() -> None:
    assert sell_tax(GOLD.market, GOLD.product, DAY).on(1_000_000_000) == 0


@pytest.mark.parametrize(
    ("notional", "commission", "tax"), [(1_274_320, 3_820, 382), (3_333, 0, 0), (3_334, 10, 1)]
)
def test_charge_on_gold_is_commission_and_the_tax_on_it(
    notional: int, commission: int, tax: int
) -> None:
    charge = KIWOOM_GOLD.commission(notional)
    assert (charge - charge // 11, charge // 11) == (commission, tax)


def test_charge_on_gold_is_cut_down_over_the_day() -> None:
    first = KIWOOM_GOLD.charge_for_fill(0, 637_000)
    second = KIWOOM_GOLD.charge_for_fill(637_000, 637_320)
    assert first + second == KIWOOM_GOLD.commission(1_274_320) == 4_202
