"""
The messages of the stream, both ways; the models that stand in the OpenAPI.

Every message of the server says its channel, its kind and its number. The numbers of ORDERS,
EXECUTIONS and STATUS are those of the journal, those of ALERTS count the changes of alerts: who
remembers the last one can go on from there, at any server, without loss and without repetition.
What is conflated (quotes, books, clock, positions, balances, strategies) shows the newest state
only.
"""

from __future__ import annotations

from datetime import date
from enum import unique
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from maemae.core.events import KillLevel
from maemae.domain.ids import AccountId, ClOrdId, ExecId, OrderId, SleeveId, Symbol
from maemae.domain.order_status import ExecType, OrderStatus
from maemae.domain.terms import (
    Cause,
    ExecutionVenue,
    OrdType,
    Purpose,
    Side,
    Term,
    TimeInForce,
    TradingState,
)
from maemae.krx.session import Phase
from maemae.server.book import BookView
from maemae.server.models import Asked, Moment, Told
from maemae.trading.conduct import RunState

VERSION: Final = 1
LARGEST_MESSAGE: Final = 64 * 1024
"""Longest message of a client [bytes]."""

MOST_SYMBOLS: Final = 200
MOST_BOOKS: Final = 20
MOST_CHANNELS: Final = 32

Version = Literal[1]


@unique
class Channel(Term):
    """What can be subscribed to."""

    QUOTES = "QUOTES"
    BOOK = "BOOK"
    CLOCK = "CLOCK"
    ORDERS = "ORDERS"
    EXECUTIONS = "EXECUTIONS"
    STATUS = "STATUS"
    ALERTS = "ALERTS"
    POSITIONS = "POSITIONS"
    BALANCES = "BALANCES"
    STRATEGIES = "STRATEGIES"


@unique
class Kind(Term):
    """What a message means to what the client has."""

    SNAPSHOT = "SNAPSHOT"  # put it in the place of everything there was
    DELTA = "DELTA"  # put its rows in the place of those with the same key
    EVENT = "EVENT"  # it happened, in this order
    RESYNC = "RESYNC"  # events before it are gone; a snapshot follows
    HEARTBEAT = "HEARTBEAT"
    ERROR = "ERROR"


# ── what a client says ───────────────────────────────────────────────────────────────────


class ChannelAsked(Asked):
    """One channel of one account."""

    channel: Channel
    account_id: Annotated[AccountId, Field(max_length=64)] | None = Field(
        default=None, description="Whose; prices and clock are of any account if it is left out."
    )
    symbols: list[Annotated[Symbol, Field(max_length=12)]] = Field(
        default=[],
        max_length=MOST_SYMBOLS,
        description="Of quotes (none for all that trade) and of books (which need some).",
    )
    after: int | None = Field(
        default=None, ge=0, description="Number of the last message that was seen of it."
    )


class Subscribe(Asked):
    """Tell me of these; a channel that is told already begins anew."""

    op: Literal["SUBSCRIBE"]
    channels: Annotated[list[ChannelAsked], Field(min_length=1, max_length=MOST_CHANNELS)]


class Unsubscribe(Asked):
    """Tell me no more of these."""

    op: Literal["UNSUBSCRIBE"]
    channels: Annotated[list[ChannelAsked], Field(min_length=1, max_length=MOST_CHANNELS)]


class Visibility(Asked):
    """The page is seen, or in the background: quotes then come less often."""

    op: Literal["VISIBILITY"]
    is_visible: bool


Asking = Annotated[Subscribe | Unsubscribe | Visibility, Field(discriminator="op")]


# ── what is told ─────────────────────────────────────────────────────────────────────────


class StreamQuote(Told):
    """
    The last trade of an instrument.

    `base_price` is what the day's change is counted from; none until the day's rules are known.
    """

    symbol: Symbol
    px: int
    qty: int
    at: Moment
    base_price: int | None


