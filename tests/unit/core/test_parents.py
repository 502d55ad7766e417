"""Parent orders: what waits, what goes in parts, and that every share of it is accounted for."""

from __future__ import annotations

import msgspec
import pytest

from maemae.core.actions import Action, CancelOrder, IntentRefused, SubmitOrder
from maemae.core.events import (
    CorporateActionDue,
    Event,
    KillLevel,
    KillSet,
    PhaseChanged,
    SessionStarted,
    TimePassed,
    TradingStateSet,
)
from maemae.core.machine import TradingCore
from maemae.core.parent_facts import ParentEnd, ParentEnded
from maemae.core.state import CoreState
from maemae.domain.corporate_action import ShareChange
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId
from maemae.domain.instant import MINUTE, SECOND
from maemae.domain.intent import CancelIntent, Cash, Everything, ParentIntent, WithdrawIntent
from maemae.domain.order_status import ExecType
from maemae.domain.parent import Crossing, Slice
from maemae.domain.refusal import Reason
from maemae.domain.terms import Cause, OrdType, Side, TradingState
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from tests.builders import (
    ACCOUNT,
    DAY_1,
    DAY_2,
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
    rules,
    sleeve_of,
)

RISES = Crossing(10_500, above=True)
FALLS = Crossing(9_500, above=False)
TWAP = (Slice(after=MINUTE),) * 3
LADDER = (Slice(1, beyond=10_000), Slice(1, beyond=20_000), Slice(2, beyond=30_000))
IN_TURN = (Slice(follows=True),) * 3


def parent(
    side: Side = Side.BUY,
    size: int = 10,
    *,
    starts_at: int = 0,
    crossing: Crossing | None = None,
    slices: tuple[Slice, ...] = (Slice(),),
    sessions: int = 1,
    number: str = "parent-1",
) -> ParentIntent:
    order = an_intent(side, size, intent_id=number)
    return ParentIntent(order, starts_at, crossing, slices, sessions)


def sent(actions: list[Action]) -> list[tuple[int, int | None]]:
    orders = [action.order for action in actions if isinstance(action, SubmitOrder)]
    return [(order.order_qty, order.price) for order in orders]


def ends(actions: list[Action]) -> list[tuple[ParentEnd, int, int, int, int]]:
    return [
        (action.end, action.qty, action.filled, action.working, action.missed)
        for action in actions
        if isinstance(action, ParentEnded)
    ]


def filled(number: int, qty: int, px: int = 10_000, at: int = NOON) -> ExecutionReport:
    return a_fill(qty, px, f"F{number}", number, at)


# ── conditional and scheduled ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("crossing", "short_of", "there"), [(RISES, 10_490, 10_500), (FALLS, 9_510, 9_400)]
)
def test_order_when_the_price_crosses_a_level_goes(
    crossing: Crossing, short_of: int, there: int
) -> None:
    core = a_core(parent(crossing=crossing), a_price(short_of))
    assert core.state.last_cl_ord_id == 0

    assert sent(core.handle(a_price(there))) == [(10, None)]
    assert sent(core.handle(a_price(there))) == []
    assert core.state.crossings == {}


def test_order_when_the_price_is_there_already_goes_at_once() -> None:
    assert sent(a_core().handle(parent(crossing=Crossing(10_000, above=True)))) == [(10, None)]


def test_core_tells_a_driver_which_prices_wake_it() -> None:
    core = a_core(parent(crossing=RISES), parent(crossing=FALLS, number="parent-2"))
    assert core.guards(SAMSUNG) == (9_500, 10_500)

    hold(core, 10, stop_loss=30_000, take_profit=90_000)
    assert core.guards(SAMSUNG) == (9_700, 10_500)


def test_order_when_scheduled_goes_at_its_time_and_says_so() -> None:
    core = a_core(parent(starts_at=NOON + MINUTE))
    assert core.wakes_at() == NOON + MINUTE
    assert core.handle(TimePassed(NOON + MINUTE - 1)) == []

    assert sent(core.handle(TimePassed(NOON + MINUTE))) == [(10, None)]
    assert core.wakes_at() is None


