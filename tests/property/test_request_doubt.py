"""Whatever becomes of cancels that the broker takes, none is forgotten or asked for too early."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from maemae.core.events import KillLevel, KillSet
from maemae.domain.ids import ExecId, OrderId
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.statement import Notice, StatedStatus
from tests.builders import DAY_1, NOON, SAMSUNG
from tests.request_desk import ROUND_SECS, Asked, RequestDesk
from tests.stated_rows import executed, stated
from tests.timed_outside import QUIET
from tests.virtual_time import run

QUIET_SECS = QUIET // SECOND
OUTCOME = {
    StatedStatus.CANCELED: ExecType.CANCELED,
    StatedStatus.WORKING: ExecType.CANCEL_REJECTED,
    StatedStatus.FILLED: ExecType.CANCEL_REJECTED,
}


class Fate(NamedTuple):
    """
    What becomes of a cancel that was taken.

    Attributes:
        leaves: How its order stands afterwards.
        listed_after: Until the list shows it [s].
        told_after: Until the stream tells [s]; None for never.
    """

    leaves: StatedStatus
    listed_after: int
    told_after: int | None


fates = st.builds(
    Fate,
    st.sampled_from(list(OUTCOME)),
    st.integers(0, QUIET_SECS - 1),
    st.none() | st.integers(0, 3 * QUIET_SECS),
)


class World(RequestDesk):
    """A buy at work, and cancels of these fates."""

    def __init__(self, of_each: Sequence[Fate]) -> None:
        super().__init__()
        self.broker.of(DAY_1).orders.append(stated(order=self.work("0000001")))
        self.fates = iter(of_each)
        self.is_over = False
        self.refusals_told: list[float] = []
        self.broker.on_taken = self._decide

    def _decide(self, number: OrderId, _asked: Asked) -> None:
        fate = next(self.fates, Fate(StatedStatus.CANCELED, 0, None))
        loop = asyncio.get_running_loop()
        leaves = StatedStatus.WORKING if self.is_over else fate.leaves
        self.is_over = self.is_over or leaves is not StatedStatus.WORKING
        loop.call_later(fate.listed_after, self._list, leaves)
        if fate.told_after is None:
            return
        if OUTCOME[leaves] is ExecType.CANCEL_REJECTED:
            self.refusals_told.append(loop.time() + fate.told_after)
        order = self.order(1)
        notice = Notice(
            order.account_id, OrderId("0000001"), SAMSUNG, order.side, OUTCOME[leaves],
            ExecId(f"{number}:{leaves}"), NOON + SECOND, request_id=number,
        )  # fmt: skip
        self.hear_later(fate.told_after, notice)

    def _list(self, status: StatedStatus) -> None:
        if status is StatedStatus.FILLED:
            self.broker.of(DAY_1).orders[:] = [stated("0000001", status, 10, order=self.order(1))]
            self.broker.of(DAY_1).fills.append(executed(10, order=self.order(1), px=9_900))
        elif status is StatedStatus.CANCELED:
            self.broker.restate("0000001", status)

    def may_be_asked_again(self, before: float, at: float) -> bool:
        """Whether the lists of a quiet period, or a refusal, came between two cancels."""
        is_told = any(before <= told <= at for told in self.refusals_told)
        return is_told or at - before >= 2 * QUIET_SECS


@settings(max_examples=40)
@given(st.lists(fates, max_size=4))
def test_cancel_when_taken_is_asked_for_until_its_order_is_gone_and_never_too_early(
    of_each: list[Fate],
) -> None:
    async def main() -> None:
        world = World(of_each)
        async with world.sending():
            world.take(KillSet(KillLevel.CANCEL_ALL, "시험", NOON + SECOND))
            await world.go_on((len(of_each) + 1) * (2 * QUIET_SECS + 2 * ROUND_SECS))
        order = world.order(1)
        assert order.is_closed
        assert order.cum_qty == sum(fill.qty for fill in world.broker.of(DAY_1).fills)
        assert world.sender.sent_at.keys() <= {asked.cl_ord_id for asked in order.requests}
        asked = world.asked_at
        assert all(map(world.may_be_asked_again, asked, asked[1:]))

    run(main())
