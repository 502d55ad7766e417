"""
The wire protocol of our own simulated broker: both ends of it, and nothing of either.

A frame is four bytes of length, most significant first, and one msgpack message. The client
numbers its messages by `seq` and every answer carries that number; what the server tells on
its own (`Push`) carries none. It is our protocol, so it speaks our words, and the emulator
may import this module too; what the words mean to an executor is in `mapping` and `codes`,
which it may not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from enum import unique
from typing import Final

import msgspec

from maemae.core.events import InstrumentUpdated
from maemae.domain.ids import AccountId, ClOrdId, OrderId, Symbol
from maemae.domain.market_data import Trade
from maemae.domain.statement import (
    Notice,
    StatedCash,
    StatedExecution,
    StatedHolding,
    StatedOrder,
)
from maemae.domain.terms import Mode, OrdType, Side, Term, TimeInForce
from maemae.krx.status import InstrumentState
from maemae.ports import ClientIdSupport

LONGEST_FRAME: Final = 1 << 20
"""Bytes of the longest message that either end takes."""


@unique
class ErrorCode(Term):
    """Why a message was refused; nothing followed from it."""

    REJECTED = "REJECTED"  # the broker's entry check or books say no; the text says why
    FENCED = "FENCED"  # a newer epoch speaks for the accounts
    READ_ONLY = "READ_ONLY"  # epoch 0 may ask and not order
    RATE = "RATE"  # too many in a second
    DUPLICATE = "DUPLICATE"  # the client's number was used, where it is kept
    NO_ACCOUNT = "NO_ACCOUNT"
    NO_DAY = "NO_DAY"  # the lists of that day are gone
    UNAVAILABLE = "UNAVAILABLE"  # a query that failed, by a fault
    BAD_MESSAGE = "BAD_MESSAGE"  # before a hello, or not a message of this protocol


class Traits(msgspec.Struct, frozen=True):
    """
    What the server says of itself.

    Attributes:
        quiet_period: Longest time until an order shows in every list [ns of wall time].
        orders_per_sec, queries_per_sec: What it takes in any second.
    """

    mode: Mode
    client_id: ClientIdSupport
    quiet_period: int
    orders_per_sec: int
    queries_per_sec: int


# ── asked ────────────────────────────────────────────────────────────────────────────────


class Hello(msgspec.Struct, frozen=True, tag="HELLO"):
    """The first message: which epoch speaks; 0 only asks and takes prices."""

    seq: int
    epoch: int


class Ping(msgspec.Struct, frozen=True, tag="PING"):
    """Asks for the time, and whether anybody is there."""

    seq: int


class Submit(msgspec.Struct, frozen=True, tag="SUBMIT"):
    """
    A new order.

    Attributes:
        cl_ord_id: The client's number. The ledger keeps it; lists and notices show it only
            where `Traits.client_id` says so.
        price: Limit [won], None for a market order.
    """

    seq: int
    cl_ord_id: ClOrdId
    account_id: AccountId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    price: int | None
    order_qty: int


class Cancel(msgspec.Struct, frozen=True, tag="CANCEL"):
    """Take back what is left of an order, named by the broker's number."""

    seq: int
    cl_ord_id: ClOrdId
    account_id: AccountId
    order_id: OrderId


class Replace(msgspec.Struct, frozen=True, tag="REPLACE"):
    """Change limit [won] and whole quantity [shares, what is filled included]."""

    seq: int
    cl_ord_id: ClOrdId
    account_id: AccountId
    order_id: OrderId
    price: int
    order_qty: int


class AskOrders(msgspec.Struct, frozen=True, tag="ASK_ORDERS"):
    """A page of a day's orders, after what `cursor` names; 0 for the first."""

    seq: int
    account_id: AccountId
    day: date
    cursor: int = 0


class AskExecutions(msgspec.Struct, frozen=True, tag="ASK_EXECUTIONS"):
    """A page of a day's fills."""

    seq: int
    account_id: AccountId
    day: date
    cursor: int = 0


class AskHoldings(msgspec.Struct, frozen=True, tag="ASK_HOLDINGS"):
    """A page of the positions, after a symbol; empty for the first."""

    seq: int
    account_id: AccountId
    after: str = ""


class AskCash(msgspec.Struct, frozen=True, tag="ASK_CASH"):
    """The cash of an account."""

    seq: int
    account_id: AccountId


