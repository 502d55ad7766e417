"""Trades and quotes replayed: places in the queue, interruptions, halts, counted by hand."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.domain.execution import ExecutionReport
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side, TimeInForce
from maemae.krx.costs import KIWOOM_REAL
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from maemae.krx.tick import tick_table
from maemae.venue.assumptions import STRICT_REPLAY, Assumptions, TouchFill, VolumeShare
from maemae.venue.auction import NoSinglePrice
from maemae.venue.house import House
from maemae.venue.model import Model
from maemae.venue.queue_position import BehindDisplayed, NoQueue, Proportional
from maemae.venue.tape_view import Quote
from tests.house_builder import (
    ACCOUNT,
    BASE,
    CASH,
    DAY,
    STOCK,
    SYMBOL,
    a_band,
    an_order,
    fills,
    kinds,
)

ALL = VolumeShare(1_000_000)


def assumed(**models: Model) -> Assumptions:
    return msgspec.structs.replace(STRICT_REPLAY, participation=ALL, **models)


class Tape:
    """A house in continuous trading that follows a tape, after its opening print at 80,000."""

    def __init__(self, assumptions: Assumptions | None = None, *, opened: bool = True) -> None:
        self.house = House(KIWOOM_REAL, assumptions or assumed())
        self.house.tape.follow()
        self.house.open_account(ACCOUNT, CASH, [(SYMBOL, 1_000, 80_000_000)])
        self.house.start_session(DAY)
        self.states()
        self.house.set_phase(Phase.CONTINUOUS)
        self.at = 0
        if opened:
            self.trade(BASE, 100)

    def states(self, *states: InstrumentState) -> None:
        self.house.set_instrument(STOCK, DAY, BASE, a_band(), states)

    def trade(self, price: int, qty: int, after: int = SECOND) -> list[tuple[int, int, int]]:
        self.at += after
        return fills(self.house.tape.trade(SYMBOL, price, qty, self.at))

    def quote(self, bid: int, bid_qty: int, ask: int, ask_qty: int) -> None:
        self.house.tape.quote(SYMBOL, Quote(bid, bid_qty, ask, ask_qty))

    def order(
        self,
        number: int,
        side: Side = Side.BUY,
        qty: int = 10,
        price: int | None = None,
        life: TimeInForce = TimeInForce.DAY,
    ) -> list[ExecutionReport]:
        return self.house.submit(an_order(number, side, qty, price, life), self.at)


def test_buy_behind_the_displayed_size_fills_once_that_much_has_traded() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=79_900)
    assert tape.trade(79_900, 60) == []
    assert tape.trade(79_900, 40) == []  # the 100 before it are gone
    assert tape.trade(79_900, 7) == [(1, 7, 79_900)]
    assert tape.trade(79_900, 99) == [(1, 3, 79_900)]


def test_trade_beyond_the_limit_fills_whatever_stood_before() -> None:
    tape = Tape()
    tape.quote(79_900, 1_000, 80_000, 50)
    tape.order(1, price=79_900)
    assert tape.trade(79_800, 20) == [(1, 10, 79_900)]  # at its own limit


def test_own_orders_at_one_price_fill_in_the_order_in_which_they_came() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=79_900)
    tape.quote(79_900, 120, 80_000, 50)  # 20 others came behind it
    tape.order(2, price=79_900)
    # 130 shares: 100 of others, 10 of ours, 20 of others, and none for the second
    assert tape.trade(79_900, 130) == [(1, 10, 79_900)]
    assert tape.trade(79_900, 4) == [(2, 4, 79_900)]


@pytest.mark.parametrize(
    ("queue", "ahead"),
    [(BehindDisplayed(), 80), (BehindDisplayed(1_000_000), 60), (Proportional(), 66)],
)
def test_place_when_others_cancel_moves_up_as_the_model_says(queue: Model, ahead: int) -> None:
    tape = Tape(assumed(queue=queue))
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=79_900)
    tape.trade(79_900, 10)  # 90 are left before it
    tape.quote(79_900, 110, 80_000, 50)  # 20 more came behind
    tape.quote(79_900, 80, 80_000, 50)  # 30 of 110 left without a trade
    # never more than the 80 that stand there; 90 - 30; 90 less 30 x 90 / 110, rounded up
    assert tape.trade(79_900, ahead) == []
    assert tape.trade(79_900, 10) == [(1, 10, 79_900)]


def test_place_when_a_better_bid_falls_away_is_the_front_once_nothing_is_shown() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=79_900)
    tape.quote(79_800, 30, 80_000, 50)  # what stood at 79,900 is gone
    assert tape.trade(79_900, 3) == [(1, 3, 79_900)]


def test_order_behind_the_best_price_has_no_place_until_a_quote_shows_its_price() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=79_700)
    assert tape.trade(79_700, 500) == []
    tape.quote(79_700, 40, 80_000, 50)
    assert tape.trade(79_700, 45) == [(1, 5, 79_700)]


def test_order_when_nobody_queues_fills_by_the_model_of_limits() -> None:
    tape = Tape(assumed(queue=NoQueue(), limit_fill=TouchFill()))
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=79_900)
    assert tape.trade(79_900, 4) == [(1, 4, 79_900)]
    through = Tape(assumed(queue=NoQueue()))
    through.order(1, price=79_900)
    assert through.trade(79_900, 400) == []


def test_new_order_meets_the_quote_and_no_deeper() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 30)
    assert fills(tape.order(1, qty=50, price=80_500)) == [(1, 30, 80_000)]
    assert fills(tape.order(2, qty=5, price=80_500)) == []  # 30 are taken, none is shown
    tape.quote(79_900, 100, 80_100, 8)
    assert fills(tape.order(3, Side.SELL, 150)) == [(3, 100, 79_900)]
    assert tape.trade(79_700, 10)[0] == (3, 10, 79_700)


@pytest.mark.parametrize(("life", "filled"), [(TimeInForce.IOC, 30), (TimeInForce.FOK, 0)])
def test_immediate_order_ends_with_the_quote_it_met(life: TimeInForce, filled: int) -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 30)
    reports = tape.order(1, qty=50, price=80_000, life=life)
    assert sum(qty for _, qty, _ in fills(reports)) == filled
    assert reports[-1].exec_type is ExecType.CANCELED


def test_fills_never_exceed_the_share_of_what_printed_since_something_rests() -> None:
    tape = Tape(msgspec.structs.replace(STRICT_REPLAY, queue=NoQueue(), limit_fill=TouchFill()))
    assert tape.trade(79_900, 5_000) == []
    tape.order(1, qty=100, price=79_900)
    assert tape.trade(79_900, 9) == []  # a tenth of 9 shares is none
    assert tape.trade(79_900, 11) == [(1, 2, 79_900)]
    assert tape.trade(79_900, 10) == [(1, 1, 79_900)]


def test_opening_print_is_one_price_for_all_and_leaves_the_rest_behind_everybody() -> None:
    tape = Tape(opened=False)
    tape.order(1, price=81_000)
    tape.order(2, price=79_000)
    assert tape.trade(80_000, 100) == [(1, 10, 80_000)]
    tape.quote(79_000, 60, 79_100, 10)
    assert tape.trade(79_000, 60) == []
    assert tape.trade(79_000, 2) == [(2, 2, 79_000)]


def test_opening_without_an_auction_fills_at_the_limit() -> None:
    tape = Tape(assumed(auction=NoSinglePrice()), opened=False)
    tape.order(1, price=81_000)
    assert tape.trade(80_000, 100) == [(1, 10, 81_000)]


def test_interruption_when_a_price_is_too_far_gathers_orders_for_two_minutes() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=84_000)  # 50 taken at the quote? only 10 asked for
    tape.order(2, Side.SELL, 10, 84_900)
    assert tape.trade(84_800, 500) == []  # 6 % above 80,000: only indicative
    start = tape.at
    assert tape.house.tape.is_pausing(SYMBOL, start)
    assert kinds(tape.order(3, qty=5)) == [ExecType.NEW]
    assert fills(tape.order(4, Side.SELL, 7, 84_000)) == []
    ioc = tape.order(5, price=84_800, life=TimeInForce.IOC)
    assert kinds(ioc) == [ExecType.REJECTED]
    assert tape.trade(85_000, 500, after=MINUTE) == []
    assert tape.house.tape.is_pausing(SYMBOL, start + 2 * MINUTE - 1)
    assert not tape.house.tape.is_pausing(SYMBOL, start + 2 * MINUTE)
    # the first trade at its end is the auction's: one price for all at or through it
    printed = tape.trade(85_000, 500, after=MINUTE)
    assert printed == [(4, 7, 85_000), (2, 10, 85_000), (3, 5, 85_000)]
    # from then on the static rule is measured from 85,000
    assert tape.trade(89_900, 10) == []
    assert not tape.house.tape.is_pausing(SYMBOL, tape.at)


@pytest.mark.parametrize(("price", "pauses"), [(84_700, False), (84_800, True), (75_200, True)])
def test_dynamic_interruption_begins_at_six_percent(price: int, *, pauses: bool) -> None:
    tape = Tape()
    tape.trade(price, 10)
    assert tape.house.tape.is_pausing(SYMBOL, tape.at) is pauses


def test_static_interruption_begins_at_a_tenth_from_the_last_auction() -> None:
    tape = Tape()
    for price in (82_000, 84_000, 86_000, 87_900):
        tape.trade(price, 10)
        assert not tape.house.tape.is_pausing(SYMBOL, tape.at)
    tape.trade(88_000, 10)
    assert tape.house.tape.is_pausing(SYMBOL, tape.at)


def test_silence_of_two_minutes_before_a_far_price_was_the_auction_itself() -> None:
    tape = Tape()
    tape.order(1, price=85_000)
    assert tape.trade(86_000, 100, after=2 * MINUTE) == []
    assert tape.trade(85_500, 10) == []
    far = Tape()
    far.order(1, Side.SELL, 10, 85_000)
    assert far.trade(86_000, 100, after=2 * MINUTE) == [(1, 10, 86_000)]  # at one price
    assert not far.house.tape.is_pausing(SYMBOL, far.at)


def test_halt_in_the_session_fills_nothing_and_ends_with_one_price() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 50)
    tape.order(1, price=79_900)
    tape.states(InstrumentState.HALTED)
    assert tape.trade(79_000, 100) == []
    assert kinds(tape.order(2, price=81_000)) == [ExecType.REJECTED]
    tape.states()
    assert fills(tape.order(3, price=80_900)) == []  # waits for the auction, the quote is void
    assert tape.trade(79_500, 100) == [(3, 10, 79_500), (1, 10, 79_500)]


def test_closing_auction_fills_at_its_print() -> None:
    tape = Tape()
    tape.quote(79_900, 100, 80_000, 50)
    tape.house.set_phase(Phase.CLOSING_AUCTION)
    assert fills(tape.order(1)) == []
    assert fills(tape.order(2, Side.SELL, 10, 79_000)) == []
    assert tape.trade(79_900, 1_000) == [(2, 10, 79_900), (1, 10, 79_900)]


PRICES = st.integers(-8, 8).map(lambda ticks: BASE + 100 * ticks)
SIZES = st.integers(1, 60)
EVENTS = st.one_of(
    st.tuples(st.just("trade"), PRICES, SIZES),
    st.tuples(st.just("quote"), PRICES, SIZES),
    st.tuples(st.just("buy"), PRICES | st.just(0), SIZES),
    st.tuples(st.just("sell"), PRICES | st.just(0), SIZES),
    st.tuples(st.just("halt"), st.just(0), st.just(0)),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(EVENTS, max_size=40),
    st.sampled_from([BehindDisplayed(), BehindDisplayed(300_000), Proportional(), NoQueue()]),
    st.sampled_from([100_000, 1_000_000]),
)
def test_anything_keeps_to_volume_band_tick_and_the_order_of_the_queue(
    events: list[tuple[str, int, int]], queue: Model, ppm: int
) -> None:
    tape = Tape(msgspec.structs.replace(STRICT_REPLAY, queue=queue, participation=VolumeShare(ppm)))
    table, band = tick_table(STOCK.market, STOCK.product, DAY), a_band()
    left: dict[int, int] = {}
    terms: dict[int, tuple[Side, int]] = {}
    printed = taken = shown = 0
    halted = False
    for number, (kind, price, qty) in enumerate(events, 1):
        got: list[tuple[int, int, int]] = []
        if kind == "trade":
            got = tape.trade(price, qty)
            printed += qty
            taken += sum(size for _, size, _ in got)
            assert not (halted and got)
        elif kind == "quote":
            tape.quote(price - 100, qty, price, qty)
            shown = qty
        elif kind == "halt":
            halted = not halted
            tape.states(*([InstrumentState.HALTED] if halted else []))
        else:
            side = Side.BUY if kind == "buy" else Side.SELL
            reports = tape.order(number, side, qty, price or None)
            got = fills(reports)
            assert sum(size for _, size, _ in got) <= shown
            if reports[0].exec_type is ExecType.NEW:
                left[number], terms[number] = qty, (side, price)
        for order, size, px in got:
            side, limit = terms[order]
            left[order] -= size
            assert left[order] >= 0
            assert px in band
            assert table.is_on_grid(px)
            assert not limit or (px <= limit if side is Side.BUY else px >= limit)
            if kind == "trade" and limit:  # who came first at that price is served first
                assert not any(
                    left[other] for other in left if other < order and terms[other] == terms[order]
                )
    assert taken <= printed * ppm // 1_000_000
