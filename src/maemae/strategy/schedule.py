"""Schedules: the barriers at which a new day, week or month has begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, Literal

import numpy as np

from maemae.domain.errors import StrategyError
from maemae.domain.instant import DAY, KST
from maemae.domain.near_match import suggestion
from maemae.strategy.panel import Ints, Panel

Period = Literal["bar", "day", "week", "month"]

_KST_OFFSET: Final = KST.utcoffset(None) // timedelta(microseconds=1) * 1_000
_EPOCH_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday; weeks begin on Monday

# period -> number of the period in which each Korean calendar day lies
_NUMBERED: Final[Mapping[str, Callable[[Ints], Ints]]] = {
    "bar": lambda days: np.arange(len(days)),
    "day": lambda days: days,
    "week": lambda days: (days + _EPOCH_WEEKDAY) // 7,
    "month": lambda days: days.astype("M8[D]").astype("M8[M]").astype(np.int64),
}


def barriers(panel: Panel, period: str) -> Ints:
    """
    Return the time indexes at which a period's first bar has become known.

    A period begins with the first bar that opens in it, so a program that acts there knows
    that the period before is over without having looked ahead. The first bar of a run
    begins a period.

    Args:
        panel: Bars of the run.
        period: `bar`, `day`, `week` (from Monday) or `month`, by the Korean calendar.

    Raises:
        StrategyError: There is no such period.
    """
    if period not in _NUMBERED:
        hint = suggestion(str(period), _NUMBERED)
        raise StrategyError(
            f"every() 는 주기 {period!r} 을(를) 모릅니다. {hint.ko}",
            f"every() knows no period {period!r}. {hint.en}",
        )
    numbers = _NUMBERED[period]((panel.opened + _KST_OFFSET) // DAY)
    changes = np.diff(numbers, prepend=numbers[:1] - 1)
    return np.flatnonzero(changes)
