"""Stores for tests: each on a database of its own, SQLite or a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from maemae.core.actions import Action, CancelOrder, OrderReported, ReplaceOrder, SubmitOrder
from maemae.core.events import Event
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.ids import ClOrdId
from maemae.domain.instant import SECOND
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Mode, Side
from maemae.ports import Entry, Lane, OutboxRow, Turn
from maemae.storage.engine import open_database
from maemae.storage.migrate import migrate
from maemae.storage.store import SqlStore, open_store
from tests.builders import NOON, a_config, a_fill, a_report, an_intent, opening

OWNER = "owner"
_SQLITE = "sqlite:///"
WAIT = 60  # seconds until a test gives up on a future; never waited for when all is well
MakeUrl = Callable[[], str]


def open_here(url: str, mode: Mode = Mode.SIM, owner: str = OWNER) -> SqlStore:
    """
    Open a store outside of market hours, without a backup.

    A SQLite file that is not there begins with its tables: making them is for tests of that.
    """
    path = Path(url.removeprefix(_SQLITE))
    if url.startswith(_SQLITE) and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_migrated())
    return open_store(url, owner, mode, backup=lambda: None, is_market_open=lambda: False)


@cache
def _migrated() -> bytes:
    """Return a SQLite database with every table and nothing in it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        database = open_database(f"{_SQLITE}{path}")
        migrate(database, backup=lambda: None, is_market_open=lambda: False)
        database.close()
        return path.read_bytes()


def sqlite_url(folder: Path) -> str:
    return f"{_SQLITE}{folder / 'store.db'}"


class Desk:
    """
    A core whose every turn goes to a store, as an executor does it.

    Attributes:
        core: The real one.
        seq: Number of the newest input.
        turns: Events and actions that the core has had, in order.
    """

    def __init__(self, store: SqlStore, holder: str = "first") -> None:
        self.store = store
        taken = store.take_lease(holder, store.read_lease())
        assert taken is not None
        self.lease = taken
        recovered = store.recover()
        self.core = TradingCore(a_config(), recovered.state)
        self.seq = recovered.seq
        self.open_requests = recovered.open_requests
        self.turns: list[tuple[Event, Sequence[Action]]] = []

    @property
    def state(self) -> CoreState:
        return self.core.state

    def turn(self, *events: Event, command_id: str | None = None) -> Turn:
        """Let the core handle events; return what is to be made durable."""
        entries = []
        for event in events:
            self.seq += 1
            actions = self.core.handle(event)
            self.turns.append((event, actions))
            entries.append(Entry(self.seq, event, actions, command_id))
        happened = [action for entry in entries for action in entry.actions]
        return Turn(entries, self._requests(happened), settled(happened))

    def tell(self, *events: Event, command_id: str | None = None) -> None:
        """Let the core handle events, and wait until they are durable."""
        turn = self.turn(*events, command_id=command_id)
        self.store.write(turn, self.state, self.lease.epoch).result(WAIT)

    def _requests(self, actions: Sequence[Action]) -> list[OutboxRow]:
        rows = []
        for action in actions:
            if isinstance(action, SubmitOrder):
                order = action.order
                rows.append(self._row(order.cl_ord_id, order.cl_ord_id, Lane.NEW, order.at))
            elif isinstance(action, CancelOrder | ReplaceOrder):
                about = action.orig_cl_ord_id
                rows.append(self._row(action.cl_ord_id, about, Lane.CANCEL, action.at))
        return rows

    def _row(self, number: ClOrdId, about: ClOrdId, lane: Lane, at: int) -> OutboxRow:
        return OutboxRow(number, about, lane, f"print-{about}", self.lease.epoch, at + SECOND, at)


def settled(actions: Sequence[Action]) -> list[ClOrdId]:
    """Return the submissions that reports tell the outcome of."""
    told = [action.report for action in actions if isinstance(action, OrderReported)]
    return [report.cl_ord_id for report in told if report.exec_type is ExecType.NEW]


def a_round(number: int) -> list[Event]:
    """Return the events of one order: wished, acknowledged, filled in two parts."""
    side = Side.BUY if number % 2 else Side.SELL
    at = NOON + number * SECOND
    order_id = f"{number:07d}"
    return [
        an_intent(side, 10, intent_id=f"wish-{number}", at=at),
        a_report(cl_ord_id=number, order_id=order_id, at=at),
        a_fill(4, 10_000, f"F{number}-1", number, at),
        a_fill(6, 10_010, f"F{number}-2", number, at),
    ]


def trade(desk: Desk, rounds: int, first: int = 1) -> None:
    """Open a core if it is new, and let it buy and sell some times, a turn for each event."""
    if not desk.state.sleeves:
        desk.tell(*opening())
    for number in range(first, first + rounds):
        for event in a_round(number):
            desk.tell(event)


def scalar(connection: Connection, statement: str) -> object:
    """Return the one value that a statement gives."""
    value: object = connection.exec_driver_sql(statement).scalar()
    return value
