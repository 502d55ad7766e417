"""A stop-limit order sleeps until its trigger is printed, and claims what it needs meanwhile."""

from __future__ import annotations

import pytest

from maemae.domain.ids import ClOrdId
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side
from maemae.venue.stops import is_reached
from tests.house_builder import (
    ACCOUNT,
    BASE,
    CASH,
    SYMBOL,
    a_bar,
    a_house,
    an_order,
    buy,
    fills,
    kinds,
)

TRIGGER = BASE + 1_000
LIMIT = BASE + 1_500
ME, REQUEST = ClOrdId(1), ClOrdId(77)


@pytest.mark.parametrize(
    ("side", "trigger", "price", "reached"),
    [
        (Side.BUY, 100, 99, False),
        (Side.BUY, 100, 100, True),
        (Side.BUY, 100, 101, True),
        (Side.SELL, 100, 101, False),
        (Side.SELL, 100, 100, True),
        (Side.SELL, 100, 0, False),
    ],
)
def test_trigger_is_reached_from_below_by_a_buy_and_from_above_by_a_sale(
    side: Side, trigger: int, price: int, *, reached: bool
) -> None:
    assert is_reached(side, trigger, price) is reached


def test_buy_with_a_trigger_fills_from_its_print_on_and_not_before() -> None:
    house = a_house()
    a_bar(house)
    assert kinds(house.submit(an_order(price=LIMIT), 0, TRIGGER)) == [ExecType.NEW]
    assert house.account(ACCOUNT).orderable < CASH - 10 * BASE
    assert house.move(SYMBOL, TRIGGER - 100, 0) == []
    ((number, qty, px),) = fills(house.move(SYMBOL, TRIGGER, 0))
    assert (number, qty) == (ME, 10)
    assert TRIGGER <= px <= LIMIT


def test_sale_with_a_trigger_waits_for_a_lower_open() -> None:
    house = a_house()
    buy(house)
    house.submit(an_order(1, Side.SELL, price=BASE - 2_000), 0, BASE - 1_000)
    assert house.account(ACCOUNT).holdings[SYMBOL].sellable == 0
    assert a_bar(house) == []
    house.end_bar(SYMBOL)
    assert [qty for _, qty, _ in fills(a_bar(house, BASE - 1_500))] == [10]


def test_trigger_that_was_reached_already_is_an_order_at_once() -> None:
    house = a_house()
    a_bar(house)
    reports = house.submit(an_order(price=LIMIT), 0, BASE)
    assert kinds(reports) == [ExecType.NEW, ExecType.TRADE]


def test_trigger_off_the_tick_or_outside_of_the_band_is_refused() -> None:
    house = a_house()
    for number, trigger in enumerate((TRIGGER + 1, 2 * BASE), 1):
        refused = house.submit(an_order(number, price=LIMIT), 0, trigger)
        assert kinds(refused) == [ExecType.REJECTED]
    assert house.account(ACCOUNT).orderable == CASH


def test_sleeping_order_is_changed_canceled_and_expires_like_any() -> None:
    house = a_house()
    a_bar(house)
    for number in (1, 2, 3):
        house.submit(an_order(number, price=LIMIT), 0, TRIGGER)
    assert kinds(house.replace(ME, REQUEST, LIMIT + 100, 10, 0)) == [ExecType.REPLACED]
    assert kinds(house.cancel(ClOrdId(2), REQUEST, 0)) == [ExecType.CANCELED]
    assert house.move(SYMBOL, BASE, 0) == []
    assert kinds(house.end_session(0)) == [ExecType.EXPIRED] * 2
    assert house.account(ACCOUNT).orderable == CASH
