"""
What stops trading by itself: volatility interruption (VI), circuit breaker, sidecar.

Pure rules: who knows the prices asks whether they interrupt, and for how long. An auction
may end up to `RANDOM_END` later than said here; the caller draws that.

Source: KRX business regulations and enforcement rules, English text in force April 2026.
First days are from the press: dynamic VI 2014-09-01 (medium confidence), static VI and the
breaker in three stages 2015-06-15 (high). Thresholds are taken as unchanged since (medium);
those of single-price trading and of the KRX after-market are assumed to be those of
continuous trading (low).
"""

from __future__ import annotations

from datetime import date
from enum import unique
from functools import lru_cache
from typing import Final

import msgspec

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.instant import MINUTE, SECOND, Nanos
from maemae.domain.terms import Market, Term
from maemae.krx.session import Phase, regular_close, regular_open
from maemae.krx.status import InstrumentState

RANDOM_END: Final = 30 * SECOND
"""An auction ends at a random instant within this time after its scheduled end [ns]."""

VI_AUCTION: Final = 2 * MINUTE
"""Length of the auction of a VI, or by which it lengthens a running auction [ns]."""

VI_OVER_AFTER: Final = VI_AUCTION + RANDOM_END + 10 * SECOND
"""By then a VI is over even if nobody heard of its end; clocks may differ by the rest [ns]."""

BREAKER_HALT: Final = 20 * MINUTE
"""Stages 1 and 2: nothing but cancels [ns]."""

BREAKER_AUCTION: Final = 10 * MINUTE
"""Stages 1 and 2: auction after the halt [ns]."""


@unique
class ViKind(Term):
    """What a price moved too far from."""

    DYNAMIC = "DYNAMIC"  # the last trade
    STATIC = "STATIC"  # the last call-auction price of the day, or the base before one exists


@unique
class ViGroup(Term):
    """How much movement an instrument is allowed."""

    NARROW = "NARROW"  # KOSPI200 shares; 1x funds on KOSPI200/100/50, KRX100 or bonds
    WIDE = "WIDE"  # everything else


class ViThresholds(msgspec.Struct, frozen=True):
    """Moves that interrupt, in percent of their reference; 0 where the kind does not exist."""

    dynamic: int
    static: int


class BreakerWindow(msgspec.Struct, frozen=True):
    """
    What a market's breaker is measured by on one day.

    Attributes:
        previous_close: Yesterday's close of the index [hundredths of a point].
        opens: Start of continuous trading [ns].
        closes: End of the regular session [ns].
    """

    previous_close: int
    opens: Nanos
    closes: Nanos


class BreakerState(msgspec.Struct, frozen=True):
    """
    How far a market's breaker has gone today; the first state is `BreakerState()`.

    Attributes:
        stage: Last stage triggered, 0 to 3.
        level: Index at that trigger [hundredths of a point]; 0 before one.
        triggered_at: When [ns]; None before one.
        below_since: Since when the next stage's condition has held [ns]; None if it does not.
    """

    stage: int = 0
    level: int = 0
    triggered_at: Nanos | None = None
    below_since: Nanos | None = None


class Sidecar(msgspec.Struct, frozen=True):
    """
    When program-trading orders of one side lose effect; ordinary orders do not.

    Attributes:
        futures_percent: Move of the index future that triggers, held for a minute.
        index_percent: Move of the index that must come with it; 0 if none need.
        hold: How long the orders stand still [ns].
    """

    futures_percent: int
    index_percent: int
    hold: int = 5 * MINUTE


SIDECARS: Final = {
    Market.KOSPI: Sidecar(futures_percent=5, index_percent=0),
    Market.KOSDAQ: Sidecar(futures_percent=6, index_percent=3),
}
"""Once a day, from 5 minutes after the opening, not in the last 40 minutes."""


@lru_cache(maxsize=4_096)
def vi_thresholds(
    group: ViGroup, phase: Phase, day: date, *, underlying_expires: bool = False
) -> ViThresholds:
    """
    Return the moves that interrupt in a phase.

    Args:
        group: The instrument's group; KOSDAQ shares are WIDE.
        phase: Phase of the session; without matching nothing interrupts.
        day: Trading day.
        underlying_expires: A derivative on this share expires today, which narrows the
            closing auction.
    """
    if phase not in _INTERRUPTIBLE or day < _DYNAMIC_VI:
        return _NEVER
    if phase is not Phase.CLOSING_AUCTION:
        dynamic = 3 if group is ViGroup.NARROW else 6
    elif underlying_expires:
        dynamic = 1
    else:
        dynamic = 2 if group is ViGroup.NARROW else 4
    return ViThresholds(dynamic, _STATIC_PERCENT if day >= _THREE_STAGES else 0)


def vi_kind(
    price: int, last_price: int, auction_price: int, thresholds: ViThresholds, tick: int
) -> ViKind | None:
    """
    Return whether a provisional price interrupts trading, and by which rule.

    The first print after an interruption never does; the caller does not ask for it.

    Args:
        price: What the next trade would print at [won].
        last_price: Last trade; the base before the first one [won].
        auction_price: Last call-auction price of the day; the base before one [won].
        thresholds: From `vi_thresholds`.
        tick: Tick at that price [won]; below 1,000 won three ticks interrupt nothing.
    """
    if _exceeds(price, auction_price, thresholds.static, tick):
        return ViKind.STATIC
    if _exceeds(price, last_price, thresholds.dynamic, tick):
        return ViKind.DYNAMIC
    return None