def test_order_when_the_gate_refuses_it_ends_and_is_told() -> None:
    core = a_core(parent(size=100_000, crossing=RISES))
    actions = core.handle(a_price(10_500))

    assert [action for action in actions if isinstance(action, IntentRefused)]
    assert ends(actions) == [(ParentEnd.DONE, 100_000, 0, 0, 100_000)]


def test_order_when_its_money_buys_no_share_is_refused_with_the_reason() -> None:
    intent = parent()
    poor = msgspec.structs.replace(
        intent, order=msgspec.structs.replace(intent.order, size=Cash(1))
    )
    actions = a_core().handle(poor)

    (refused,) = [action for action in actions if isinstance(action, IntentRefused)]
    assert [refusal.reason for refusal in refused.refusals] == [Reason.QTY_NOT_POSITIVE]
    assert ends(actions) == [(ParentEnd.REFUSED, 0, 0, 0, 0)]


def test_order_when_wished_twice_counts_once() -> None:
    core = a_core(parent(crossing=RISES))
    assert core.handle(parent(crossing=RISES)) == []
    assert len(core.state.parents) == 1


# ── parts ────────────────────────────────────────────────────────────────────────────────


def test_twap_sends_its_parts_at_their_distance_and_adds_up() -> None:
    core = a_core()
    assert sent(core.handle(parent(slices=TWAP))) == [(4, None)]
    assert core.wakes_at() == NOON + MINUTE
    assert sent(core.handle(TimePassed(NOON + MINUTE))) == [(3, None)]
    feed(core, a_price(at=NOON + 2 * MINUTE - SECOND))
    assert sent(core.handle(TimePassed(NOON + 2 * MINUTE))) == [(3, None)]
    feed(core, *(filled(number, qty) for number, qty in ((1, 4), (2, 3))))

    assert ends(core.handle(filled(3, 3))) == [(ParentEnd.DONE, 10, 10, 0, 0)]
    left = (core.state.parents, core.state.children, core.state.due)
    assert not any(left)


def test_twap_when_the_market_stands_still_keeps_its_distance_afterwards() -> None:
    core = a_core(parent(slices=TWAP), PhaseChanged(Phase.HALTED, NOON + SECOND))
    late = NOON + 10 * MINUTE
    assert core.handle(TimePassed(late)) == []
    assert core.wakes_at() is None

    feed(core, a_price(at=late))
    assert sent(core.handle(PhaseChanged(Phase.CONTINUOUS, late))) == [(3, None)]
    assert core.wakes_at() == late + MINUTE


@pytest.mark.parametrize("state", [InstrumentState.HALTED, InstrumentState.VI])
def test_part_when_the_instrument_is_halted_waits_for_the_end_of_the_halt(
    state: InstrumentState,
) -> None:
    core = a_core(parent(slices=TWAP), rules(states=(state,)))
    assert sent(core.handle(TimePassed(NOON + MINUTE))) == []

    feed(core, a_price(at=NOON + 2 * MINUTE))
    assert sent(core.handle(rules(at=NOON + 2 * MINUTE))) == [(3, None)]


def test_ladder_places_every_price_on_the_tick_and_adds_up() -> None:
    core = a_core(a_price(10_030))
    assert sent(core.handle(parent(slices=LADDER))) == [(3, 9_930), (2, 9_830), (5, 9_730)]


def test_ladder_of_a_sale_stands_above_the_price() -> None:
    core = a_core()
    hold(core, 8)
    assert sent(core.handle(parent(Side.SELL, 8, slices=LADDER))) == [
        (2, 10_100),
        (2, 10_200),
        (4, 10_300),
    ]


def test_parts_in_turn_wait_for_the_one_before_to_end() -> None:
    core = a_core()
    assert sent(core.handle(parent(slices=IN_TURN))) == [(4, None)]
    assert sent(core.handle(filled(1, 3))) == []
    assert sent(core.handle(a_report(ExecType.CANCELED, cl_ord_id=1))) == [(3, None)]
    assert sent(core.handle(filled(2, 3))) == [(3, None)]

    assert ends(core.handle(filled(3, 3))) == [(ParentEnd.DONE, 10, 9, 0, 1)]


