"""The start-up path comes to its end whatever the broker's lists lack, and loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from maemae.core.events import AccountStated, Event, InstrumentUpdated, SessionStarted
from maemae.domain.errors import BrokerUnavailableError, InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, ExecId, OrderId, Symbol
from maemae.domain.instant import DAY, SECOND
from maemae.domain.order import Order, Request, RequestKind
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.statement import Notice, StatedStatus
from maemae.domain.terms import Side
from maemae.ports import OutboxRow
from maemae.trading.mailbox import Answer, Mailbox
from maemae.trading.plan import ExecutorPlan
from maemae.trading.prices import PricePump
from maemae.trading.recovery import Recovery
from maemae.trading.rounds import Rounds
from tests.builders import ACCOUNT, CASH, DAY_1, DAY_2, NOON, SAMSUNG, a_config, an_order, rules
from tests.reconciler_rig import Rig, in_doubt, row_of
from tests.stated_rows import executed, stated
from tests.timed_outside import QUIET, TimedFeed
from tests.virtual_time import run

E, S = ExecType, StatedStatus
TOMORROW = NOON + DAY


class SilentFeed(TimedFeed):
    """A feed that is down until it is not."""

    is_up = False

    async def instruments(self, day: date) -> tuple[InstrumentUpdated, ...]:
        if not self.is_up:
            raise BrokerUnavailableError("답이 없습니다.", "No answer.")
        return self.rules


class Restart:
    """An executor that starts again beside the core that another life left."""

    def __init__(self, before: Rig, instant: int = NOON, feed: TimedFeed | None = None) -> None:
        self.rig = rig = Rig(before.core, instant)
        self.feed = TimedFeed((rules(),)) if feed is None else feed
        self.mailbox = Mailbox()
        self.beside: list[asyncio.Task[object]] = []
        outside = replace(rig.place.outside, broker=rig.broker, feed=self.feed)
        self.plan = ExecutorPlan("here", a_config(), (ACCOUNT,))
        self.recovery = Recovery(
            self.plan,
            outside,
            rig.sender,
            Rounds(rig.reconciler, rig.place.outside),
            PricePump(outside, self.mailbox, lambda _trade: None),
            lambda: rig.core.state,
            rig.ask,
            self._spawn,
        )

    async def run(self, *rows: OutboxRow, within: int = 3_600) -> None:
        async with asyncio.timeout(within):
            await self.recovery.run(rows)

    def _spawn(self, coroutine: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        task = asyncio.create_task(coroutine)
        self.beside.append(task)
        return task

    def held(self) -> list[str]:
        """Return the orders that a person was told to look at."""
        told = self.rig.place.told("ORDER_HELD")
        assert all(alert.is_critical for alert in told)
        return [alert.subject for alert in told]


def test_start_when_the_account_agrees_is_done_at_once() -> None:
    async def main() -> None:
        start = Restart(Rig())
        await start.run(within=2)
        assert start.rig.kinds(AccountStated)
        assert not start.rig.place.alerts

    run(main())


def test_start_when_a_difference_lasts_books_it_after_a_quiet_period() -> None:
    async def main() -> None:
        start = Restart(Rig())
        start.rig.broker.money = CASH + 7
        await start.run(within=2 * QUIET // SECOND)
        assert sum(s.cash for s in start.rig.core.state.account(ACCOUNT)) == CASH + 7

    run(main())


@pytest.mark.parametrize("quiet", [QUIET, 60 * SECOND])
def test_start_when_the_account_never_stands_still_comes_up_and_says_so(quiet: int) -> None:
    async def main() -> None:
        start = Restart(Rig())
        broker = start.rig.broker
        broker.traits = replace(broker.traits, quiet_period=quiet)

        def change() -> None:
            broker.money += 1

        broker.on_cash = change
        await start.run(within=600)
        assert not start.rig.kinds(AccountStated)
        assert start.rig.place.told("NOT_COMPARED")

    run(main())


def test_start_when_a_slow_broker_s_difference_lasts_books_it_all_the_same() -> None:
    async def main() -> None:
        start = Restart(Rig())
        broker = start.rig.broker
        broker.traits = replace(broker.traits, quiet_period=60 * SECOND)
        broker.money = CASH + 7
        await start.run(within=600)
        assert start.rig.kinds(AccountStated)

    run(main())


def test_start_when_yesterday_s_order_is_open_ends_it_before_the_session_begins() -> None:
    async def main() -> None:
        before = Rig()
        twin = before.work("0000001")
        lost = before.wish()
        before.core.handle(in_doubt(lost))
        fill = executed(10, "F1", order=twin, px=9_900)
        start = Restart(before, TOMORROW)
        lists = start.rig.broker.of(DAY_1)
        lists.orders.append(stated("0000001", S.FILLED, 10, order=twin))
        lists.fills.append(fill)
        start.rig.broker.held[SAMSUNG], start.rig.broker.money = 10, CASH - 99_000
        await start.run(row_of(lost))
        ends = [
            event.exec_type if isinstance(event, ExecutionReport) else "SessionStarted"
            for event in start.rig.told
            if isinstance(event, ExecutionReport | SessionStarted)
        ]
        assert ends == [E.TRADE, E.REJECTED, "SessionStarted"]
        assert start.rig.qty() == 10
        assert not start.rig.place.alerts

    run(main())


def test_start_when_a_day_s_lists_are_gone_holds_its_orders_and_comes_up() -> None:
    async def main() -> None:
        before = Rig()
        before.work("0000001")
        lost = before.lose(9_800)
        start = Restart(before, TOMORROW)
        start.rig.broker.gone.add(DAY_1)
        await start.run(row_of(lost))
        assert start.held() == ["1", "2"] * 2
        assert start.rig.order(2).status is OrderStatus.UNKNOWN
        assert start.rig.core.state.session_date == DAY_2
        assert start.rig.sender.sent_at.keys() == {2}  # and its fingerprint stays blocked

    run(main())


def test_start_when_today_s_lists_cannot_be_read_waits_for_them() -> None:
    async def main() -> None:
        start = Restart(Rig())
        start.rig.broker.gone.add(DAY_1)
        coming = asyncio.create_task(start.run())
        await asyncio.sleep(120)
        assert not coming.done()
        assert start.rig.place.told("ACCOUNT_UNREADABLE")
        start.rig.broker.gone.clear()
        await coming

    run(main())


def test_start_when_a_canceled_order_counts_more_than_its_executions_comes_up() -> None:
    async def main() -> None:
        before = Rig()
        order = before.work("0000001")
        cancel = ClOrdId(before.core.state.last_cl_ord_id + 1)
        before.core.state.orders[order.cl_ord_id] = asked_to_cancel(before, cancel)
        row = replace(row_of(order), cl_ord_id=cancel)
        start = Restart(before)
        lists = start.rig.broker.of(DAY_1)
        lists.orders.append(stated("0000001", S.CANCELED, 4, order=order))
        await start.run(row)
        assert start.held() == [str(cancel)]
        assert not start.rig.order(1).is_closed

    run(main())


def asked_to_cancel(rig: Rig, number: ClOrdId) -> Order:
    """Return the first order with a cancel that may have left."""
    return rig.order(1).request(Request(number, RequestKind.CANCEL))


def test_start_when_the_core_refuses_a_report_holds_its_order_and_comes_up() -> None:
    async def main() -> None:
        start = Restart(Rig())
        theirs = replace(an_order(10, 5_000, Side.SELL), symbol=Symbol("123450"))
        lists = start.rig.broker.of(DAY_1)
        lists.orders.append(stated("0000777", S.FILLED, 10, order=theirs))
        lists.fills.append(executed(10, "F7", "0000777", order=theirs, px=5_000))
        await start.run()
        assert start.held() == ["1"]
        assert start.rig.place.told("REPORT_REFUSED")

    run(main())


def test_start_when_the_core_refuses_the_session_tells_a_person_and_goes_on() -> None:
    async def main() -> None:
        start = Restart(Rig(), TOMORROW)

        async def refuse(event: Event, **_more: object) -> Answer:
            if isinstance(event, SessionStarted):
                raise InvalidValueError("뒤로 갈 수 없습니다.", "It cannot go back.")
            return await start.rig.ask(event)

        start.recovery = replace(start.recovery, ask=refuse)
        await start.run()
        (alert,) = start.rig.place.told("REPORT_REFUSED")
        assert alert.is_critical

    run(main())


def test_start_when_the_feed_is_down_comes_up_and_is_told_the_rules_later() -> None:
    async def main() -> None:
        feed = SilentFeed((rules(),))
        start = Restart(Rig(), feed=feed)
        await start.run(within=60)
        assert len(start.mailbox) == 0
        feed.is_up = True
        await asyncio.gather(*start.beside)
        assert len(start.mailbox) == 1

    run(main())


def test_start_when_the_feed_is_quick_waits_for_the_rules() -> None:
    async def main() -> None:
        start = Restart(Rig())
        await start.run()
        assert all(task.done() for task in start.beside)
        assert len(start.mailbox) == 1

    run(main())


def test_notice_of_today_before_the_session_began_is_not_about_yesterday_s_order() -> None:
    async def main() -> None:
        before = Rig()
        order = before.work("0000001")
        start = Restart(before, TOMORROW)
        rig = start.rig
        fill = Notice(
            ACCOUNT, OrderId("0000001"), SAMSUNG, order.side, E.TRADE, ExecId("F1"), TOMORROW,
            last_qty=7, last_px=9_000,
        )  # fmt: skip
        rig.hear(fill)
        assert rig.qty() == 0
        rig.broker.of(DAY_1).orders.append(stated("0000001", S.EXPIRED, order=order))
        await start.run()
        (ended,) = rig.kinds(ExecutionReport)
        assert ended.exec_type is E.EXPIRED
        assert rig.qty() == 0
        assert rig.links.parked(-1, 0) == [fill]

    run(main())
