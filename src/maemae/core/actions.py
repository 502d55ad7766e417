"""
What the trading core does: requests that must leave, and facts that became true.

`TradingCore.handle` returns them in one list, in order. Every change of the core's state is
one of these, applied by `maemae.core.fold`, so that a snapshot and the actions since give
the state back without deciding anything again.
"""

from __future__ import annotations

from datetime import date
from enum import unique

import msgspec

from maemae.core.events import KillLevel
from maemae.core.limits import Limits
from maemae.core.parent_facts import ParentFact
from maemae.domain.cash_flow import CashFlow
from maemae.domain.execution import ExecutionReport
from maemae.domain.exit_terms import Trail
from maemae.domain.ids import AccountId, ClOrdId, ExecId, IntentId, OrderId, SleeveId, Symbol
from maemae.domain.intent import OrderIntent, TargetWeights
from maemae.domain.order import Order
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import Cause, Side, Term, TradingState


class SubmitOrder(msgspec.Struct, frozen=True, tag="SUBMIT_ORDER", gc=False):
    """Request: send this order, which the gate approved, exactly once."""

    order: Order


class CancelOrder(msgspec.Struct, frozen=True, tag="CANCEL_ORDER"):
    """Request: cancel what is left of an order."""

    cl_ord_id: ClOrdId
    orig_cl_ord_id: ClOrdId
    order_id: OrderId | None
    at: int


class ReplaceOrder(msgspec.Struct, frozen=True, tag="REPLACE_ORDER"):
    """Request: change the price [won] or the whole quantity [shares] of an order."""

    cl_ord_id: ClOrdId
    orig_cl_ord_id: ClOrdId
    order_id: OrderId | None
    price: int
    order_qty: int
    at: int


OrderRequest = SubmitOrder | CancelOrder | ReplaceOrder


class OrderAdopted(msgspec.Struct, frozen=True, tag="ORDER_ADOPTED"):
    """An order that a person placed elsewhere has a number of ours; nothing is sent."""

    order: Order


class OrderReported(msgspec.Struct, frozen=True, tag="ORDER_REPORTED", gc=False):
    """
    A report was applied to its order.

    Attributes:
        at: When the core took it in, by its own clock, not the broker's [ns, UTC].
    """

    report: ExecutionReport
    at: int


class FillBooked(msgspec.Struct, frozen=True, tag="FILL_BOOKED", gc=False):
    """
    A fill reached the ledger.

    A fill taken back is booked as its opposite with negative charges; a correction as both.
    A sale from elsewhere is booked in every sleeve whose shares it took.

    Attributes:
        qty: Shares that came (> 0) or went (< 0).
        px: Price [won].
        commission, tax: Charged for this fill [won].
        cost: How the cost of the position changes [won].
        realized: Profit of a sale after its charges, minus the charges of a buy [won].
        settles: When the cash settles (D+2).
        side, cause: Of the order.
    """

    cl_ord_id: ClOrdId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    px: int
    commission: int
    tax: int
    cost: int
    realized: int
    settles: date
    at: int
    side: Side
    cause: Cause


class FillShared(msgspec.Struct, frozen=True, tag="FILL_SHARED"):
    """
    A fill of a sale from elsewhere took shares of other sleeves than its own.

    A bust or a correction gives them back to the same ones.

    Attributes:
        parts: Sleeves and how many shares of each [> 0]; empty once all of it is taken back.
    """

    cl_ord_id: ClOrdId
    exec_id: ExecId
    parts: tuple[tuple[SleeveId, int], ...]


class SharesFreed(msgspec.Struct, frozen=True, tag="SHARES_FREED"):
    """
    The broker would sell shares that a sale in doubt may have taken: an exit may have them.

    Attributes:
        qty: Shares of the order that are free by the newest statement, not one more.
    """

    cl_ord_id: ClOrdId
    qty: int