def test_part_when_the_broker_rejects_it_is_missed_and_the_others_go_on() -> None:
    core = a_core(parent(slices=TWAP), a_report(ExecType.REJECTED, cl_ord_id=1))
    feed(core, TimePassed(NOON + MINUTE), filled(2, 3), a_price(at=NOON + 2 * MINUTE))
    feed(core, TimePassed(NOON + 2 * MINUTE))

    assert ends(core.handle(filled(3, 3))) == [(ParentEnd.DONE, 10, 6, 0, 4)]


def test_sale_in_parts_when_a_stop_sold_everything_sells_no_share_more() -> None:
    core = a_core()
    hold(core, 9, stop_loss=30_000)
    feed(core, parent(Side.SELL, 9, slices=TWAP), filled(2, 3), a_price(9_700), filled(3, 6, 9_700))
    assert sleeve_of(core).positions == {}

    feed(core, TimePassed(NOON + MINUTE))
    assert ends(core.handle(TimePassed(NOON + 2 * MINUTE))) == [(ParentEnd.DONE, 9, 3, 0, 6)]
    assert core.state.last_cl_ord_id == 3


# ── what ends them ───────────────────────────────────────────────────────────────────────


def test_buys_when_their_position_is_being_left_send_nothing_more() -> None:
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    feed(core, parent(slices=TWAP, number="more"), filled(2, 4))
    actions = core.handle(a_price(9_700))

    assert ends(actions) == [(ParentEnd.LEFT, 10, 4, 0, 6)]
    assert sent(actions) == [(14, None)]
    assert sent(core.handle(TimePassed(NOON + MINUTE))) == []


def test_buys_when_the_strategy_closes_send_nothing_more() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, parent(crossing=FALLS))

    actions = core.handle(an_intent(Side.SELL, Everything(), intent_id="close"))
    assert [each[0] for each in ends(actions)] == [ParentEnd.LEFT]


@pytest.mark.parametrize(
    ("level", "side", "goes_on"),
    [
        (KillLevel.STOP_NEW, Side.BUY, False),
        (KillLevel.STOP_NEW, Side.SELL, True),
        (KillLevel.CANCEL_ALL, Side.SELL, False),
        (KillLevel.LIQUIDATE, Side.SELL, False),
    ],
)
def test_kill_switch_ends_what_opens_and_lets_exits_go_on(
    level: KillLevel, side: Side, *, goes_on: bool
) -> None:
    core = a_core()
    hold(core, 10)
    feed(core, parent(side, crossing=FALLS))
    actions = core.handle(KillSet(level, "시험", NOON))

    assert [each[0] for each in ends(actions)] == ([] if goes_on else [ParentEnd.KILLED])
    if level is KillLevel.STOP_NEW:
        assert sent(core.handle(a_price(9_500))) == ([(10, None)] if goes_on else [])


def test_parent_when_wished_after_the_kill_switch_is_refused() -> None:
    core = a_core(KillSet(KillLevel.STOP_NEW, "시험", NOON))
    (refused,) = core.handle(parent(crossing=RISES))

    assert isinstance(refused, IntentRefused)
    assert refused.refusals[0].reason is Reason.KILLED


def test_buy_when_trading_only_reduces_waits_and_a_sale_goes() -> None:
    core = a_core()
    hold(core, 10)
    feed(core, TradingStateSet(TradingState.REDUCING, "시험", NOON))
    feed(core, parent(crossing=FALLS), parent(Side.SELL, crossing=FALLS, number="parent-2"))
    actions = core.handle(a_price(9_500))
    assert [a.order.side for a in actions if isinstance(a, SubmitOrder)] == [Side.SELL]
    feed(core, filled(2, 10, 9_500))

    resumed = core.handle(TradingStateSet(TradingState.ACTIVE, "시험", NOON))
    assert sent(resumed) == [(10, None)]


def next_day(core: TradingCore) -> list[Action]:
    at = NOON + 20 * 60 * MINUTE
    events: list[Event] = [
        PhaseChanged(Phase.CLOSED, NOON + MINUTE),
        SessionStarted(DAY_2, at),
        rules(day=DAY_2, at=at),
        a_price(at=at),
        PhaseChanged(Phase.CONTINUOUS, at),
    ]
    return feed(core, *events)


