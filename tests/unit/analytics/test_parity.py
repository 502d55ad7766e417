"""Orders of a live day and of its backtest find each other, and differences their reasons."""

from __future__ import annotations

import msgspec
import pytest

from maemae.analytics.parity import Item, compare
from maemae.analytics.parity_reasons import Why
from maemae.analytics.traded_day import (
    BarSeen,
    DoubtSeen,
    DroppedSeen,
    GuardSeen,
    HoldingSeen,
    Knowledge,
    OrderSeen,
    Outage,
    RefusalSeen,
    Surroundings,
    TradedDay,
)
from maemae.domain.ids import MANUAL_SLEEVE, SleeveId, Symbol
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.refusal import Reason as Refused
from maemae.domain.refusal import Refusal
from maemae.domain.terms import Cause, OrdType, Side
from maemae.domain.text import Text

SLEEVE = SleeveId("golden_cross")
STOCK = Symbol("005930")
BAR = 100 * MINUTE
BUY = f"{BAR}:{STOCK}:0"
EXIT = f"EXIT:{BUY}"
EQUITY = 10_000_000
NOTHING = Surroundings()


def an_order(key: str = BUY, **changes: object) -> OrderSeen:
    """Return an order of ten shares at 10,000 won, sent at once and filled."""
    plain = OrderSeen(
        key=key,
        sleeve_id=SLEEVE,
        symbol=STOCK,
        side=Side.BUY,
        cause=Cause.SIGNAL,
        bar=BAR,
        sent_at=BAR,
        ways=(OrdType.MARKET,),
        qty=10,
        filled=10,
        notional=100_000,
        charges=15,
        filled_at=BAR,
        print_px=10_000,
        print_at=BAR,
        known=Knowledge(10_000, BAR, EQUITY, EQUITY, 0),
    )
    return msgspec.structs.replace(plain, **changes)


