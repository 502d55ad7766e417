"""What corporate actions do to holdings, cash and resting orders."""

from __future__ import annotations

from datetime import date

import pytest

from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.instant import DAY as DAY_NANOS
from maemae.domain.instant import kst_date
from maemae.domain.order_status import ExecType
from maemae.venue.account import Holding
from maemae.venue.house import House
from tests.house_builder import (
    ACCOUNT,
    NEXT_DAY,
    SETTLEMENT,
    SYMBOL,
    a_house,
    an_order,
    buy,
    kinds,
)

SUCCESSOR = Symbol("000660")


def a_share_change(numerator: int, denominator: int, cash_per_share: int = 0) -> ShareChange:
    return ShareChange(SYMBOL, NEXT_DAY, 0, numerator, denominator, cash_per_share)


def a_dividend(pay_date: date) -> CashDividend:
    return CashDividend(SYMBOL, NEXT_DAY, 0, amount=361, pay_date=pay_date)


def holding_house() -> House:
    """Return a house on the ex-date with 10 shares that cost 800,000 won."""
    house = a_house()
    buy(house, 10)
    house.start_session(NEXT_DAY)
    return house


def gain(house: House, action: CorporateAction) -> int:
    """Apply an action and return the cash it brought [won]."""
    before = house.account(ACCOUNT).cash
    house.apply(action)
    return house.account(ACCOUNT).cash - before


@pytest.mark.parametrize(
    ("numerator", "denominator", "qty"), [(50, 1, 500), (1, 5, 2), (11, 10, 11)]
)
def test_share_change_multiplies_shares_and_keeps_their_cost(
    numerator: int, denominator: int, qty: int
) -> None:
    house = holding_house()

    cash = gain(house, a_share_change(numerator, denominator))

    assert house.account(ACCOUNT).holdings == {SYMBOL: Holding(qty, 800_000)}
    assert cash == 0


def test_fraction_of_a_new_share_is_paid_in_cash() -> None:
    house = holding_house()

    cash = gain(house, a_share_change(1, 3, 10_001))

    assert house.account(ACCOUNT).holdings[SYMBOL].qty == 3
    assert cash == 10_001 // 3


def test_share_change_that_leaves_no_share_pays_everything() -> None:
    house = holding_house()
    assert gain(house, a_share_change(1, 20, 1_000)) == 500
    assert house.account(ACCOUNT).holdings == {}


def test_dividend_belongs_to_the_holder_of_the_ex_date_and_comes_on_its_day() -> None:
    house = holding_house()

    at_once = gain(house, a_dividend(SETTLEMENT))
    before = house.account(ACCOUNT).cash
    house.start_session(SETTLEMENT)

    assert at_once == 0
    assert house.account(ACCOUNT).cash - before == 3_610 - 555  # 15.4 % withheld
    assert house.account(ACCOUNT).dividends == []


def test_dividend_when_its_payment_date_has_come_is_paid_at_once() -> None:
    assert gain(holding_house(), a_dividend(NEXT_DAY)) == 3_610 - 555


def test_rights_are_sold() -> None:
    house = holding_house()
    rights = RightsIssue(SYMBOL, NEXT_DAY, 0, numerator=1, denominator=4, right_price=5_000)

    assert gain(house, rights) == 2 * 5_000
    assert house.account(ACCOUNT).holdings[SYMBOL].qty == 10


def test_merger_turns_shares_into_those_of_the_successor() -> None:
    house = holding_house()
    house.account(ACCOUNT).holdings[SUCCESSOR] = Holding(1, 100_000)

    cash = gain(house, Merger(SYMBOL, NEXT_DAY, 0, SUCCESSOR, 3, 4, 9_000))

    assert house.account(ACCOUNT).holdings == {SUCCESSOR: Holding(8, 900_000)}
    assert cash == 4_500


def test_delisting_pays_what_is_left() -> None:
    house = holding_house()
    assert gain(house, Delisting(SYMBOL, NEXT_DAY, 0, 70)) == 700
    assert house.account(ACCOUNT).holdings == {}


def test_action_in_something_not_held_changes_nothing() -> None:
    assert gain(a_house(), a_share_change(2, 1)) == 0


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (a_share_change(2, 1), [ExecType.CANCELED]),
        (Delisting(SYMBOL, NEXT_DAY, 0, 70), [ExecType.CANCELED]),
        (a_dividend(SETTLEMENT), []),
    ],
)
def test_resting_orders_end_if_the_shares_change(
    action: CorporateAction, expected: list[ExecType]
) -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)

    reports = house.apply(action)

    assert kinds(reports) == expected
    assert all(kst_date(report.at) == NEXT_DAY for report in reports)


def test_cancellation_by_an_action_is_never_before_the_order() -> None:
    house = a_house()
    entered = 30_000 * DAY_NANOS
    house.submit(an_order(price=79_000), entered)
    assert [report.at for report in house.apply(a_share_change(2, 1))] == [entered]


def test_ratio_that_is_not_positive_raises() -> None:
    with pytest.raises(InvalidValueError, match="not positive"):
        holding_house().apply(a_share_change(1, 0))
