"""What every rig offers the cards: a server of its own, its adapter, its faults, its truth."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import ClassVar, Protocol

from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.terms import Mode, Side
from maemae.emulators.ledger import LedgerOrder, Record, Requested, ledger_orders
from maemae.krx.status import InstrumentState
from maemae.ports import Broker, ClientIdSupport, MarketFeed, VenueClock


class PlayedBroker(Broker, Protocol):
    """A broker that says which accounts its credential has."""

    accounts: tuple[AccountId, ...]


class Rig(ABC):
    """
    One broker of a test.

    Attributes:
        cannot: Cards that this broker cannot play, by the beginning of the test's name, and why.
        refusals: Codes for the reasons of card 10 and the code of card 27, where they are others.
        changes_quantity: Whether a replace may name another quantity.
        loses_link: Whether a reply that is lost cuts the stream of notices as well.
        streams_halts: Whether the stream tells of a halt.
        lists_days: Whether instruments of another day than today's are known to be none.
        quiet_period: What the adapter says of the time until an order shows [ns of wall time].
        silent_after: For how long the stream may be silent [s of wall time].
    """

    cannot: ClassVar[Mapping[str, str]] = {}
    refusals: ClassVar[Mapping[str, str]] = {}
    mode: ClassVar[Mode]
    changes_quantity: ClassVar[bool]
    loses_link: ClassVar[bool]
    streams_halts: ClassVar[bool]
    lists_days: ClassVar[bool]
    client_id: ClassVar[ClientIdSupport] = ClientIdSupport.NONE
    quiet_period: int
    silent_after: float
    accounts: tuple[AccountId, ...]
    account: AccountId
    other_account: AccountId
    day: date
    symbol: Symbol
    other_symbol: Symbol
    price: int
    far_price: int

    @abstractmethod
    def start(self) -> None:
        """Start the server, on the port that it had before if there is one."""

    @abstractmethod
    def kill(self) -> None:
        """End the server as `kill -9` does."""

    @abstractmethod
    def terminate(self) -> int:
        """Ask the server to end; return what it exits with."""

    @abstractmethod
    def stop(self) -> None:
        """End the server if it runs."""

    @abstractmethod
    def connected(self, epoch: int = 1) -> AbstractAsyncContextManager[PlayedBroker]:
        """Give a broker that is connected."""

    @abstractmethod
    def hasty(self) -> AbstractAsyncContextManager[PlayedBroker]:
        """Give one more broker, which keeps to no quota of its own."""

    @abstractmethod
    def watching(self, *symbols: Symbol) -> AbstractAsyncContextManager[MarketFeed]:
        """Give a feed that is subscribed."""

    @abstractmethod
    def clock_of(self, broker: PlayedBroker) -> VenueClock:
        """Return the exchange's time as a broker knows it."""

    @abstractmethod
    async def set_faults(self, **faults: object) -> None:
        """Have these faults from now on, by the names of `maemae.brokers.sim.messages.Faults`."""

    @abstractmethod
    async def enter_by_hand(self, qty: int, price: int, side: Side = Side.BUY) -> OrderId | None:
        """Enter an order by another way."""

    @abstractmethod
    async def cancel_by_hand(self, order_id: OrderId) -> None:
        """Cancel an order by another way."""

    @abstractmethod
    async def set_states(self, *states: InstrumentState) -> None:
        """Give the rig's instrument these states."""

    @abstractmethod
    async def print_trade(self, px: int, qty: int) -> None:
        """Stream a print that never happened."""

    @abstractmethod
    async def drop_connections(self) -> None:
        """Cut every stream."""

    async def end_logins(self) -> None:
        """Let every login end before its time; never asked where card 34 cannot be played."""
        raise NotImplementedError

    @abstractmethod
    def records(self) -> list[Record]:
        """Return the ledger of truth."""

    @property
    def orders(self) -> list[LedgerOrder]:
        """Orders that the server took, oldest first."""
        return ledger_orders(self.records())

    @property
    def requests(self) -> list[Requested]:
        """Everything that was asked of the server, oldest first."""
        return [record for record in self.records() if isinstance(record, Requested)]
