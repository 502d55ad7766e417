"""An order of HTS is adopted once: it reserves, it is seen by the guards, and it halts nobody."""

from __future__ import annotations

import pytest

from maemae.core.actions import Action, AlarmCode, AlarmRaised, OrderAdopted
from maemae.core.events import Event, ExternalOrderSeen, KillLevel, KillSet
from maemae.core.machine import TradingCore
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import EXTERNAL_SLEEVE, AccountId, ClOrdId
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedOrder, StatedStatus
from maemae.domain.terms import Cause, Purpose, Side
from tests.builders import (
    HYNIX,
    NOON,
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
    sleeve_of,
)
from tests.statements import an_external_order

E = ExecType


def seen(order: StatedOrder) -> ExternalOrderSeen:
    return ExternalOrderSeen(order, NOON)


def names(actions: list[Action]) -> list[str]:
    return [type(action).__name__ for action in actions]


def codes(actions: list[Action]) -> list[AlarmCode]:
    return [action.code for action in actions if isinstance(action, AlarmRaised)]


def adopted(core: TradingCore, order: StatedOrder) -> Order:
    action = core.handle(seen(order))[-1]
    assert isinstance(action, OrderAdopted)
    return action.order


def held_and_sold_elsewhere(*events: Event) -> TradingCore:
    """Return a core whose strategy holds 10 with a stop at 9,700, all sold in HTS."""
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, seen(an_external_order(Side.SELL, 10, 10_500)), *events)
    return core


def test_order_when_seen_first_gets_a_number_in_a_sleeve_of_its_own() -> None:
    core = a_core()
    sleeve_added, action = core.handle(seen(an_external_order()))
    assert type(sleeve_added).__name__ == "SleeveAdded"
    assert isinstance(action, OrderAdopted)
    order = action.order
    assert (order.cl_ord_id, order.sleeve_id, order.order_ids) == (1, EXTERNAL_SLEEVE, ("0009001",))
    assert (order.status, order.cause, order.purpose) == (
        OrderStatus.NEW,
        Cause.PERSON,
        Purpose.NEW,
    )
    assert sleeve_of(core, EXTERNAL_SLEEVE).reserved == 99_000
    assert sleeve_of(core, EXTERNAL_SLEEVE).cash == 0


def test_order_when_seen_again_changes_nothing_also_after_a_restart() -> None:
    core = a_core(seen(an_external_order()))
    assert core.handle(seen(an_external_order())) == []
    again = TradingCore(a_config(), core.state)
    assert again.handle(seen(an_external_order())) == []


def test_order_when_it_is_ours_is_not_adopted() -> None:
    core = a_core(an_intent(price=9_900), a_report(order_id="0009001"))
    assert core.handle(seen(an_external_order())) == []


def test_order_when_at_market_reserves_the_upper_limit() -> None:
    assert adopted(a_core(), an_external_order(price=None)).reserved_cash == 130_000


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        (StatedStatus.WORKING, OrderStatus.NEW),
        (StatedStatus.FILLED, OrderStatus.NEW),
        (StatedStatus.REPLACED, OrderStatus.NEW),
        (StatedStatus.CANCELED, OrderStatus.CANCELED),
        (StatedStatus.REJECTED, OrderStatus.REJECTED),
        (StatedStatus.EXPIRED, OrderStatus.EXPIRED),
    ],
)
def test_order_when_it_has_ended_stands_so_unless_its_fills_are_to_come(
    stated: StatedStatus, status: OrderStatus
) -> None:
    core = a_core()
    assert adopted(core, an_external_order(status=stated)).status is status
    is_open = status is OrderStatus.NEW
    assert (SAMSUNG in core.state.working) is is_open
    assert sleeve_of(core, EXTERNAL_SLEEVE).reserved == (99_000 if is_open else 0)


def test_order_when_canceled_in_part_books_the_fills_that_come_without_an_alarm() -> None:
    core = a_core(seen(an_external_order(status=StatedStatus.CANCELED)))
    assert codes(core.handle(a_fill(4, 9_900))) == [AlarmCode.OVERDRAWN]
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions[SAMSUNG].qty == 4


