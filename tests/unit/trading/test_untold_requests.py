"""A cancel or replace that the broker took and never told of again is asked about."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from maemae.core.actions import ReplaceOrder
from maemae.core.events import KillLevel, KillSet
from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.instant import SECOND
from maemae.domain.intent import ReplaceIntent
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import Notice, StatedStatus
from maemae.domain.terms import Cause, Side
from tests.builders import CASH, DAY_1, NOON, SAMSUNG, a_core, a_price, a_report, an_intent, hold
from tests.request_desk import ROUND_SECS, Asked, RequestDesk
from tests.stated_rows import stated
from tests.timed_outside import QUIET
from tests.virtual_time import run

S = StatedStatus
QUIET_SECS = QUIET // SECOND
KILL = KillSet(KillLevel.CANCEL_ALL, "시험", NOON + SECOND)
BUY = "0000001"


def a_desk() -> RequestDesk:
    """Return a desk with a buy at work, and in the broker's list."""
    desk = RequestDesk()
    desk.broker.of(DAY_1).orders.append(stated(BUY, order=desk.work(BUY)))
    return desk


def answer(desk: RequestDesk, exec_type: ExecType, request_id: str, secs: float) -> None:
    """Have the stream tell, so much later, what came of a request about the buy."""
    order = desk.order(1)
    notice = Notice(
        order.account_id, OrderId(BUY), SAMSUNG, order.side, exec_type,
        ExecId(f"{request_id}:{exec_type}"), NOON + SECOND, request_id=OrderId(request_id),
    )  # fmt: skip
    desk.hear_later(secs, notice)


def test_kill_when_a_cancel_was_refused_and_nobody_told_cancels_again_after_the_quiet_period() -> (
    None
):
    async def main() -> None:
        desk = a_desk()
        async with desk.sending():
            desk.take(KILL)
            await desk.go_on(2 * QUIET_SECS + 3 * ROUND_SECS)
            first, second = desk.asked_at
            assert 2 * QUIET_SECS <= second - first <= 2 * (QUIET_SECS + ROUND_SECS)
            desk.broker.restate(BUY, S.CANCELED)  # this one was carried out
            await desk.go_on(ROUND_SECS)
        assert desk.order(1).status is OrderStatus.CANCELED
        assert desk.sender.sent_at == {}
        assert len(desk.asked_at) == 2

    run(main())


def test_cancel_when_it_was_carried_out_and_nobody_told_is_seen_in_the_next_list() -> None:
    async def main() -> None:
        desk = a_desk()
        desk.broker.on_taken = lambda _number, _asked: desk.broker.restate(BUY, S.CANCELED)
        async with desk.sending():
            desk.take(KILL)
            assert await desk.go_on(2 * ROUND_SECS)
            assert desk.order(1).status is OrderStatus.CANCELED
            await desk.go_on(6 * QUIET_SECS)
        assert len(desk.asked_at) == 1

    run(main())


@pytest.mark.parametrize("listed_after", [0, QUIET_SECS - 1])
@pytest.mark.parametrize("told_after", [1, QUIET_SECS + 5])
def test_cancel_when_its_notice_is_late_and_not_lost_is_asked_for_once(
    told_after: int, listed_after: int
) -> None:
    async def main() -> None:
        desk = a_desk()

        def carry_out(number: OrderId, _asked: Asked) -> None:
            later = asyncio.get_running_loop().call_later
            later(listed_after, desk.broker.restate, BUY, S.CANCELED)
            answer(desk, ExecType.CANCELED, number, told_after)

        desk.broker.on_taken = carry_out
        async with desk.sending():
            desk.take(KILL)
            await desk.go_on(6 * QUIET_SECS)
        assert len(desk.asked_at) == 1
        assert desk.order(1).status is OrderStatus.CANCELED
        assert desk.sender.sent_at == {}

    run(main())


