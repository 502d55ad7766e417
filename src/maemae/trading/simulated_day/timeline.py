"""
The trading core of a run that may already have begun.

While the journal still has records it answers from them: what comes in must be what came in
then, and what followed then follows again, whatever the code would decide today. After the
last record the core decides, and its decisions are journaled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from maemae.core.actions import Action
from maemae.core.events import Event, InstrumentUpdated, PhaseChanged, PriceUpdated
from maemae.core.machine import TradingCore
from maemae.core.market import MarketView
from maemae.core.state import CoreState
from maemae.domain.errors import JournalCorruptError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.intent import Intent
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import Header, Record, Wished, encode, is_worth_a_record


class RunJournal(Protocol):
    """What a timeline needs of its journal; `maemae.storage.journal.SqliteJournal` is one."""

    @property
    def header(self) -> Header:
        """What the journal was begun with."""

    @property
    def wants_snapshot(self) -> bool:
        """Whether it is time for a snapshot."""

    def records(self) -> Iterator[Record]:
        """Yield every durable record in order."""

    def restore(self) -> CoreState:
        """Return the durable book."""

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Take an event and what followed."""

    def wish(self, wished: Wished) -> None:
        """Take what a strategy wished."""

    def snapshot(self, state: CoreState) -> None:
        """Take the book as it stands after the newest record."""

    def commit(self) -> None:
        """Return once everything taken is durable."""


class Timeline:
    """
    Core and journal of one run, as `maemae.simulation` needs them.

    Args:
        core: Without a sleeve yet; everything it ever took in comes through here.
        journal: Empty for a run that begins.

    Attributes:
        repeated: Records that were answered from the journal so far.

    Raises:
        JournalCorruptError: From any method: what comes in is not what came in then, or the
            book that follows is not the one that the journal keeps.
    """

    def __init__(self, core: TradingCore, journal: RunJournal) -> None:
        self.repeated = 0
        self._core = core
        self._journal = journal
        self._records = journal.records()
        self._was_repeated = False
        self._next: Record | None = next(self._records, None)

    @property
    def state(self) -> CoreState:
        """The book."""
        return self._core.state

    @property
    def now(self) -> int:
        """Time of the newest event [ns, UTC]."""
        return self._core.now

    @property
    def market(self) -> MarketView:
        """What was observed of the market."""
        return self._core.market

    @property
    def is_live(self) -> bool:
        """Whether the journal has no more to say, so that core and strategies decide."""
        return self._next is None

    def handle(self, event: Event) -> list[Action]:
        """Return what followed from an event then, or what follows now."""
        record = self._next
        self._was_repeated = record is not None
        if record is None:
            return self._core.handle(event)
        if record.raw == encode(event):
            self._core.repeat(event, record.actions)
            self._turn()
            return record.actions
        if is_worth_a_record(event, ()):
            raise self._otherwise(record, event)
        self._core.repeat(event, ())
        return []

    def observe(self, event: PriceUpdated | PhaseChanged | InstrumentUpdated) -> None:
        """Take in the market without acting on it."""
        self._core.observe(event)

    def observe_prices(self, prices: Mapping[Symbol, int], at: int) -> None:
        """Take in the prices of many instruments at one instant, without acting on them."""
        self._core.observe_prices(prices, at)

    def guards(self, symbol: Symbol) -> tuple[int, int]:
        """Return the prices that wake the core [won]."""
        return self._core.guards(symbol)

    def lifts_at(self, symbol: Symbol) -> int:
        """Return the price from which on a trailing stop rises [won]; 0 for none."""
        return self._core.lifts_at(symbol)

    def append(self, event: Event, actions: Sequence[Action]) -> None:
        """Take the event that was handled last; one that was repeated is durable already."""
        if not self._was_repeated:
            self._journal.append(event, actions)

    def commit(self) -> None:
        """Return once everything is durable, with a snapshot of the book now and then."""
        if not self.is_live:
            return
        if self._journal.wants_snapshot:
            self._journal.snapshot(self._core.state)
        self._journal.commit()

    def wished(self, account_id: AccountId, sleeve_id: SleeveId, at: int) -> Sequence[Intent]:
        """Return what a strategy wished then at an instant [ns, UTC]; nothing if it was silent."""
        record = self._next
        if record is None or not isinstance(record.event, Wished):
            return ()
        wished = record.event
        if (wished.account_id, wished.sleeve_id, wished.at) != (account_id, sleeve_id, at):
            return ()
        self._turn()
        return wished.intents

    def wish(self, wished: Wished) -> None:
        """Take what a strategy wishes now, before any of it is acted upon."""
        self._journal.wish(wished)

    def require_live(self) -> None:
        """Make sure, at the end of a run, that everything in the journal came again."""
        if self._next is not None:
            raise self._otherwise(self._next, None)

    def _turn(self) -> None:
        """Go to the next record; after the last, the book must be the one that is kept."""
        self.repeated += 1
        self._next = next(self._records, None)
        if self._next is None and encode(self._journal.restore()) != encode(self._core.state):
            raise JournalCorruptError(
                "되살린 장부가 저널의 스냅샷과 다릅니다. 거래를 멈추고 백업에서 되돌리세요.",
                "The rebuilt book differs from the journal's snapshot. Stop trading and restore "
                "the journal from a backup.",
            )

    def _otherwise(self, record: Record, event: Event | None) -> JournalCorruptError:
        """Return why a run that came another way than it is journaled cannot go on."""
        then, now = _name(record.event), "-" if event is None else _name(event)
        if self._journal.header.fingerprint != build_fingerprint():
            return JournalCorruptError(
                f"저널의 {record.seq}번 기록({then})과 다른 일({now})이 일어났습니다. 저널은 다른 "
                "버전의 maemae 로 시작했습니다. 그 버전으로 마치거나 새 저널로 시작하세요.",
                f"Record {record.seq} of the journal ({then}) did not come again ({now} came): "
                "another build of maemae began it. Finish with that build or begin a new journal.",
            )
        return JournalCorruptError(
            f"저널의 {record.seq}번 기록({then})과 다른 일({now})이 일어났습니다. 버전·시세·설정이 "
            "같으므로 저널이 손상된 것입니다. 거래를 멈추고 백업에서 되돌리세요.",
            f"Record {record.seq} of the journal ({then}) did not come again ({now} came) with the "
            "same build, data and config: the journal is damaged. Stop trading and restore it.",
        )


def _name(event: Event | Wished) -> str:
    return type(event).__name__
