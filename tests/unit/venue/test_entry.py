"""What a broker refuses at entry, and that it says why in Korean and English."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from maemae.domain.ids import AccountId, Symbol
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.terms import OrdType, Side, TimeInForce
from maemae.krx.band import NO_BAND
from maemae.krx.session import Phase
from maemae.krx.size_cap import max_order_qty
from maemae.krx.status import InstrumentState
from maemae.venue.assumptions import RELAXED_ADJUSTED
from maemae.venue.house import House
from tests.house_builder import (
    ACCOUNT,
    BASE,
    DAY,
    NEXT_DAY,
    STOCK,
    SYMBOL,
    a_band,
    a_house,
    a_relaxed_house,
    an_order,
    buy,
    kinds,
)

CAP = max_order_qty(BASE, STOCK.listed_shares)


def refusal(house: House, order: Order) -> str:
    reports = house.submit(order, 7)
    assert kinds(reports) == [ExecType.REJECTED]
    assert (reports[0].order_id, reports[0].at) == (None, 7)
    return reports[0].text


@pytest.mark.parametrize(
    ("order", "korean", "english"),
    [
        (an_order(account=AccountId("0")), "없는 계좌", "No such account"),
        (an_order(symbol=Symbol("000660")), "종목 정보가 없습니다", "Nothing is known"),
        (an_order(qty=0), "1주 이상", "at least 1 share"),
        (an_order(price=80_050), "80,050원은 호가 단위", "80,050 won is off the tick"),
        (an_order(price=104_500), "상·하한가", "outside the price limits 56,000 to 104,000"),
        (an_order(price=0), "1원 이상", "at least 1 won"),
        (an_order(qty=CAP + 1), "1회 주문 한도", "cap of one order"),
        (an_order(qty=2_000, price=80_000), "증거금 부족", "160,024,000 won needed"),
        (an_order(side=Side.SELL, qty=1), "매도 가능 수량 부족", "1 to be sold, 0 sellable"),
        (replace(an_order(), price=80_000), "지정가 주문에만", "market order takes none"),
        (replace(an_order(), ord_type=OrdType.LIMIT), "지정가 주문에만", "needs a price"),
    ],
)
def test_order_when_the_broker_refuses_it_says_why(order: Order, korean: str, english: str) -> None:
    house = a_house()

    text = refusal(house, order)

    assert korean in text
    assert english in text
    assert house.account(ACCOUNT).orderable == house.account(ACCOUNT).cash


def test_order_at_the_exchange_cap_is_taken() -> None:
    house = a_house(cash=10**15)
    assert kinds(house.submit(an_order(qty=CAP), 0)) == [ExecType.NEW]


@pytest.mark.parametrize(
    ("phase", "life", "price"),
    [
        (Phase.CLOSED, TimeInForce.DAY, BASE),
        (Phase.HALTED, TimeInForce.DAY, BASE),
        (Phase.AFTER_MARKET, TimeInForce.DAY, None),
        (Phase.PRE_OPEN_AUCTION, TimeInForce.IOC, BASE),
        (Phase.CLOSING_AUCTION, TimeInForce.FOK, None),
    ],
)
def test_order_when_the_phase_takes_no_such_order_is_rejected(
    phase: Phase, life: TimeInForce, price: int | None
) -> None:
    house = a_house()
    house.set_phase(phase)
    assert str(phase) in refusal(house, an_order(price=price, life=life))


@pytest.mark.parametrize("state", [InstrumentState.HALTED, InstrumentState.UNKNOWN])
def test_order_in_a_halted_instrument_is_rejected(state: InstrumentState) -> None:
    assert "halted" in refusal(a_house(states=[state]), an_order())


@pytest.mark.parametrize(
    "state", [InstrumentState.WARNING, InstrumentState.CAUTION, InstrumentState.ADMINISTRATIVE]
)
def test_order_in_an_instrument_under_watch_is_taken_by_the_broker(state: InstrumentState) -> None:
    assert kinds(a_house(states=[state]).submit(an_order(), 0)) == [ExecType.NEW]


def test_immediate_order_in_a_volatility_interruption_is_rejected() -> None:
    house = a_house(states=[InstrumentState.VI])
    assert "INTRADAY_AUCTION" in refusal(house, an_order(life=TimeInForce.IOC))


def test_market_order_before_the_first_print_of_a_listing_is_rejected() -> None:
    house = a_house(states=[InstrumentState.LISTING_DAY])
    house.set_phase(Phase.PRE_OPEN_AUCTION)

    assert "first print" in refusal(house, an_order(1))
    assert kinds(house.submit(an_order(2, price=BASE), 0)) == [ExecType.NEW]


def test_order_when_the_rules_told_are_of_another_day_is_rejected() -> None:
    house = a_house()
    house.start_session(NEXT_DAY)
    assert "Nothing is known" in refusal(house, an_order())


def test_order_on_adjusted_data_needs_no_rules_of_the_day() -> None:
    house = a_relaxed_house(RELAXED_ADJUSTED)
    house.start_session(NEXT_DAY)

    off_every_grid = an_order(price=123_457, qty=1)

    assert kinds(house.submit(off_every_grid, 0)) == [ExecType.NEW]


def test_order_on_adjusted_data_before_its_first_day_is_rejected() -> None:
    house = a_house()
    house.set_instrument(STOCK, date(2024, 7, 8), None, None)
    assert "Nothing is known" in refusal(house, an_order())


def test_market_buy_is_held_at_the_upper_limit() -> None:
    upper = a_band().upper
    house = a_house(cash=10 * upper + 149)

    assert "Not enough cash" in refusal(house, an_order(1, qty=10))
    assert kinds(house.submit(an_order(2, qty=9), 0)) == [ExecType.NEW]
    assert house.account(ACCOUNT).reserved == 9 * upper + 140


def test_market_buy_without_a_band_is_held_at_130_percent_of_the_last_price() -> None:
    house = a_relaxed_house(RELAXED_ADJUSTED)
    assert "No price is known" in refusal(house, an_order(1))

    house.set_last_price(SYMBOL, 1_001)
    house.submit(an_order(2, qty=100), 0)

    assert house.account(ACCOUNT).reserved == 130_100 + 10


def test_market_buy_in_a_delisting_week_is_not_held_at_an_endless_limit() -> None:
    house = a_house()
    house.set_instrument(STOCK, DAY, BASE, NO_BAND, [InstrumentState.DELISTING])
    house.set_last_price(SYMBOL, 1_000)
    assert kinds(house.submit(an_order(), 0)) == [ExecType.NEW]


def test_shares_that_an_open_sell_claims_cannot_be_sold_twice() -> None:
    house = a_house()
    buy(house, qty=10)
    house.submit(an_order(1, Side.SELL, 7, 82_000), 0)

    assert "4 to be sold, 3 sellable" in refusal(house, an_order(2, Side.SELL, 4, 82_000))
    assert kinds(house.submit(an_order(3, Side.SELL, 3, 82_000), 0)) == [ExecType.NEW]
