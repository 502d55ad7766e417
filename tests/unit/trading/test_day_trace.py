"""A core's orders are noted with what it knew, under keys that any run of the day makes alike."""

from __future__ import annotations

from maemae.analytics.traded_day import OrderSeen, TradedDay
from maemae.core.config import ExitStyle, Rung
from maemae.core.events import Event
from maemae.core.machine import TradingCore
from maemae.domain.ids import MANUAL_SLEEVE
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.intent import Everything, Weight
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, OrdType, Side
from maemae.trading.day_trace import DayTrace
from tests.builders import (
    ACCOUNT,
    CASH,
    HYNIX,
    NOON,
    SAMSUNG,
    SLEEVE,
    a_config,
    a_fill,
    a_price,
    a_report,
    an_intent,
    opening,
    target_weights,
)

KNOWN = [NOON + minute * MINUTE for minute in range(10)]
BUY = f"{NOON}:{SAMSUNG}:0"


class Run:
    """A core whose inputs a trace sees."""

    def __init__(self, *rungs: Rung) -> None:
        config = a_config()
        if rungs:
            config = type(config)(config.mode, config.schedules, exit_ladder=rungs, cash_spare=0)
        self.core = TradingCore(config)
        self.trace = DayTrace(KNOWN)
        self.take(*opening(sleeves=(SLEEVE, MANUAL_SLEEVE)))

    def take(self, *events: Event) -> None:
        for event in events:
            self.trace.take(event, self.core.handle(event), self.core)

    def buy(self, qty: int = 10, stop_loss: int | None = 50_000) -> None:
        """Buy for a strategy at the bar of noon and be filled ten seconds later."""
        number = self.core.state.last_cl_ord_id + 1
        wish = f"{ACCOUNT}:{SLEEVE}:{BUY}"
        self.take(an_intent(size=qty, intent_id=wish, stop_loss=stop_loss))
        self.take(a_report(cl_ord_id=number, order_id=f"{number:07d}"))
        self.take(a_fill(qty, 10_000, f"F{number}", number, NOON + 10 * SECOND))

    @property
    def day(self) -> TradedDay:
        return self.trace.finished(self.core)

    def order(self, key: str) -> OrderSeen:
        (found,) = (order for order in self.day.orders if order.key == key)
        return found