class StreamClock(Told):
    """The exchange's time and phase; `is_live` is false while no executor tells them."""

    at: Moment | None
    phase: Phase
    session_date: date | None
    is_live: bool


class StreamOrder(Told):
    """An order as it stands; `text` is what the broker said with the last change of it."""

    cl_ord_id: ClOrdId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    ord_type: OrdType
    time_in_force: TimeInForce
    venue: ExecutionVenue
    purpose: Purpose
    cause: Cause
    session_date: date
    at: Moment
    price: int | None
    order_qty: int
    status: OrderStatus
    order_id: OrderId | None
    cum_qty: int
    leaves_qty: int
    notional: int
    text: str = ""


class StreamExecution(Told):
    """
    A fill.

    In a snapshot the charges are all there were. In an event, quantity and price take the place
    of those before, and the charges are added to those before.
    """

    cl_ord_id: ClOrdId
    exec_id: ExecId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    side: Side
    venue: ExecutionVenue
    session_date: date
    at: Moment
    order_id: OrderId | None
    qty: int
    px: int
    commission: int
    tax: int
    realized: int
    exec_type: ExecType = ExecType.TRADE


class StreamStatus(Told):
    """Whether and how far the executor trades."""

    trading_state: TradingState
    ceiling: TradingState
    kill: KillLevel
    session_date: date | None
    epoch: int


class TradingStateChange(Told):
    """Trading was opened or closed."""

    type: Literal["TRADING_STATE_CHANGED"]
    state: TradingState
    reason: str


class CeilingChange(Told):
    """How far the executor lets trading go."""

    type: Literal["CEILING_CHANGED"]
    ceiling: TradingState
    reason: str


class KillChange(Told):
    """The kill switch moved."""

    type: Literal["KILL_CHANGED"]
    level: KillLevel
    reason: str


class LimitsChange(Told):
    """A sleeve has new limits; `is_waiting` says that looser ones wait for the next session."""

    type: Literal["SLEEVE_LIMITED"]
    account_id: AccountId
    sleeve_id: SleeveId
    is_waiting: bool


class SleeveChange(Told):
    """A sleeve was opened, halted, or lets orders through again."""

    type: Literal["SLEEVE_ADDED", "SLEEVE_STATE_CHANGED"]
    account_id: AccountId
    sleeve_id: SleeveId
    is_halted: bool
    reason: str


class SessionChange(Told):
    """A trading day began."""

    type: Literal["SESSION_OPENED"]
    session_date: date


StatusChange = Annotated[
    TradingStateChange | CeilingChange | KillChange | LimitsChange | SleeveChange | SessionChange,
    Field(discriminator="type"),
]


class StreamAlert(Told):
    """An alert as it stands; it is over once `resolved_at` says when."""

    alert_id: int
    code: str
    subject: str
    is_critical: bool
    ko: str
    en: str
    times: int
    opened_at: Moment
    last_at: Moment
    acknowledged_at: Moment | None
    acknowledged_by: str | None
    resolved_at: Moment | None = None


class StreamPosition(Told):
    """What a sleeve holds of an instrument."""

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    cost: int
    opened_at: Moment
    stop_px: int | None
    take_px: int | None


class StreamSleeve(Told):
    """A sleeve's money [won]; day figures are those minus the `opening_` ones."""

    account_id: AccountId
    sleeve_id: SleeveId
    is_halted: bool
    cash: int
    reserved: int
    flows: int
    realized: int
    commission: int
    tax: int
    opening_equity: int
    opening_flows: int
    orders_today: int


class StreamRun(Told):
    """How the run of a strategy does."""

    account_id: AccountId
    sleeve_id: SleeveId
    run_id: str
    spec: str
    state: RunState
    bars: int
    intents: int
    last_bar_at: Moment | None
    pause_reason: str | None
    end_reason: str | None
    failure_ko: str | None
    failure_en: str | None


