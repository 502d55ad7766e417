"""
What the trading core is told: the inputs of the machine.

An event is a fact about the outside. `Intent` and `ExecutionReport` are events too; they
live in `domain` because strategies and brokers make them.
"""

from __future__ import annotations

from datetime import date
from enum import unique

import msgspec

from maemae.core.limits import Limits
from maemae.domain.cash_flow import CashFlow
from maemae.domain.corporate_action import CorporateAction
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, IntentId, SleeveId, Symbol
from maemae.domain.intent import Intent
from maemae.domain.statement import StatedHolding, StatedOrder
from maemae.domain.terms import Term, TradingState
from maemae.krx.band import PriceBand
from maemae.krx.instrument import Instrument
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState


@unique
class KillLevel(Term):
    """How far the kill switch goes; each level includes the ones before it."""

    OFF = "OFF"
    STOP_NEW = "STOP_NEW"
    CANCEL_ALL = "CANCEL_ALL"
    LIQUIDATE = "LIQUIDATE"


class SessionStarted(msgspec.Struct, frozen=True, tag="SESSION_STARTED"):
    """A trading day begins; counters of the day before end here."""

    session_date: date
    at: int


class PhaseChanged(msgspec.Struct, frozen=True, tag="PHASE_CHANGED"):
    """The exchange entered another phase of its session."""

    phase: Phase
    at: int


class TimePassed(msgspec.Struct, frozen=True, tag="TIME_PASSED", gc=False):
    """Nothing was seen, but it is later now [ns, UTC]: what waited so long is due."""

    at: int


class PriceUpdated(msgspec.Struct, frozen=True, tag="PRICE_UPDATED", omit_defaults=True, gc=False):
    """
    A trade was seen.

    Attributes:
        price: Its price [won].
        at: Its time at the exchange [ns, UTC].
        is_confirmed: Whether a second source was asked and says the same; a doubt ends.
    """

    symbol: Symbol
    price: int
    at: int
    is_confirmed: bool = False


class InstrumentUpdated(msgspec.Struct, frozen=True, tag="INSTRUMENT_UPDATED", omit_defaults=True):
    """
    What holds for an instrument on one day.

    Attributes:
        base_price: The day's base price [won]; None on adjusted data, where no claim about
            ticks, band and size caps is made.
        band: The day's price limits; None where there are none.
        states: Every state that is not NORMAL; empty for an ordinary instrument.
        last_close: Official close of the session before [won], of what is held; None where it
            is not known, or corporate actions are told.
    """

    instrument: Instrument
    session_date: date
    base_price: int | None
    band: PriceBand | None
    at: int
    states: tuple[InstrumentState, ...] = ()
    last_close: int | None = None


class SleeveOpened(msgspec.Struct, frozen=True, tag="SLEEVE_OPENED"):
    """A strategy, or MANUAL or EXTERNAL, gets an allotment of cash [won] and limits."""

    account_id: AccountId
    sleeve_id: SleeveId
    cash: int
    limits: Limits
    at: int


class LimitsSet(msgspec.Struct, frozen=True, tag="LIMITS_SET"):
    """
    New limits for a sleeve; who may raise them is decided before this.

    What becomes stricter holds at once, what becomes looser from the next session on.
    """

    account_id: AccountId
    sleeve_id: SleeveId
    limits: Limits
    at: int


class TradingStateSet(msgspec.Struct, frozen=True, tag="TRADING_STATE_SET"):
    """A person or a policy opens or closes trading; a ceiling may hold it lower."""

    state: TradingState
    reason: str
    at: int


class CeilingSet(msgspec.Struct, frozen=True, tag="CEILING_SET"):
    """
    The executor bounds trading, whatever a person wants, until it sets ACTIVE again.

    HALTED while it recovers, REDUCING without a morning certificate. What works goes on
    working: a start must not cancel what it has just found.
    """

    ceiling: TradingState
    reason: str
    at: int


class KillSet(msgspec.Struct, frozen=True, tag="KILL_SET"):
    """The kill switch is pressed, or released with OFF."""

    level: KillLevel
    reason: str
    at: int


class SleeveResumed(msgspec.Struct, frozen=True, tag="SLEEVE_RESUMED"):
    """A person lets a halted sleeve trade again."""

    account_id: AccountId
    sleeve_id: SleeveId
    reason: str
    at: int


class ExternalOrderSeen(msgspec.Struct, frozen=True, tag="EXTERNAL_ORDER_SEEN"):
    """
    The broker has an order that maemae did not send: a person's, from HTS or MTS.

    Told again it changes nothing. Its fills come as reports, those before this too.
    """

    order: StatedOrder
    at: int


class AccountStated(msgspec.Struct, frozen=True, tag="ACCOUNT_STATED"):
    """
    What the broker says an account holds, told only while nothing is on its way.

    Attributes:
        cash: By trade date, unsettled trades included [won].
        holdings: All of them; what is not named is not held.
    """

    account_id: AccountId
    cash: int
    holdings: tuple[StatedHolding, ...]
    at: int


class SellableStated(msgspec.Struct, frozen=True, tag="SELLABLE_STATED"):
    """
    What the broker would let an account sell, asked after the quiet period.

    Attributes:
        qty: Shares that no sale at the broker holds.
    """

    account_id: AccountId
    symbol: Symbol
    qty: int
    at: int


class ArmingSet(msgspec.Struct, frozen=True, tag="ARMING_SET"):
    """
    A person arms an account for real orders, or disarms it; who may is decided before this.

    Attributes:
        until: When the arming runs out [ns, UTC, the exchange's time]; 0 disarms now.
    """

    account_id: AccountId
    until: int
    reason: str
    at: int


class SymbolReleased(msgspec.Struct, frozen=True, tag="SYMBOL_RELEASED"):
    """A person has found out why the shares did not add up; new risk may be taken again."""

    account_id: AccountId
    symbol: Symbol
    reason: str
    at: int


class WishWithdrawn(msgspec.Struct, frozen=True, tag="WISH_WITHDRAWN"):
    """A person takes back one wish that waits: a parent order, a rebalancing, a parked one."""

    intent_id: IntentId
    at: int


class CorporateActionDue(msgspec.Struct, frozen=True, tag="CORPORATE_ACTION_DUE"):
    """A corporate action takes effect: its ex-date has come, a dividend's payment has not."""

    action: CorporateAction
    at: int


Command = (
    SleeveOpened
    | LimitsSet
    | TradingStateSet
    | ArmingSet
    | KillSet
    | SleeveResumed
    | SymbolReleased
    | WishWithdrawn
    | CashFlow
)
Event = (
    Intent
    | ExecutionReport
    | PriceUpdated
    | PhaseChanged
    | SessionStarted
    | InstrumentUpdated
    | CorporateActionDue
    | TimePassed
    | CeilingSet
    | ExternalOrderSeen
    | AccountStated
    | SellableStated
    | Command
)