def test_refusal_when_it_is_told_after_the_lists_said_so_leaves_the_next_cancel_open() -> None:
    async def main() -> None:
        desk = a_desk()
        async with desk.sending():
            desk.take(KILL)
            await desk.go_on(2 * QUIET_SECS + 2 * ROUND_SECS)
            assert len(desk.asked_at) == 2
            answer(desk, ExecType.CANCEL_REJECTED, "9000001", 0)
            await desk.go_on(QUIET_SECS)
            assert desk.order(1).is_cancel_pending
            assert len(desk.asked_at) == 2
            answer(desk, ExecType.CANCEL_REJECTED, "9000002", 0)
            await desk.go_on(2 * ROUND_SECS)
        assert len(desk.asked_at) == 3  # refused, and told so: asked again at once

    run(main())


def test_stop_when_its_cancel_was_refused_and_nobody_told_asks_again_and_sells() -> None:
    async def main() -> None:
        desk = RequestDesk(a_core())
        hold(desk.core, 10, stop_loss=30_000)
        desk.broker.held[SAMSUNG], desk.broker.money = 10, CASH - 100_000
        profit = an_intent(Side.SELL, 10, price=11_000, intent_id="profit")
        desk.core.handle(profit)
        desk.acknowledge(desk.order(2), "0000002")
        desk.broker.of(DAY_1).orders.append(stated("0000002", order=desk.order(2)))
        async with desk.sending():
            desk.take(a_price(9_600, at=NOON + SECOND))
            await desk.go_on(2 * QUIET_SECS + 2 * ROUND_SECS)
            assert len(desk.asked_at) == 2
            assert desk.broker.sold == []
            desk.broker.restate("0000002", S.CANCELED)
            await desk.go_on(2 * ROUND_SECS)
        assert [(sale.order_qty, sale.cause) for sale in desk.broker.sold] == [(10, Cause.STOP)]

    run(main())


def replaced(desk: RequestDesk, price: int, number: str, orig: str) -> None:
    """List that an order goes on under another number at another price."""
    row = desk.broker.row(orig)
    desk.broker.restate(orig, S.REPLACED)
    at = desk.place.venue.now()
    desk.broker.of(DAY_1).orders.append(
        replace(row, order_id=OrderId(number), orig_order_id=OrderId(orig), price=price, at=at)
    )


def test_replace_when_only_the_list_tells_of_it_ends_and_the_account_is_compared() -> None:
    async def main() -> None:
        desk = a_desk()
        desk.broker.on_taken = lambda number, _asked: replaced(desk, 9_800, number, BUY)
        async with desk.sending():
            desk.take(ReplaceIntent(ClOrdId(1), 9_800, 10, NOON + SECOND))
            assert await desk.go_on(2 * ROUND_SECS)
            order = desk.order(1)
            assert (order.price, order.requests, desk.sender.sent_at) == (9_800, (), {})
            asked = desk.take(ReplaceIntent(ClOrdId(1), 9_700, 10, desk.place.venue.now()))
        assert isinstance(asked[0], ReplaceOrder)

    run(main())


def test_replace_when_the_list_shows_the_one_before_is_not_taken_for_done() -> None:
    async def main() -> None:
        desk = a_desk()
        async with desk.sending():
            desk.take(ReplaceIntent(ClOrdId(1), 9_800, 10, NOON + SECOND))
            await asyncio.sleep(1)
            replaced(desk, 9_800, "9000001", BUY)
            report = a_report(
                ExecType.REPLACED, order_id="9000001", price=9_800, order_qty=10, request_id=2,
                at=NOON,
            )  # fmt: skip
            desk.take(report)  # its notice is stamped before the list is
            desk.take(ReplaceIntent(ClOrdId(1), 9_700, 10, desk.place.venue.now()))
            await desk.go_on(QUIET_SECS)
            assert [asked.price for asked in desk.order(1).requests] == [9_700]
            await desk.go_on(QUIET_SECS + 2 * ROUND_SECS)
        assert desk.order(1).requests == ()  # by the lists of a quiet period it was refused
        assert desk.order(1).price == 9_800

    run(main())
