"""A broker that several processes share: its ledger is a file, and it fences by epoch."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import NotAcceptedError, StorageError
from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
    StatedStatus,
)
from maemae.domain.terms import Mode, OrdType, Side, TimeInForce
from maemae.ports import BrokerEvent, BrokerTraits, ClientIdSupport, Lease, Permit, Recovered
from tests.builders import ACCOUNT, SAMSUNG

TRAITS = BrokerTraits(Mode.SIM, ClientIdSupport.NONE, SECOND // 4, 20, 50, fences=True)


def opened(path: Path) -> sqlite3.Connection:
    """Return a connection of its own transactions to a file that is there."""
    return sqlite3.connect(f"file:{path}?mode=rw", uri=True, isolation_level=None, timeout=10)


def make(folder: Path) -> None:
    """Make an empty ledger and an empty store."""
    with sqlite3.connect(folder / "ledger.db") as ledger:
        ledger.executescript(
            "CREATE TABLE fence (epoch INTEGER); INSERT INTO fence VALUES (0);"
            "CREATE TABLE placed (number INTEGER PRIMARY KEY, epoch INTEGER, status TEXT);"
            "CREATE TABLE refused (epoch INTEGER)"
        )
    ledger.close()
    with sqlite3.connect(folder / "store.db") as store:
        store.executescript(
            "CREATE TABLE lease (holder TEXT, epoch INTEGER, beat INTEGER);"
            "INSERT INTO lease VALUES ('', 0, 0)"
        )
    store.close()


class LedgerBroker:
    """One connection to the ledger (`maemae.ports.Broker`)."""

    traits = TRAITS

    def __init__(self, folder: Path) -> None:
        self._ledger = opened(folder / "ledger.db")
        self._epoch = 0

    async def connect(self, epoch: int) -> None:
        self._epoch = epoch
        self._ledger.execute("UPDATE fence SET epoch = max(epoch, ?)", (epoch,))

    async def close(self) -> None:
        pass

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        assert order.side is Side.BUY
        return self._change("INSERT INTO placed (epoch, status) VALUES (?, 'WORKING')", self._epoch)

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        number = int(order.order_ids[-1])
        return self._change("UPDATE placed SET status = 'CANCELED' WHERE number = ?", number)

    def _change(self, statement: str, value: int) -> OrderId:
        self._ledger.execute("BEGIN IMMEDIATE")
        (fence,) = self._ledger.execute("SELECT epoch FROM fence").fetchone()
        if self._epoch < fence:
            self._ledger.execute("INSERT INTO refused VALUES (?)", (self._epoch,))
            self._ledger.execute("COMMIT")
            raise NotAcceptedError("다른 실행기가 맡았습니다.", "Fenced.", "FENCED")
        number = self._ledger.execute(statement, (value,)).lastrowid
        self._ledger.execute("COMMIT")
        return OrderId(str(number))

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        raise AssertionError

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        rows = self._ledger.execute("SELECT number, status FROM placed ORDER BY number").fetchall()
        return tuple(
            StatedOrder(
                ACCOUNT,
                OrderId(str(number)),
                SAMSUNG,
                Side.BUY,
                OrdType.LIMIT,
                TimeInForce.DAY,
                1_000,
                1,
                0,
                1 if status == "WORKING" else 0,
                StatedStatus(status),
                0,
            )
            for number, status in rows
        )

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        return ()

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        return ()

    async def cash(self, account_id: AccountId) -> StatedCash:
        raise AssertionError

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        return None

    async def reclaim(self) -> None:
        raise AssertionError("not asked for")

    async def server_time(self) -> int:
        return 1_700_000_000 * SECOND

    async def notices(self) -> AsyncIterator[Notice | BrokerEvent]:
        nothing: tuple[Notice, ...] = ()
        for notice in nothing:
            yield notice


class SharedStore:
    """The lease in a file; down while a file `store-down` lies beside it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._require_up()

    def read_lease(self) -> Lease:
        self._require_up()
        with self._opened() as store:
            return Lease(*store.execute("SELECT holder, epoch, beat FROM lease").fetchone())

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        return self._changed(Lease(holder, seen.epoch + 1, 0), seen)

    def beat(self, lease: Lease) -> Lease | None:
        return self._changed(Lease(lease.holder, lease.epoch, lease.beat + 1), lease)

    def recover(self) -> Recovered:
        raise StorageError("읽을 수 없습니다.", "It cannot be read.")

    def _changed(self, to: Lease, seen: Lease) -> Lease | None:
        self._require_up()
        with self._opened() as store:
            changed = store.execute(
                "UPDATE lease SET holder = ?, epoch = ?, beat = ?"
                " WHERE holder = ? AND epoch = ? AND beat = ?",
                (to.holder, to.epoch, to.beat, seen.holder, seen.epoch, seen.beat),
            ).rowcount
        return to if changed else None

    def _opened(self) -> sqlite3.Connection:
        return opened(self._folder / "store.db")

    def _require_up(self) -> None:
        if (self._folder / "store-down").exists():
            raise StorageError("내려갔습니다.", "Down.")
