"""
Faults on switches and the truth for judges, at an address that no Kiwoom server has.

| request | what it does |
|---|---|
| GET /admin/faults | the faults that are on |
| POST /admin/faults | has these faults, and no others: `{"lose_next": 1}`; times in ns |
| POST /admin/expire-tokens | lets every token be over |
| POST /admin/kick | tells every session of a second login, and closes it |
| POST /admin/drop-connections | closes every session without a word |
| POST /admin/states | `{"symbol", "states"}`: HALTED, VI … for the rest of the day; none: `[]` |
| POST /admin/print | `{"symbol", "px", "qty"}`: streams a print that never happened |
| POST /admin/orders | `{"account_id", "symbol", "side", "order_qty", "price"}`: enters by hand |
| POST /admin/cancels | `{"order_id"}`: cancels by hand |
| GET /admin/clock | the exchange's time [ns, UTC] and its speed: `{"now", "speed"}` |
| GET /admin/truth | orders, fills, cash and holdings as they are, whatever was told of them |
| GET /admin/served | which kinds of requests are answered |
| POST /admin/stop | ends the server |
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.market_data import Trade
from maemae.domain.terms import OrdType, Side, TimeInForce
from maemae.emulators.kiwoom_rest.counter import Counter
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.faults import Faults, FaultSwitch
from maemae.emulators.kiwoom_rest.hub import Hub
from maemae.emulators.kiwoom_rest.order_news import OrderEntry
from maemae.emulators.kiwoom_rest.teller import Teller
from maemae.emulators.kiwoom_rest.tokens import Tokens
from maemae.emulators.ledger import LedgerOrder, Record, ledger_orders
from maemae.emulators.requests import Cancel, Request, Submit
from maemae.krx.status import InstrumentState

_Asked = TypeVar("_Asked")


class States(msgspec.Struct, frozen=True):
    """An instrument, and every state that it has from now on."""

    symbol: Symbol
    states: tuple[InstrumentState, ...] = ()


class Print(msgspec.Struct, frozen=True):
    """A print that never happened."""

    symbol: Symbol
    px: int
    qty: int = 1


class OrderByHand(msgspec.Struct, frozen=True):
    """An order that comes by another way; a market order without a price."""

    account_id: AccountId
    symbol: Symbol
    side: Side
    order_qty: int
    price: int | None = None


class CancelByHand(msgspec.Struct, frozen=True):
    """A cancel that comes by another way."""

    order_id: OrderId


class AccountTruth(msgspec.Struct, frozen=True):
    """
    An account as the books have it.

    Attributes:
        cash: As if every trade had settled [won].
        orderable: What new buys may use [won].
        holdings: Shares, sellable shares and cost [won] by instrument.
    """

    cash: int
    orderable: int
    holdings: dict[Symbol, tuple[int, int, int]]


class Truth(msgspec.Struct, frozen=True):
    """
    What a judge needs.

    Attributes:
        now: The exchange's time [ns, UTC].
        day: The trading day, YYYY-MM-DD.
        orders: Every order that was taken, with its fills, from the ledger.
        refused: Requests that were refused, with the code that was told.
    """

    now: int
    day: str
    orders: list[LedgerOrder]
    refused: list[str]
    accounts: dict[AccountId, AccountTruth]


class NoSuchThingError(Exception):
    """There is no such address, instrument or order."""


class Admin:
    """
    Answers under `/admin`.

    Args:
        desk: The truth.
        counter: Carries out what comes by hand.
        hub: Closes sessions.
        teller: Sends what is told.
        tokens, faults: What is switched.
        stop: Ends the server.
        records: Reads the ledger.
    """

    def __init__(
        self,
        desk: Desk,
        counter: Counter,
        hub: Hub,
        teller: Teller,
        tokens: Tokens,
        faults: FaultSwitch[OrderEntry],
        stop: Callable[[], None],
        records: Callable[[], list[Record]],
    ) -> None:
        self._desk = desk
        self._counter = counter
        self._teller = teller
        self._faults = faults
        self._records = records
        self._routes: dict[tuple[str, str], Callable[[bytes], object]] = {
            ("GET", "faults"): lambda _: faults.now,
            ("POST", "faults"): self._set_faults,
            ("POST", "expire-tokens"): lambda _: tokens.expire(),
            ("POST", "kick"): lambda _: hub.kick(),
            ("POST", "drop-connections"): lambda _: hub.drop_all(),
            ("POST", "states"): self._set_states,
            ("POST", "print"): self._print,
            ("POST", "orders"): self._enter,
            ("POST", "cancels"): self._cancel,
            ("GET", "clock"): self._clock,
            ("GET", "truth"): self._truth,
            ("GET", "served"): lambda _: counter.served,
            ("POST", "stop"): lambda _: stop(),
        }

    def take(self, method: str, path: str, body: bytes) -> object:
        """
        Return what is answered, to be written as JSON.

        Raises:
            NoSuchThingError: There is no such address, instrument or order.
            ValidationError: The body cannot be read.
        """
        route = self._routes.get((method, path.removeprefix(PREFIX)))
        if route is None:
            raise NoSuchThingError(path)
        answer = route(body)
        return {"ok": True} if answer is None else answer

    def _set_faults(self, body: bytes) -> None:
        self._teller.release()
        self._faults.set(_read(body, Faults))

    def _set_states(self, body: bytes) -> None:
        asked = _read(body, States)
        if asked.symbol not in self._desk.books.rules:
            raise NoSuchThingError(asked.symbol)
        self._desk.exchange.set_states(asked.symbol, asked.states)

    def _print(self, body: bytes) -> None:
        asked = _read(body, Print)
        self._teller.print_trade(Trade(asked.symbol, asked.px, asked.qty, self._desk.now))

    def _enter(self, body: bytes) -> dict[str, Any]:
        asked = _read(body, OrderByHand)
        return self._by_hand(
            Submit(
                None,
                asked.account_id,
                asked.symbol,
                asked.side,
                OrdType.MARKET if asked.price is None else OrdType.LIMIT,
                TimeInForce.DAY,
                asked.price,
                asked.order_qty,
            )
        )

    def _cancel(self, body: bytes) -> dict[str, Any]:
        row = self._desk.books.find_row(_read(body, CancelByHand).order_id)
        if row is None:
            raise NoSuchThingError("order_id")
        return self._by_hand(Cancel(None, row.account_id, row.order_id))

    def _by_hand(self, request: Request) -> dict[str, Any]:
        outcome, news = self._counter.by_hand(request)
        self._teller.tell_orders(news)
        return {"order_id": outcome.order_id, "text": outcome.text}

    def _clock(self, _body: bytes) -> dict[str, int]:
        return {"now": self._desk.now, "speed": self._desk.config.speed}

    def _truth(self, _body: bytes) -> Truth:
        desk, records = self._desk, self._records()
        desk.exchange.advance()
        accounts = {}
        for account_id in desk.books.account_ids:
            account = desk.books.house.account(account_id)
            holdings = {
                symbol: (held.qty, held.sellable, held.cost)
                for symbol, held in account.holdings.items()
            }
            accounts[account_id] = AccountTruth(account.cash, account.orderable, holdings)
        refused = [code for record in records if (code := getattr(record, "code", None))]
        return Truth(desk.now, f"{desk.today}", ledger_orders(records), refused, accounts)


def _read(body: bytes, kind: type[_Asked]) -> _Asked:
    return msgspec.json.decode(body, type=kind)


PREFIX: Final = "/admin/"