class IntentRefused(msgspec.Struct, frozen=True, tag="INTENT_REFUSED"):
    """The gate said no, with every reason."""

    intent_id: IntentId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    refusals: tuple[Refusal, ...]
    at: int


class IntentParked(msgspec.Struct, frozen=True, tag="INTENT_PARKED"):
    """The market is closed; the wish waits for the next session and is sized then."""

    intent: OrderIntent | TargetWeights


class IntentReleased(msgspec.Struct, frozen=True, tag="INTENT_RELEASED"):
    """A parked wish left the waiting room."""

    intent_id: IntentId


class RebalanceStarted(msgspec.Struct, frozen=True, tag="REBALANCE_STARTED"):
    """Sells of a rebalancing were sent; its buys wait for them to end."""

    intent: TargetWeights
    waits_for: tuple[ClOrdId, ...]


class RebalanceEnded(msgspec.Struct, frozen=True, tag="REBALANCE_ENDED"):
    """The buys of a rebalancing were sent, or a newer one took its place."""

    account_id: AccountId
    sleeve_id: SleeveId


class ProtectionSet(msgspec.Struct, frozen=True, tag="PROTECTION_SET", omit_defaults=True):
    """
    A position is guarded by prices at which it is left, and by the clock.

    Attributes:
        stop_px, take_px: Trigger prices [won]; 0 for none.
        trail: How the stop follows the price; each time it rises is such a fact again.
        leave_at: When the position is left, whatever the price [ns, UTC]; 0 for never.
        cooldown: Sessions for which the instrument is left alone afterwards.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    stop_px: int
    take_px: int
    trail: Trail | None = None
    leave_at: int = 0
    cooldown: int = 0


class ProtectionTriggered(msgspec.Struct, frozen=True, tag="PROTECTION_TRIGGERED"):
    """
    A guard was reached; the position is left, whatever the price does now.

    Attributes:
        cause: STOP or TAKE for a price, TIME for a time stop.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    cause: Cause


class ExitStarted(msgspec.Struct, frozen=True, tag="EXIT_STARTED"):
    """A wish to close has to wait for own buys to go; it holds until nothing is left."""

    intent_id: IntentId
    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    cause: Cause


class ExitEscalated(msgspec.Struct, frozen=True, tag="EXIT_ESCALATED"):
    """
    An exit has not traded for so long that it goes on in the next way.

    Attributes:
        rung: Place of that way in the ladder, from 0.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    rung: int


class ExitDoubted(msgspec.Struct, frozen=True, tag="EXIT_DOUBTED"):
    """
    An exit wants shares that a sale in doubt may have taken; it waits for the broker's word.

    Attributes:
        cl_ord_id: The newest sale in doubt.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    cl_ord_id: ClOrdId


class ExitRefused(msgspec.Struct, frozen=True, tag="EXIT_REFUSED"):
    """An exit was refused for these reasons; the same ones are not told again."""

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    reasons: tuple[Reason, ...]


class ProtectionEnded(msgspec.Struct, frozen=True, tag="PROTECTION_ENDED", omit_defaults=True):
    """
    The position is empty; nothing is left to guard.

    Attributes:
        cools_until: Session from which on it may be bought again; None for at once.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    cools_until: date | None = None


class PriceDoubted(msgspec.Struct, frozen=True, tag="PRICE_DOUBTED"):
    """
    A print can hardly be true; it counts for nothing until it is confirmed.

    Attributes:
        price: The print [won].
        last: The last price that was believed [won]; 0 for none.
    """

    symbol: Symbol
    price: int
    last: int
    at: int


class ProtectionBlinded(msgspec.Struct, frozen=True, tag="PROTECTION_BLINDED"):
    """No price of a guarded instrument has been seen for too long."""

    symbol: Symbol
    at: int


class ProtectionSighted(msgspec.Struct, frozen=True, tag="PROTECTION_SIGHTED"):
    """Prices of a guarded instrument are seen again."""

    symbol: Symbol
    at: int


class SessionOpened(msgspec.Struct, frozen=True, tag="SESSION_OPENED"):
    """
    A trading day began: counters are zero, settled cash is free, closed orders are archived.

    Attributes:
        equities: Account, sleeve and equity at the last prices of the day before [won].
        marks: Those prices, of what is held [won].
    """

    session_date: date
    equities: tuple[tuple[AccountId, SleeveId, int], ...]
    marks: tuple[tuple[Symbol, int], ...] = ()


class SleeveAdded(msgspec.Struct, frozen=True, tag="SLEEVE_ADDED"):
    """A sleeve exists."""

    account_id: AccountId
    sleeve_id: SleeveId
    cash: int
    limits: Limits


class SleeveLimited(msgspec.Struct, frozen=True, tag="SLEEVE_LIMITED"):
    """
    A sleeve has new limits.

    Attributes:
        limits: From now on.
        pending: From the next session on, because they are looser; None if nothing waits.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    limits: Limits
    pending: Limits | None


