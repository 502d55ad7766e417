"""
Whatever a real core goes through, the store gives its book back, and its tables show it.

The core, its broker and its exchange are those of the property tests of the ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import func, select

from maemae.core.actions import Action, FillBooked, SubmitOrder
from maemae.core.events import Event
from maemae.core.state import CoreState, book_hash
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import OrderId
from maemae.domain.instant import kst_date
from maemae.domain.order import Order
from maemae.krx.costs import Rounding
from maemae.ports import Entry, Lane, OutboxRow, Turn
from maemae.storage.queries import Queries, ShownPosition, ShownSleeve
from maemae.storage.store import SqlStore
from maemae.storage.tables.orders import executions
from tests.property.test_core_ledger import HONEST, WILD, Town
from tests.storage.databases import WAIT, open_here

EXAMPLES = 12
NUMBERS = count(1)
Happenings = tuple[Callable[..., None], ...]
Charges = tuple[int, int, int]
"""Commission, tax and profit [won]."""


class StoredTown(Town):
    """A town whose core's turns go to a store, some inputs at a time, at random."""

    def __init__(self, store: SqlStore, data: st.DataObject, *, honest: bool) -> None:
        lease = store.take_lease("town", store.read_lease())
        assert lease is not None
        store.recover()
        self.seq, self._store, self._epoch = 0, store, lease.epoch
        self.days: set[date] = set()
        self.booked: dict[int, Charges] = {}
        self._entries: list[Entry] = []
        super().__init__(data, honest=honest, rounding=Rounding.PER_ORDER)

    def _check(self, event: Event, actions: list[Action]) -> None:
        super()._check(event, actions)
        self.seq += 1
        self.days.add(self.core.state.session_date or kst_date(event.at))
        self._entries.append(Entry(self.seq, event, actions))
        for action in actions:
            if isinstance(action, FillBooked):
                before = self.booked.get(action.cl_ord_id, (0, 0, 0))
                self.booked[action.cl_ord_id] = (
                    before[0] + action.commission,
                    before[1] + action.tax,
                    before[2] + action.realized,
                )
        if self._draw(st.integers(0, 3)) == 0:
            self.write()

    def _report(self, report: ExecutionReport) -> None:
        """Name the order by a number of the broker's: no two orders of a day share one."""
        super()._report(replace(report, order_id=OrderId(f"{report.cl_ord_id:07d}")))

    def write(self) -> None:
        """Make durable what has happened, and now and then a snapshot."""
        sent = [
            action.order
            for entry in self._entries
            for action in entry.actions
            if isinstance(action, SubmitOrder)
        ]
        turn = Turn(self._entries, [self._request(order) for order in sent])
        self._entries = []
        self._store.write(turn, self.core.state, self._epoch).result(WAIT)
        if self._draw(st.integers(0, 9)) == 0:
            self._store.snapshot(self.core.state, self.seq).result(WAIT)

    def _request(self, order: Order) -> OutboxRow:
        number, at = order.cl_ord_id, order.at
        return OutboxRow(number, number, Lane.NEW, "print", self._epoch, at, at)


def check_tables(shown: Queries, state: CoreState, days: set[date]) -> None:
    """Check every table against the book."""
    standing = {order.cl_ord_id: order for order in shown.open_orders()}
    rows = {row.cl_ord_id: row for day in days for row in shown.orders(day)}
    for number, order in state.orders.items():
        row = rows[number]
        assert (row.status, row.cum_qty, row.leaves_qty, row.notional, row.price) == (
            order.status,
            order.cum_qty,
            order.leaves_qty,
            order.notional,
            order.price,
        )
        assert (number in standing) == (not order.is_closed)
    assert standing.keys() <= state.orders.keys()
    assert shown.positions() == sorted(held(state), key=lambda row: (row.sleeve_id, row.symbol))
    assert shown.sleeves() == sorted(money(state), key=lambda row: row.sleeve_id)
    assert shown.executor().session_date == state.session_date
    executor = shown.executor()
    assert (executor.kill, executor.trading_state, executor.ceiling) == (
        state.kill,
        state.trading_state,
        state.ceiling,
    )
    if state.session_date is not None:
        (balance,) = shown.balances(state.session_date)
        assert balance.cash == sum(sleeve.cash for sleeve in state.sleeves.values())


def held(state: CoreState) -> list[ShownPosition]:
    rows = []
    for sleeve in state.sleeves.values():
        for symbol, position in sleeve.positions.items():
            guard = sleeve.protections.get(symbol)
            rows.append(
                ShownPosition(
                    sleeve.account_id,
                    sleeve.sleeve_id,
                    symbol,
                    position.qty,
                    position.cost,
                    position.opened_at,
                    (guard.stop_px or None) if guard else None,
                    (guard.take_px or None) if guard else None,
                )
            )
    return rows


def money(state: CoreState) -> list[ShownSleeve]:
    return [
        ShownSleeve(
            one.account_id,
            one.sleeve_id,
            one.halted,
            one.cash,
            one.reserved,
            one.flows,
            one.realized,
            one.commission,
            one.tax,
            one.opening_equity,
            one.opening_flows,
            one.orders_today,
        )
        for one in state.sleeves.values()
    ]


def check_executions(store: SqlStore, state: CoreState, booked: Mapping[int, Charges]) -> None:
    """Check the fills of every order, and what each came to, whoever's shares they were."""
    mine = executions.c.executor_id == store.executor_id
    fills = select(
        executions.c.cl_ord_id,
        func.sum(executions.c.qty),
        func.sum(executions.c.qty * executions.c.px),
    )
    charges = select(
        executions.c.cl_ord_id,
        func.sum(executions.c.commission),
        func.sum(executions.c.tax),
        func.sum(executions.c.realized),
    )
    with store.database.reading.connect() as connection:
        rows = connection.execute(fills.where(mine).group_by(executions.c.cl_ord_id)).all()
        charged = connection.execute(charges.where(mine).group_by(executions.c.cl_ord_id)).all()
    filled = {number: (qty, notional) for number, qty, notional in rows}
    for number, order in state.orders.items():
        assert filled.get(number, (0, 0)) == (order.cum_qty, order.notional)
    shown = {number: tuple(int(won) for won in sums) for number, *sums in charged}
    assert {number: shown[number] for number in booked} == booked
    assert not any(any(shown[number]) for number in shown.keys() - booked.keys())
    commission = sum(sleeve.commission for sleeve in state.sleeves.values())
    assert sum(sums[0] for sums in shown.values()) == commission


@settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # every example syncs to a disk
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data(), happenings=st.sampled_from((HONEST, WILD)))
def test_store_after_anything_that_happens_to_a_core_gives_and_shows_its_book(
    url: str, data: st.DataObject, happenings: Happenings
) -> None:

    owner = f"owner-{next(NUMBERS)}"  # a book of its own in a database that is shared
    with open_here(url, owner=owner) as store:
        town = StoredTown(store, data, honest=happenings is HONEST)
        for happening in data.draw(st.lists(st.sampled_from(happenings), min_size=20, max_size=50)):
            happening(town)
        town.write()
        state = town.core.state
        check_tables(store.queries, state, town.days)
        check_executions(store, state, town.booked)

    with open_here(url, owner=owner) as store:
        recovered = store.recover()

    assert book_hash(recovered.state) == book_hash(state)
    assert recovered.seq == town.seq
