"""When what an alert tells of is over: known for every code, and nobody's guess."""

from __future__ import annotations

from collections.abc import Mapping
from enum import unique
from typing import Final

from maemae.core.actions import (
    Action,
    AlarmCode,
    KillChanged,
    ProtectionSighted,
    QuarantineLifted,
    SleeveStateChanged,
)
from maemae.core.events import KillLevel
from maemae.domain.terms import Term


@unique
class Ending(Term):
    """What makes an alert untrue; what it is about is the alert's subject."""

    SEEN = "SEEN"  # nothing does: it stands until a person acknowledges it
    CONNECTED = "CONNECTED"  # broker and feed answered
    STREAMED = "STREAMED"  # the broker's stream stands again
    LIVED = "LIVED"  # an engine traded for a while without failing
    READ = "READ"  # the account was read whole
    COMPARED = "COMPARED"  # the account was compared with the book
    RULES_TOLD = "RULES_TOLD"  # the rules of a day were told
    PRICED = "PRICED"  # the broker told the instrument's price
    SIGHTED = "SIGHTED"  # prints of the instrument come in again
    SETTLED = "SETTLED"  # the outcome of the request is known
    CLOCKS_RIGHT = "CLOCKS_RIGHT"  # the clocks were right for a while
    CERTIFIED = "CERTIFIED"  # a certificate was clean
    JOB_DONE = "JOB_DONE"  # the job was done after all
    SESSION_BEGUN = "SESSION_BEGUN"  # the core has begun a session
    DAY_ENDED = "DAY_ENDED"  # nothing of the day is open any more
    KILL_RELEASED = "KILL_RELEASED"  # a person released the kill switch
    RESUMED = "RESUMED"  # a person let the sleeve go on
    LIFTED = "LIFTED"  # a person released the instrument
    STRATEGY_READY = "STRATEGY_READY"  # the strategy runs again
    COPIED = "COPIED"  # the second place has everything


ENDINGS: Final[Mapping[str, Ending]] = {
    "ACCOUNT_UNREADABLE": Ending.READ,
    "BAR_NOT_KEPT": Ending.SEEN,
    "BROKER_UNREACHABLE": Ending.CONNECTED,
    "CLOCK_SKEW": Ending.CLOCKS_RIGHT,
    "DAY_NOT_ENDED": Ending.DAY_ENDED,
    "EMERGENCY_LANE": Ending.SEEN,
    "EMERGENCY_NOT_CONNECTED": Ending.CONNECTED,
    "ENGINE_FAILED": Ending.LIVED,
    "EXIT_REFUSED": Ending.SEEN,
    "EXIT_REJECTED": Ending.SEEN,
    "FEED_UNAVAILABLE": Ending.RULES_TOLD,
    "FENCED": Ending.LIVED,
    "JOB_FAILED": Ending.JOB_DONE,
    "JOB_MISSED": Ending.JOB_DONE,
    "KILL_NOT_WRITTEN": Ending.KILL_RELEASED,
    "KILL_SWITCH": Ending.KILL_RELEASED,
    "KIWOOM_FRAME_SKIPPED": Ending.SEEN,
    "KIWOOM_NO_PRINTS": Ending.STREAMED,
    "KIWOOM_SECOND_LOGIN": Ending.STREAMED,
    "MACHINE_SLEPT": Ending.LIVED,
    "NOTICE_PARKED": Ending.SEEN,
    "NOT_COMPARED": Ending.COMPARED,
    "OFFSITE_BEHIND": Ending.COPIED,
    "OFFSITE_BROKEN": Ending.SEEN,
    "ORDER_HELD": Ending.SETTLED,
    "PRICE_UNAVAILABLE": Ending.PRICED,
    "QUARANTINED": Ending.LIFTED,
    "REPORT_REFUSED": Ending.SEEN,
    "RESTORED": Ending.SEEN,
    "RUN_NOT_KEPT": Ending.SEEN,
    "SESSION_NOT_BEGUN": Ending.SESSION_BEGUN,
    "SLEEVE_HALTED": Ending.RESUMED,
    "SLEEVE_NOT_FUNDED": Ending.SEEN,
    "STATEMENT_REFUSED": Ending.SEEN,
    "STORE_FAILED": Ending.LIVED,
    "STRATEGY_CHANGED": Ending.SEEN,
    "STRATEGY_FAILED": Ending.STRATEGY_READY,
    "STRATEGY_PRINTED": Ending.SEEN,
    "STRATEGY_STOPPED": Ending.SEEN,
    **dict.fromkeys((code.value for code in AlarmCode), Ending.SEEN),
    AlarmCode.BLIND.value: Ending.SIGHTED,
    AlarmCode.EXIT_IN_DOUBT.value: Ending.SETTLED,
    AlarmCode.OUTCOME_UNKNOWN.value: Ending.SETTLED,
}
"""What ends the alerts of each code that an executor raises by itself."""


CERTIFICATES: Final = "CERTIFICATE_"
"""What the codes of a certificate's checks begin with."""


def ending_of(code: str) -> Ending:
    """Return what ends the alerts of a code; what a server raises stands until it was seen."""
    if code.startswith(CERTIFICATES):
        return Ending.CERTIFIED
    return ENDINGS.get(code, Ending.SEEN)


def ended_by(action: Action) -> tuple[Ending, str | None] | None:
    """Return what a fact of the core ends, and about which subject; None for nothing."""
    match action:
        case ProtectionSighted():
            return Ending.SIGHTED, action.symbol
        case KillChanged(level=KillLevel.OFF):
            return Ending.KILL_RELEASED, None
        case SleeveStateChanged(halted=False):
            return Ending.RESUMED, f"{action.account_id}:{action.sleeve_id}"
        case QuarantineLifted():
            return Ending.LIFTED, f"{action.account_id}:{action.symbol}"
        case _:
            return None