class SleeveStateChanged(msgspec.Struct, frozen=True, tag="SLEEVE_STATE_CHANGED"):
    """A sleeve was halted, or lets orders through again."""

    account_id: AccountId
    sleeve_id: SleeveId
    halted: bool
    reason: str


class TradingStateChanged(msgspec.Struct, frozen=True, tag="TRADING_STATE_CHANGED"):
    """
    Trading was opened or closed.

    Attributes:
        state: What holds: the lower of what is wanted and the ceiling.
        wanted: What a person or a policy wants.
    """

    state: TradingState
    reason: str
    wanted: TradingState


class CeilingChanged(msgspec.Struct, frozen=True, tag="CEILING_CHANGED"):
    """The executor lets trading go up to here."""

    ceiling: TradingState
    reason: str


class KillChanged(msgspec.Struct, frozen=True, tag="KILL_CHANGED"):
    """The kill switch moved."""

    level: KillLevel
    reason: str


class ArmingChanged(msgspec.Struct, frozen=True, tag="ARMING_CHANGED"):
    """
    An account was armed for real orders, or disarmed.

    Attributes:
        until: From then on no new risk is taken [ns, UTC].
        reason: Why, for people.
    """

    account_id: AccountId
    until: int
    reason: str


class CashMoved(msgspec.Struct, frozen=True, tag="CASH_MOVED"):
    """Money came or left without a trade."""

    flow: CashFlow


class CashAdjusted(msgspec.Struct, frozen=True, tag="CASH_ADJUSTED"):
    """
    The broker's cash differs from ours; the difference is a flow, not a return.

    Attributes:
        amount: Broker's minus ours [won].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    amount: int
    at: int


class HoldingAdjusted(msgspec.Struct, frozen=True, tag="HOLDING_ADJUSTED"):
    """
    The broker's shares differ from ours; the difference is a flow, not a return.

    Attributes:
        qty: Broker's minus ours [shares].
        cost: How the cost of the position changes [won].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    qty: int
    cost: int
    at: int


class SymbolQuarantined(msgspec.Struct, frozen=True, tag="SYMBOL_QUARANTINED"):
    """
    Shares of an account do not add up and nobody knows why: no new risk in the instrument.

    Attributes:
        qty: Broker's minus ours [shares].
    """

    account_id: AccountId
    symbol: Symbol
    qty: int
    at: int


class BasePriceDoubted(msgspec.Struct, frozen=True, tag="BASE_PRICE_DOUBTED"):
    """
    The base price of what an account holds does not follow from the close: its guards wait.

    Attributes:
        session_date: The day of the base price.
        close: Official close of the session before [won].
        base_price: Base price of the day [won].
        falls: By how much less that makes the shares of each sleeve worth [won]; a rise is
            below 0. Nobody lost it: it counts as a flow.
    """

    account_id: AccountId
    symbol: Symbol
    session_date: date
    close: int
    base_price: int
    at: int
    falls: tuple[tuple[SleeveId, int], ...] = ()