def test_order_is_noted_with_what_it_was_sized_by() -> None:
    run = Run()
    run.take(a_price(9_000, at=NOON + SECOND))
    wish = f"{ACCOUNT}:{SLEEVE}:{BUY}"
    run.take(an_intent(size=Weight(100_000), intent_id=wish, at=NOON))

    order = run.order(BUY)

    assert (order.bar, order.sent_at, order.qty) == (NOON, NOON + SECOND, CASH // 10 // 9_000)
    known = order.known
    assert (known.px, known.px_at, known.equity) == (9_000, NOON + SECOND, CASH)
    assert (known.cash, known.held) == (CASH, 0)
    assert run.day.has_heard(BUY)


def test_fills_add_up_with_the_print_that_was_seen_then() -> None:
    run = Run()
    run.take(an_intent(size=10, intent_id=f"{ACCOUNT}:{SLEEVE}:{BUY}"), a_report())
    run.take(a_price(10_050, at=NOON + 5 * SECOND))
    run.take(a_fill(4, 10_100, "F1", at=NOON + 6 * SECOND))
    run.take(a_price(10_200, at=NOON + 7 * SECOND), a_fill(6, 10_200, "F2", at=NOON + 8 * SECOND))

    order = run.order(BUY)

    assert (order.filled, order.notional) == (10, 4 * 10_100 + 6 * 10_200)
    assert (order.filled_at, order.print_px) == (NOON + 6 * SECOND, 10_050)
    assert [each.qty for each in run.day.held] == [4, 10]


def test_order_that_never_left_is_noted_so() -> None:
    run = Run()
    run.take(an_intent(size=10, intent_id=f"{ACCOUNT}:{SLEEVE}:{BUY}"))
    late = NOON + 31 * SECOND
    run.take(a_price(10_000, at=late), a_report(ExecType.EXPIRED, exec_id="1:UNSENT", at=late))

    assert run.order(BUY).unsent_at == late


def test_exit_in_several_tries_is_one_order_named_after_its_buy() -> None:
    run = Run(Rung(ExitStyle.TRIGGER, lasts=3 * SECOND), Rung(ExitStyle.MARKET))
    run.buy()
    run.take(a_price(9_400, at=NOON + 70 * SECOND))
    sold = run.core.state.last_cl_ord_id
    run.take(a_report(cl_ord_id=sold, order_id="0000008", at=NOON + 70 * SECOND))
    run.take(a_price(9_300, at=NOON + 74 * SECOND))
    ((cancel, order),) = (
        (each.requests[0].cl_ord_id, each)
        for each in run.core.state.orders.values()
        if each.requests
    )
    run.take(
        a_report(
            type(a_report().exec_type).CANCELED,
            cl_ord_id=order.cl_ord_id,
            request_id=cancel,
            order_id="0000008",
            at=NOON + 75 * SECOND,
        )
    )
    run.take(a_price(9_300, at=NOON + 76 * SECOND))

    left = run.order(f"EXIT:{BUY}")

    assert (left.side, left.cause, left.qty) == (Side.SELL, Cause.STOP, 10)
    assert left.ways == (OrdType.LIMIT, OrdType.MARKET)
    assert (left.bar, left.sent_at) == (NOON + 2 * MINUTE, NOON + 70 * SECOND)
    guard = run.day.guard_before(SLEEVE, SAMSUNG, NOON + 60 * SECOND)
    assert guard is not None
    assert guard.stop_px == 9_500


def test_sale_of_a_strategy_is_named_by_its_wish_and_ends_the_guard() -> None:
    run = Run()
    run.buy()
    key = f"{NOON + MINUTE}:{SAMSUNG}:0"
    wish = an_intent(
        Side.SELL, Everything(), intent_id=f"{ACCOUNT}:{SLEEVE}:{key}", at=NOON + MINUTE
    )
    run.take(wish)
    number = run.core.state.last_cl_ord_id
    run.take(a_fill(10, 10_100, "S1", number, NOON + 65 * SECOND))

    assert run.order(key).known.held == 10
    assert run.day.shares_before(SLEEVE, SAMSUNG, NOON + 65 * SECOND) == 10
    assert run.day.shares_before(SLEEVE, SAMSUNG, NOON + 66 * SECOND) == 0
    assert run.day.guard_before(SLEEVE, SAMSUNG, NOON + 10 * MINUTE) is None


def test_refusal_keeps_its_wish_and_reasons() -> None:
    run = Run()
    run.take(an_intent(size=100_000, intent_id=f"{ACCOUNT}:{SLEEVE}:{BUY}"))

    (refused,) = run.day.refused

    assert refused.key == BUY
    assert Reason.NOT_ENOUGH_CASH in {each.reason for each in refused.refusals}


def test_legs_of_a_rebalancing_count_as_heard() -> None:
    run = Run()
    wish = f"{ACCOUNT}:{SLEEVE}:{NOON}:TARGET:0"
    run.take(target_weights({SAMSUNG: 100_000, HYNIX: 100_000}, intent_id=wish))

    keys = [order.key for order in run.day.orders]

    assert keys == [f"{NOON}:TARGET:0:{symbol}:BUY" for symbol in (SAMSUNG, HYNIX)]
    assert all(map(run.day.has_heard, keys))
    assert not run.day.has_heard(BUY)
    # Each was sized before any of them set cash aside that the ones after it need.
    first, second = (order.known.cash for order in run.day.orders)
    assert (first, second < first) == (CASH, True)


def test_order_of_a_person_lies_in_the_bar_it_was_sent_in() -> None:
    run = Run()
    run.take(
        a_price(at=NOON + 89 * SECOND),
        an_intent(
            intent_id="MANUAL:k1",
            sleeve_id=MANUAL_SLEEVE,
            cause=Cause.PERSON,
            at=NOON + 90 * SECOND,
        ),
    )

    (order,) = run.day.orders

    assert (order.bar, order.cause) == (NOON + 2 * MINUTE, Cause.PERSON)
