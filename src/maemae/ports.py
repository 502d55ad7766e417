"""
What an executor needs of the outside, as duties of whoever implements them.

Nothing here does anything; brokers, stores and clocks are handed in by the composition root.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future
from datetime import date
from enum import IntEnum, unique
from typing import Protocol

import msgspec

from maemae.core.actions import Action, CancelOrder, ReplaceOrder
from maemae.core.events import Event, InstrumentUpdated
from maemae.core.state import CoreState
from maemae.domain.ids import AccountId, ClOrdId, OrderId, Symbol
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
)
from maemae.domain.terms import Mode, Term
from maemae.domain.text import Text


@unique
class ClientIdSupport(Term):
    """What a broker does with our number of an order."""

    NONE = "NONE"  # every Korean broker: its lists show only its own numbers
    ECHOED = "ECHOED"  # its lists show ours too
    DEDUPED = "DEDUPED"  # it refuses the same number twice


class BrokerTraits(msgspec.Struct, frozen=True):
    """
    What an executor must know of a broker to be safe with it.

    Attributes:
        mode: Whose market its server is, as the server itself reports.
        client_id: What it does with our number.
        quiet_period: Longest time between sending an order and its showing in every list
            [ns of wall time]; before it has passed, "not found" proves nothing.
        orders_per_sec: Requests that it takes in a second, orders and cancels together.
        queries_per_sec: Queries that it answers in a second.
        fences: Whether it refuses requests under an older epoch itself.
        is_emulated: Whether a double on this machine plays it: no money moves, whatever the mode.
    """

    mode: Mode
    client_id: ClientIdSupport
    quiet_period: int
    orders_per_sec: int
    queries_per_sec: int
    fences: bool = False
    is_emulated: bool = False


Permit = Callable[[], None]
"""Raises NotAcceptedError if a request must not leave after all: much may happen in a wait."""


class BrokerEvent(msgspec.Struct, frozen=True):
    """
    The stream was cut or stands again.

    Attributes:
        is_connected: What it is now. While cut, and until the lists were read again after it
            stands, notices may be missing.
    """

    is_connected: bool


class Broker(Protocol):
    """
    One broker's server and all accounts of one credential.

    Order of events: a fill's notice may come before `submit` returns. Notices may come twice,
    late and out of order, never altered. Lists are complete: every page, or an error.

    Requests raise exactly one of:
        NotAcceptedError: Proved not accepted: refused before a byte left, or by a documented
            code. `resend` says whether the same request may be sent once more.
        OutcomeUnknownError: Everything else once a byte may have left. Never repeated.
    """

    @property
    def traits(self) -> BrokerTraits:
        """What must be known of it; valid once connected."""

    async def connect(self, epoch: int) -> None:
        """
        Connect, and tell a broker that fences which epoch speaks.

        Raises:
            BrokerUnavailableError: It cannot be reached or refuses the credential.
        """

    async def close(self) -> None:
        """Disconnect; safe to call twice."""

    async def submit(self, order: Order, *, permit: Permit | None = None) -> OrderId:
        """
        Send a new order once; return the broker's number of it.

        Args:
            order: What is wanted.
            permit: Asked after every wait, right before the first byte leaves.
        """

    async def cancel(
        self, order: Order, request: CancelOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Cancel what is left, with a permit as `submit`; return the number of the request."""

    async def replace(
        self, order: Order, request: ReplaceOrder, *, permit: Permit | None = None
    ) -> OrderId:
        """Change an order, with a permit as `submit`; return the number that goes on with it."""

    async def orders(self, account_id: AccountId, day: date) -> tuple[StatedOrder, ...]:
        """
        Return every order of a day, working and closed, oldest first.

        Raises:
            BrokerUnavailableError: Any page failed; an empty answer is an empty day.
        """

    async def executions(self, account_id: AccountId, day: date) -> tuple[StatedExecution, ...]:
        """Return every fill of a day, oldest first; raises as `orders`."""

    async def holdings(self, account_id: AccountId) -> tuple[StatedHolding, ...]:
        """Return every position; raises as `orders`."""

    async def cash(self, account_id: AccountId) -> StatedCash:
        """Return the account's cash; raises as `orders`."""

    async def last_trade(self, symbol: Symbol) -> Trade | None:
        """Return the newest print of an instrument, asked for and not streamed; may raise."""

    async def server_time(self) -> int:
        """Return the server's clock [ns, UTC]; may raise BrokerUnavailableError."""

    async def reclaim(self) -> None:
        """Take the stream back at once, if another login of the credential has taken it."""

    def notices(self) -> AsyncIterator[Notice | BrokerEvent]:
        """Yield notices as they come, from the connection on, until closed."""


class MarketFeed(Protocol):
    """Prices as they are seen, and what holds for the day's instruments."""

    async def connect(self) -> None:
        """Connect; raises BrokerUnavailableError if it cannot be reached."""

    async def close(self) -> None:
        """Disconnect; safe to call twice."""

    async def instruments(self, day: date) -> tuple[InstrumentUpdated, ...]:
        """Return the day's rules of every instrument that may be traded; may raise."""

    async def subscribe(self, symbols: Sequence[Symbol]) -> None:
        """Have these streamed, and nothing else."""

    def trades(self) -> AsyncIterator[Trade | InstrumentUpdated | BrokerEvent]:
        """Yield prints and changes of state as they come, until closed."""