class _Versioned(Told):
    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    version: Version = VERSION


class _Message(_Versioned):
    sequence: int = Field(description="Number of the message in its channel.")
    account_id: AccountId | None = None


class QuotesMessage(_Message):
    """Quotes that changed, at most ten times a second."""

    channel: Literal["QUOTES"] = "QUOTES"
    kind: Literal["SNAPSHOT", "DELTA"]
    data: list[StreamQuote]


class BookMessage(_Message):
    """Order books that changed, at most ten times a second."""

    channel: Literal["BOOK"] = "BOOK"
    kind: Literal["SNAPSHOT", "DELTA"]
    data: list[BookView]


class ClockMessage(_Message):
    """The exchange's time: once a second, and whenever its phase changes."""

    channel: Literal["CLOCK"] = "CLOCK"
    kind: Literal["SNAPSHOT"] = "SNAPSHOT"
    data: StreamClock


class OrdersMessage(_Message):
    """The session's orders and every open one; then each change of each."""

    channel: Literal["ORDERS"] = "ORDERS"
    kind: Literal["SNAPSHOT", "EVENT"]
    data: list[StreamOrder]


class ExecutionsMessage(_Message):
    """The session's fills; then each one."""

    channel: Literal["EXECUTIONS"] = "EXECUTIONS"
    kind: Literal["SNAPSHOT", "EVENT"]
    data: list[StreamExecution]


class StatusMessage(_Message):
    """How far the executor trades; later what changed about it."""

    channel: Literal["STATUS"] = "STATUS"
    kind: Literal["SNAPSHOT"] = "SNAPSHOT"
    data: StreamStatus


class StatusEventMessage(_Message):
    """What changed about trading."""

    channel: Literal["STATUS"] = "STATUS"
    kind: Literal["EVENT"] = "EVENT"
    data: list[StatusChange]


class AlertsMessage(_Message):
    """The open alerts; then each change of each."""

    channel: Literal["ALERTS"] = "ALERTS"
    kind: Literal["SNAPSHOT", "EVENT"]
    data: list[StreamAlert]


class PositionsMessage(_Message):
    """What an account holds."""

    channel: Literal["POSITIONS"] = "POSITIONS"
    kind: Literal["SNAPSHOT"] = "SNAPSHOT"
    data: list[StreamPosition]


class BalancesMessage(_Message):
    """The money of an account's sleeves."""

    channel: Literal["BALANCES"] = "BALANCES"
    kind: Literal["SNAPSHOT"] = "SNAPSHOT"
    data: list[StreamSleeve]


class StrategiesMessage(_Message):
    """How the strategies of an account do."""

    channel: Literal["STRATEGIES"] = "STRATEGIES"
    kind: Literal["SNAPSHOT"] = "SNAPSHOT"
    data: list[StreamRun]


class ResyncMessage(_Message):
    """What came after the asked number is not there any more; a snapshot follows."""

    channel: Channel
    kind: Literal["RESYNC"] = "RESYNC"


class ErrorMessage(_Versioned):
    """What a client said cannot be done."""

    kind: Literal["ERROR"] = "ERROR"
    channel: Channel | None = None
    account_id: AccountId | None = None
    code: str = Field(examples=["NO_SUCH_ACCOUNT"])
    ko: str
    en: str


class HeartbeatMessage(_Versioned):
    """Nothing was told for ten seconds, and the connection stands."""

    kind: Literal["HEARTBEAT"] = "HEARTBEAT"
    at: Moment


StreamMessage = (
    QuotesMessage
    | BookMessage
    | ClockMessage
    | OrdersMessage
    | ExecutionsMessage
    | StatusMessage
    | StatusEventMessage
    | AlertsMessage
    | PositionsMessage
    | BalancesMessage
    | StrategiesMessage
    | ResyncMessage
    | ErrorMessage
    | HeartbeatMessage
)
"""Everything that the server says."""
