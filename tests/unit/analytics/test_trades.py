"""A sale is measured against the average cost of the holding, as the ledger measures it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.analytics.trades import (
    Restated,
    RoundTrip,
    TradeFill,
    round_trips,
    trade_stats,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import ClOrdId, SleeveId, Symbol
from maemae.domain.instant import DAY
from maemae.domain.terms import Side

SLEEVE = SleeveId("golden_cross")
SAMSUNG = Symbol("005930")


def a_fill(
    side: Side = Side.BUY,
    qty: int = 10,
    px: int = 1_000,
    *,
    order: int = 1,
    at: int = 0,
    commission: int = 0,
    tax: int = 0,
    symbol: Symbol = SAMSUNG,
    sleeve: SleeveId = SLEEVE,
    reason: str = "",
) -> TradeFill:
    return TradeFill(sleeve, symbol, ClOrdId(order), side, qty, px, commission, tax, at, reason)


def a_trip(pnl: int, *, days: int = 1) -> RoundTrip:
    return RoundTrip(SLEEVE, SAMSUNG, 0, days * DAY, 1, 1_000, 1_000 + pnl, 0, 0, pnl, "SIGNAL")


def test_round_trip_counts_prices_and_every_charge() -> None:
    (trip,) = round_trips(
        [
            a_fill(qty=10, px=1_000, commission=3),
            a_fill(Side.SELL, 10, 1_100, order=2, at=DAY, commission=4, tax=20, reason="STOP"),
        ]
    )

    assert (trip.cost, trip.proceeds, trip.commission, trip.tax) == (10_000, 11_000, 7, 20)
    assert trip.pnl == 1_000 - 7 - 20
    assert (trip.entry_avg, trip.exit_avg, trip.reason) == (1_000.0, 1_100.0, "STOP")
    assert trip.return_ratio == pytest.approx(0.0973)


def test_round_trip_when_bought_twice_costs_the_average() -> None:
    (trip,) = round_trips(
        [a_fill(px=1_000), a_fill(px=2_000, order=2), a_fill(Side.SELL, 5, 2_000, order=3)]
    )

    assert (trip.cost, trip.pnl) == (7_500, 2_500)


def test_round_trip_when_sold_in_parts_leaves_the_odd_won_to_the_last() -> None:
    trips = round_trips(
        [
            a_fill(qty=3, px=333, commission=10),
            a_fill(Side.SELL, 1, 333, order=2),
            a_fill(Side.SELL, 2, 333, order=3),
        ]
    )

    assert [trip.commission for trip in trips] == [3, 7]


def test_round_trip_when_one_order_fills_in_parts_is_one_trade() -> None:
    trips = round_trips(
        [
            a_fill(qty=10),
            a_fill(Side.SELL, 4, 1_100, order=2, at=1, tax=1),
            a_fill(Side.SELL, 6, 1_200, order=2, at=2, tax=2),
        ]
    )

    assert [(one.qty, one.proceeds, one.tax, one.closed_at) for one in trips] == [
        (10, 11_600, 3, 2)
    ]


def test_round_trip_when_bought_again_after_selling_out_opens_anew() -> None:
    trips = round_trips(
        [
            a_fill(at=0),
            a_fill(Side.SELL, order=2, at=5),
            a_fill(order=3, at=7),
            a_fill(Side.SELL, order=4, at=9),
        ]
    )

    assert [(one.opened_at, one.closed_at) for one in trips] == [(0, 5), (7, 9)]


def test_round_trips_keep_sleeves_and_symbols_apart() -> None:
    other = SleeveId("momentum")
    events = [a_fill(px=1_000), a_fill(px=2_000, sleeve=other), a_fill(Side.SELL, order=2)]

    assert [one.pnl for one in round_trips(events)] == [0]


def test_round_trip_after_a_split_uses_the_restated_holding() -> None:
    (trip,) = round_trips(
        [
            a_fill(qty=10, px=1_000, at=3),
            Restated(SLEEVE, SAMSUNG, qty=50, cost=10_000, at=4),
            a_fill(Side.SELL, 50, 210, order=2, at=5),
        ]
    )

    assert (trip.qty, trip.cost, trip.pnl, trip.opened_at) == (50, 10_000, 500, 3)


def test_round_trip_of_shares_received_in_a_merger_opens_then() -> None:
    (trip,) = round_trips(
        [Restated(SLEEVE, SAMSUNG, qty=5, cost=5_000, at=4), a_fill(Side.SELL, 5, order=2, at=9)]
    )

    assert trip.opened_at == 4


def test_round_trips_when_more_is_sold_than_held_raise() -> None:
    with pytest.raises(InvalidValueError, match="10 are held"):
        round_trips([a_fill(qty=10), a_fill(Side.SELL, 11, order=2)])


def test_round_trip_that_cost_nothing_has_no_return() -> None:
    (trip,) = round_trips(
        [Restated(SLEEVE, SAMSUNG, qty=5, cost=0, at=0), a_fill(Side.SELL, 5, order=2)]
    )

    assert trip.return_ratio is None


@st.composite
def histories(draw: st.DrawFn) -> list[TradeFill]:
    """Draw fills that never sell more than is held and end with an empty book."""
    fills: list[TradeFill] = []
    held = 0
    for order in range(draw(st.integers(1, 15))):
        px = draw(st.integers(1, 100_000))
        commission, tax = draw(st.integers(0, 99)), draw(st.integers(0, 99))
        if held and draw(st.booleans()):
            qty = draw(st.integers(1, held))
            fills.append(a_fill(Side.SELL, qty, px, order=order, commission=commission, tax=tax))
            held -= qty
        else:
            qty = draw(st.integers(1, 1_000))
            fills.append(a_fill(Side.BUY, qty, px, order=order, commission=commission, tax=tax))
            held += qty
    if held:
        fills.append(a_fill(Side.SELL, held, draw(st.integers(1, 100_000)), order=99))
    return fills


@given(histories())
def test_profits_of_an_emptied_book_add_up_to_the_cash(fills: list[TradeFill]) -> None:
    cash = sum(
        (fill.qty * fill.px if fill.side is Side.SELL else -fill.qty * fill.px)
        - fill.commission
        - fill.tax
        for fill in fills
    )
    trips = round_trips(fills)

    assert sum(trip.pnl for trip in trips) == cash
    assert sum(trip.commission for trip in trips) == sum(fill.commission for fill in fills)
    assert all(t.pnl == t.proceeds - t.cost - t.commission - t.tax for t in trips)


def test_trade_stats_say_how_often_and_how_much() -> None:
    stats = trade_stats([a_trip(300, days=1), a_trip(-100, days=2), a_trip(0, days=3)])

    assert (stats.count, stats.wins, stats.losses) == (3, 1, 1)
    assert stats.win_rate == pytest.approx(1 / 3)
    assert stats.profit_factor == pytest.approx(3.0)
    assert stats.expectancy == pytest.approx(200 / 3)
    assert (stats.average_win, stats.average_loss) == (300.0, -100.0)
    assert stats.holding_days == pytest.approx(2.0)
    assert (stats.best, stats.worst) == (300, -100)


def test_trade_stats_of_no_trade_say_nothing() -> None:
    stats = trade_stats([])

    assert (stats.count, stats.win_rate, stats.profit_factor, stats.best) == (0, None, None, None)
    assert (stats.expectancy, stats.holding_days) == (None, None)


def test_trade_stats_without_a_loss_have_no_profit_factor() -> None:
    assert trade_stats([a_trip(10)]).profit_factor is None
