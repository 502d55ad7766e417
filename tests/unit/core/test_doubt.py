"""A sale in doubt: nobody stays naked, nobody sells twice, and somebody is paged at once."""

from __future__ import annotations

import pytest

from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    IntentRefused,
    SharesFreed,
    SubmitOrder,
)
from maemae.core.events import Event, KillLevel, KillSet, PhaseChanged, SellableStated
from maemae.core.machine import TradingCore
from maemae.domain.ids import ClOrdId
from maemae.domain.order_status import ExecType
from maemae.domain.refusal import Reason
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from tests.builders import (
    ACCOUNT,
    NOON,
    OTHER_SLEEVE,
    SAMSUNG,
    SLEEVE,
    a_config,
    a_core,
    a_fill,
    a_price,
    a_report,
    an_intent,
    feed,
    hold,
    rules,
    sleeve_of,
)

E = ExecType


def lost(number: int) -> Event:
    return a_report(E.OUTCOME_UNKNOWN, cl_ord_id=number, order_id=None)


def sellable(qty: int) -> SellableStated:
    return SellableStated(ACCOUNT, SAMSUNG, qty, NOON)


def sold(actions: list[Action]) -> list[int]:
    return [action.order.order_qty for action in actions if isinstance(action, SubmitOrder)]


def codes(actions: list[Action]) -> list[AlarmCode]:
    return [action.code for action in actions if isinstance(action, AlarmRaised)]


def stopped(*events: Event) -> TradingCore:
    """Return a core that holds 10 and whose stop, order 2, was sent and lost."""
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, a_price(9_000), lost(2), *events)
    return core


def test_exit_when_its_answer_is_lost_pages_at_once_and_sends_nothing() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, a_price(9_000))
    actions = core.handle(lost(2))
    assert codes(actions) == [AlarmCode.OUTCOME_UNKNOWN, AlarmCode.EXIT_IN_DOUBT]
    assert actions[-1] == AlarmRaised(
        AlarmCode.EXIT_IN_DOUBT, "10", NOON, ClOrdId(2), SAMSUNG, ACCOUNT
    )
    assert feed(core, a_price(8_900), a_price(8_800)) == []


def test_exit_when_in_doubt_is_paged_once_also_after_a_restart() -> None:
    again = TradingCore(a_config(), stopped().state)
    feed(again, rules(), PhaseChanged(Phase.CONTINUOUS, NOON))
    assert again.handle(a_price(8_800)) == []


@pytest.mark.parametrize(("qty", "sent"), [(10, [10]), (25, [10]), (6, [6]), (0, [])])
def test_exit_when_the_broker_says_what_is_sellable_sells_that_and_no_more(
    qty: int, sent: list[int]
) -> None:
    assert sold(stopped().handle(sellable(qty))) == sent


def test_sellable_when_stated_again_changes_nothing() -> None:
    core = stopped(sellable(10))
    assert core.handle(sellable(0)) == []
    assert sleeve_of(core).sellable(SAMSUNG) == 0


def test_sellable_when_the_new_exit_ended_and_nothing_is_free_takes_the_shares_back() -> None:
    core = stopped(sellable(4))
    assert sleeve_of(core).selling == {SAMSUNG: 10}
    feed(core, a_report(E.REJECTED, cl_ord_id=3))
    assert sold(core.handle(sellable(0))) == []
    assert core.state.orders[ClOrdId(2)].freed_qty == 0


def test_order_in_doubt_when_it_works_after_all_claims_its_shares_again() -> None:
    core = stopped(sellable(10))
    feed(core, a_report(cl_ord_id=2))
    assert sleeve_of(core).selling == {SAMSUNG: 20}
    assert sold(core.handle(a_price(8_000))) == []
    feed(core, a_fill(10, 9_000, "X", 2), a_report(E.REJECTED, cl_ord_id=3))
    assert (sleeve_of(core).positions, sleeve_of(core).selling) == ({}, {})


def test_order_in_doubt_when_it_never_was_lets_the_exit_go() -> None:
    core = stopped()
    assert sold(core.handle(a_report(E.REJECTED, cl_ord_id=2, at=NOON))) == []
    assert core.wakes_at() is not None
    assert sold(core.handle(a_price(8_000, at=NOON + 10**9))) == [10]


def test_exit_when_a_strategys_sale_is_in_doubt_sells_the_rest_and_pages() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, an_intent(Side.SELL, 4, price=10_500), lost(2))
    actions = core.handle(a_price(9_000))
    assert codes(actions) == [AlarmCode.EXIT_IN_DOUBT]
    assert sold(actions) == [6]
    assert sold(core.handle(sellable(4))) == [4]


def test_liquidation_when_a_sale_is_in_doubt_waits_for_the_word_of_the_broker() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, KillSet(KillLevel.LIQUIDATE, "훈련", NOON))
    assert codes(core.handle(lost(2)))[-1] is AlarmCode.EXIT_IN_DOUBT
    assert sold(core.handle(sellable(10))) == [10]


def test_sellable_when_several_sales_are_in_doubt_frees_the_oldest_first() -> None:
    core = a_core(sleeves=(SLEEVE, OTHER_SLEEVE))
    hold(core, 10)
    hold(core, 10, sleeve_id=OTHER_SLEEVE)
    feed(core, an_intent(Side.SELL, 8, intent_id="a"), lost(3))
    feed(core, an_intent(Side.SELL, 8, intent_id="b", sleeve_id=OTHER_SLEEVE), lost(4))
    freed = [SharesFreed(ClOrdId(3), 8), SharesFreed(ClOrdId(4), 1)]
    assert core.handle(sellable(13)) == freed
    assert core.handle(sellable(13)) == []
    assert core.handle(sellable(4)) == [SharesFreed(ClOrdId(3), 0), SharesFreed(ClOrdId(4), 0)]


def test_new_order_when_a_buy_is_in_doubt_finds_its_cash_still_reserved() -> None:
    core = a_core(an_intent(size=60), lost(1))
    assert sleeve_of(core).reserved == 60 * 13_000
    (refused,) = core.handle(an_intent(size=800, intent_id="more", price=12_000))
    assert isinstance(refused, IntentRefused)
    reasons = {refusal.reason for refusal in refused.refusals}
    assert reasons >= {Reason.ORDER_IN_DOUBT, Reason.NOT_ENOUGH_CASH}
    assert core.handle(SellableStated(ACCOUNT, SAMSUNG, 500, NOON)) == []