class QuarantineLifted(msgspec.Struct, frozen=True, tag="QUARANTINE_LIFTED"):
    """New risk may be taken in the instrument again."""

    account_id: AccountId
    symbol: Symbol
    reason: str


class HoldingChanged(msgspec.Struct, frozen=True, tag="HOLDING_CHANGED"):
    """
    A corporate action changed a position.

    Attributes:
        symbol: What was held and is held no more.
        new_symbol, new_qty, new_cost: What is held instead [shares, won]; qty 0 for nothing.
        cash: Received for fractions, rights or the whole [won].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    new_symbol: Symbol
    new_qty: int
    new_cost: int
    cash: int
    at: int


class CorporateActionTaken(msgspec.Struct, frozen=True, tag="CORPORATE_ACTION_TAKEN"):
    """A corporate action was booked; told again, it changes nothing."""

    key: str


class DividendEarned(msgspec.Struct, frozen=True, tag="DIVIDEND_EARNED"):
    """
    The position was held into the ex-date; the cash comes on the payment date, or at once.

    Attributes:
        amount: After withholding [won].
        tax: Withheld [won].
    """

    account_id: AccountId
    sleeve_id: SleeveId
    symbol: Symbol
    amount: int
    tax: int
    pay_date: date


@unique
class AlarmCode(Term):
    """What a person must look at."""

    OVERFILL = "OVERFILL"
    LATE_FILL = "LATE_FILL"
    UNKNOWN_ORDER = "UNKNOWN_ORDER"
    OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"
    FILL_REVISED = "FILL_REVISED"
    OVERSOLD = "OVERSOLD"
    SOLD_ELSEWHERE = "SOLD_ELSEWHERE"  # a sale from elsewhere took shares of a strategy
    OVERDRAWN = "OVERDRAWN"  # orders from elsewhere spent cash that is a strategy's
    EXIT_IN_DOUBT = "EXIT_IN_DOUBT"  # an exit waits to hear what a sale in doubt has taken
    MISMATCH = "MISMATCH"  # the broker's account is not the sum of the sleeves
    BLIND = "BLIND"  # a guarded instrument shows no prices


class AlarmRaised(msgspec.Struct, frozen=True, tag="ALARM_RAISED"):
    """
    Something happened that ought not to.

    Attributes:
        detail: The figures or the broker's words, for people.
        cl_ord_id, symbol, account_id: What it is about, as far as it is about one.
    """

    code: AlarmCode
    detail: str
    at: int
    cl_ord_id: ClOrdId | None = None
    symbol: Symbol | None = None
    account_id: AccountId | None = None


def about_order(code: AlarmCode, order: Order, detail: str, at: int) -> AlarmRaised:
    """Return an alarm about an order."""
    return AlarmRaised(code, detail, at, order.cl_ord_id, order.symbol, order.account_id)


Fact = (
    OrderAdopted
    | OrderReported
    | FillBooked
    | FillShared
    | SharesFreed
    | IntentRefused
    | IntentParked
    | IntentReleased
    | RebalanceStarted
    | RebalanceEnded
    | ProtectionSet
    | ProtectionTriggered
    | ExitStarted
    | ExitEscalated
    | ExitDoubted
    | ExitRefused
    | ProtectionEnded
    | PriceDoubted
    | ProtectionBlinded
    | ProtectionSighted
    | CorporateActionTaken
    | SessionOpened
    | SleeveAdded
    | SleeveLimited
    | SleeveStateChanged
    | TradingStateChanged
    | CeilingChanged
    | KillChanged
    | ArmingChanged
    | CashMoved
    | CashAdjusted
    | HoldingAdjusted
    | SymbolQuarantined
    | BasePriceDoubted
    | QuarantineLifted
    | HoldingChanged
    | DividendEarned
    | AlarmRaised
    | ParentFact
)
Action = OrderRequest | Fact
