"""How an author says when to leave: distances in won or as a ratio, and how long to hold."""

from __future__ import annotations

import math
from datetime import time
from typing import Final, NamedTuple, SupportsFloat, SupportsIndex

import msgspec

from maemae.domain import exit_terms
from maemae.domain.errors import InvalidValueError, StrategyError
from maemae.domain.exit_terms import ExitTerms, Trail
from maemae.domain.instant import DAY, HOUR, MINUTE
from maemae.strategy.order_pad import ppm, whole

_WHOLE_DAY: Final = 5 * HOUR  # no regular session is shorter


class Won(msgspec.Struct, frozen=True, gc=False):
    """A distance in won; make one with `won`."""

    amount: int


def won(amount: SupportsFloat) -> Won:
    """
    Return a distance in won, such as `won(2 * self.atr[symbol])`; parts of a won are rounded up.

    Raises:
        InvalidValueError: It is no number above 0; an indicator that is not warm yet is none.

    Example:
        >>> won(149.2).amount
        150
    """
    number = math.nan if isinstance(amount, str | bool) else float(amount)
    if not 0 < number < math.inf:
        raise InvalidValueError(
            f"won() 은 0보다 큰 수여야 합니다: {amount!r}. 준비되지 않은 지표의 값은 nan 입니다. "
            "`if self.atr[symbol] > 0:` 처럼 먼저 물어보세요.",
            f"won() takes a number above 0, not {amount!r}. An indicator that has not warmed up "
            "is nan: ask first, as by `if self.atr[symbol] > 0:`.",
        )
    return Won(math.ceil(number))


Distance = float | Won
"""A share of the price [ratio], or a number of won."""


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """
    How long to hold at most; the earliest of what is named ends it.

    Attributes:
        bars: Bars of the run after the entry's [bars]; counted in trading time, so that a bar
            in which nothing trades counts.
        sessions: Leave at the opening of that session after the entry's, or in it at `until`;
            0 only together with `until`, for the session of the entry itself.
        until: Leave at that time, Korean: "15:15". Without `sessions`, the first such time.
    """

    bars: int | None = None
    sessions: int | None = None
    until: str | time | None = None


class Leaving(NamedTuple):
    """Stop-loss and take-profit [ppm], and what else is said of how to leave."""

    stop_loss: int | None = None
    take_profit: int | None = None
    terms: ExitTerms | None = None

    @property
    def has_stop(self) -> bool:
        """Whether a fall of the price ends it."""
        terms = self.terms or _NOTHING
        return self.stop_loss is not None or bool(terms.stop_won or terms.trail)


def leaving(
    stop_loss: Distance | None,
    take_profit: Distance | None,
    trail: Distance | None,
    hold: Hold | None,
    cooldown: SupportsIndex | None,
    bar: int,
) -> Leaving:
    """
    Return what an order says of its exits.

    Args:
        stop_loss: Distance below the entry.
        take_profit: Distance above the entry.
        trail: Distance below the highest price since the entry.
        hold: A time stop.
        cooldown: Sessions for which the instrument is left alone after the exit.
        bar: Length of the run's bars [ns].

    Raises:
        InvalidValueError: A number is out of range.
        StrategyError: A time stop names nothing, or what cannot be.
    """
    terms = ExitTerms(
        stop_won=_won("stop_loss", stop_loss),
        take_won=_won("take_profit", take_profit),
        trail=None if trail is None else _trail(trail),
        hold=None if hold is None else _hold(hold, bar),
        cooldown=0 if cooldown is None else whole("cooldown", cooldown),
    )
    return Leaving(
        _ppm("stop_loss", stop_loss),
        _ppm("take_profit", take_profit),
        None if terms == _NOTHING else terms,
    )


def _won(name: str, distance: Distance | None) -> int | None:
    return whole(name, distance.amount) if isinstance(distance, Won) else None


def _ppm(name: str, distance: Distance | None) -> int | None:
    return None if distance is None or isinstance(distance, Won) else ppm(name, distance)


def _trail(distance: Distance) -> Trail:
    if isinstance(distance, Won):
        return Trail(won=distance.amount)
    return Trail(ppm=ppm("trail", distance))


def _hold(hold: Hold, bar: int) -> exit_terms.Hold:
    if hold.bars is None and hold.sessions is None and hold.until is None:
        raise StrategyError(
            "Hold() 에는 bars, sessions, until 가운데 하나 이상을 주세요.",
            "Hold() takes at least one of bars, sessions and until.",
        )
    sessions = hold.sessions
    if sessions is not None and (sessions or hold.until is None):
        sessions = whole("sessions", sessions)
    lasts = None
    if hold.bars is not None:
        count = whole("bars", hold.bars)
        if bar > DAY:
            raise StrategyError(
                "하루보다 긴 봉에서는 bars 대신 sessions 로 보유 기간을 정하세요.",
                "With bars longer than a day, give Hold() sessions instead of bars.",
            )
        if bar >= _WHOLE_DAY:
            sessions = count if sessions is None else min(sessions, count)
        else:
            lasts = count * bar
    until = None if hold.until is None else since_midnight(hold.until)
    return exit_terms.Hold(sessions, until, lasts)


def since_midnight(clock: str | time) -> int:
    """
    Return a time of day such as "15:15" [ns after midnight].

    Raises:
        StrategyError: It is no time.
    """
    try:
        moment = clock if isinstance(clock, time) else time.fromisoformat(clock)
    except (TypeError, ValueError):
        raise StrategyError(
            f'시각은 "15:15" 처럼 쓰세요: {clock!r}.',
            f'Write a time as "15:15", not {clock!r}.',
        ) from None
    return moment.hour * HOUR + moment.minute * MINUTE + moment.second * MINUTE // 60


_NOTHING: Final = ExitTerms()
