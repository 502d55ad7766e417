"""When a bar began and when it was known: the two instants of every time of a panel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from maemae.catalogue.interval import BarLabel, Interval
from maemae.domain.instant import DAY, MINUTE, kst_date
from maemae.krx.session import regular_close, regular_open
from maemae.strategy.panel import Ints

_KST_OFFSET: Final = 9 * 60 * MINUTE


def daily_axis(days: Sequence[date]) -> tuple[Ints, Ints]:
    """
    Return opening and close of the regular session of each day [ns, shape (T,)].

    Raises:
        InvalidValueError: There is no session on one of the days.
        UnknownRuleError: No known rule covers one of the days.
    """
    opened = np.fromiter((regular_open(day) for day in days), np.int64, len(days))
    known = np.fromiter((regular_close(day) for day in days), np.int64, len(days))
    return opened, known


def intraday_axis(labels: Ints, interval: Interval, label: BarLabel) -> tuple[Ints, Ints]:
    """
    Return when each intraday bar began and was known [ns, shape (T,)].

    A bar that the close of the regular session cuts short is known at the close. A bar
    after the close, such as the closing auction that some sources label 15:30, is known an
    interval later. Bars that end at their label begin where the one before ended, if that
    is later than an interval before.

    Args:
        labels: Distinct labels, rising [ns].
        interval: Length of a bar.
        label: Which end of the bar the labels name.
    """
    if label is BarLabel.END:
        opened = labels - interval.nanos
        opened[1:] = np.maximum(opened[1:], labels[:-1])
        return opened, labels.copy()
    close = _closes(labels)
    ends = labels + interval.nanos
    return labels.copy(), np.where(labels < close, np.minimum(ends, close), ends)


def _closes(labels: Ints) -> Ints:
    """Return the close of the session on the day of each label [ns]."""
    kst_days = (labels + _KST_OFFSET) // DAY
    distinct, where = np.unique(kst_days, return_inverse=True)
    instants = (distinct * DAY - _KST_OFFSET).tolist()
    closes = np.fromiter(
        (regular_close(kst_date(instant)) for instant in instants), np.int64, len(distinct)
    )
    return closes[where]
