"""What an executor answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from maemae.core.actions import (
    Action,
    CancelOrder,
    IntentParked,
    IntentRefused,
    ReplaceOrder,
    SubmitOrder,
)
from maemae.core.events import KillLevel
from maemae.core.preview import Preview
from maemae.core.usage import Usage
from maemae.domain.ids import AccountId, ClOrdId, SleeveId, Symbol
from maemae.domain.order import Order
from maemae.domain.terms import Mode, TradingState
from maemae.domain.text import Text
from maemae.krx.session import Phase
from maemae.ports import Alert
from maemae.trading.conduct import Conduct
from maemae.trading.dropped import Dropped
from maemae.trading.figures import Figures
from maemae.trading.waiting import Waiting


class Accepted(msgspec.Struct, frozen=True, tag="ACCEPTED", omit_defaults=True):
    """
    The command was taken in and is durable; what followed from it.

    Attributes:
        key: Of the command.
        numbers: Our numbers of the requests that leave because of it.
        refusals: Why the gate said no, if it did.
        is_parked: Whether the wish waits for the market to open.
    """

    key: str
    numbers: tuple[ClOrdId, ...] = ()
    refusals: tuple[Text, ...] = ()
    is_parked: bool = False


class Failed(msgspec.Struct, frozen=True, tag="FAILED"):
    """
    Nothing was done, or it is not known; what to do.

    Attributes:
        is_unknown: Whether it may have been done: only the same key may be sent again.
    """

    text: Text
    is_unknown: bool = False


class Connection(msgspec.Struct, frozen=True):
    """One way to the outside, by its name for people, and whether it stands."""

    name: str
    is_connected: bool


class Status(msgspec.Struct, frozen=True, tag="STATUS"):
    """
    How an executor stands.

    Attributes:
        trading_reason, kill_reason: Why; empty if nobody said.
        epoch: Of its lease; 0 before it has one.
        venue_time: The exchange's time [ns, UTC].
        last_tick_age: Since the newest price [ns of the exchange's time]; None before one.
        open_orders, unknown_orders, positions, alerts: How many there are.
        inbox, outbox: Inputs that wait for the core, requests that wait to leave.
        unprotected: Time in which guarded positions could not have been left, since the
            executor came up last [ns of the exchange's time].
        armed: Until when new real orders of an account may leave [ns, UTC].
        is_emulated: Whether a double of the broker on this machine is traded on.
        figures: For who watches it by machine; None from an executor that has none.
    """

    mode: Mode
    trading_state: TradingState
    trading_reason: str
    kill: KillLevel
    kill_reason: str
    epoch: int
    connections: tuple[Connection, ...]
    venue_time: int
    last_tick_age: int | None
    open_orders: int
    unknown_orders: int
    positions: int
    alerts: int
    inbox: int
    outbox: int
    unprotected: int = 0
    armed: dict[AccountId, int] = {}
    is_emulated: bool = False
    figures: Figures | None = None


class Orders(msgspec.Struct, frozen=True, tag="ORDERS"):
    """
    Orders, oldest first, and the wishes that wait: each sends its orders by itself.

    Attributes:
        waiting: Parent orders, rebalancings and parked wishes, oldest first of each.
    """

    orders: tuple[Order, ...]
    waiting: tuple[Waiting, ...] = ()


class Holding(msgspec.Struct, frozen=True):
    """
    What a sleeve holds of one instrument.

    Attributes:
        qty, sellable: Shares held, and those that no open sale claims.
        cost: Paid for them, charges left out [won].
        price: The last one [won]; None if none was seen.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    sellable: int
    cost: int
    price: int | None


class Positions(msgspec.Struct, frozen=True, tag="POSITIONS"):
    """What is held."""

    holdings: tuple[Holding, ...]


class Alerts(msgspec.Struct, frozen=True, tag="ALERTS"):
    """What a person must look at, newest last."""

    alerts: tuple[Alert, ...]


class Previewed(msgspec.Struct, frozen=True, tag="PREVIEWED"):
    """What would become of an order now."""

    preview: Preview


class Usages(msgspec.Struct, frozen=True, tag="USAGES"):
    """The limits of every sleeve, and what is used of them."""

    usages: tuple[Usage, ...]


class Conducts(msgspec.Struct, frozen=True, tag="CONDUCTS"):
    """How every strategy does that was ever run, each by its newest run."""

    conducts: tuple[Conduct, ...]


class MadeBar(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A bar that was made of prints: its first instant [ns, UTC], prices [won], shares."""

    opened: int
    open: int
    high: int
    low: int
    close: int
    volume: int


class MadeBars(msgspec.Struct, frozen=True, tag="MADE_BARS"):
    """
    Complete bars that the executor has made of the session's prints, oldest first.

    Attributes:
        session_date: The session they are of; None from an executor that makes none.
        interval: `DAY`, or minutes such as `1m`; None likewise.
    """

    session_date: date | None = None
    interval: str | None = None
    bars: tuple[MadeBar, ...] = ()


class Circumstances(msgspec.Struct, frozen=True, tag="CIRCUMSTANCES"):
    """
    What an executor knows of why a strategy did not trade; the journal tells what was refused.

    Attributes:
        conduct: Of its newest run; None if it was never run.
        session_date: The session that goes on, None before the first.
        is_halted: Whether its sleeve is halted.
        dropped: Wishes of the session that was asked about and that nobody acted upon.
    """

    conduct: Conduct | None
    trading_state: TradingState
    trading_reason: str
    ceiling: TradingState
    kill: KillLevel
    kill_reason: str
    phase: Phase
    session_date: date | None
    is_halted: bool
    dropped: tuple[Dropped, ...]


Reply = (
    Accepted
    | Failed
    | Status
    | Orders
    | Positions
    | Alerts
    | Previewed
    | Usages
    | Conducts
    | MadeBars
    | Circumstances
)


def accepted(key: str, actions: Iterable[Action]) -> Accepted:
    """Return what to answer to a command by what followed from it."""
    numbers: list[ClOrdId] = []
    refusals: list[Text] = []
    is_parked = False
    for action in actions:
        if isinstance(action, SubmitOrder):
            numbers.append(action.order.cl_ord_id)
        elif isinstance(action, CancelOrder | ReplaceOrder):
            numbers.append(action.cl_ord_id)
        elif isinstance(action, IntentRefused):
            refusals.extend(refusal.text for refusal in action.refusals)
        elif isinstance(action, IntentParked):
            is_parked = True
    return Accepted(key, tuple(numbers), tuple(refusals), is_parked)