def is_vi_exempt(state: InstrumentState) -> bool:
    """Return whether an instrument in that state knows no VI."""
    return state in _VI_EXEMPT


def vi_end(phase: Phase, at: int, scheduled_end: int) -> Nanos:
    """
    Return when the auction that a VI causes is due to end [ns].

    Args:
        phase: Phase in which it triggers; a running auction is lengthened.
        at: When it triggers [ns].
        scheduled_end: Scheduled end of the phase [ns].
    """
    return Nanos((scheduled_end if phase in _AUCTIONS else at) + VI_AUCTION)


def breaker_window(previous_close: int, day: date) -> BreakerWindow:
    """
    Return what the breaker of a market is measured by.

    Args:
        previous_close: Yesterday's close of the index [hundredths of a point].
        day: Trading day.

    Raises:
        InvalidValueError: The index is not positive, or there is no session.
        UnknownRuleError: The day lies before the breaker in three stages.
    """
    if day < _THREE_STAGES:
        raise UnknownRuleError(
            f"{day} 의 서킷브레이커 규칙을 알지 못합니다. {_THREE_STAGES} 이후 날짜를 쓰세요.",
            f"The circuit breaker of {day} is not known. Use days from {_THREE_STAGES} on.",
        )
    if previous_close < 1:
        raise InvalidValueError(
            f"전일 지수가 양수가 아닙니다: {previous_close}. 지수 × 100 을 쓰세요.",
            f"{previous_close} is not an index. Use a hundred times yesterday's close.",
        )
    return BreakerWindow(previous_close, regular_open(day), regular_close(day))


def advance_breaker(
    state: BreakerState, index: int, window: BreakerWindow, at: Nanos
) -> BreakerState:
    """
    Return the breaker after one more value of the index.

    A stage needs its fall to hold for a minute; timing starts a minute after the opening,
    stands still during a halt and its auction, and stages 1 and 2 end 40 minutes before the
    close. Stages come one after the other, each once a day.

    Args:
        state: State before.
        index: The index [hundredths of a point].
        window: From `breaker_window`.
        at: When the value was published [ns]; never earlier than the one before.
    """
    if not _can_trigger(state, window, at) or not _is_below(state, index, window):
        return msgspec.structs.replace(state, below_since=None)
    since = at if state.below_since is None else state.below_since
    if at - since < MINUTE:
        return msgspec.structs.replace(state, below_since=since)
    return BreakerState(state.stage + 1, index, triggered_at=at)


def breaker_phase(state: BreakerState, at: int) -> Phase | None:
    """Return the phase a breaker forces on its market; None where the schedule holds."""
    if state.triggered_at is None:
        return None
    if state.stage == len(_STAGE_PERCENT):
        return Phase.CLOSED
    elapsed = at - state.triggered_at
    if elapsed < BREAKER_HALT:
        return Phase.HALTED
    return Phase.INTRADAY_AUCTION if elapsed < BREAKER_HALT + BREAKER_AUCTION else None


def _exceeds(price: int, reference: int, percent: int, tick: int) -> bool:
    move = abs(price - reference)
    if percent == 0 or (price < _LOW_PRICE and move <= _LOW_PRICE_TICKS * tick):
        return False
    return move * 100 >= reference * percent


def _can_trigger(state: BreakerState, window: BreakerWindow, at: Nanos) -> bool:
    if state.stage == len(_STAGE_PERCENT) or breaker_phase(state, at) is not None:
        return False
    last_stage_next = state.stage + 1 == len(_STAGE_PERCENT)
    end = window.closes if last_stage_next else window.closes - _BREAKER_QUIET_END
    return window.opens + MINUTE <= at < end


def _is_below(state: BreakerState, index: int, window: BreakerWindow) -> bool:
    deep = index * 100 <= window.previous_close * (100 - _STAGE_PERCENT[state.stage])
    return deep and (state.stage == 0 or index * 100 <= state.level * 99)


_DYNAMIC_VI: Final = date(2014, 9, 1)
_THREE_STAGES: Final = date(2015, 6, 15)
_STATIC_PERCENT: Final = 10
_LOW_PRICE: Final = 1_000
_LOW_PRICE_TICKS: Final = 3
_STAGE_PERCENT: Final = (8, 15, 20)
_BREAKER_QUIET_END: Final = 40 * MINUTE
_NEVER: Final = ViThresholds(0, 0)

_AUCTIONS: Final = frozenset(
    {Phase.PRE_OPEN_AUCTION, Phase.CLOSING_AUCTION, Phase.INTRADAY_AUCTION}
)
_INTERRUPTIBLE: Final = frozenset(
    {
        Phase.PRE_OPEN_AUCTION,
        Phase.CONTINUOUS,
        Phase.CLOSING_AUCTION,
        Phase.AFTER_HOURS_SINGLE,
        Phase.AFTER_MARKET,
    }
)
_VI_EXEMPT: Final = frozenset(
    {
        InstrumentState.HALTED,
        InstrumentState.DELISTING,
        InstrumentState.OVERHEATED,
        InstrumentState.ILLIQUID,
        InstrumentState.LISTING_DAY,
    }
)