def an_exit(cause: Cause = Cause.STOP, at: int = BAR + 90 * SECOND, **changes: object) -> OrderSeen:
    bar = -(-at // MINUTE) * MINUTE
    return an_order(EXIT, side=Side.SELL, cause=cause, bar=bar, sent_at=at, filled_at=at, **changes)


def knowing(**changes: object) -> Knowledge:
    return msgspec.structs.replace(an_order().known, **changes)


def a_day(*orders: OrderSeen, **changes: object) -> TradedDay:
    heard = frozenset(order.key for order in orders if order.cause is Cause.SIGNAL)
    return msgspec.structs.replace(TradedDay(orders, heard=heard), **changes)


def the_only(live: TradedDay, backtest: TradedDay, around: Surroundings = NOTHING) -> Item:
    (item,) = compare(live, backtest, around).items
    return item


def whys(item: Item) -> list[Why]:
    assert all(reason.text.ko and reason.text.en for reason in item.reasons)
    return [reason.why for reason in item.reasons]


def test_orders_when_equal_need_no_reason() -> None:
    order = an_order()

    report = compare(a_day(order), a_day(order), NOTHING)

    assert (report.decided_alike, report.equal, report.shares) == (1, 1, 0)
    assert report.items[0].reasons == ()


def test_orders_when_their_numbers_differ_meet_by_bar() -> None:
    live = an_order(f"{BAR + 3}:{STOCK}:0")

    item = the_only(a_day(live), a_day(an_order()))

    assert item.is_equal
    assert item.live is live


def test_orders_of_one_bar_meet_by_their_numbers_first() -> None:
    first, second = an_order(), an_order(f"{BAR}:{STOCK}:1", qty=20, filled=20)

    report = compare(a_day(second, first), a_day(first, second), NOTHING)

    assert (len(report.items), report.equal) == (2, 2)


@pytest.mark.parametrize(
    "changes", [{"symbol": Symbol("000660")}, {"side": Side.SELL}, {"sleeve_id": SleeveId("other")}]
)
def test_orders_of_another_instrument_side_or_sleeve_stay_apart(changes: dict[str, object]) -> None:
    report = compare(a_day(an_order()), a_day(an_order(BUY, **changes)), NOTHING)

    assert (len(report.items), report.decided_alike) == (2, 0)


def test_quantity_when_sized_at_another_price_says_both() -> None:
    live = an_order(qty=9, filled=9, notional=90_000, known=knowing(px=11_000))

    item = the_only(a_day(live), a_day(an_order()))

    assert whys(item) == [Why.SIZING_PRICE]
    assert "11,000" in item.reasons[0].text.en
    assert "10,000" in item.reasons[0].text.en
    assert item.is_decided_alike
    assert not item.is_equal


def test_quantity_when_equity_differs_says_both() -> None:
    live = an_order(qty=9, filled=9, notional=90_000, known=knowing(equity=9_100_000))

    assert whys(the_only(a_day(live), a_day(an_order()))) == [Why.EQUITY]


def test_quantity_when_price_and_equity_do_not_bear_it_out_looks_at_cash() -> None:
    live = an_order(qty=4, filled=4, notional=40_000, known=knowing(cash=50_000))

    assert whys(the_only(a_day(live), a_day(an_order()))) == [Why.CASH]


def test_quantity_when_no_figure_differs_is_not_explained() -> None:
    live = an_order(qty=9, filled=9, notional=90_000)

    report = compare(a_day(live), a_day(an_order()), NOTHING)

    assert whys(report.items[0]) == [Why.UNEXPLAINED]
    assert report.unexplained == report.items


def test_sale_when_other_shares_are_held_says_so() -> None:
    live = an_order(side=Side.SELL, qty=9, filled=9, notional=90_000, known=knowing(held=9))
    backtest = an_order(side=Side.SELL, known=knowing(held=10))

    assert whys(the_only(a_day(live), a_day(backtest))) == [Why.HELD]


def test_price_when_it_differs_names_both_prints() -> None:
    live = an_order(notional=100_500, print_px=10_040, filled_at=BAR + 12 * SECOND)

    item = the_only(a_day(live), a_day(an_order()))

    assert whys(item) == [Why.FILL_PRICE]
    assert "10,040" in item.reasons[0].text.en
    assert (item.is_equal, item.won) == (True, -500)


def test_fill_when_partial_says_how_much() -> None:
    live = an_order(filled=6, notional=60_000)

    item = the_only(a_day(live), a_day(an_order()))

    assert whys(item) == [Why.FILL_QTY]
    assert item.shares == 4


def test_order_when_it_was_never_sent_says_so_and_not_that_nothing_filled() -> None:
    kept = an_order(filled=0, notional=0, filled_at=-1, unsent_at=BAR + 30 * SECOND)

    item = the_only(a_day(kept), a_day(an_order()))

    assert whys(item) == [Why.NOT_SENT]
    assert "given up at 10:40:30" in item.reasons[0].text.en


def test_exit_when_the_ladder_led_it_names_its_ways() -> None:
    live = an_exit(ways=(OrdType.LIMIT, OrdType.LIMIT, OrdType.MARKET))

    item = the_only(a_day(live), a_day(an_exit()))

    assert whys(item) == [Why.EXIT_WAY]
    assert "limit → limit → market" in item.reasons[0].text.en


def test_exit_when_in_another_bar_says_by_which_prices() -> None:
    late = BAR + 200 * SECOND
    guards = [(10_000, "live"), (9_900, "backtest")]
    mine, other = (
        a_day(order, guards=[GuardSeen(SLEEVE, STOCK, BAR, stop, 0)])
        for order, (stop, _) in zip((an_exit(), an_exit(at=late)), guards, strict=True)
    )

    item = the_only(mine, other)

    assert whys(item) == [Why.GUARD, Why.FIRED]
    assert not item.is_decided_alike


def test_exit_when_the_bar_held_stop_and_target_says_so() -> None:
    item = the_only(a_day(an_exit()), a_day(an_exit(Cause.TAKE)))

    assert whys(item) == [Why.INSIDE_BAR]


def test_exit_on_one_side_names_bar_and_the_others_levels() -> None:
    guard = GuardSeen(SLEEVE, STOCK, BAR, 9_800, 0)
    order = an_exit()
    around = Surroundings(path={(STOCK, order.bar): (10_000, 10_000, 9_900, 9_950)})

    item = the_only(a_day(order), a_day(guards=[guard]), around)

    assert whys(item) == [Why.FIRED]
    assert "9,800" in item.reasons[0].text.en
    assert "9,900" in item.reasons[0].text.en


@pytest.mark.parametrize(("px", "why"), [(7_000, Why.PRICE_DOUBTED), (0, Why.BLIND)])
def test_exit_when_the_price_was_in_doubt_says_so(px: int, why: Why) -> None:
    order = an_exit()
    live = a_day(doubts=[DoubtSeen(STOCK, order.sent_at, px)])

    assert whys(the_only(live, a_day(order))) == [why]


def test_order_when_refused_live_quotes_the_gate() -> None:
    refusal = Refusal(Refused.STALE_PRICE, 73, 60)
    live = a_day(refused=[RefusalSeen(BUY, SLEEVE, STOCK, (refusal,), BAR)])

    item = the_only(live, a_day(an_order()))

    assert whys(item) == [Why.REFUSED_LIVE]
    assert refusal.text.en in item.reasons[0].text.en


def test_order_when_refused_in_the_backtest_quotes_the_gate() -> None:
    refused = RefusalSeen(BUY, SLEEVE, STOCK, (Refusal(Refused.NO_PRICE),), BAR)

    assert whys(the_only(a_day(an_order()), a_day(refused=[refused]))) == [Why.REFUSED_BACKTEST]


@pytest.mark.parametrize(("is_paused", "why"), [(True, Why.PAUSED), (False, Why.LATE)])
def test_wish_when_dropped_says_why(*, is_paused: bool, why: Why) -> None:
    dropped = DroppedSeen(SLEEVE, BAR, BAR + 79 * SECOND, is_paused)

    item = the_only(a_day(), a_day(an_order()), Surroundings(dropped=[dropped]))

    assert whys(item) == [why]
    assert is_paused or "79 s" in item.reasons[0].text.en


def test_wish_when_it_was_heard_is_not_called_dropped() -> None:
    """After a restart, wishes that were acted upon before come again and are dropped."""
    dropped = DroppedSeen(SLEEVE, BAR, BAR + 79 * SECOND, is_paused=False)

    item = the_only(
        a_day(heard=frozenset([BUY])), a_day(an_order()), Surroundings(dropped=[dropped])
    )

    assert whys(item) == [Why.UNEXPLAINED]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [(-1, 1, Why.EXECUTOR_DOWN), (-2, -1, Why.UNEXPLAINED), (1, 2, Why.UNEXPLAINED)],
)
def test_order_when_the_executor_was_down_then_says_from_when_to_when(
    since: int, until: int, expected: Why
) -> None:
    outage = Outage(BAR + since * MINUTE, BAR + until * MINUTE)

    item = the_only(a_day(), a_day(an_order()), Surroundings(outages=[outage]))

    assert whys(item) == [expected]


