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
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.intent import Intent
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


class PriceUpdated(msgspec.Struct, frozen=True, tag="PRICE_UPDATED", gc=False):
    """A trade was seen: its price [won] and its time at the exchange [ns, UTC]."""

    symbol: Symbol
    price: int
    at: int


class InstrumentUpdated(msgspec.Struct, frozen=True, tag="INSTRUMENT_UPDATED", omit_defaults=True):
    """
    What holds for an instrument on one day.

    Attributes:
        base_price: The day's base price [won]; None on adjusted data, where no claim about
            ticks, band and size caps is made.
        band: The day's price limits; None where there are none.
        states: Every state that is not NORMAL; empty for an ordinary instrument.
    """

    instrument: Instrument
    session_date: date
    base_price: int | None
    band: PriceBand | None
    at: int
    states: tuple[InstrumentState, ...] = ()


class SleeveOpened(msgspec.Struct, frozen=True, tag="SLEEVE_OPENED"):
    """A strategy, or MANUAL or EXTERNAL, gets an allotment of cash [won] and limits."""

    account_id: AccountId
    sleeve_id: SleeveId
    cash: int
    limits: Limits
    at: int


class LimitsSet(msgspec.Struct, frozen=True, tag="LIMITS_SET"):
    """New limits for a sleeve; who may raise them, and when, is decided before this."""

    account_id: AccountId
    sleeve_id: SleeveId
    limits: Limits
    at: int


class TradingStateSet(msgspec.Struct, frozen=True, tag="TRADING_STATE_SET"):
    """A person, or a recovery that succeeded, opens or closes trading."""

    state: TradingState
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


class CorporateActionDue(msgspec.Struct, frozen=True, tag="CORPORATE_ACTION_DUE"):
    """A corporate action takes effect: its ex-date has come, a dividend's payment has not."""

    action: CorporateAction
    at: int


Command = SleeveOpened | LimitsSet | TradingStateSet | KillSet | SleeveResumed | CashFlow
Event = (
    Intent
    | ExecutionReport
    | PriceUpdated
    | PhaseChanged
    | SessionStarted
    | InstrumentUpdated
    | CorporateActionDue
    | Command
)
