"""Whatever goes wrong: the emergency lane never oversells, is never too fast, and ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.trading.emergency.lane import EmergencyLane
from maemae.trading.emergency.lane_report import LaneReport
from maemae.trading.emergency.reach import Reach
from tests.builders import ACCOUNT
from tests.emergency_broker import EmergencyBroker, Fault, Memory
from tests.virtual_time import VirtualWall, run

FAULTS = st.sampled_from(Fault)


@st.composite
def brokers(draw: st.DrawFn) -> EmergencyBroker:
    broker = EmergencyBroker(
        draw(st.integers(1, 5)),
        quiet_period=draw(st.integers(1, 12)) * SECOND,
        latency=draw(st.floats(0.0, 3.0)),
        tails=draw(st.lists(st.floats(0.0, 0.95), max_size=40)),
        faults=draw(st.lists(FAULTS, max_size=8)),
        query_faults=draw(st.lists(st.booleans(), max_size=15)),
    )
    for number in range(draw(st.integers(0, 6))):
        symbol = f"{number:06}"
        qty = draw(st.integers(1, 30))
        broker.hold(symbol, qty)
        if draw(st.booleans()):
            broker.work(symbol, Side.SELL, draw(st.integers(1, qty)))
        if draw(st.booleans()):
            broker.work(symbol, Side.BUY, 5)
        if draw(st.integers(0, 5)) == 0:
            broker.halted.update([list(broker.held)[-1]])
    return broker


async def lane_run(broker: EmergencyBroker, tail: float | None) -> LaneReport:
    if tail is not None and broker.held:
        symbol = next(iter(broker.held))
        last = tail * broker.traits.quiet_period / SECOND
        if broker.sellable(symbol):
            broker.work_later(last, symbol, Side.SELL, broker.sellable(symbol))
    lane = EmergencyLane(broker, (ACCOUNT,), Memory(), VirtualWall(), lambda: True, 300 * SECOND)
    return await lane.run(Reach.LIQUIDATE)


@given(brokers(), st.none() | st.floats(0.0, 0.95))
def test_liquidation_under_any_faults_is_flat_or_says_what_is_left(
    broker: EmergencyBroker, tail: float | None
) -> None:
    report = run(lane_run(broker, tail))

    assert broker.oversold == []
    assert all(qty >= 0 for qty in broker.held.values())
    assert broker.rate_refusals == 0
    limit = broker.traits.orders_per_sec
    arrivals = broker.arrivals
    assert all(
        later - earlier >= SECOND
        for earlier, later in zip(arrivals, arrivals[limit:], strict=False)
    )
    if report.is_done:
        assert broker.is_flat
    else:
        assert {left.symbol for left in report.left if left.order_id is None} == {
            symbol for symbol, qty in broker.held.items() if qty
        }
        assert broker.halted & {left.symbol for left in report.left}
