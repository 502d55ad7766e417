"""Which order fills on which point of a bar, at what price and how much of it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from maemae.domain.errors import UnknownSymbolError
from maemae.domain.ids import ClOrdId, Symbol
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side, TimeInForce
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from maemae.venue.assumptions import (
    RELAXED_ADJUSTED,
    STRICT_KRX,
    ThroughFill,
    TickSlippage,
    VolumeShare,
)
from tests.house_builder import (
    BASE,
    DAY,
    STOCK,
    SYMBOL,
    a_band,
    a_bar,
    a_house,
    a_relaxed_house,
    an_order,
    buy,
    fills,
    kinds,
)


def test_market_order_when_sent_between_bars_fills_at_the_next_open() -> None:
    house = a_house()

    sent = house.submit(an_order(), 0)

    assert kinds(sent) == [ExecType.NEW]
    assert fills(a_bar(house, 80_500)) == [(1, 10, 80_500)]


def test_limit_when_the_open_jumps_over_it_fills_at_the_open() -> None:
    house = a_house()
    house.submit(an_order(price=81_000), 0)
    assert fills(a_bar(house, 79_500)) == [(1, 10, 79_500)]


def test_limit_when_touched_on_the_way_fills_at_its_limit() -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)
    a_bar(house)

    assert fills(house.move(SYMBOL, 79_100, 0)) == []
    assert fills(house.move(SYMBOL, 78_500, 0)) == [(1, 10, 79_000)]


def test_sell_limit_when_touched_on_the_way_up_fills_at_its_limit() -> None:
    house = a_house()
    buy(house)
    house.submit(an_order(2, Side.SELL, price=81_000), 0)
    a_bar(house)

    assert fills(house.move(SYMBOL, 82_000, 0)) == [(2, 10, 81_000)]


def test_limit_when_only_touched_stays_if_a_trade_through_it_is_asked_for() -> None:
    house = a_house(replace(STRICT_KRX, limit_fill=ThroughFill()))
    house.submit(an_order(price=79_000), 0)
    a_bar(house)

    assert fills(house.move(SYMBOL, 79_000, 0)) == []
    assert fills(house.move(SYMBOL, 78_900, 0)) == [(1, 10, 79_000)]


def test_orders_of_one_side_fill_by_price_then_time() -> None:
    house = a_house(replace(STRICT_KRX, participation=VolumeShare(1_000_000)))
    house.submit(an_order(1, price=79_000), 0)
    house.submit(an_order(2, price=79_500), 0)
    house.submit(an_order(3, price=79_000), 0)
    house.submit(an_order(4), 0)

    a_bar(house, 80_000, volume=35)

    assert fills(house.move(SYMBOL, 78_000, 0)) == [
        (2, 10, 79_500),
        (1, 10, 79_000),
        (3, 5, 79_000),
    ]


def test_order_when_bigger_than_the_allowance_fills_in_parts_over_bars() -> None:
    house = a_house()
    house.submit(an_order(qty=25), 0)

    first = fills(a_bar(house, 80_000, volume=109))
    rest_of_bar = fills(house.move(SYMBOL, 79_000, 0))
    house.end_bar(SYMBOL)

    assert (first, rest_of_bar) == ([(1, 10, 80_000)], [])
    assert fills(a_bar(house, 81_000)) == [(1, 15, 81_000)]


@pytest.mark.parametrize(("open_price", "volume"), [(BASE, 0), (0, 1_000)])
def test_bar_without_volume_or_open_fills_nothing(open_price: int, volume: int) -> None:
    house = a_house()
    house.submit(an_order(), 0)
    house.submit(an_order(2, price=81_000), 0)

    reports = a_bar(house, open_price, volume=volume) + house.move(SYMBOL, 70_000, 0)

    assert reports == []


@pytest.mark.parametrize("side", list(Side))
def test_bar_locked_at_the_limit_fills_only_the_other_side(side: Side) -> None:
    house = a_house()
    buy(house)
    limit = a_band().upper if side is Side.BUY else a_band().lower
    house.submit(an_order(1, Side.BUY), 0)
    house.submit(an_order(2, Side.SELL), 0)

    reports = a_bar(house, limit, limit, limit)

    assert fills(reports) == [(1 if side is Side.SELL else 2, 10, limit)]
    assert fills(house.submit(an_order(3, side, 1), 0)) == []


def test_market_order_when_sent_inside_a_bar_pays_a_tick() -> None:
    house = a_house()
    a_bar(house)

    bought = house.submit(an_order(), 0)
    sold = house.submit(an_order(2, Side.SELL), 0)

    assert fills(bought) == [(1, 10, 80_100)]
    assert fills(sold) == [(2, 10, 79_900)]


def test_slippage_never_leaves_bar_or_limit() -> None:
    house = a_house(replace(STRICT_KRX, slippage=TickSlippage(50)))
    a_bar(house, high=80_300, low=79_800)

    assert fills(house.submit(an_order(1), 0)) == [(1, 10, 80_300)]
    assert fills(house.submit(an_order(2, price=80_200), 0)) == [(2, 10, 80_200)]
    assert fills(house.submit(an_order(3, Side.SELL), 0)) == [(3, 10, 79_800)]


def test_slippage_where_ticks_are_unknown_is_a_share_of_the_price() -> None:
    house = a_relaxed_house(RELAXED_ADJUSTED)
    a_bar(house, 80_001)
    assert fills(house.submit(an_order(), 0)) == [(1, 10, 80_162)]


def test_limit_when_away_from_the_current_price_rests() -> None:
    house = a_house()
    a_bar(house)
    assert kinds(house.submit(an_order(price=79_900), 0)) == [ExecType.NEW]
    assert list(house.resting_symbols) == [SYMBOL]


def test_ioc_inside_a_bar_fills_what_it_can_and_ends() -> None:
    house = a_house()
    a_bar(house, volume=40)

    reports = house.submit(an_order(price=80_500, life=TimeInForce.IOC), 0)

    assert kinds(reports) == [ExecType.NEW, ExecType.TRADE, ExecType.CANCELED]
    assert fills(reports) == [(1, 4, 80_100)]
    assert house.account(an_order().account_id).reserved == 0


def test_fok_inside_a_bar_fills_all_or_ends() -> None:
    house = a_house()
    a_bar(house, volume=140)

    too_big = house.submit(an_order(1, qty=15, life=TimeInForce.FOK), 0)
    fitting = house.submit(an_order(2, qty=14, life=TimeInForce.FOK), 0)

    assert kinds(too_big) == [ExecType.NEW, ExecType.CANCELED]
    assert fills(fitting) == [(2, 14, 80_100)]


@pytest.mark.parametrize("life", [TimeInForce.IOC, TimeInForce.FOK])
def test_immediate_order_when_sent_between_bars_sees_the_next_open_only(
    life: TimeInForce,
) -> None:
    house = a_house()
    house.submit(an_order(price=79_000, life=life), 0)

    assert kinds(a_bar(house)) == [ExecType.CANCELED]
    assert not house.resting_symbols


def test_closing_auction_fills_everything_at_or_through_its_one_price() -> None:
    house = a_house()
    buy(house)
    a_bar(house)
    house.set_phase(Phase.CLOSING_AUCTION)

    house.submit(an_order(1), 0)
    house.submit(an_order(2, price=80_500), 0)
    house.submit(an_order(3, price=79_900), 0)
    house.submit(an_order(4, Side.SELL, price=79_000), 0)

    reports = house.move(SYMBOL, 80_200, 0)
    assert fills(reports) == [(4, 10, 80_200), (1, 10, 80_200), (2, 10, 80_200)]


def test_instrument_in_call_auctions_takes_no_price_inside_a_bar() -> None:
    house = a_house(states=[InstrumentState.OVERHEATED])
    a_bar(house)
    assert kinds(house.submit(an_order(), 0)) == [ExecType.NEW]


def test_halt_in_the_middle_of_a_bar_stops_fills() -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)
    a_bar(house)

    house.set_instrument(STOCK, DAY, BASE, a_band(), [InstrumentState.HALTED])

    assert house.move(SYMBOL, 78_000, 0) == []
    house.end_bar(SYMBOL)
    assert a_bar(house, 78_000) == []


def test_market_buy_without_a_band_never_fills_above_its_hold() -> None:
    house = a_relaxed_house(RELAXED_ADJUSTED)
    house.set_last_price(SYMBOL, 1_000)
    house.submit(an_order(), 0)

    assert fills(a_bar(house, 1_301, 1_301, 1_301)) == []
    house.end_bar(SYMBOL)
    assert fills(a_bar(house, 1_300, 1_301, 1_300)) == [(1, 10, 1_300)]


def test_wakes_say_what_resting_orders_wait_for() -> None:
    house = a_house()
    buy(house)
    house.submit(an_order(1, price=79_000), 0)
    house.submit(an_order(2, price=78_000), 0)
    house.submit(an_order(3, Side.SELL, price=83_000), 0)

    quiet = house.wakes(SYMBOL)
    house.submit(an_order(4, Side.BUY, 1), 0)
    loud = house.wakes(SYMBOL)

    assert (quiet.any_next_bar, quiet.buy_at, quiet.sell_at) == (False, 79_000, 83_000)
    assert loud.any_next_bar


def test_wakes_when_a_limit_crosses_the_last_price_ask_for_any_bar() -> None:
    house = a_house()
    buy(house)
    house.submit(an_order(1, price=80_000), 0)
    assert house.wakes(SYMBOL).any_next_bar


def test_wakes_when_nothing_rests_are_empty() -> None:
    house = a_house()
    house.submit(an_order(price=79_000), 0)
    house.cancel(ClOrdId(1), ClOrdId(2), 0)

    wake = house.wakes(SYMBOL)

    assert (wake.any_next_bar, wake.buy_at, wake.sell_at) == (False, 0, 0)


def test_bar_of_an_unknown_instrument_raises() -> None:
    with pytest.raises(UnknownSymbolError, match="not listed"):
        a_house().begin_bar(Symbol("000660"), 1, 1, 1, 1, 1, 0)
