"""An order of an earlier day whose end no list tells: its shares stay guarded, a person ends it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from maemae.core.actions import Action, AlarmCode, AlarmRaised, CancelOrder, SubmitOrder
from maemae.core.events import Event, KillLevel, KillSet, PhaseChanged, SessionStarted, TimePassed
from maemae.core.machine import TradingCore
from maemae.domain.instant import DAY, SECOND
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import StatedStatus
from maemae.domain.terms import Side
from maemae.krx.session import Phase
from maemae.trading.clerk import NOT_IN_DOUBT, Clerk
from maemae.trading.control.commands import Settle
from maemae.trading.control.replies import Accepted, Failed, Reply
from maemae.trading.mailbox import Mailbox
from maemae.trading.once import Once
from tests.builders import (
    ACCOUNT,
    CASH,
    DAY_1,
    DAY_2,
    NOON,
    SAMSUNG,
    a_core,
    a_price,
    a_report,
    an_intent,
    hold,
    rules,
    sleeve_of,
)
from tests.reconciler_rig import Rig
from tests.stated_rows import executed, stated
from tests.virtual_time import run

NEXT_NOON = NOON + DAY
MINUTES = 3


class Desk(Rig):
    """A rig that keeps what its core did; what it sells, the broker would sell no more."""

    def __init__(self, core: TradingCore | None = None) -> None:
        super().__init__(core)
        self.done: list[Action] = []

    def take(self, event: Event) -> tuple[Action, ...]:
        actions = super().take(event)
        self.done += actions
        for qty in sales(actions):
            self.broker.held[SAMSUNG] -= qty
        return actions


def overnight(side: Side = Side.SELL, price: int = 11_000) -> Desk:
    """Return the next noon of ten guarded shares beside an order that no list tells of."""
    core = a_core()
    hold(core, 10, stop_loss=30_000)
    rig = Desk(core)
    core.handle(an_intent(side, 10, price=price, intent_id="resting"))
    rig.acknowledge(rig.order(2), "0000050")
    rig.broker.held[SAMSUNG], rig.broker.money = 10, CASH - 100_000
    rig.place.venue.leap(DAY)
    for event in (
        SessionStarted(DAY_2, NEXT_NOON),
        rules(day=DAY_2, at=NEXT_NOON),
        PhaseChanged(Phase.CONTINUOUS, NEXT_NOON),
    ):
        core.handle(event)
    rig.links.start_session(core.state.orders.values(), DAY_2)
    return rig


async def fall(rig: Desk) -> list[Action]:
    """Return what followed from prices below the stop, with a reading now and then."""
    for second in range(1, MINUTES * 60):
        now = NEXT_NOON + second * SECOND
        rig.take(a_price(9_600, at=now))
        rig.take(TimePassed(now))
        if second % 20 == 0:
            await rig.reconciler.run_round(ACCOUNT, DAY_2)
    return rig.done


def sales(actions: Sequence[Action]) -> list[int]:
    return [action.order.order_qty for action in actions if isinstance(action, SubmitOrder)]


def cancels(actions: Sequence[Action]) -> list[CancelOrder]:
    return [action for action in actions if isinstance(action, CancelOrder)]


@pytest.mark.parametrize("is_given", [True, False])
@pytest.mark.parametrize("sellable", [10, 6])
def test_stop_when_yesterday_s_sale_holds_its_shares_sells_what_the_broker_would_sell(
    sellable: int, *, is_given: bool
) -> None:
    async def main() -> None:
        rig = overnight()
        rig.broker.held[SAMSUNG] = sellable
        if not is_given:
            rig.broker.gone.add(DAY_1)
        actions = await fall(rig)
        assert sales(actions) == [sellable]
        assert cancels(actions) == []
        paged = [action.code for action in actions if isinstance(action, AlarmRaised)]
        assert paged == [AlarmCode.EXIT_IN_DOUBT]

    run(main())


def test_stop_when_yesterday_s_sale_filled_and_nobody_said_so_sells_nothing() -> None:
    async def main() -> None:
        rig = overnight()
        rig.broker.held.clear()
        assert sales(await fall(rig)) == []

    run(main())


def test_stop_when_a_buy_of_yesterday_is_open_does_not_wait_for_its_cancel() -> None:
    async def main() -> None:
        rig = overnight(Side.BUY, 9_900)
        actions = await fall(rig)
        assert sales(actions) == [10]
        assert cancels(actions) == []

    run(main())


def test_kill_when_an_order_is_of_yesterday_asks_for_its_cancel_once_and_sells() -> None:
    async def main() -> None:
        rig = overnight()
        rig.take(KillSet(KillLevel.LIQUIDATE, "시험", NEXT_NOON))
        (cancel,) = cancels(rig.done)
        refused = a_report(
            ExecType.CANCEL_REJECTED, cl_ord_id=2, order_id=None, request_id=cancel.cl_ord_id
        )
        rig.take(refused)
        actions = await fall(rig)
        assert cancels(actions) == [cancel]
        assert sum(sales(actions)) == 10

    run(main())


def test_order_of_yesterday_when_its_list_leaves_it_out_is_held_and_nothing_is_compared() -> None:
    async def main() -> None:
        rig = overnight()
        rounds = [await rig.reconciler.run_round(ACCOUNT, DAY_2) for _ in range(10)]
        assert all(done.in_doubt == [2] and not done.is_compared for done in rounds)
        assert [len(done.held) for done in rounds] == [0] * 9 + [1]

    run(main())


def test_order_of_yesterday_when_its_list_tells_after_its_shares_were_freed_is_booked() -> None:
    async def main() -> None:
        rig = overnight()
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.order(2).freed_qty == 10
        order, lists = rig.order(2), rig.broker.of(DAY_1)
        lists.orders.append(stated("0000050", StatedStatus.FILLED, 10, order=order))
        lists.fills.append(executed(10, "F50", "0000050", order=order, px=11_000))
        rig.broker.held.clear()
        await rig.reconciler.run_round(ACCOUNT, DAY_2)
        assert rig.order(2).status is OrderStatus.FILLED
        assert rig.qty() == 0

    run(main())


# ── a person's word ──────────────────────────────────────────────────────────────────────


def settled(rig: Desk, order: Order, order_id: str | None = None) -> Reply:
    """Return what a person is answered who says that an order is gone."""
    nothing: Any = None

    async def ask() -> Reply:
        mailbox = Mailbox()

        async def take() -> None:
            (letter,) = await mailbox.take(1)
            actions = rig.take(letter.event)
            assert letter.answer is not None
            letter.answer.set_result(actions)

        engine = SimpleNamespace(mailbox=mailbox, state=rig.core.state)
        executor: Any = SimpleNamespace(engine=engine)
        once = Once(lambda _: None, lambda: NEXT_NOON)
        clerk = Clerk(nothing, executor, nothing, nothing, nothing, once, nothing, nothing)
        taking = asyncio.create_task(take())
        word: Any = order_id
        reply = await clerk.handle(Settle("k", "kim", order.cl_ord_id, "앱에 없음", word))
        taking.cancel()
        return reply

    return asyncio.run(ask())


def test_settle_when_an_order_is_of_yesterday_ends_it() -> None:
    rig = overnight()
    assert isinstance(settled(rig, rig.order(2)), Accepted)
    assert rig.order(2).status is OrderStatus.EXPIRED
    assert sleeve_of(rig.core).selling == {}


def test_settle_when_an_order_of_yesterday_is_said_to_work_is_refused() -> None:
    rig = overnight()
    assert settled(rig, rig.order(2), "0000051") == Failed(NOT_IN_DOUBT)


def test_settle_when_an_order_works_today_is_refused() -> None:
    rig = Desk()
    order = rig.work("0000001")
    assert settled(rig, order) == Failed(NOT_IN_DOUBT)
    assert rig.order(1).status is OrderStatus.NEW
