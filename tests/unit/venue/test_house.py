"""The life of an order at the broker: numbers, cancels, replaces, sessions."""

from __future__ import annotations

import pytest

from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import AccountId, ClOrdId
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.house_builder import (
    ACCOUNT,
    BASE,
    CASH,
    DAY,
    NEXT_DAY,
    STOCK,
    SYMBOL,
    a_band,
    a_bar,
    a_house,
    an_order,
    buy,
    fills,
    kinds,
)

REQUEST = ClOrdId(77)


def test_order_numbers_count_up_and_start_again_each_day() -> None:
    house = a_house()
    first, second = (house.submit(an_order(n, price=BASE), 0)[0] for n in (1, 2))
    house.end_session(0)
    house.start_session(NEXT_DAY)
    house.set_instrument(STOCK, NEXT_DAY, BASE, a_band())

    next_day = house.submit(an_order(3, price=BASE), 0)[0]

    assert [first.order_id, second.order_id, next_day.order_id] == ["0000001", "0000002", "0000001"]
    assert len({first.exec_id, second.exec_id, next_day.exec_id}) == 3


def test_account_when_opened_with_shares_can_sell_them() -> None:
    house = a_house()
    account_id = AccountId("second")
    house.open_account(account_id, 0, [(SYMBOL, 5, 45_000)])

    holding = house.account(account_id).holdings[SYMBOL]

    assert (holding.qty, holding.cost, holding.sellable) == (5, 45_000, 5)


def test_rejected_order_uses_no_order_number() -> None:
    house = a_house()
    house.submit(an_order(1, qty=0), 0)
    assert house.submit(an_order(2), 0)[0].order_id == "0000001"


def test_order_when_its_tag_was_used_today_raises() -> None:
    house = a_house()
    house.submit(an_order(), 0)
    with pytest.raises(InvalidValueError, match="was submitted today"):
        house.submit(an_order(), 0)


def test_cancel_releases_the_cash_and_names_the_request() -> None:
    house = a_house()
    house.submit(an_order(price=BASE), 0)

    (report,) = house.cancel(ClOrdId(1), REQUEST, 5)

    assert (report.exec_type, report.request_id, report.at) == (ExecType.CANCELED, REQUEST, 5)
    assert report.order_id == "0000001"
    assert house.account(ACCOUNT).orderable == CASH
    assert a_bar(house) == []


def test_cancel_of_a_partly_filled_sell_releases_the_rest_of_its_shares() -> None:
    house = a_house()
    buy(house, 10)
    house.submit(an_order(1, Side.SELL, 10, BASE), 0)
    a_bar(house, volume=40)

    house.cancel(ClOrdId(1), REQUEST, 0)

    assert house.account(ACCOUNT).holdings[SYMBOL].sellable == 6


@pytest.mark.parametrize("number", [1, 2])
def test_cancel_of_a_filled_or_unknown_order_is_refused(number: int) -> None:
    house = a_house()
    house.submit(an_order(), 0)
    a_bar(house)

    (report,) = house.cancel(ClOrdId(number), REQUEST, 0)

    assert (report.exec_type, report.request_id) == (ExecType.CANCEL_REJECTED, REQUEST)
    assert report.text


def test_replace_gives_a_new_number_and_new_terms() -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)

    (report,) = house.replace(ClOrdId(1), REQUEST, 78_500, 12, 5)

    assert report.exec_type is ExecType.REPLACED
    assert (report.order_id, report.request_id) == ("0000002", REQUEST)
    assert (report.price, report.order_qty) == (78_500, 12)
    assert house.account(ACCOUNT).reserved == 12 * 78_500 + 140
    a_bar(house)
    assert fills(house.move(SYMBOL, 78_000, 0)) == [(1, 12, 78_500)]


def test_replace_of_a_partly_filled_order_counts_what_is_filled() -> None:
    house = a_house()
    house.submit(an_order(price=80_000), 0)
    a_bar(house, volume=40)
    house.end_bar(SYMBOL)

    too_small = house.replace(ClOrdId(1), REQUEST, 80_000, 4, 0)
    house.replace(ClOrdId(1), REQUEST, 80_000, 5, 0)

    assert kinds(too_small) == [ExecType.CANCEL_REJECTED]
    assert fills(a_bar(house)) == [(1, 1, 80_000)]


def test_replace_inside_a_bar_to_a_crossing_price_trades_at_once() -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)
    a_bar(house)

    reports = house.replace(ClOrdId(1), REQUEST, 81_000, 10, 0)

    assert kinds(reports) == [ExecType.REPLACED, ExecType.TRADE]
    assert fills(reports) == [(1, 10, 80_100)]