def test_parent_when_the_day_is_over_expires() -> None:
    core = a_core(parent(crossing=RISES))
    assert ends(next_day(core)) == [(ParentEnd.EXPIRED, 0, 0, 0, 0)]
    assert core.state.crossings == {}


def test_parent_when_wished_after_the_close_lives_through_the_next_day() -> None:
    core = a_core(PhaseChanged(Phase.CLOSED, NOON), parent(crossing=RISES))
    assert ends(next_day(core)) == []

    assert sent(core.handle(a_price(10_500, at=core.now))) == [(10, None)]


def test_part_when_its_session_ends_and_others_are_left_is_sent_again() -> None:
    core = a_core(parent(slices=LADDER, sessions=2), filled(3, 5, 9_700))
    feed(core, PhaseChanged(Phase.CLOSED, NOON))
    feed(core, filled(1, 1, 9_900))
    feed(core, *(a_report(ExecType.EXPIRED, cl_ord_id=each) for each in (1, 2)))

    again = next_day(core)
    assert sent(again) == [(2, 9_900), (2, 9_800)]
    assert ends(again) == []
    feed(core, filled(4, 2, 9_900))
    assert ends(core.handle(filled(5, 2, 9_800))) == [(ParentEnd.DONE, 10, 10, 0, 0)]


def test_withdrawal_ends_what_waits_and_cancels_what_works() -> None:
    core = a_core(parent(slices=TWAP), a_report(), filled(1, 1), parent(crossing=RISES, number="2"))
    actions = core.handle(WithdrawIntent(ACCOUNT, SLEEVE, SAMSUNG, NOON))

    assert ends(actions) == [
        (ParentEnd.WITHDRAWN, 10, 1, 3, 6),
        (ParentEnd.WITHDRAWN, 0, 0, 0, 0),
    ]
    assert [type(action) for action in actions].count(CancelOrder) == 1
    assert core.state.parents == {}


def test_cancel_of_a_part_takes_the_whole_back() -> None:
    core = a_core(parent(slices=LADDER), a_report(cl_ord_id=1), a_report(cl_ord_id=2))
    actions = core.handle(CancelIntent(ClOrdId(2), NOON))

    assert ends(actions) == [(ParentEnd.WITHDRAWN, 10, 0, 10, 0)]
    assert [a.orig_cl_ord_id for a in actions if isinstance(a, CancelOrder)] == [1, 2, 3]


def test_split_of_the_shares_ends_what_named_the_old_ones() -> None:
    core = a_core(parent(crossing=RISES))
    split = ShareChange(SAMSUNG, DAY_1, NOON, 2, 1, 0)

    assert ends(core.handle(CorporateActionDue(split, NOON))) == [(ParentEnd.RESTATED, 0, 0, 0, 0)]


def test_parts_carry_type_cause_and_exits_of_the_whole() -> None:
    core = a_core()
    actions = core.handle(parent(slices=TWAP))
    (order,) = [action.order for action in actions if isinstance(action, SubmitOrder)]

    assert (order.intent_id, order.ord_type, order.cause) == (
        "parent-1:0",
        OrdType.MARKET,
        Cause.SIGNAL,
    )


@pytest.mark.parametrize("slices", [TWAP, LADDER, IN_TURN])
def test_book_that_is_stored_and_read_in_the_middle_goes_on_alike(
    slices: tuple[Slice, ...],
) -> None:
    core = a_core(parent(slices=slices), filled(1, 2, 9_900))
    stored = msgspec.msgpack.encode(core.state)
    again = TradingCore(a_config(), msgspec.msgpack.decode(stored, type=CoreState))
    for seen in (rules(), a_price(), PhaseChanged(Phase.CONTINUOUS, NOON)):
        again.observe(seen)

    rest: list[Event] = [
        TimePassed(NOON + MINUTE),
        filled(1, 1, 9_900),
        TimePassed(NOON + 9 * MINUTE),
    ]
    for event in rest:
        assert again.handle(event) == core.handle(event)
    assert again.state == core.state