def test_order_when_it_replaced_a_known_one_is_the_same_order_on_new_terms() -> None:
    core = a_core(seen(an_external_order()))
    replaced = an_external_order(order_qty=7, price=9_800, order_id="0009002", orig="0009001")
    assert names(core.handle(seen(replaced))) == ["OrderReported"]
    order = core.state.orders[ClOrdId(1)]
    assert (order.price, order.order_qty, order.order_ids) == (9_800, 7, ("0009001", "0009002"))
    assert sleeve_of(core, EXTERNAL_SLEEVE).reserved == 68_600
    assert core.handle(seen(replaced)) == []


def test_order_when_it_replaced_an_unknown_one_is_adopted() -> None:
    assert adopted(a_core(), an_external_order(orig="0009000")).order_ids == ("0009001",)


def test_order_of_an_account_that_is_not_ours_raises() -> None:
    core = TradingCore(a_config())
    stranger = an_external_order()
    other = StatedOrder(
        AccountId("X-9"),
        stranger.order_id,
        SAMSUNG,
        Side.BUY,
        stranger.ord_type,
        stranger.time_in_force,
        9_900,
        1,
        0,
        1,
        StatedStatus.WORKING,
        NOON,
    )
    with pytest.raises(InvalidValueError, match="no cost schedule"):
        core.handle(seen(other))


def test_strategy_when_it_could_meet_an_order_from_elsewhere_is_refused() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, seen(an_external_order(price=10_000)))
    assert names(core.handle(an_intent(Side.SELL, 5))) == ["IntentRefused"]


def test_fill_when_an_order_from_elsewhere_trades_is_booked_in_its_sleeve() -> None:
    core = a_core(seen(an_external_order()), a_fill(10, 9_900))
    sleeve = sleeve_of(core, EXTERNAL_SLEEVE)
    assert (sleeve.positions[SAMSUNG].qty, sleeve.cash, sleeve.reserved) == (10, -99_000, 0)
    assert sleeve_of(core).positions == {}


def test_cash_when_spent_elsewhere_beyond_the_sleeve_is_alarmed_once_and_halts_nobody() -> None:
    core = a_core(seen(an_external_order()))
    assert codes(core.handle(a_fill(4, 9_900, "F1"))) == [AlarmCode.OVERDRAWN]
    assert codes(core.handle(a_fill(4, 9_900, "F2"))) == []
    assert not any(sleeve.halted for sleeve in core.state.sleeves.values())


def test_exit_when_its_shares_were_sold_elsewhere_sells_only_what_the_account_has() -> None:
    core = held_and_sold_elsewhere(a_fill(4, 10_500, "X", 2), a_report(E.CANCELED, cl_ord_id=2))
    feed(core, a_price(9_000))
    assert sleeve_of(core).selling == {SAMSUNG: 6}


def test_exit_when_a_sale_from_elsewhere_holds_its_shares_cancels_it() -> None:
    core = held_and_sold_elsewhere()
    assert names(core.handle(a_price(9_000))) == ["ProtectionTriggered", "CancelOrder"]
    ended = a_report(E.CANCELED, cl_ord_id=2, request_id=3, order_id="0009001")
    assert names(core.handle(ended))[-1] == "SubmitOrder"


def test_exit_when_a_sale_from_elsewhere_is_of_its_own_shares_leaves_it_alone() -> None:
    core = a_core(seen(an_external_order(Side.BUY, 10, 9_900)), a_fill(10, 9_900))
    hold(core, 10, stop_loss=30_000)
    feed(core, seen(an_external_order(Side.SELL, 10, 10_500, order_id="0009002")))
    assert names(core.handle(a_price(9_000))) == ["ProtectionTriggered", "SubmitOrder"]


def test_kill_when_it_empties_the_book_cancels_orders_but_sells_nothing_from_elsewhere() -> None:
    core = a_core(seen(an_external_order()), a_fill(10, 9_900))
    feed(core, seen(an_external_order(symbol=HYNIX, order_id="0009002")))
    hold(core, 5)
    actions = core.handle(KillSet(KillLevel.LIQUIDATE, "훈련", NOON))
    assert names(actions) == ["KillChanged", "CancelOrder", "SubmitOrder"]
    assert sleeve_of(core, SLEEVE).selling == {SAMSUNG: 5}
    assert "SubmitOrder" not in names(core.handle(a_fill(5, 10_000, "Z", 5)))
    assert sleeve_of(core, EXTERNAL_SLEEVE).positions[SAMSUNG].qty == 10