@pytest.mark.parametrize(
    ("price", "order_qty", "why"),
    [
        (79_000, 10, "changes nothing"),
        (79_050, 10, "off the tick"),
        (104_500, 10, "outside the price limits"),
        (79_000, 2_000_000, "cap of one order"),
        (79_000, 2_000, "Not enough cash"),
    ],
)
def test_replace_when_refused_leaves_the_order_as_it_was(
    price: int, order_qty: int, why: str
) -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)
    before = house.account(ACCOUNT).reserved

    (report,) = house.replace(ClOrdId(1), REQUEST, price, order_qty, 0)

    assert (report.exec_type, report.request_id) == (ExecType.CANCEL_REJECTED, REQUEST)
    assert why in report.text
    assert house.account(ACCOUNT).reserved == before
    a_bar(house)
    assert fills(house.move(SYMBOL, 79_000, 0)) == [(1, 10, 79_000)]


def test_replace_of_a_market_or_unknown_order_is_refused() -> None:
    house = a_house()
    house.submit(an_order(), 0)

    market = house.replace(ClOrdId(1), REQUEST, 80_000, 10, 0)
    unknown = house.replace(ClOrdId(2), REQUEST, 80_000, 10, 0)

    assert kinds(market + unknown) == [ExecType.CANCEL_REJECTED] * 2


def test_replace_of_a_sell_claims_no_more_than_is_held() -> None:
    house = a_house()
    buy(house, 10)
    house.submit(an_order(1, Side.SELL, 6, 82_000), 0)

    more = house.replace(ClOrdId(1), REQUEST, 82_000, 10, 0)
    too_many = house.replace(ClOrdId(1), REQUEST, 82_000, 11, 0)

    assert kinds(more + too_many) == [ExecType.REPLACED, ExecType.CANCEL_REJECTED]
    assert house.account(ACCOUNT).holdings[SYMBOL].sellable == 0


def test_smaller_quantity_keeps_its_place_and_a_larger_one_loses_it() -> None:
    house = a_house()
    for number in (1, 2, 3):
        house.submit(an_order(number, price=79_000), 0)

    house.replace(ClOrdId(1), REQUEST, 79_000, 11, 0)
    house.replace(ClOrdId(2), REQUEST, 79_000, 9, 0)

    a_bar(house)
    assert fills(house.move(SYMBOL, 79_000, 0)) == [
        (2, 9, 79_000),
        (3, 10, 79_000),
        (1, 11, 79_000),
    ]


def test_only_cancels_are_taken_during_a_halt() -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)
    house.set_instrument(STOCK, DAY, BASE, a_band(), [InstrumentState.HALTED])
    house.set_phase(Phase.HALTED)

    assert kinds(house.replace(ClOrdId(1), REQUEST, 79_500, 10, 0)) == [ExecType.CANCEL_REJECTED]
    assert kinds(house.cancel(ClOrdId(1), REQUEST, 0)) == [ExecType.CANCELED]


def test_day_orders_expire_with_the_session_and_release_their_cash() -> None:
    house = a_house()
    house.submit(an_order(1, price=79_000), 0)
    house.submit(an_order(2), 0)

    reports = house.end_session(9)

    assert [(r.exec_type, r.cl_ord_id, r.at) for r in reports] == [
        (ExecType.EXPIRED, 2, 9),
        (ExecType.EXPIRED, 1, 9),
    ]
    assert house.account(ACCOUNT).orderable == CASH
    assert house.end_session(9) == []


def test_yesterdays_order_is_unknown_today() -> None:
    house = a_house()
    house.submit(an_order(), 0)
    house.end_session(0)
    house.start_session(NEXT_DAY)

    (report,) = house.cancel(ClOrdId(1), REQUEST, 0)

    assert "No such order" in report.text


def test_session_when_orders_still_rest_does_not_start() -> None:
    house = a_house()
    house.submit(an_order(), 0)
    with pytest.raises(InvalidValueError, match="end_session"):
        house.start_session(NEXT_DAY)


def test_session_of_the_same_day_does_not_start_again() -> None:
    with pytest.raises(InvalidValueError, match="later day"):
        a_house().start_session(DAY)


def test_one_accounts_buy_and_sell_never_trade_with_each_other() -> None:
    house = a_house()
    buy(house, 10)
    house.submit(an_order(1, Side.SELL, 10, 79_000), 0)
    house.submit(an_order(2, Side.BUY, 10, 81_000), 0)

    assert fills(a_bar(house, volume=100)) == [(1, 10, BASE)]


def test_accounts_share_the_market_but_not_the_money() -> None:
    house = a_house()
    other = AccountId("2")
    house.open_account(other, 1_000_000)
    house.submit(an_order(1, qty=6), 0)
    house.submit(an_order(2, qty=6, account=other), 0)

    assert fills(a_bar(house, volume=100)) == [(1, 6, BASE), (2, 4, BASE)]
    assert house.account(other).holdings[SYMBOL].qty == 4
    assert house.account(ACCOUNT).holdings[SYMBOL].qty == 6


@pytest.mark.parametrize(("account_id", "cash"), [(ACCOUNT, 1), (AccountId("2"), -1)])
def test_account_when_it_exists_or_owes_is_not_opened(account_id: AccountId, cash: int) -> None:
    with pytest.raises(InvalidValueError, match="cannot be opened"):
        a_house().open_account(account_id, cash)


def test_unknown_account_raises() -> None:
    with pytest.raises(InvalidValueError, match="no account"):
        a_house().account(AccountId("2"))
