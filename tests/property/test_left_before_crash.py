"""Wherever an executor crashes, whatever may be at the broker is asked about, never written off."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from maemae.core.actions import SubmitOrder
from maemae.core.state import CoreState
from maemae.domain.ids import ClOrdId
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.terms import Purpose, Side
from maemae.ports import Lane, OutboxRow
from maemae.trading import recovery
from maemae.trading.outbox import Outbox, Parcel
from maemae.trading.turn import fingerprint
from tests.builders import a_report, an_order


class Step(NamedTuple):
    """
    What happens next.

    Attributes:
        what: An order is decided, sent, dropped unsent, answered or lost; the oldest report
            becomes durable; the broker frees the shares of a lost sale, or takes them back.
        which: Picks the order among those that it can happen to.
        side: Of an order that is decided: all of a side look the same.
    """

    what: str
    which: int = 0
    side: Side = Side.BUY


HAPPENINGS = [
    "send",
    "send",
    "drop",
    "answer",
    "lose",
    "refuse",
    "durable",
    "durable",
    "free",
    "unfree",
]
steps = st.lists(
    st.builds(Step, st.just("decide"), st.just(0), st.sampled_from(Side))
    | st.builds(Step, st.sampled_from(HAPPENINGS), st.integers(0, 3)),
    max_size=40,
)


class World:
    """
    An outbox, what the store has of it, and what left.

    Slots are used as a sender does: taken as an order leaves or is dropped, freed once what
    became of it is durable.
    """

    drops_at_once = False
    frees_untold = False

    def __init__(self) -> None:
        self.outbox = Outbox()
        self.orders: dict[ClOrdId, Order] = {}
        self.rows: dict[ClOrdId, OutboxRow] = {}
        self.left: set[ClOrdId] = set()
        self.unanswered: list[ClOrdId] = []
        self.dropped: list[ClOrdId] = []
        self.reports: deque[tuple[ClOrdId, ExecType]] = deque()

    def do(self, step: Step) -> None:
        getattr(self, f"_{step.what}")(step)

    def _decide(self, step: Step) -> None:
        number = ClOrdId(len(self.orders) + 1)
        is_buy = step.side is Side.BUY
        purpose = Purpose.NEW if is_buy else Purpose.REDUCE
        order = replace(an_order(side=step.side, cl_ord_id=number), purpose=purpose)
        lane = Lane.NEW if is_buy else Lane.REDUCE
        row = OutboxRow(number, number, lane, fingerprint(order), 1, 10**9, 0)
        self.orders[number], self.rows[number] = order, row
        self.outbox.put(Parcel(row, order, SubmitOrder(order)))

    def _send(self, _step: Step) -> None:
        parcel = self.outbox.take(0)
        if parcel is not None:
            number = parcel.row.cl_ord_id
            self.outbox.hold(number, parcel.row.fingerprint)
            self.left.add(number)
            self.unanswered.append(number)

    def _drop(self, step: Step) -> None:
        waiting = self.rows.keys() - self.left - set(self.dropped)
        number = _pick(sorted(waiting), step)
        for parcel in self.outbox.drop(lambda parcel: parcel.row.cl_ord_id == number):
            if not self.drops_at_once:
                self.outbox.hold(parcel.row.cl_ord_id, parcel.row.fingerprint)
            self.dropped.append(parcel.row.cl_ord_id)
            self.reports.append((parcel.row.cl_ord_id, ExecType.EXPIRED))

    def _answer(self, step: Step) -> None:
        self._tell(step, ExecType.NEW)

    def _lose(self, step: Step) -> None:
        self._tell(step, ExecType.OUTCOME_UNKNOWN)

    def _refuse(self, step: Step) -> None:
        """Have the broker prove that it did not take an order, which is then sent once more."""
        number = _pick(self.unanswered, step)
        if number is not None:
            self.unanswered.remove(number)
            self.left.remove(number)
            self.outbox.free(number)
            order = self.orders[number]
            self.outbox.put(Parcel(self.rows[number], order, SubmitOrder(order)))

    def _tell(self, step: Step, exec_type: ExecType) -> None:
        number = _pick(self.unanswered, step)
        if number is not None:
            self.unanswered.remove(number)
            self.reports.append((number, exec_type))
            if self.frees_untold:
                self.outbox.free(number)

    def _durable(self, _step: Step) -> None:
        if not self.reports:
            return
        number, exec_type = self.reports.popleft()
        order_id = f"{number:07d}" if exec_type is ExecType.NEW else None
        report = a_report(exec_type, cl_ord_id=number, order_id=order_id)
        self.orders[number] = self.orders[number].apply(report)
        if exec_type is not ExecType.OUTCOME_UNKNOWN:
            del self.rows[number]
            self.outbox.free(number)

    def _free(self, step: Step) -> None:
        self._let_pass(step, self.orders[ClOrdId(1)].order_qty if self.orders else 0)

    def _unfree(self, step: Step) -> None:
        self._let_pass(step, 0)

    def _let_pass(self, step: Step, freed_qty: int) -> None:
        lost_sales = [
            number
            for number, order in self.orders.items()
            if order.standing is OrderStatus.UNKNOWN and order.side is Side.SELL
        ]
        number = _pick(lost_sales, step)
        if number is not None and self.orders[number].freed_qty != freed_qty:
            freed = replace(self.orders[number], freed_qty=freed_qty, was_freed=True)
            self.orders[number] = freed
            self.outbox.free(number)


def _pick(numbers: Sequence[ClOrdId], step: Step) -> ClOrdId | None:
    return numbers[step.which % len(numbers)] if numbers else None


def written_off(steps: Sequence[Step], world: World) -> set[ClOrdId]:
    """Return the orders that left and that a start after these steps would call unsent."""
    lost: set[ClOrdId] = set()
    for step in steps:
        world.do(step)
        rows = list(world.rows.values())
        asked = recovery._may_have_left(rows, CoreState(orders=dict(world.orders)))
        lost |= world.left & world.rows.keys() - {row.cl_ord_id for row in asked}
    return lost


@given(steps)
def test_start_wherever_the_crash_asks_about_all_that_left(steps: list[Step]) -> None:
    assert not written_off(steps, World())


class HastyDrops(World):
    """Gives up the slot of what it drops before that is durable."""

    drops_at_once = True


class HastyAnswers(World):
    """Gives up a slot with the answer, durable or not."""

    frees_untold = True


@pytest.mark.parametrize("mutant", [HastyDrops, HastyAnswers])
def test_checker_when_slots_are_freed_too_early_finds_a_fault(mutant: type[World]) -> None:
    assert find(steps, lambda steps: bool(written_off(steps, mutant())), settings=SEARCH)


SALE = Step("decide", side=Side.SELL)
LET_PASS = [SALE, SALE, Step("send"), Step("lose"), Step("durable"), Step("free"), Step("send")]


def test_start_asks_about_an_exit_that_passed_one_in_doubt_also_when_its_shares_are_taken() -> None:
    assert not written_off([*LET_PASS, Step("unfree")], World())


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        pytest.param(
            lambda order: order.freed_qty > 0, [*LET_PASS, Step("unfree")], id="what is freed now"
        ),
        pytest.param(lambda _order: False, LET_PASS, id="none was let pass"),
    ],
)
def test_checker_when_shares_that_were_freed_are_forgotten_finds_a_fault(
    rule: Callable[[Order], bool], steps: list[Step]
) -> None:
    with patch.object(recovery, "_may_be_let_pass", rule):
        assert written_off(steps, World()) == {2}


def test_start_asks_about_one_of_two_buys_that_look_the_same() -> None:
    world = World()
    for step in (Step("decide"), Step("decide"), Step("send"), Step("send")):
        world.do(step)

    asked = recovery._may_have_left(list(world.rows.values()), CoreState(orders=dict(world.orders)))

    assert [row.cl_ord_id for row in asked] == [1]


SEARCH = settings(max_examples=4_000, database=None, phases=[Phase.generate])
