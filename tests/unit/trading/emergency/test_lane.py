"""With nothing but a broker: cancel, then sell what is sellable, never too fast, never twice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date

import pytest
from msgspec.structs import replace

from maemae.core.actions import CancelOrder
from maemae.domain.ids import AccountId, OrderId
from maemae.domain.instant import SECOND
from maemae.domain.order import Order
from maemae.domain.statement import StatedOrder, StatedStatus
from maemae.domain.terms import Side
from maemae.ports import Permit
from maemae.trading.emergency.lane import EmergencyLane
from maemae.trading.emergency.lane_report import LaneReport
from maemae.trading.emergency.log import Answered, CancelSent, SaleSent
from maemae.trading.emergency.reach import Reach
from tests.builders import ACCOUNT
from tests.emergency_broker import EmergencyBroker, Fault, Memory
from tests.virtual_time import VirtualWall, run


async def lane_run(
    broker: EmergencyBroker,
    reach: Reach,
    memory: Memory | None = None,
    may_send: Callable[[], bool] = lambda: True,
    patience_secs: int = 300,
) -> LaneReport:
    scribe = Memory() if memory is None else memory
    lane = EmergencyLane(
        broker, (ACCOUNT,), scribe, VirtualWall(), may_send, patience_secs * SECOND
    )
    return await lane.run(reach)


def a_busy_broker(orders_per_sec: int, faults: tuple[Fault, ...] = ()) -> EmergencyBroker:
    """40 working orders, half of them sales of what is held, and 60 positions."""
    broker = EmergencyBroker(orders_per_sec, faults=faults, tails=[0.1] * 100)
    for number in range(60):
        broker.hold(f"{number:06}", 10)
    for number in range(20):
        broker.work(f"{number:06}", Side.SELL, 10)
        broker.work(f"{number + 100:06}", Side.BUY, 10)
    return broker


@pytest.mark.parametrize(("orders_per_sec", "within"), [(5, 30), (1, 110)])
def test_liquidation_of_40_orders_and_60_positions_is_flat_in_time(
    orders_per_sec: int, within: int
) -> None:
    broker = a_busy_broker(orders_per_sec)

    report = run(lane_run(broker, Reach.LIQUIDATE))

    assert broker.is_flat
    assert report.is_done
    assert broker.flat_at is not None
    assert broker.flat_at <= within * SECOND
    assert (broker.rate_refusals, broker.oversold) == (0, [])
    assert (len(report.canceled), len(report.sold)) == (40, 60)


def test_liquidation_sells_an_instrument_only_after_its_cancels_are_confirmed() -> None:
    broker = EmergencyBroker(tails=[0.9])
    broker.hold("000001", 10)
    broker.work("000001", Side.SELL, 10)

    run(lane_run(broker, Reach.LIQUIDATE))

    assert broker.sent == ["CANCEL 1", "SELL 000001 10"]
    assert broker.oversold == []


def test_liquidation_waits_for_what_the_dead_executor_sent_last() -> None:
    async def scenario() -> EmergencyBroker:
        broker = EmergencyBroker()
        broker.hold("000001", 10)
        broker.work_later(9.0, "000001", Side.SELL, 10)
        await lane_run(broker, Reach.LIQUIDATE)
        return broker

    broker = run(scenario())

    assert broker.sent == ["CANCEL 1", "SELL 000001 10"]
    assert broker.oversold == []


def test_liquidation_sells_no_part_while_another_order_of_it_works() -> None:
    broker = EmergencyBroker(faults=[Fault.LOST_REQUEST])
    broker.hold("000001", 10)
    broker.work("000001", Side.SELL, 4)

    run(lane_run(broker, Reach.LIQUIDATE))

    assert broker.sent == ["CANCEL 1", "CANCEL 1", "SELL 000001 10"]


def test_sale_that_an_adapter_holds_up_is_waited_for() -> None:
    class Slow(EmergencyBroker):
        async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
            await asyncio.sleep(8)
            return await super().submit(order, permit=permit)

    broker = Slow(quiet_period=2 * SECOND)
    broker.hold("000001", 10)

    run(lane_run(broker, Reach.LIQUIDATE))

    assert broker.sent == ["SELL 000001 10"]


def test_lists_that_a_slow_broker_gives_page_by_page_are_waited_for() -> None:
    class Paged(EmergencyBroker):
        async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
            await asyncio.sleep(25)
            return await super().orders(account_id, day)

    broker = Paged(quiet_period=2 * SECOND)
    broker.work("000001", Side.BUY, 10)

    assert run(lane_run(broker, Reach.CANCEL_ALL)).is_done

    assert broker.sent == ["CANCEL 1"]


def test_order_that_shows_only_after_the_start_is_canceled() -> None:
    async def scenario() -> EmergencyBroker:
        broker = EmergencyBroker()
        broker.work_later(9.0, "000001", Side.BUY, 10)
        await lane_run(broker, Reach.CANCEL_ALL)
        return broker

    broker = run(scenario())

    assert broker.sent == ["CANCEL 1"]
    assert broker.is_flat


def test_cancels_leave_at_once() -> None:
    broker = EmergencyBroker()
    broker.work("000001", Side.BUY, 10)

    run(lane_run(broker, Reach.CANCEL_ALL))

    assert broker.arrivals[0] < SECOND


@pytest.mark.parametrize(
    ("reach", "canceled"),
    [
        (Reach.NOTHING, set[str]()),
        (Reach.CANCEL_BUYS, {"1"}),
        (Reach.CANCEL_ALL, {"1", "2", "3"}),
        (Reach.LIQUIDATE, {"1", "2"}),
    ],
)
def test_reach_decides_which_orders_are_canceled(reach: Reach, canceled: set[str]) -> None:
    broker = EmergencyBroker()
    broker.work("000001", Side.BUY, 10)
    broker.work("000002", Side.SELL, 10)
    broker.work("000003", Side.SELL, 10, price=None)

    report = run(lane_run(broker, reach))

    assert report.is_done
    found = {key for key, order in broker.book.items() if order.status is StatedStatus.CANCELED}
    assert found == canceled


@pytest.mark.parametrize("reach", [Reach.CANCEL_BUYS, Reach.CANCEL_ALL])
def test_cancels_alone_sell_nothing(reach: Reach) -> None:
    broker = EmergencyBroker()
    broker.hold("000001", 10)

    report = run(lane_run(broker, reach))

    assert broker.held == {"000001": 10}
    assert report.is_done


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SILENCE, Fault.BUG])
def test_sale_when_its_answer_is_lost_is_not_sent_again(fault: Fault) -> None:
    broker = EmergencyBroker(faults=[fault], tails=[0.9])
    broker.hold("000001", 10)

    report = run(lane_run(broker, Reach.LIQUIDATE))

    assert broker.sent == ["SELL 000001 10"]
    assert report.is_done


def test_sale_when_it_never_arrived_is_sent_after_the_quiet_period() -> None:
    broker = EmergencyBroker(faults=[Fault.LOST_REQUEST])
    broker.hold("000001", 10)

    run(lane_run(broker, Reach.LIQUIDATE))

    assert broker.sent == ["SELL 000001 10"] * 2
    assert broker.arrivals[1] - broker.arrivals[0] >= broker.traits.quiet_period
    assert broker.is_flat


def test_cancel_when_it_never_arrived_is_sent_after_the_quiet_period() -> None:
    broker = EmergencyBroker(faults=[Fault.LOST_REQUEST])
    broker.work("000001", Side.BUY, 10)

    run(lane_run(broker, Reach.CANCEL_ALL))

    assert broker.sent == ["CANCEL 1"] * 2
    assert broker.arrivals[1] - broker.arrivals[0] >= broker.traits.quiet_period


def test_cancel_when_lost_does_not_hold_up_the_others() -> None:
    broker = EmergencyBroker(faults=[Fault.SILENCE] * 4)
    for number in range(8):
        broker.work(f"{number:06}", Side.BUY, 10)

    run(lane_run(broker, Reach.CANCEL_ALL))

    assert broker.arrivals[7] < 3 * SECOND


def test_halted_position_is_parked_and_named_with_its_reason() -> None:
    broker = EmergencyBroker()
    broker.hold("000001", 10)
    broker.hold("000002", 7)
    broker.halted.add(next(iter(broker.held)))

    report = run(lane_run(broker, Reach.LIQUIDATE, patience_secs=120))

    assert not report.is_done
    assert [(left.symbol, left.qty, left.reason.en) for left in report.left] == [
        ("000001", 10, "Not now.")
    ]
    assert [(sold.symbol, sold.qty) for sold in report.sold] == [("000002", 7)]
    assert "000001 10주 - 지금은 안 됩니다." in report.text.ko
    assert broker.sent.count("SELL 000001 10") < 10


def test_halted_position_when_trading_resumes_is_sold() -> None:
    async def scenario() -> tuple[EmergencyBroker, LaneReport]:
        broker = EmergencyBroker()
        broker.hold("000001", 10)
        broker.halted.update(broker.held)
        asyncio.get_running_loop().call_later(120, broker.halted.clear)
        return broker, await lane_run(broker, Reach.LIQUIDATE)

    broker, report = run(scenario())

    assert broker.is_flat
    assert report.is_done


def test_buy_that_fills_while_it_is_canceled_is_sold() -> None:
    async def scenario() -> EmergencyBroker:
        broker = EmergencyBroker(faults=[Fault.LOST_REQUEST])
        order_id = broker.work("000001", Side.BUY, 10)

        def fill() -> None:
            broker.book[order_id] = replace(
                broker.book[order_id], status=StatedStatus.FILLED, leaves_qty=0, cum_qty=10
            )
            broker.hold("000001", 10)

        asyncio.get_running_loop().call_later(5, fill)
        await lane_run(broker, Reach.LIQUIDATE)
        return broker

    broker = run(scenario())

    assert broker.sent == ["CANCEL 1", "SELL 000001 10"]


def test_lists_that_cannot_be_read_are_read_again() -> None:
    broker = EmergencyBroker(query_faults=[True] * 30)
    broker.work("000001", Side.BUY, 10)

    report = run(lane_run(broker, Reach.CANCEL_ALL))

    assert broker.is_flat
    assert report.is_done


def test_report_when_lists_were_never_read_says_so() -> None:
    broker = EmergencyBroker(query_faults=[True] * 10_000)
    broker.work("000001", Side.BUY, 10)

    report = run(lane_run(broker, Reach.CANCEL_ALL, patience_secs=30))

    assert not report.is_known
    assert not report.is_done
    assert "증권사 앱" in report.text.ko


def test_lane_when_somebody_took_over_sends_nothing_more() -> None:
    broker = EmergencyBroker()
    for number in range(20):
        broker.work(f"{number:06}", Side.BUY, 10)

    def may_send() -> bool:
        return VirtualWall().monotonic() < 2 * SECOND

    report = run(lane_run(broker, Reach.CANCEL_ALL, may_send=may_send))

    assert len(broker.sent) == 10
    assert broker.arrivals[-1] < 2 * SECOND
    assert report.is_fenced
    assert not report.is_done


def test_every_request_is_noted_before_it_leaves_and_after_it_was_answered() -> None:
    class Witness(Memory):
        async def note(self, record: object) -> None:
            if isinstance(record, CancelSent | SaleSent):
                await asyncio.sleep(0.01)
                assert len(broker.sent) <= len(self.requests)
                self.requests.append(record)
            else:
                assert isinstance(record, Answered)
                self.answers.append(record)

        def __init__(self) -> None:
            super().__init__()
            self.requests: list[CancelSent | SaleSent] = []
            self.answers: list[Answered] = []

    broker = a_busy_broker(5, faults=(Fault.LOST_REPLY, Fault.REFUSED, Fault.NONE))
    witness = Witness()

    run(lane_run(broker, Reach.LIQUIDATE, witness))

    numbers = [request.number for request in witness.requests]
    assert len(set(numbers)) == len(numbers) == len(broker.sent)
    assert sorted(answer.number for answer in witness.answers) == sorted(numbers)


@pytest.mark.parametrize("reach", [Reach.CANCEL_ALL, Reach.LIQUIDATE])
def test_lane_when_somebody_takes_over_while_its_broker_waits_sends_nothing(reach: Reach) -> None:
    broker, waits = Waiting(quiet_period=2 * SECOND), []
    broker.on_wait = lambda: waits.append(1)
    broker.hold("000001", 10)
    broker.work("000002", Side.BUY, 10)
    memory = Memory()

    report = run(lane_run(broker, reach, memory, may_send=lambda: not waits))

    assert (broker.sent, report.is_fenced, bool(waits)) == ([], True, True)


class Waiting(EmergencyBroker):
    """Waits as for a token, then asks whether it still may."""

    on_wait: Callable[[], None]

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        await self._wait(permit)
        return await super().submit(order)

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        await self._wait(permit)
        return await super().cancel(order, request)

    async def _wait(self, permit: Permit | None) -> None:
        self.on_wait()
        await asyncio.sleep(1)
        assert permit is not None
        permit()
