"""Cash, charges and settlement to the won."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from maemae.domain.cash_flow import CashFlow, CashFlowKind
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import SleeveId
from maemae.domain.terms import Product, Side
from maemae.krx.costs import KIWOOM_PAPER, KIWOOM_REAL, Rounding
from maemae.venue.house import House
from tests.house_builder import (
    ACCOUNT,
    BASE,
    CASH,
    DAY,
    NEXT_DAY,
    SETTLEMENT,
    STOCK,
    SYMBOL,
    a_band,
    a_bar,
    a_house,
    an_order,
    buy,
)


def flow(kind: CashFlowKind, amount: int) -> CashFlow:
    return CashFlow(ACCOUNT, SleeveId("S"), kind, amount, 0)


def sell(house: House, qty: int, number: int = 800) -> None:
    house.submit(an_order(number, Side.SELL, qty, BASE), 0)
    a_bar(house, BASE, BASE, BASE)
    house.end_bar(SYMBOL)


def test_buy_costs_price_and_commission() -> None:
    house = a_house()
    buy(house, 10)

    account = house.account(ACCOUNT)

    assert account.commission == 120  # 800,000 x 0.015 %
    assert account.cash == account.orderable == CASH - 800_000 - 120
    assert account.unsettled == {SETTLEMENT: -800_120}
    assert (account.holdings[SYMBOL].qty, account.holdings[SYMBOL].cost) == (10, 800_000)


def test_sale_pays_commission_and_tax_and_leaves_the_average_cost() -> None:
    house = a_house()
    buy(house, 10)
    sell(house, 4)

    account = house.account(ACCOUNT)

    assert account.tax == 320_000 * 30 // 100_000 + 320_000 * 150 // 100_000
    assert account.commission == 120 + 40  # 48 is cut below 10 won
    assert account.cash == CASH - 800_120 + 320_000 - 40 - account.tax
    assert account.holdings[SYMBOL].cost == 480_000


def test_fund_is_sold_without_tax() -> None:
    house = a_house()
    fund = replace(STOCK, product=Product.ETF)
    house.set_instrument(fund, DAY, BASE, a_band())
    buy(house, 10)
    sell(house, 10)

    assert house.account(ACCOUNT).tax == 0
    assert house.account(ACCOUNT).holdings == {}


def test_sale_proceeds_buy_at_once_but_leave_only_when_settled() -> None:
    house = a_house(cash=1_000_000)
    buy(house, 10)
    sell(house, 10)
    account = house.account(ACCOUNT)

    assert account.orderable == account.cash > 990_000
    assert account.withdrawable == account.cash  # the sale only undoes the buy of the same day

    house.start_session(NEXT_DAY)
    house.set_instrument(STOCK, NEXT_DAY, BASE, a_band())
    buy(house, 10, number=901)
    house.start_session(SETTLEMENT)
    house.set_instrument(STOCK, SETTLEMENT, BASE, a_band())
    before = account.withdrawable
    sell(house, 10)

    assert account.withdrawable == before
    assert account.orderable > before


def test_unsettled_cash_settles_two_sessions_after_the_trade() -> None:
    house = a_house()
    buy(house, 10)

    house.start_session(NEXT_DAY)
    assert house.account(ACCOUNT).unsettled == {SETTLEMENT: -800_120}
    house.start_session(SETTLEMENT)

    assert house.account(ACCOUNT).unsettled == {}
    assert house.account(ACCOUNT).withdrawable == CASH - 800_120


@pytest.mark.parametrize(
    ("rounding", "commission"),
    [
        (Rounding.PER_FILL, 3 * 270),
        (Rounding.PER_ORDER, 830),
        (Rounding.PER_DAY, 830 + 280),
    ],
)
def test_commission_is_cut_down_over_what_the_broker_says(
    rounding: Rounding, commission: int
) -> None:
    house = a_house(schedule=replace(KIWOOM_PAPER, rounding=rounding))
    house.submit(an_order(1, qty=3, price=79_400), 0)
    for _ in range(3):
        a_bar(house, 79_400, volume=10)
        house.end_bar(SYMBOL)
    if rounding is Rounding.PER_DAY:
        buy(house, 1, 79_400)

    assert house.account(ACCOUNT).commission == commission


def test_order_that_uses_all_cash_is_held_and_booked_to_the_won() -> None:
    house = a_house(schedule=KIWOOM_REAL, cash=800_120)
    buy(house, 10)
    assert house.account(ACCOUNT).cash == 0
    assert house.account(ACCOUNT).orderable == 0


@pytest.mark.parametrize(
    ("rounding", "held"),
    [
        (Rounding.PER_FILL, 550),  # 555.8 is cut
        (Rounding.PER_ORDER, 830 - 270),  # what the whole order costs less what was charged
        (Rounding.PER_DAY, 830 - 270),
    ],
)
def test_commission_held_for_the_rest_of_an_order_covers_it(rounding: Rounding, held: int) -> None:
    house = a_house(schedule=replace(KIWOOM_PAPER, rounding=rounding))
    house.submit(an_order(1, qty=3, price=79_400), 0)

    a_bar(house, 79_400, volume=10)

    assert house.account(ACCOUNT).reserved == 2 * 79_400 + held


def test_fill_below_the_limit_gives_the_difference_back() -> None:
    house = a_house()
    house.submit(an_order(price=81_000), 0)
    a_bar(house, 79_000)
    assert house.account(ACCOUNT).reserved == 0
    assert house.account(ACCOUNT).orderable == CASH - 790_000 - 110


def test_cash_flows_move_cash_and_transfers_stay_inside() -> None:
    house = a_house()
    house.apply(flow(CashFlowKind.DEPOSIT, 1_000))
    house.apply(flow(CashFlowKind.WITHDRAWAL, -300))
    house.apply(flow(CashFlowKind.TRANSFER, 5_000))
    house.apply(flow(CashFlowKind.DIVIDEND, 20))
    assert house.account(ACCOUNT).cash == CASH + 720


@pytest.mark.parametrize(
    ("kind", "amount"),
    [
        (CashFlowKind.DEPOSIT, -1),
        (CashFlowKind.WITHDRAWAL, 1),
        (CashFlowKind.WITHDRAWAL, -CASH - 1),
    ],
)
def test_cash_flow_of_the_wrong_sign_or_beyond_the_cash_raises(
    kind: CashFlowKind, amount: int
) -> None:
    house = a_house()
    with pytest.raises(InvalidValueError):
        house.apply(flow(kind, amount))
    assert house.account(ACCOUNT).cash == CASH


def test_cash_that_an_open_buy_needs_cannot_leave() -> None:
    house = a_house()
    house.submit(an_order(price=BASE), 0)
    with pytest.raises(InvalidValueError, match="cannot leave"):
        house.apply(flow(CashFlowKind.WITHDRAWAL, -CASH))