class WallClock(Protocol):
    """Real time; never accelerated. Leases, quiet periods, quotas and heartbeats run by it."""

    def now(self) -> int:
        """Return the time of day [ns, UTC]; it may jump."""

    def monotonic(self) -> int:
        """Return a time that never goes back [ns]."""

    async def sleep(self, nanos: int) -> None:
        """Return after so long [ns]."""


class VenueClock(Protocol):
    """The exchange's time; a simulated exchange may run faster than the wall."""

    @property
    def speed(self) -> int:
        """Seconds of the exchange in a second of the wall."""

    def now(self) -> int:
        """Return the exchange's time [ns, UTC]; it never goes back."""

    async def sleep_until(self, instant: int) -> None:
        """Return once the exchange's time has reached an instant [ns, UTC]."""


@unique
class Lane(IntEnum):
    """Who goes first at the broker: the lower number."""

    CANCEL = 0
    REDUCE = 1
    NEW = 2


class OutboxRow(msgspec.Struct, frozen=True):
    """
    A request that must leave once its turn is durable, at most once.

    Attributes:
        cl_ord_id: Number of the request.
        orig_cl_ord_id: Number of the order it is about: its own for a new order.
        lane: Its priority.
        fingerprint: Account, instrument, side, quantity and price: what tells orders apart at a
            broker that does not keep our numbers.
        epoch: Of the lease under which it was decided.
        expires_at: When it must not leave any more [ns, UTC, the exchange's time].
        at: When it was decided [ns, UTC, the exchange's time].
    """

    cl_ord_id: ClOrdId
    orig_cl_ord_id: ClOrdId
    lane: Lane
    fingerprint: str
    epoch: int
    expires_at: int
    at: int


class Alert(msgspec.Struct, frozen=True):
    """
    Something that a person must look at.

    Attributes:
        code: What kind; equal codes about equal subjects are one alert until resolved.
        subject: What it is about: a symbol, an order's number, a job.
        is_critical: Whether it may wake a person.
        text: What happened and what to do.
        at: Wall time [ns, UTC].
    """

    code: str
    subject: str
    is_critical: bool
    text: Text
    at: int


class Entry(msgspec.Struct, frozen=True):
    """
    One input of the core and what followed from it.

    Attributes:
        seq: Number of the input, counted over everything the core takes in, ticks included;
            those without consequences are on the tape, the others in the journal.
        command_id: Key of the command that brought it, None for anything else.
    """

    seq: int
    event: Event
    actions: Sequence[Action]
    command_id: str | None = None


class Turn(msgspec.Struct, frozen=True):
    """
    What one transaction makes durable: all of it or nothing.

    Attributes:
        entries: Inputs and what followed, in order.
        outbox: Requests among the actions.
        settled: Requests whose outcome these entries tell.
        alerts: For people.
    """

    entries: Sequence[Entry]
    outbox: Sequence[OutboxRow] = ()
    settled: Sequence[ClOrdId] = ()
    alerts: Sequence[Alert] = ()


class Lease(msgspec.Struct, frozen=True):
    """
    Who may send for an owner and mode.

    Attributes:
        holder: Name of the process.
        epoch: Counted up whenever the holder changes; 0 before the first.
        beat: Counted up by the holder while it lives; a challenger watches it by its own clock.
    """

    holder: str
    epoch: int
    beat: int


class Recovered(msgspec.Struct, frozen=True):
    """
    What a store knows of an executor that stopped.

    Attributes:
        state: The book after the newest record.
        seq: Number of the newest input in it, ticks on the tape left out.
        open_requests: Requests whose outcome is not known: each may have left.
    """

    state: CoreState
    seq: int
    open_requests: Sequence[OutboxRow]


class Store(Protocol):
    """
    Journal and tables of one owner and mode.

    Only `write` is on the path of orders. Everything blocks but `write`; call from a thread.
    """

    def read_lease(self) -> Lease:
        """Return who holds the lease."""

    def take_lease(self, holder: str, seen: Lease) -> Lease | None:
        """Take the lease if it still is as it was seen; None if somebody was faster."""

    def beat(self, lease: Lease) -> Lease | None:
        """Show that the holder lives; None if the lease is another's now."""

    def recover(self) -> Recovered:
        """
        Return what is durable.

        Raises:
            JournalCorruptError: A record is damaged or missing.
            StorageError: The store cannot be read.
        """

    def write(
        self, turn: Turn, state: CoreState, epoch: int, first: Callable[[], None] | None = None
    ) -> Future[None]:
        """
        Make a turn durable, with the tables that show the state after it.

        What is needed of the state is taken before this returns; the future is done once the
        transaction is synced. Turns are written in the order they are given.

        Args:
            turn: What to write.
            state: The book after it.
            epoch: Under which it was decided.
            first: Done before anything is written, where it may block; if it raises, nothing is.

        The future raises:
            FencedError: The lease has a newer epoch; nothing was written.
            CommitUnknownError: It may or may not be durable; throw the core away and recover.
        """

    def snapshot(self, state: CoreState, seq: int) -> Future[None]:
        """Keep the book as of an input, so that recovery need not read every record."""

    def records(self, day: date) -> Iterator[Entry]:
        """Yield what the journal holds of a session, in order."""

    def close(self) -> None:
        """Write what was given, then close."""


class Notifier(Protocol):
    """A way to tell a person."""

    async def notify(self, alert: Alert) -> None:
        """Deliver an alert; raises whatever shows that it was not delivered."""
