"""
What the journal tells of one command, one order or one strategy's day.

Read over connections that cannot write, in whichever process asks; nothing is decided by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import Engine, Row, Select, select
from sqlalchemy import text as sql
from sqlalchemy.exc import SQLAlchemyError

from maemae.core.actions import Action, IntentRefused, OrderReported
from maemae.core.events import Event
from maemae.domain.errors import JournalCorruptError, StorageError
from maemae.domain.ids import AccountId, ClOrdId, SleeveId
from maemae.domain.refusal import Reason, Refusal
from maemae.ports import Entry
from maemae.storage.order_records import OrderRecords, order_of
from maemae.storage.outcome import reason
from maemae.storage.records import decode_actions, encode
from maemae.storage.tables.journal import OF_A_COMMAND, journal

_decode_event: Final = msgspec.msgpack.Decoder(Event).decode
_ROWS_AT_ONCE: Final = 1_000


class Step(msgspec.Struct, frozen=True):
    """
    One thing that happened to an order.

    Attributes:
        seq: Record that tells it.
        at: When, by the exchange's time [ns, UTC].
        command_id: Key of the command that brought it; None for anything else.
        action: What it was.
    """

    seq: int
    at: int
    command_id: str | None
    action: Action


class RefusedOften(msgspec.Struct, frozen=True):
    """
    One reason for which wishes of a sleeve were refused in a session.

    Attributes:
        times: How many wishes.
        last: The newest refusal, with its figures.
        last_at: When it was [ns, UTC].
    """

    reason: Reason
    times: int
    last: Refusal
    last_at: int


class History:
    """
    The questions about one executor's journal.

    Everything blocks, and raises StorageError if the journal cannot be read.

    Args:
        reading: Makes the connections.
        executor_id: Whose journal it is.
    """

    def __init__(self, reading: Engine, executor_id: int) -> None:
        self._reading = reading
        self._mine = journal.c.executor_id == executor_id
        self._orders = OrderRecords(self._between)

    def command(self, key: str) -> Entry | None:
        """Return what a command was taken in as and what followed; None if it was not."""
        query = (
            select(journal)
            .where(self._mine, journal.c.command_id == key, sql(OF_A_COMMAND))
            .order_by(journal.c.seq)
            .limit(1)
        )
        return next(self._entries(query), None)

    def order(self, cl_ord_id: ClOrdId, sent_on: date, last_seq: int) -> list[Step]:
        """
        Return everything that happened to an order, in order.

        Args:
            cl_ord_id: Our number of it.
            sent_on: Session in which it was sent.
            last_seq: Record that last changed it.
        """
        numbers = self._orders.of(cl_ord_id, sent_on, last_seq)
        return [
            Step(entry.seq, _at(action, entry.event), entry.command_id, action)
            for entry in self._records(numbers)
            for action in entry.actions
            if order_of(action) == cl_ord_id
        ]

    def refusals(self, account_id: AccountId, sleeve_id: SleeveId, day: date) -> list[RefusedOften]:
        """Return why wishes of a sleeve were refused in a session, the commonest first."""
        query = select(journal).where(self._mine, journal.c.session_date == day)
        times: Counter[Reason] = Counter()
        last: dict[Reason, tuple[Refusal, int]] = {}
        trace = encode("INTENT_REFUSED")
        for entry in self._entries(query.order_by(journal.c.seq), trace):
            for action in entry.actions:
                if not isinstance(action, IntentRefused):
                    continue
                if (action.account_id, action.sleeve_id) != (account_id, sleeve_id):
                    continue
                for refusal in action.refusals:
                    times[refusal.reason] += 1
                    last[refusal.reason] = refusal, action.at
        return [RefusedOften(why, count, *last[why]) for why, count in times.most_common()]

    def _between(self, since: date, after: int, upto: int) -> Iterator[Entry]:
        """Yield records of a session and later ones, after one number and up to another."""
        numbers = journal.c.seq
        # Once a number is known nothing else is needed: a session's index would be read whole.
        begin = numbers > after if after else journal.c.session_date >= since
        return self._entries(
            select(journal).where(self._mine, begin, numbers <= upto).order_by(numbers)
        )

    def _records(self, numbers: Sequence[int]) -> Iterator[Entry]:
        """Yield records by their numbers, in order."""
        for start in range(0, len(numbers), _ROWS_AT_ONCE):
            some = journal.c.seq.in_(numbers[start : start + _ROWS_AT_ONCE])
            yield from self._entries(select(journal).where(self._mine, some).order_by("seq"))

    def _entries(self, query: Select[Any], trace: bytes = b"") -> Iterator[Entry]:
        """Yield records whose actions hold certain bytes."""
        try:
            with (
                self._reading.connect() as connection,
                connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query) as rows,
            ):
                for row in rows:
                    if trace in row.actions:
                        yield _entry(row)
        except SQLAlchemyError as error:
            raise StorageError(
                f"저널을 읽을 수 없습니다 ({reason(error)}). 데이터베이스를 확인하세요.",
                f"The journal cannot be read ({reason(error)}). Check that the database runs.",
            ) from error


def _at(action: Action, event: Event) -> int:
    if isinstance(action, OrderReported):
        return action.report.at
    at: int = getattr(action, "at", event.at)
    return at


def _entry(row: Row[Any]) -> Entry:
    try:
        return Entry(row.seq, _decode_event(row.event), decode_actions(row.actions), row.command_id)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise JournalCorruptError(
            f"저널의 {row.seq} 번 기록이 손상되었습니다. 거래를 멈추고 백업에서 되돌리세요.",
            f"Record {row.seq} of the journal is damaged. Stop trading and restore a backup.",
        ) from error
