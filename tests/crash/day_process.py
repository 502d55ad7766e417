"""
A process that runs the trading day and dies where it is told to.

Started as `python -m tests.crash.day_process FOLDER LIFE [FAILPOINT:COUNT] [MUTANT]`. It says
`ready` when the day begins and prints the figures at its end. What left for the house is in
the life's own ledger file, as a broker would know it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from maemae.core.actions import CancelOrder, ReplaceOrder, SubmitOrder
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import ClOrdId
from maemae.domain.order import Order
from maemae.storage.journal import SqliteJournal
from maemae.storage.records import Header, Record
from maemae.strategies.golden_cross import GoldenCross
from maemae.trading.simulated_day.day import DayPlan, DayResult, TradingDay
from maemae.venue.house import House
from tests.trading_days import STARTED, a_plan, load_market

Line = tuple[str, int, str]
"""A request that left: what it is, its number, and what it asks for."""


class Failpoints:
    """Kills this process, as `kill -9` does, when a place is passed for the nth time."""

    def __init__(self, told: str) -> None:
        name, _, count = told.partition(":")
        self._name = name
        self._left = int(count or 0)

    def passed(self, name: str) -> None:
        if name == self._name:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class LedgerHouse(House):
    """A house that writes down, outside the process, what reached it."""

    def __init__(self, plan: DayPlan, path: Path, failpoints: Failpoints) -> None:
        super().__init__(plan.schedule, plan.assumptions)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._failpoints = failpoints

    def submit(self, order: Order, at: int, trigger: int | None = None) -> list[ExecutionReport]:
        self._reached(submitted(order))
        return self._answered(super().submit(order, at, trigger))

    def cancel(self, cl_ord_id: ClOrdId, request_id: ClOrdId, at: int) -> list[ExecutionReport]:
        self._reached(("CANCEL", request_id, str(cl_ord_id)))
        return self._answered(super().cancel(cl_ord_id, request_id, at))

    def replace(
        self, cl_ord_id: ClOrdId, request_id: ClOrdId, price: int, order_qty: int, at: int
    ) -> list[ExecutionReport]:
        self._reached(("REPLACE", request_id, str(cl_ord_id)))
        return self._answered(super().replace(cl_ord_id, request_id, price, order_qty, at))

    def _reached(self, line: Line) -> None:
        os.write(self._file, msgspec.json.encode(line) + b"\n")
        self._failpoints.passed("request_left")

    def _answered(self, reports: list[ExecutionReport]) -> list[ExecutionReport]:
        self._failpoints.passed("request_answered")
        return reports


class FailingJournal(SqliteJournal):
    """The journal with places to die at; nothing else is changed."""

    def __init__(self, path: Path, header: Header, failpoints: Failpoints) -> None:
        super().__init__(path, header, snapshot_every=50)
        self._failpoints = failpoints
        self._connection.set_trace_callback(self._before_statement)

    def records(self) -> Iterator[Record]:
        for record in super().records():
            yield record
            self._failpoints.passed("repeating")

    def commit(self) -> None:
        if self._rows:
            self._failpoints.passed("before_commit")
            super().commit()
            self._failpoints.passed("after_commit")

    def _before_statement(self, statement: str) -> None:
        for name, start in _STATEMENTS.items():
            if statement.startswith(start):
                self._failpoints.passed(name)


_STATEMENTS = {
    "inserting": "INSERT INTO record",
    "in_snapshot": "INSERT INTO snapshot",
    "pruning": "DELETE FROM snapshot",
    "committing": "COMMIT",
}


class LateJournal(FailingJournal):
    """Mutant: what leaves is committed with the next request, after it has left."""

    def commit(self) -> None:
        rows, self._rows = self._rows, []
        late = getattr(self, "_late", [])
        self._rows, self._late = late, rows
        super().commit()


class LyingJournal(FailingJournal):
    """Mutant: says that it is durable and has written nothing."""

    def commit(self) -> None:
        pass


class AsynchronousJournal(FailingJournal):
    """Mutant: acknowledges while the newest record is still only in memory."""

    def commit(self) -> None:
        newest = self._rows[-1:]
        del self._rows[-1:]
        super().commit()
        self._rows.extend(newest)


MUTANTS: dict[str, type[FailingJournal]] = {
    "": FailingJournal,
    "send_before_commit": LateJournal,
    "lying_commit": LyingJournal,
    "newest_in_memory": AsynchronousJournal,
}


def submitted(order: Order) -> Line:
    """Return the ledger's line of an order."""
    return "SUBMIT", order.cl_ord_id, f"{order.intent_id} {order.order_qty} {order.price}"


def requests(record: Record) -> Iterator[Line]:
    """Yield the ledger's lines of what a record lets leave."""
    for action in record.actions:
        if isinstance(action, SubmitOrder):
            yield submitted(action.order)
        elif isinstance(action, CancelOrder):
            yield "CANCEL", action.cl_ord_id, str(action.orig_cl_ord_id)
        elif isinstance(action, ReplaceOrder):
            yield "REPLACE", action.cl_ord_id, str(action.orig_cl_ord_id)


def live(folder: Path, life: str, failpoint: str = "", mutant: str = "") -> DayResult:
    """Run the day, or what is left of it; `edited` lives trade by an edited strategy."""
    crossing = GoldenCross(fast=5, slow=20) if life.startswith("edited") else None
    plan = a_plan(load_market(folder / "market.npz"), crossing)
    failpoints = Failpoints(failpoint)
    house = LedgerHouse(plan, folder / f"{life}.ledger", failpoints)
    header = plan.header("crash", STARTED)
    with MUTANTS[mutant](folder / "journal.db", header, failpoints) as journal:
        day = TradingDay(plan, journal, house)
        say("ready")
        return day.run()


def main() -> None:
    """Live once."""
    folder, life, *rest = sys.argv[1:]
    result = live(Path(folder), life, *rest)
    figures = (result.order_hash, result.book_hash, [text.en for text in result.differences])
    say(msgspec.json.encode(figures).decode())


def say(line: str) -> None:
    """Tell the process that started this one."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
