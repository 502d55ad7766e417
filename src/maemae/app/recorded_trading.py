"""A day as the executor recorded it: what it traded, and how its sleeves began."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from heapq import merge
from itertools import takewhile

import msgspec
from sqlalchemy import select

from maemae.analytics.traded_day import Outage, TradedDay
from maemae.app.parity_request import ParityRequest
from maemae.app.replays import copied_store
from maemae.app.trade_request import core_config
from maemae.core.actions import Action, SubmitOrder
from maemae.core.fold import fold
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState, Sleeve
from maemae.domain.errors import MissingDataError
from maemae.domain.ids import SleeveId
from maemae.domain.text import Text
from maemae.ports import Entry
from maemae.settings import Settings
from maemae.storage.records import decode_state, encode
from maemae.storage.store import SqlStore
from maemae.storage.tables.journal import journal
from maemae.storage.tables.operations import alerts
from maemae.storage.tape import DayTape, Rebuilt, Taped
from maemae.trading.day_trace import DayTrace
from maemae.trading.replay import rebuild


class RecordedTrading(msgspec.Struct, frozen=True, eq=False):
    """What is recorded: the day, the sleeves as they began it, and what went wrong."""

    day: TradedDay
    sleeves: Mapping[SleeveId, Sleeve]
    outages: Sequence[Outage]
    failures: dict[SleeveId, Text]


def recorded_trading(
    settings: Settings, request: ParityRequest, known: Sequence[int]
) -> RecordedTrading:
    """
    Read a day of the journal and of the tape again; nothing that is kept is changed.

    Args:
        settings: Where everything is kept.
        request: Which day, of which account and strategies.
        known: When each bar of the day was known [ns].

    Raises:
        MissingDataError: Nothing is recorded of that day.
        JournalCorruptError: Journal or tape are damaged.
        StorageError: They cannot be read.
    """
    url = request.database or settings.database_url(request.mode)
    with copied_store(url, request.mode) as store:
        tape = DayTape(settings.tapes(request.mode), request.day)
        newest = store.recover().seq
        recorded = takewhile(lambda taped: taped.seq <= newest, tape)
        reading = _Reading(request, _book_before(store, request.day), known)
        sources: tuple[Iterator[Entry | Taped], ...] = (
            iter(store.records(request.day)),
            iter(recorded),
        )
        for record in merge(*sources, key=lambda record: record.seq):
            reading.take(record)
        return reading.finished(_failures(store, [each.sleeve_id for each in request.strategies]))


def _failures(store: SqlStore, sleeves: Sequence[SleeveId]) -> dict[SleeveId, Text]:
    """Return what was alerted last of strategies that failed."""
    query = (
        select(alerts.c.subject, alerts.c.ko, alerts.c.en)
        .where(alerts.c.executor_id == store.executor_id, alerts.c.code == "STRATEGY_FAILED")
        .order_by(alerts.c.last_at)
    )
    with store.database.reading.connect() as connection:
        rows = {row.subject: Text(row.ko, row.en) for row in connection.execute(query)}
    found = {sleeve: rows.get(sleeve) or rows.get("ALL") for sleeve in sleeves}
    return {sleeve: text for sleeve, text in found.items() if text is not None}


def _book_before(store: SqlStore, day: date) -> CoreState:
    """Return the book as the sessions before a day left it."""
    mine = journal.c.executor_id == store.executor_id
    query = select(journal.c.session_date).where(mine).distinct()
    with store.database.reading.connect() as connection:
        days = sorted(connection.execute(query).scalars())
    if day not in days:
        raise MissingDataError(
            f"{day} 은(는) 기록된 날이 아닙니다.", f"Nothing is recorded of {day}."
        )
    book = CoreState()
    for each in days[: days.index(day)]:
        for entry in store.records(each):
            for action in entry.actions:
                fold(book, action)
    return book


class _Reading:
    """Repeats a recorded day, input by input, and notes what was known at each order."""

    def __init__(self, request: ParityRequest, book: CoreState, known: Sequence[int]) -> None:
        self._request = request
        self._config = core_config(
            request.mode, request.account_id, is_emulated=request.is_emulated
        )
        self._core = TradingCore(self._config, book)
        self._trace = DayTrace(known)
        self._began: dict[SleeveId, Sleeve] = {}
        self._outages: list[Outage] = []
        self._trace.begin(self._sleeves().values(), 0)

    def take(self, record: Entry | Taped) -> None:
        """Go on with the next input."""
        if isinstance(record, Entry):
            self._note_begin(record.actions)
            self._core.repeat(record.event, record.actions)
            self._trace.take(record.event, record.actions, self._core)
        elif isinstance(record.event, Rebuilt):
            told = record.event
            if not told.market and self._core.now > 0:
                self._outages.append(Outage(self._core.now, told.at))
            self._core = rebuild(self._config, self._core.state, told)
        else:
            self._core.repeat(record.event, ())
            self._trace.take(record.event, (), self._core)

    def finished(self, failures: dict[SleeveId, Text]) -> RecordedTrading:
        """Return what was read."""
        sleeves = {**_copies(self._sleeves()), **self._began}
        return RecordedTrading(self._trace.finished(self._core), sleeves, self._outages, failures)

    def _note_begin(self, actions: Sequence[Action]) -> None:
        """Keep a sleeve as it is before its first order."""
        for action in actions:
            if isinstance(action, SubmitOrder):
                sleeve = self._sleeves().get(action.order.sleeve_id)
                if sleeve is not None and sleeve.sleeve_id not in self._began:
                    self._began |= _copies({sleeve.sleeve_id: sleeve})

    def _sleeves(self) -> dict[SleeveId, Sleeve]:
        sleeves = self._core.state.account(self._request.account_id)
        return {sleeve.sleeve_id: sleeve for sleeve in sleeves}


def _copies(sleeves: Mapping[SleeveId, Sleeve]) -> dict[SleeveId, Sleeve]:
    book = CoreState(sleeves={str(name): sleeve for name, sleeve in sleeves.items()})
    return {sleeve.sleeve_id: sleeve for sleeve in decode_state(encode(book)).sleeves.values()}
