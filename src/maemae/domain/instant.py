"""
Instants: integer nanoseconds since 1970-01-01 00:00 UTC.

Korea has had no daylight saving time since 1988, so KST is UTC+9 for every instant that
maemae handles.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Final, NewType

from maemae.domain.errors import InvalidValueError

Nanos = NewType("Nanos", int)
"""An instant [ns since the epoch, UTC]."""

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 3_600 * SECOND
DAY: Final = 86_400 * SECOND
KST: Final = timezone(timedelta(hours=9), "KST")

_KST_OFFSET: Final = 9 * 3_600 * SECOND
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def nanos_from_datetime(moment: datetime) -> Nanos:
    """
    Return the instant of an aware datetime.

    Raises:
        InvalidValueError: The datetime is naive.
    """
    if moment.tzinfo is None:
        raise InvalidValueError(
            f"시간대가 없는 시각입니다: {moment}. Asia/Seoul 같은 시간대를 붙이세요.",
            f"{moment} has no time zone. Give it one, such as Asia/Seoul.",
        )
    return Nanos((moment - _EPOCH) // timedelta(microseconds=1) * 1_000)


def kst_nanos(day: date, at: time) -> Nanos:
    """Return the instant of a Korean wall-clock time."""
    return nanos_from_datetime(datetime.combine(day, at, KST))


def kst_datetime(instant: int) -> datetime:
    """Return the Korean wall-clock time of an instant, cut down to microseconds."""
    return datetime.fromtimestamp(0, KST) + timedelta(microseconds=instant // 1_000)


def kst_date(instant: int) -> date:
    """Return the Korean calendar day of an instant."""
    return _date_from_days((instant + _KST_OFFSET) // DAY)


@lru_cache(maxsize=65_536)
def _date_from_days(days: int) -> date:
    return date.fromordinal(_EPOCH_ORDINAL + days)