def test_wish_when_the_strategy_had_failed_quotes_the_alert() -> None:
    around = Surroundings(failures={SLEEVE: Text("전략이 멈췄습니다.", "It is stopped.")})

    assert whys(the_only(a_day(), a_day(an_order()), around)) == [Why.STRATEGY_FAILED]
    heard = a_day(heard=frozenset([BUY]))
    assert whys(the_only(heard, a_day(an_order()), around)) == [Why.UNEXPLAINED]


def test_wish_when_parked_says_so() -> None:
    live = a_day(heard=frozenset([BUY]), parked=frozenset([BUY]))

    assert whys(the_only(live, a_day(an_order()))) == [Why.PARKED]


def test_wish_when_the_strategy_saw_another_bar_names_the_newest() -> None:
    bars = [
        BarSeen(STOCK, BAR - MINUTE, None, (1, 1, 1, 1, 5)),
        BarSeen(STOCK, BAR, (1, 2, 1, 2, 7), (1, 2, 1, 1, 9)),
        BarSeen(STOCK, BAR + MINUTE, None, (1, 1, 1, 1, 5)),
    ]

    item = the_only(a_day(), a_day(an_order()), Surroundings(bars=bars))

    assert whys(item) == [Why.BARS]
    assert "(1, 2, 1, 2, 7)" in item.reasons[0].text.en


def test_wish_when_a_fill_came_before_the_strategy_was_asked_says_what_was_held() -> None:
    backtest = a_day(held=[HoldingSeen(SLEEVE, STOCK, BAR - MINUTE, 91)])
    live = a_day(
        an_order(),
        held=[HoldingSeen(SLEEVE, STOCK, BAR - MINUTE, 91), HoldingSeen(SLEEVE, STOCK, BAR, 0)],
    )

    item = the_only(live, backtest)

    assert whys(item) == [Why.HELD]
    assert "held 0 shares live, 91 in the backtest" in item.reasons[0].text.en


@pytest.mark.parametrize("is_live", [True, False], ids=["live", "in the backtest"])
def test_wish_when_an_earlier_order_was_under_way_on_one_side_says_until_when(
    *, is_live: bool
) -> None:
    first = an_order()
    late = an_order(sent_at=BAR + 20 * MINUTE, filled_at=BAR + 21 * MINUTE)
    second = an_order(f"{BAR + 9 * MINUTE}:{STOCK}:0", bar=BAR + 9 * MINUTE)
    days = (a_day(late), a_day(first, second)) if is_live else (a_day(first, second), a_day(late))

    (item,) = [item for item in compare(*days, NOTHING).items if item.order.key == second.key]

    assert whys(item) == [Why.UNDER_WAY]
    where = "live" if is_live else "in the backtest"
    assert f"on its way {where} until 11:01:00" in item.reasons[0].text.en


@pytest.mark.parametrize(
    "changes", [{"sleeve_id": MANUAL_SLEEVE}, {"cause": Cause.PERSON}, {"cause": Cause.KILL}]
)
def test_order_by_hand_is_no_strategys(changes: dict[str, object]) -> None:
    assert whys(the_only(a_day(an_order(BUY, **changes)), a_day())) == [Why.BY_HAND]


def test_report_adds_up_what_both_sleeves_ended_with() -> None:
    live = a_day(equities={SLEEVE: 900, MANUAL_SLEEVE: 50})

    report = compare(live, a_day(equities={SLEEVE: 1_000}), NOTHING)

    assert report.won == -100
