"""The core behind the durability rule: no request leaves before its cause is durable."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Protocol

import msgspec

from maemae.core.events import Event, SessionStarted
from maemae.core.machine import TradingCore
from maemae.core.state import CoreState
from maemae.domain.errors import (
    DomainError,
    InvalidValueError,
    JournalCorruptError,
    MaemaeError,
    StorageError,
)
from maemae.domain.ids import ClOrdId
from maemae.failpoints import hit
from maemae.ports import Alert, Entry, Recovered, Store, VenueClock, WallClock
from maemae.storage.fingerprint import build_fingerprint
from maemae.storage.records import is_worth_a_record
from maemae.storage.tape import Rebuilt, Seen
from maemae.trading.mailbox import Letter
from maemae.trading.outbox import Parcel
from maemae.trading.plan import ExecutorPlan
from maemae.trading.replay import rebuild, seen
from maemae.trading.turn import compose

_SNAPSHOT_EVERY = 2_000  # entries between snapshots: a recovery folds at most so many


class RunTape(Protocol):
    """Where inputs without consequences go; `maemae.storage.tape.Tape` is one."""

    def append(self, seq: int, event: Event | Rebuilt) -> None:
        """Take an input; not durable before `sync`."""

    def sync(self, up_to: int) -> None:
        """Return once every input up to a number is durable; blocks."""

    def turn_to(self, day: date) -> None:
        """Go on with the file of another session."""

    def close(self) -> None:
        """Sync and close."""


class Taken(msgspec.Struct, frozen=True):
    """
    What became of a batch of letters.

    Attributes:
        answers: For each letter what followed, or why the core refused it.
        parcels: Requests that may leave now.
        settled: Requests whose outcome is known now.
        alerts: For people.
    """

    answers: Sequence[Entry | DomainError]
    parcels: Sequence[Parcel] = ()
    settled: Sequence[ClOrdId] = ()
    alerts: Sequence[Alert] = ()

    @property
    def entries(self) -> list[Entry]:
        """What was taken in, in order."""
        return [answer for answer in self.answers if isinstance(answer, Entry)]


class DurableCore:
    """
    A core, its journal and its tape as one.

    Args:
        plan: Config of the core, and how long requests may wait.
        recovered: What the store knows; its number is the newest of journal and tape.
        store: Journal and tables.
        tape: Of inputs without consequences.
        epoch: Of the lease.
        clocks: The exchange's and the wall's.

    Attributes:
        seq: Number of the newest input.
        epoch: As given.
        turns: Transactions so far.
        tape_syncs: Times that the tape was synced for a request.
    """

    def __init__(
        self,
        plan: ExecutorPlan,
        recovered: Recovered,
        store: Store,
        tape: RunTape,
        epoch: int,
        clocks: tuple[VenueClock, WallClock],
    ) -> None:
        self.seq = recovered.seq
        self.epoch = epoch
        self.turns = 0
        self.tape_syncs = 0
        self._plan = plan
        self._store = store
        self._tape = tape
        self._venue, self._wall = clocks
        self._since_snapshot = 0
        self._core = self._begin(recovered.state, ())

    @property
    def core(self) -> TradingCore:
        """The core; everything it takes in comes through here."""
        return self._core

    @property
    def state(self) -> CoreState:
        """The book; read it only."""
        return self._core.state

    async def take(self, letters: Sequence[Letter]) -> Taken:
        """
        Take in letters in order; return once what followed is durable.

        Raises:
            StorageError: What followed may or may not be durable: throw this core away and
                recover, or stop if another executor took over.
            JournalCorruptError: The core failed half-way: its book is not to be trusted.
        """
        answers = [self._handle(letter) for letter in letters]
        worth = [
            answer
            for answer in answers
            if isinstance(answer, Entry) and is_worth_a_record(answer.event, answer.actions)
        ]
        if not worth:
            return Taken(answers)
        turn, parcels = compose(worth, self.state, self.epoch, self._plan.expiry, self._wall.now())
        # The tape first: what a request refers to is durable before it, or nothing is.
        first = partial(self._tape.sync, self.seq) if parcels else None
        self.tape_syncs += bool(parcels)
        await asyncio.wrap_future(self._store.write(turn, self.state, self.epoch, first))
        hit("turn.durable")
        self.turns += 1
        self._since_snapshot += len(worth)
        return Taken(answers, parcels, turn.settled, turn.alerts)

    def _handle(self, letter: Letter) -> Entry | DomainError:
        event = letter.event
        if letter.still is not None and not letter.still():
            return InvalidValueError(
                "그사이 주문이나 체결이 있어 대조하지 않았습니다. 다음 대조에서 다시 봅니다.",
                "Not compared: an order or fill came meanwhile. The next round looks again.",
            )
        if isinstance(event, SessionStarted) and event.session_date != self.state.session_date:
            self._tape.turn_to(event.session_date)
            self._core = self._begin(self.state, seen(self._core))
        self.seq += 1
        try:
            actions = self._core.handle(event)
        except DomainError as refusal:
            self._tape.append(self.seq, event)  # it moved the core's clock all the same
            return refusal
        except MaemaeError:
            raise
        except Exception as error:
            raise JournalCorruptError(
                f"거래 코어가 {type(event).__name__} 처리 중 멈췄습니다({error}). 장부를 다시 "
                "세웁니다.",
                f"The core failed on {type(event).__name__} ({error}); the book is rebuilt.",
            ) from error
        if not is_worth_a_record(event, actions):
            self._tape.append(self.seq, event)
        return Entry(self.seq, event, actions, letter.command_id)

    def _begin(self, state: CoreState, market: tuple[Seen, ...]) -> TradingCore:
        """Return the core as a replay will: from the book and what the tape says of the market."""
        self.seq += 1
        told = Rebuilt(self._venue.now(), build_fingerprint(), market)
        self._tape.append(self.seq, told)
        return rebuild(self._plan.core, state, told)

    async def keep_now_and_then(self, *, at_once: bool = False) -> None:
        """
        Keep a snapshot after enough entries, or at once; call between turns.

        One that could not be kept loses nothing: a recovery reads more records.
        """
        if at_once or self._since_snapshot >= _SNAPSHOT_EVERY:
            self._since_snapshot = 0
            with suppress(StorageError):
                await asyncio.wrap_future(self._store.snapshot(self.state, self.seq))
