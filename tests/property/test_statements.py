"""Whatever the stream has told and whenever the lists are read, the book ends as the broker's."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from maemae.core.state import CoreState
from maemae.domain.ids import ClOrdId, ExecId, OrderId
from maemae.domain.order import Order
from maemae.domain.order_status import CLOSED, ExecType
from maemae.domain.statement import Notice, StatedExecution, StatedOrder, StatedStatus
from maemae.trading.links import Links
from maemae.trading.statements import external_orders, missing_reports
from tests.builders import ACCOUNT, DAY_1, NOON, SAMSUNG, a_report, an_order
from tests.stated_rows import executed, stated

NUMBER = ClOrdId(1)


@dataclass
class Truth:
    """One order at the broker: its rows, its fills, and what the stream says of them."""

    rows: list[StatedOrder] = field(default_factory=lambda: [stated()])
    fills: list[StatedExecution] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def is_open(self) -> bool:
        return self.rows[-1].status is StatedStatus.WORKING

    def fill(self, qty: int) -> None:
        row = self.rows[-1]
        qty = min(qty, row.leaves_qty)
        at = NOON + len(self.notices)
        px = row.price or 1
        fill = executed(qty, f"F{len(self.fills)}", row.order_id, px=px, at=at)
        self.fills.append(fill)
        left = row.leaves_qty - qty
        status = StatedStatus.WORKING if left else StatedStatus.FILLED
        self.rows[-1] = replace(row, cum_qty=row.cum_qty + qty, leaves_qty=left, status=status)
        self._tell(ExecType.TRADE, fill.exec_id, last_qty=qty, last_px=px)

    def amend(self, price: int) -> None:
        row = self.rows[-1]
        number = f"{len(self.rows) + 1:07d}"
        at = NOON + len(self.notices) + 1
        self.rows[-1] = replace(row, status=StatedStatus.REPLACED, leaves_qty=0)
        self.rows.append(
            stated(
                number,
                cum_qty=row.cum_qty,
                order_qty=row.order_qty - 1 if row.leaves_qty > 1 else row.order_qty,
                price=price,
                orig=row.order_id,
                at=at,
            )
        )
        self._tell(
            ExecType.REPLACED,
            ExecId(f"R{number}"),
            orig_order_id=row.order_id,
            price=price,
            order_qty=self.rows[-1].order_qty,
            at=at,
        )

    def end(self, status: StatedStatus) -> None:
        self.rows[-1] = replace(self.rows[-1], status=status, leaves_qty=0)
        self._tell(ExecType(status), ExecId("END"))

    def _tell(self, exec_type: ExecType, exec_id: ExecId, **more: object) -> None:
        number = self.rows[-1].order_id
        at = NOON + len(self.notices)
        notice = Notice(ACCOUNT, number, SAMSUNG, an_order().side, exec_type, exec_id, at)
        self.notices.append(replace(notice, **more))


ENDS = st.sampled_from([StatedStatus.CANCELED, StatedStatus.EXPIRED])
happenings = st.lists(
    st.integers(1, 60) | st.sampled_from([9_800, 9_900, 10_100]) | ENDS, max_size=8
)


def live(happened: list[int | StatedStatus]) -> Truth:
    truth = Truth()
    for what in happened:
        if not truth.is_open():
            break
        if isinstance(what, StatedStatus):
            truth.end(what)
        elif what > 1_000:
            truth.amend(what)
        else:
            truth.fill(what)
    return truth


def take(links: Links, state: CoreState, truth: Truth, rows: list[StatedOrder]) -> int:
    """Bring the book to the lists; return how many reports that took."""
    reports = missing_reports(links.of(DAY_1), state, rows, truth.fills)
    for report in reports:
        state.orders[NUMBER] = state.orders[NUMBER].apply(report)
        if report.order_id is not None:
            links.link(report.order_id, NUMBER)
    return len(reports)


def check(order: Order, truth: Truth) -> None:
    last = truth.rows[-1]
    filled = sum(fill.qty for fill in truth.fills)
    assert order.cum_qty == filled
    assert order.notional == sum(fill.qty * fill.px for fill in truth.fills)
    assert (order.status in CLOSED) == (last.status is not StatedStatus.WORKING)
    assert order.price == last.price
    if last.status is StatedStatus.WORKING:
        assert order.leaves_qty == last.leaves_qty
    else:
        assert order.status.value == last.status.value


@given(happenings, st.data())
def test_book_when_the_lists_are_read_ends_as_the_broker_s(
    happened: list[int | StatedStatus], data: st.DataObject
) -> None:
    truth = live(happened)
    working = an_order().apply(a_report(at=NOON, order_id="0000001"))
    links, state = Links([working], DAY_1), CoreState(orders={NUMBER: working})
    heard = data.draw(st.lists(st.sampled_from(truth.notices))) if truth.notices else []
    late = data.draw(st.permutations(truth.notices))

    def hear(notices: list[Notice]) -> None:
        for report in links.translate_all(notices, 0):
            state.orders[NUMBER] = state.orders[NUMBER].apply(report)

    hear(heard)
    rows = data.draw(st.permutations(truth.rows))
    take(links, state, truth, rows)
    check(state.orders[NUMBER], truth)
    assert take(links, state, truth, rows) == 0
    assert external_orders(links.of(DAY_1), rows, []) == []

    hear(late)
    check(state.orders[NUMBER], truth)
    assert state.orders[NUMBER].order_ids[-1] == OrderId(truth.rows[-1].order_id)


@given(happenings, st.integers(0, 8))
def test_book_when_the_list_of_fills_is_behind_closes_nothing_too_early(
    happened: list[int | StatedStatus], known: int
) -> None:
    truth = live(happened)
    working = an_order().apply(a_report(at=NOON, order_id="0000001"))
    links, state = Links([working], DAY_1), CoreState(orders={NUMBER: working})
    fills, truth.fills = truth.fills, truth.fills[:known]

    take(links, state, truth, truth.rows)

    if len(fills) > known:
        assert not state.orders[NUMBER].is_closed
    truth.fills = fills
    take(links, state, truth, truth.rows)
    check(state.orders[NUMBER], truth)