class AskLastTrade(msgspec.Struct, frozen=True, tag="ASK_LAST_TRADE"):
    """The newest print of an instrument."""

    seq: int
    symbol: Symbol


class AskInstruments(msgspec.Struct, frozen=True, tag="ASK_INSTRUMENTS"):
    """A page of the day's rules of what may be traded."""

    seq: int
    day: date
    cursor: int = 0


class Subscribe(msgspec.Struct, frozen=True, tag="SUBSCRIBE"):
    """Have these streamed, and nothing else."""

    seq: int
    symbols: tuple[Symbol, ...]


# ── faults on a switch ───────────────────────────────────────────────────────────────────


@unique
class LostReply(Term):
    """What becomes of the connection when an answer is lost."""

    SILENT = "SILENT"  # it stays, the answer never comes
    CUT = "CUT"  # it is cut instead


class Faults(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What is wrong with the broker; the default is nothing.

    Shares are parts per million, drawn from the server's seed. Counts are used up one by one.

    Attributes:
        slow_by: How long every answer to a request waits [ns of wall time].
        tail: How long an order is in no list after it was taken [ns of wall time].
        lose_next, lose_ppm: Requests that are carried out and never answered.
        lost_reply: How.
        refuse_next, refuse_code: Requests that are refused, and the code.
        ghosts: Whether what is refused for its rate is taken all the same.
        fills_first: Whether notices leave before the answer to the request that made them.
        duplicate_ppm: Notices that come twice.
        reorder: Notices that are held and told in another order; 0 or 1 for none.
        late_by: How long every notice waits [ns of wall time].
        wrong_next: Fills whose notice has a wrong quantity; a correction follows.
        silent: Nothing leaves any more while the sockets stay open; requests are carried out.
        frozen: No price is streamed.
        fail_page: Number of the page, from 1, that every list fails at; 0 for none.
        clock_offset: Added to the time that is told [ns].
    """

    slow_by: int = 0
    tail: int = 0
    lose_next: int = 0
    lose_ppm: int = 0
    lost_reply: LostReply = LostReply.SILENT
    refuse_next: int = 0
    refuse_code: ErrorCode = ErrorCode.REJECTED
    ghosts: bool = False
    fills_first: bool = False
    duplicate_ppm: int = 0
    reorder: int = 0
    late_by: int = 0
    wrong_next: int = 0
    silent: bool = False
    frozen: bool = False
    fail_page: int = 0
    clock_offset: int = 0


class SetFaults(msgspec.Struct, frozen=True, tag="SET_FAULTS"):
    """Have these faults from now on, and no others."""

    seq: int
    faults: Faults


class EnterByHand(msgspec.Struct, frozen=True, tag="ENTER_BY_HAND"):
    """An order that comes by another way, as from an HTS; no epoch or quota concerns it."""

    seq: int
    account_id: AccountId
    symbol: Symbol
    side: Side
    price: int | None
    order_qty: int


class CancelByHand(msgspec.Struct, frozen=True, tag="CANCEL_BY_HAND"):
    """A cancel that comes by another way."""

    seq: int
    order_id: OrderId


class SetStates(msgspec.Struct, frozen=True, tag="SET_STATES"):
    """Give an instrument these states for the rest of the day: HALTED, VI, or none."""

    seq: int
    symbol: Symbol
    states: tuple[InstrumentState, ...]


class PrintTrade(msgspec.Struct, frozen=True, tag="PRINT_TRADE"):
    """Stream a print that never happened: no order sees it, and neither does a query."""

    seq: int
    symbol: Symbol
    px: int
    qty: int


class DropConnections(msgspec.Struct, frozen=True, tag="DROP_CONNECTIONS"):
    """Cut every connection that said hello."""

    seq: int


class Stop(msgspec.Struct, frozen=True, tag="STOP"):
    """End the server's process."""

    seq: int


Request = Submit | Cancel | Replace
Query = AskOrders | AskExecutions | AskHoldings | AskCash | AskLastTrade | AskInstruments
Admin = SetFaults | EnterByHand | CancelByHand | SetStates | PrintTrade | DropConnections | Stop
Asked = Hello | Ping | Request | Query | Subscribe | Admin


# ── answered ─────────────────────────────────────────────────────────────────────────────


class Welcome(msgspec.Struct, frozen=True, tag="WELCOME"):
    """
    The answer to a hello.

    Attributes:
        venue_time: The exchange's time [ns, UTC].
        speed: Seconds of the exchange in a second of the wall.
    """

    seq: int
    accounts: tuple[AccountId, ...]
    traits: Traits
    venue_time: int
    speed: int


class Pong(msgspec.Struct, frozen=True, tag="PONG"):
    """The exchange's time [ns, UTC]."""

    seq: int
    venue_time: int


class Done(msgspec.Struct, frozen=True, tag="DONE"):
    """A subscription or a fault stands."""

    seq: int


class Taken(msgspec.Struct, frozen=True, tag="TAKEN"):
    """A request was taken; the number of the order, or of the cancel or replace."""

    seq: int
    order_id: OrderId


class Refused(msgspec.Struct, frozen=True, tag="REFUSED"):
    """Nothing followed."""

    seq: int
    code: ErrorCode
    text: str


class OrdersPage(msgspec.Struct, frozen=True, tag="ORDERS_PAGE"):
    """Oldest first; `next_cursor` is 0 on the last page."""

    seq: int
    rows: tuple[StatedOrder, ...]
    next_cursor: int


class ExecutionsPage(msgspec.Struct, frozen=True, tag="EXECUTIONS_PAGE"):
    """Oldest first; `next_cursor` is 0 on the last page."""

    seq: int
    rows: tuple[StatedExecution, ...]
    next_cursor: int


class HoldingsPage(msgspec.Struct, frozen=True, tag="HOLDINGS_PAGE"):
    """By symbol; `next_after` is empty on the last page."""

    seq: int
    rows: tuple[StatedHolding, ...]
    next_after: str


class InstrumentsPage(msgspec.Struct, frozen=True, tag="INSTRUMENTS_PAGE"):
    """By symbol; `next_cursor` is 0 on the last page."""

    seq: int
    rows: tuple[InstrumentUpdated, ...]
    next_cursor: int


class CashAnswer(msgspec.Struct, frozen=True, tag="CASH"):
    """The cash of an account."""

    seq: int
    cash: StatedCash


class LastTradeAnswer(msgspec.Struct, frozen=True, tag="LAST_TRADE"):
    """The newest print, None before the first."""

    seq: int
    trade: Trade | None


Page = OrdersPage | ExecutionsPage | HoldingsPage | InstrumentsPage
Reply = Welcome | Pong | Done | Taken | Refused | Page | CashAnswer | LastTradeAnswer


# ── told ─────────────────────────────────────────────────────────────────────────────────


class NoticePush(msgspec.Struct, frozen=True, tag="NOTICE"):
    """What happened to an order; to every connection that may order."""

    notice: Notice


class TradePush(msgspec.Struct, frozen=True, tag="TRADE_PRINT"):
    """A print, to whoever subscribed."""

    trade: Trade


class InstrumentPush(msgspec.Struct, frozen=True, tag="INSTRUMENT"):
    """What holds for an instrument from now on, to whoever subscribed."""

    update: InstrumentUpdated


class ClockPush(msgspec.Struct, frozen=True, tag="CLOCK"):
    """The exchange's time was set forward: a night was skipped."""

    venue_time: int


Push = NoticePush | TradePush | InstrumentPush | ClockPush
Told = Reply | Push

encode: Final = msgspec.msgpack.Encoder().encode
decode_asked: Final[Callable[[bytes], Asked]] = msgspec.msgpack.Decoder(Asked).decode
decode_told: Final[Callable[[bytes], Told]] = msgspec.msgpack.Decoder(Told).decode


def frame(message: Asked | Told) -> bytes:
    """Return a message as it goes over the wire."""
    body = encode(message)
    return len(body).to_bytes(_HEAD, "big") + body


async def read_frame(reader: asyncio.StreamReader) -> bytes:
    """
    Return the body of the next frame.

    Raises:
        EOFError: The connection ended, inside a frame or between two.
        OSError: It was cut, or the length cannot be one of this protocol.
    """
    length = int.from_bytes(await reader.readexactly(_HEAD), "big")
    if not 0 < length <= LONGEST_FRAME:
        raise ConnectionAbortedError(f"a frame of {length} bytes")
    return await reader.readexactly(length)


_HEAD: Final = 4
