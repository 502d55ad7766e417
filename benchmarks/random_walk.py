"""
Random-walk panels, made in one stroke, for measuring speed.

They claim nothing of the market but its calendar: no ticks, no limits, basis ADJUSTED.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from maemae.catalogue.axis import daily_axis
from maemae.catalogue.interval import DAY, Interval
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import previous_session
from maemae.krx.session import regular_close, regular_open
from maemae.strategy.panel import Ints, Panel

_START: Final = 50_000.0  # won
_LOWEST: Final = 100  # won; a walk is held above it
_DAILY_NOISE: Final = 0.02
_BARS_A_DAY: Final = 390


def random_walk_panel(
    rng: np.random.Generator,
    symbols: int,
    length: int,
    last: date,
    interval: Interval = DAY,
) -> Panel:
    """
    Return a panel of random walks with a trade in every bar.

    Args:
        rng: Source of the walks.
        symbols: Number of rows; they are called Z00001, Z00002 and so on.
        length: Number of bars; they end with the close of the last session.
        last: Latest day; the session is this or the one before.
        interval: DAY, or minutes; then bars fill the regular sessions.

    Raises:
        UnknownRuleError: The calendar does not reach back far enough.
    """
    opened, known = _daily(length, last) if interval.is_daily else _intraday(length, last, interval)
    noise = _DAILY_NOISE / (1.0 if interval.minutes is None else _noise_ratio(interval.minutes))
    shape = (symbols, length)
    close = _walk(rng, shape, noise)
    before = np.concatenate([np.full((symbols, 1), int(_START)), close[:, :-1]], axis=1)
    spread = 1.0 + np.abs(rng.normal(0.0, noise / 2, shape))
    fields: dict[str, Ints] = {
        "open": before,
        "high": (np.maximum(before, close) * spread).astype(np.int64),
        "low": np.maximum((np.minimum(before, close) / spread).astype(np.int64), 1),
        "close": close,
        "volume": rng.integers(1_000, 100_000, shape, np.int64),
    }
    names = tuple(Symbol(f"Z{number + 1:05d}") for number in range(symbols))
    return Panel(names, opened, known, fields, PriceBasis.ADJUSTED)


def _walk(rng: np.random.Generator, shape: tuple[int, int], noise: float) -> Ints:
    level = np.cumsum(rng.normal(0.0, noise, shape), axis=1)
    return np.maximum((_START * np.exp(level)).astype(np.int64), _LOWEST)


def _noise_ratio(minutes: int) -> float:
    return float(np.sqrt(_BARS_A_DAY / minutes))


def _daily(length: int, last: date) -> tuple[Ints, Ints]:
    days = [_session_at_or_before(last)]
    while len(days) < length:
        days.append(previous_session(days[-1]))
    return daily_axis(days[::-1])


def _intraday(length: int, last: date, interval: Interval) -> tuple[Ints, Ints]:
    day, found = _session_at_or_before(last), 0
    parts: list[tuple[Ints, Ints]] = []
    while found < length:
        parts.append(_one_session(day, interval))
        found += len(parts[-1][0])
        day = previous_session(day)
    opened = np.concatenate([part[0] for part in reversed(parts)])[-length:]
    known = np.concatenate([part[1] for part in reversed(parts)])[-length:]
    return opened, known


def _one_session(day: date, interval: Interval) -> tuple[Ints, Ints]:
    opens, closes = regular_open(day), regular_close(day)
    opened = np.arange(opens, closes, interval.nanos, dtype=np.int64)
    return opened, np.minimum(opened + interval.nanos, closes)


def _session_at_or_before(day: date) -> date:
    return previous_session(date.fromordinal(day.toordinal() + 1))
