"""
The judge: the executor's journal against the broker's own ledger.

The ledger alone knows which of our numbers each order carried, so it can say what the executor
cannot know of itself: that an order was sent twice, or that one lives which nobody owns.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path

import msgspec

from maemae.app.owner import OWNER
from maemae.core.actions import (
    Action,
    AlarmCode,
    AlarmRaised,
    CashAdjusted,
    HoldingAdjusted,
    SubmitOrder,
)
from maemae.core.events import AccountStated
from maemae.core.state import CoreState
from maemae.domain.ids import EXTERNAL_SLEEVE, ClOrdId, Symbol
from maemae.domain.order import Order
from maemae.domain.order_status import OrderStatus
from maemae.domain.terms import Mode, Side
from maemae.emulators.ledger import LedgerOrder, ledger_orders, read_ledger
from maemae.ports import Entry
from maemae.storage.store import open_store
from maemae.trading.emergency.log import EmergencyLog, SaleSent
from tests.brokers.sim_rig import DAY


class Verdict(msgspec.Struct, frozen=True):
    """
    What was found; a sound executor has nothing in any of these but `orders` and `doubts`.

    Attributes:
        orders: Orders that the broker took from us.
        duplicates: Wishes with more than one order at the broker.
        orphans: Orders at the broker that the journal never decided.
        lost: Orders that the broker has otherwise than our book says.
        adjusted: Shares and won that reconciliation had to book because nobody knew why.
        unresolved: Orders that are still in doubt, or were and nobody was told.
        naked: Positions bought with a stop that nothing guards.
        doubts: Orders whose outcome was not known for a while.
        held: Those among them that no evidence has settled.
    """

    orders: int
    duplicates: tuple[str, ...]
    orphans: tuple[str, ...]
    lost: tuple[str, ...]
    adjusted: tuple[str, ...]
    unresolved: tuple[str, ...]
    naked: tuple[str, ...]
    doubts: int
    held: int

    @property
    def faults(self) -> list[str]:
        """Everything that ought not to be, in words."""
        return [
            f"{kind}: {what}"
            for kind in ("duplicates", "orphans", "lost", "adjusted", "unresolved", "naked")
            for what in getattr(self, kind)
        ]


def judge(database: str, ledger: Path, home: Path | None = None, mode: Mode = Mode.SIM) -> Verdict:
    """
    Compare what an executor believes with what its broker did.

    Args:
        database: URL of the store; the executor has ended.
        ledger: The broker's.
        home: Data folder, if the emergency lane may have sold; what its log has is no orphan.
        mode: Of the executor. Only the simulated broker keeps our numbers; at another one an
            order is ours if our book knows the broker's number of it.
    """
    emergency = set() if home is None else _emergency_numbers(home)
    with open_store(
        database, OWNER, mode, backup=lambda: None, is_market_open=lambda: False
    ) as store:
        state = store.recover().state
        entries = list(store.records(DAY))
        alerted = {alert.subject for alert in store.queries.open_alerts()}
    taken = ledger_orders(read_ledger(ledger))
    decided = {order.cl_ord_id: order for order in _submitted(entries)}
    book = {**decided, **state.orders}
    if mode is not Mode.SIM:
        taken = _named(taken, book)
    return Verdict(
        len(taken),
        tuple(_duplicates(taken, decided)),
        tuple(_orphans(taken, decided.keys() | emergency)),
        tuple(_lost(taken, book)),
        tuple(_adjusted(entries)) + tuple(_shares(taken, state)),
        tuple(_unresolved(state, alerted)),
        tuple(_naked(state, decided.values())),
        len(_doubts(entries)),
        sum(order.standing is OrderStatus.UNKNOWN for order in state.orders.values()),
    )


def _named(taken: Iterable[LedgerOrder], book: Mapping[ClOrdId, Order]) -> list[LedgerOrder]:
    """Give each order our number of it, None if our book does not know it."""
    ours = {number: order.cl_ord_id for order in book.values() for number in order.order_ids}
    return [msgspec.structs.replace(order, cl_ord_id=ours.get(order.order_id)) for order in taken]


def _actions(entries: Iterable[Entry]) -> Iterator[Action]:
    return (action for entry in entries for action in entry.actions)


def _submitted(entries: Iterable[Entry]) -> Iterator[Order]:
    return (action.order for action in _actions(entries) if isinstance(action, SubmitOrder))


def _duplicates(taken: Sequence[LedgerOrder], decided: Mapping[ClOrdId, Order]) -> Iterator[str]:
    by_number = Counter(order.cl_ord_id for order in taken)
    yield from (f"number {number} x {count}" for number, count in by_number.items() if count > 1)
    by_wish = Counter(
        decided[order.cl_ord_id].intent_id
        for order in taken
        if order.cl_ord_id is not None and order.cl_ord_id in decided
    )
    yield from (f"wish {wish} x {count}" for wish, count in by_wish.items() if count > 1)


def _emergency_numbers(home: Path) -> set[ClOrdId]:
    """Return our numbers of what the emergency lane sold, all of it noted before it left."""
    records = [line.record for line in EmergencyLog(home).lines()]
    return {record.number for record in records if isinstance(record, SaleSent)}


def _orphans(taken: Sequence[LedgerOrder], known: Set[ClOrdId]) -> Iterator[str]:
    for order in taken:
        if order.cl_ord_id is None or order.cl_ord_id not in known:
            yield f"{order.order_id} under number {order.cl_ord_id}"


def _lost(taken: Sequence[LedgerOrder], book: Mapping[ClOrdId, Order]) -> Iterator[str]:
    """Yield orders whose fills or number our book does not have."""
    for theirs in taken:
        ours = None if theirs.cl_ord_id is None else book.get(theirs.cl_ord_id)
        if ours is None:
            continue
        filled = sum(fill.qty for fill in theirs.fills)
        if ours.cum_qty != filled or theirs.order_id not in ours.order_ids:
            yield f"{theirs.cl_ord_id} {ours.status} {ours.cum_qty}, broker {filled}"


def _adjusted(entries: Iterable[Entry]) -> Iterator[str]:
    """Yield what reconciliation booked, the very first statement of the account left aside."""
    is_first = True
    for entry in entries:
        if isinstance(entry.event, AccountStated):
            moved: Counter[Symbol] = Counter()
            for action in entry.actions:
                if isinstance(action, HoldingAdjusted) and not is_first:
                    moved[action.symbol] += action.qty  # from one sleeve to another adds up to 0
                elif isinstance(action, CashAdjusted) and not is_first:
                    yield repr(action)
            yield from (f"{qty:+d} {symbol}" for symbol, qty in moved.items() if qty)
            is_first = False


def _shares(taken: Sequence[LedgerOrder], state: CoreState) -> Iterator[str]:
    """Yield instruments of which the sleeves do not hold what the ledger's fills leave."""
    theirs: defaultdict[Symbol, int] = defaultdict(int)
    for order in taken:
        filled = sum(fill.qty for fill in order.fills)
        theirs[order.symbol] += filled if order.side is Side.BUY else -filled
    ours: defaultdict[Symbol, int] = defaultdict(int)
    for sleeve in state.sleeves.values():
        for symbol, position in sleeve.positions.items():
            ours[symbol] += position.qty
            if sleeve.sleeve_id == EXTERNAL_SLEEVE:
                yield f"{symbol}: {position.qty} shares nobody asked for"
    for symbol in theirs.keys() | ours.keys():
        if theirs[symbol] != ours[symbol]:
            yield f"{symbol}: {ours[symbol]} in the sleeves, {theirs[symbol]} at the broker"


def _doubts(entries: Iterable[Entry]) -> set[ClOrdId | None]:
    return {
        action.cl_ord_id
        for action in _actions(entries)
        if isinstance(action, AlarmRaised) and action.code is AlarmCode.OUTCOME_UNKNOWN
    }


def _unresolved(state: CoreState, alerted: set[str]) -> Iterator[str]:
    for order in state.orders.values():
        if order.standing is OrderStatus.UNKNOWN and str(order.cl_ord_id) not in alerted:
            yield f"{order.cl_ord_id} is in doubt and nobody was told"
        if order.standing is OrderStatus.PENDING_NEW:
            yield f"{order.cl_ord_id} is still being sent"


def _naked(state: CoreState, decided: Iterable[Order]) -> Iterator[str]:
    """Yield positions that were bought with a stop and are not guarded."""
    stopped = {(order.sleeve_id, order.symbol) for order in decided if order.stop_loss is not None}
    for sleeve in state.sleeves.values():
        for symbol in sleeve.positions:
            if (sleeve.sleeve_id, symbol) in stopped and symbol not in sleeve.protections:
                yield f"{sleeve.sleeve_id} {symbol}"
