"""The last hop: what is looked at again after a broker has waited."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from maemae.core.actions import CancelOrder, ReplaceOrder, SubmitOrder
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId, OrderId
from maemae.domain.instant import SECOND
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.text import Text
from maemae.ports import Lane, OutboxRow, Permit
from maemae.trading.links import Links
from maemae.trading.outbox import Outbox, Parcel
from maemae.trading.sender import Sender
from maemae.trading.turn import fingerprint
from tests.builders import NOON, an_order
from tests.timed_outside import LeapingVenue, TimedBroker
from tests.virtual_time import VirtualWall, run

Asked = CancelOrder | ReplaceOrder
KILLED = Text("비상정지", "The kill switch is on.")
CANCEL = CancelOrder(ClOrdId(7), an_order().cl_ord_id, OrderId("101"), NOON)
REPLACE = ReplaceOrder(ClOrdId(7), an_order().cl_ord_id, OrderId("101"), 70_000, 10, NOON)


class WaitingBroker(TimedBroker):
    """Waits before it sends, as for a token, and asks whether it still may."""

    def __init__(self, venue: LeapingVenue) -> None:
        super().__init__(venue)
        self.is_reached = asyncio.Event()
        self.may_go_on = asyncio.Event()
        self.sent: list[Order] = []

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        self.is_reached.set()
        await self.may_go_on.wait()
        if permit is not None:
            permit()
        self.sent.append(order)
        return OrderId("101")

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        return await self.submit(order, permit=permit)

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        return await self.submit(order, permit=permit)


class Bench:
    """A sender with one request that its broker waits with."""

    def __init__(self) -> None:
        venue = LeapingVenue(NOON)
        self.broker = WaitingBroker(venue)
        self.objection: Text | None = None
        self.told: list[ExecutionReport] = []
        self.sender = Sender(
            self.broker,
            Outbox(),
            Links((), None),
            lambda _: self.objection,
            self._tell,
            (venue, VirtualWall()),
        )
        self.venue = venue
        self._is_told = asyncio.Event()

    def _tell(self, reports: Sequence[ExecutionReport]) -> None:
        self.told += reports
        self._is_told.set()

    def parcel(self, asked: Asked | None = None) -> Parcel:
        order = an_order()
        request = SubmitOrder(order) if asked is None else asked
        row = OutboxRow(
            order.cl_ord_id if asked is None else asked.cl_ord_id,
            order.cl_ord_id,
            Lane.CANCEL if isinstance(asked, CancelOrder) else Lane.NEW,
            fingerprint(order),
            epoch=1,
            expires_at=NOON + 60 * SECOND,
            at=NOON,
        )
        return Parcel(row, order, request)

    async def play(self, meanwhile: str, asked: Asked | None = None) -> None:
        running = asyncio.create_task(self.sender.run())
        self.sender.put((self.parcel(asked),))
        await self.broker.is_reached.wait()
        if meanwhile == "killed":
            self.objection = KILLED
        elif meanwhile == "late":
            self.venue.leap(61 * SECOND)
        self.broker.may_go_on.set()
        async with asyncio.timeout(10):
            await self._is_told.wait()
        running.cancel()
        await asyncio.wait([running])


def played(meanwhile: str, asked: Asked | None = None) -> Bench:
    async def play() -> Bench:
        bench = Bench()
        await bench.play(meanwhile, asked)
        return bench

    return run(play())


def test_order_when_the_kill_switch_is_pressed_while_its_broker_waits_does_not_leave() -> None:
    bench = played("killed")

    assert bench.broker.sent == []
    assert [(told.exec_type, told.text) for told in bench.told] == [(ExecType.EXPIRED, KILLED.ko)]
    assert bench.sender.sent_at == {}


def test_order_when_it_expires_while_its_broker_waits_does_not_leave() -> None:
    bench = played("late")

    assert bench.broker.sent == []
    assert [told.exec_type for told in bench.told] == [ExecType.EXPIRED]


def test_order_when_nothing_objects_after_the_wait_leaves() -> None:
    bench = played("")

    assert len(bench.broker.sent) == 1
    assert [told.exec_type for told in bench.told] == [ExecType.NEW]


@pytest.mark.parametrize("asked", [CANCEL, REPLACE])
def test_request_about_an_order_when_it_may_not_leave_any_more_does_not(asked: Asked) -> None:
    bench = played("killed", asked)

    assert bench.broker.sent == []
    assert [(told.exec_type, told.text) for told in bench.told] == [
        (ExecType.CANCEL_REJECTED, KILLED.ko)
    ]


def test_change_when_it_expires_while_its_broker_waits_does_not_leave() -> None:
    assert played("late", REPLACE).broker.sent == []


def test_cancel_when_it_is_late_leaves_all_the_same() -> None:
    assert len(played("late", CANCEL).broker.sent) == 1


@pytest.mark.parametrize("asked", [CANCEL, REPLACE])
def test_request_about_an_order_when_taken_stays_asked_about_until_its_outcome_is_known(
    asked: Asked,
) -> None:
    async def main() -> None:
        bench = Bench()
        bench.broker.may_go_on.set()
        await bench.play("", asked)
        assert not bench.sender.waits_longer_than(SECOND)
        await asyncio.sleep(2)
        assert bench.sender.waits_longer_than(SECOND)
        bench.sender.settle(asked.cl_ord_id)
        assert not bench.sender.waits_longer_than(0)

    run(main())


def test_request_when_its_outcome_is_known_before_its_answer_is_asked_about_no_more() -> None:
    async def main() -> None:
        bench = Bench()
        playing = asyncio.create_task(bench.play("", CANCEL))
        await bench.broker.is_reached.wait()
        bench.sender.settle(CANCEL.cl_ord_id)
        await playing
        assert bench.sender.sent_at == {}

    run(main())


def test_landing_when_an_answer_does_not_come_in_time_tells_that_it_is_in_doubt() -> None:
    async def main() -> list[ExecType]:
        bench = Bench()
        running = asyncio.create_task(bench.sender.run())
        bench.sender.put((bench.parcel(),))
        await bench.broker.is_reached.wait()
        await bench.sender.land(SECOND)
        assert bench.sender.waiting == 0
        await running
        return [told.exec_type for told in bench.told]

    assert run(main()) == [ExecType.OUTCOME_UNKNOWN]


def test_landing_when_an_order_has_not_left_tells_that_it_never_will() -> None:
    async def main() -> Bench:
        bench = Bench()
        running = asyncio.create_task(bench.sender.run())
        landing = asyncio.create_task(bench.sender.land(SECOND))
        await asyncio.wait((landing, running))
        bench.sender.put((bench.parcel(), bench.parcel(CANCEL)))
        bench.sender.leave_out_everything()
        return bench

    bench = run(main())
    assert bench.broker.sent == []
    assert bench.sender.waiting == 0
    assert [told.exec_type for told in bench.told] == [ExecType.EXPIRED, ExecType.CANCEL_REJECTED]


def test_order_when_taken_is_asked_about_no_more() -> None:
    assert played("").sender.sent_at == {}
