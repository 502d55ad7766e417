"""Models of impact, daily limits, auctions and Nextrade, each by a case counted by hand."""

from __future__ import annotations

import msgspec
import pytest

from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side, TimeInForce
from maemae.krx.session import Phase
from maemae.venue.assumptions import NEXTRADE, STRICT_KRX, Assumptions
from maemae.venue.auction import FixedAuctionShare, NoSinglePrice, SameAuctionShare
from maemae.venue.daily_limit import BehindLimitQueue, LimitTouch
from maemae.venue.house import House
from maemae.venue.impact import LinearImpact, NoImpact, SquareRootImpact
from maemae.venue.interruption import NoInterruption, TwoMinuteAuction
from maemae.venue.latency import FixedLatency, NoLatency
from maemae.venue.model import Model
from maemae.venue.queue_position import BehindDisplayed, NoQueue, Proportional
from tests.house_builder import SYMBOL, a_bar, a_house, an_order, buy, fills, kinds

UPPER, LOWER = 104_000, 56_000  # of a base of 80,000


def assumed(**models: Model) -> Assumptions:
    return msgspec.structs.replace(STRICT_KRX, **models)


MODELS = (
    NoImpact(),
    SquareRootImpact(),
    LinearImpact(),
    NoLatency(),
    FixedLatency(),
    NoQueue(),
    BehindDisplayed(),
    BehindDisplayed(500_000),
    Proportional(),
    NoInterruption(),
    TwoMinuteAuction(),
    NoSinglePrice(),
    SameAuctionShare(),
    FixedAuctionShare(),
    LimitTouch(),
    BehindLimitQueue(),
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_model_says_what_it_takes_for_granted(model: Model) -> None:
    assert any("가" <= letter <= "힣" for letter in model.sentence.ko)
    assert model.sentence.en.endswith(".")


@pytest.mark.parametrize(
    ("impact", "qty", "volume", "distance"),
    [
        (NoImpact(), 100, 100, 0),
        (SquareRootImpact(20_000), 100, 10_000, 160),  # 2 % x sqrt(1 %) of 80,000
        (SquareRootImpact(20_000), 10_000, 10_000, 1_600),
        (SquareRootImpact(20_000), 2, 10_000, 23),  # 22.6, rounded against us
        (LinearImpact(100_000), 100, 10_000, 80),
        (LinearImpact(100_000), 1, 10_000, 1),
    ],
)
def test_impact_is_the_distance_of_its_formula(
    impact: SquareRootImpact | LinearImpact | NoImpact, qty: int, volume: int, distance: int
) -> None:
    assert impact.distance(80_000, qty, volume) == distance


def test_impact_when_a_market_order_opens_moves_it_to_the_next_tick_against_us() -> None:
    house = a_house(assumed(impact=SquareRootImpact(20_000)))
    buy(house, 200)
    house.submit(an_order(1, Side.BUY, 100), 0)
    house.submit(an_order(2, Side.SELL, 100), 0)
    # 80,000 -/+ 160, off the grid of 100
    assert fills(a_bar(house, volume=10_000)) == [(2, 100, 79_800), (1, 100, 80_200)]


def test_impact_when_a_limit_order_rests_is_none() -> None:
    house = a_house(assumed(impact=LinearImpact(500_000)))
    house.submit(an_order(1, price=79_000), 0)
    a_bar(house)
    assert fills(house.move(SYMBOL, 78_000, 0)) == [(1, 10, 79_000)]


def test_impact_when_it_would_leave_the_band_stops_at_the_limit() -> None:
    house = a_house(assumed(impact=LinearImpact(1_000_000)))
    house.submit(an_order(1, qty=900), 0)
    reports = a_bar(house, 103_900, 103_900, 103_900, volume=9_000)
    assert fills(reports) == [(1, 900, UPPER)]


def test_impact_when_taking_inside_a_bar_comes_on_top_of_slippage() -> None:
    house = a_house(assumed(impact=LinearImpact(100_000)))
    a_bar(house, volume=1_000)
    # one tick is 80,100; 10 of 1,000 shares move it by 0.1 %, 80.1 won, to 80,200
    assert fills(house.submit(an_order(1, price=81_000), 0)) == [(1, 10, 80_200)]
    assert fills(house.submit(an_order(2, price=80_100), 0)) == [(2, 10, 80_100)]  # its own limit


@pytest.mark.parametrize(("model", "filled"), [(LimitTouch(), 10), (BehindLimitQueue(), 0)])
def test_buy_at_the_upper_limit_when_the_bar_opens_there(model: Model, filled: int) -> None:
    house = a_house(assumed(limit_queue=model))
    house.submit(an_order(1, price=UPPER), 0)
    reports = a_bar(house, UPPER, UPPER, 100_000)
    assert sum(qty for _, qty, _ in fills(reports)) == filled


def test_buy_at_the_upper_limit_when_the_price_leaves_it_fills_behind_the_queue() -> None:
    house = a_house(assumed(limit_queue=BehindLimitQueue()))
    house.submit(an_order(1, price=UPPER), 0)
    house.submit(an_order(2, Side.BUY, 5), 0)
    assert fills(a_bar(house, UPPER, UPPER, 103_000)) == []
    assert fills(house.submit(an_order(3, Side.BUY, 5), 0)) == []
    assert fills(house.move(SYMBOL, 103_500, 0)) == [
        (2, 5, 103_500),
        (3, 5, 103_500),
        (1, 10, UPPER),
    ]


def test_sell_at_the_lower_limit_waits_until_the_price_has_left_it() -> None:
    house = a_house(assumed(limit_queue=BehindLimitQueue()))
    buy(house, 20)
    house.submit(an_order(1, Side.SELL, 5), 0)
    house.submit(an_order(2, Side.SELL, 5, LOWER), 0)
    assert fills(a_bar(house, LOWER, 57_000, LOWER)) == []
    assert fills(house.move(SYMBOL, 57_000, 0)) == [(1, 5, 57_000), (2, 5, LOWER)]


def test_bar_locked_at_the_limit_fills_no_buyer_whatever_the_queue_model() -> None:
    for model in (LimitTouch(), BehindLimitQueue()):
        house = a_house(assumed(limit_queue=model))
        house.submit(an_order(1, price=UPPER), 0)
        assert fills(a_bar(house, UPPER, UPPER, UPPER)) == []


def test_auction_share_when_it_has_its_own_cuts_the_closing_print() -> None:
    house = a_house(assumed(auction_share=FixedAuctionShare(20_000)))
    house.set_phase(Phase.CLOSING_AUCTION)
    house.submit(an_order(1, qty=50), 0)
    assert fills(a_bar(house, volume=1_000)) == [(1, 20, 80_000)]
    house.end_bar(SYMBOL)
    house.set_phase(Phase.CONTINUOUS)
    assert fills(a_bar(house, volume=1_000)) == [(1, 30, 80_000)]


def nextrade() -> House:
    house = a_house(NEXTRADE)
    house.set_phase(Phase.PRE_MARKET)
    return house


def test_nextrade_when_the_open_jumps_over_a_limit_fills_at_the_limit() -> None:
    house = nextrade()
    house.submit(an_order(1, price=81_000), 0)
    assert fills(a_bar(house, 80_000)) == [(1, 10, 81_000)]
    strict = a_house()
    strict.submit(an_order(1, price=81_000), 0)
    assert fills(a_bar(strict, 80_000)) == [(1, 10, 80_000)]


@pytest.mark.parametrize("phase", [Phase.PRE_MARKET, Phase.CONTINUOUS, Phase.AFTER_MARKET])
def test_nextrade_when_its_markets_are_open_trades_at_once(phase: Phase) -> None:
    house = nextrade()
    house.set_phase(phase)
    a_bar(house)
    assert fills(house.submit(an_order(1, price=81_000), 0)) == [(1, 10, 80_100)]


def test_nextrade_when_it_pauses_takes_nothing_and_limits_only_before_the_opening() -> None:
    house = nextrade()
    assert kinds(house.submit(an_order(1), 0)) == [ExecType.REJECTED]  # no market order there
    house.set_phase(Phase.PAUSE)
    assert kinds(house.submit(an_order(2, price=80_000), 0)) == [ExecType.REJECTED]


def test_fill_or_kill_and_impact_when_together_keep_all_or_nothing() -> None:
    house = a_house(assumed(impact=SquareRootImpact()))
    a_bar(house, volume=100)
    reports = house.submit(an_order(1, qty=11, price=82_000, life=TimeInForce.FOK), 0)
    assert kinds(reports) == [ExecType.NEW, ExecType.CANCELED]
