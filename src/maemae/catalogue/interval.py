"""How long a bar lasts and which end of it its label names; a print is a bar without length."""

from __future__ import annotations

import re
from enum import unique
from typing import Final

import msgspec

from maemae.domain.errors import SchemaError
from maemae.domain.instant import MINUTE
from maemae.domain.terms import Term

_LONGEST_MINUTES: Final = 390
_DAY_WORDS: Final = frozenset({"DAY", "D", "1D", "DAILY", "일봉"})
_TICK_WORDS: Final = frozenset({"TICK", "TICKS", "틱"})
_MINUTES: Final = re.compile(r"(\d{1,3})\s*(M|MIN|분|분봉)?")


@unique
class BarLabel(Term):
    """Which end of an intraday bar its time names; daily bars are named by their day."""

    START = "START"
    END = "END"


class Interval(msgspec.Struct, frozen=True):
    """
    Length of a bar: one regular session, a number of minutes, or a single print.

    Attributes:
        minutes: Length [minutes, 0 to 390]; None is a whole session, 0 a print.
    """

    minutes: int | None = None

    @property
    def is_daily(self) -> bool:
        """Whether one bar is one session."""
        return self.minutes is None

    @property
    def is_tick(self) -> bool:
        """Whether one bar is one print."""
        return self.minutes == 0

    @property
    def nanos(self) -> int:
        """
        Length of an intraday bar [ns].

        Raises:
            SchemaError: A daily bar has no fixed length.
        """
        if self.minutes is None:
            raise SchemaError(
                "일봉에는 정해진 길이가 없습니다. 분봉 데이터셋을 쓰세요.",
                "A daily bar has no fixed length. Use a dataset of minutes.",
            )
        return self.minutes * MINUTE

    def __str__(self) -> str:
        """Return `DAY`, `TICK`, or minutes such as `5m`."""
        if self.is_tick:
            return "TICK"
        return "DAY" if self.minutes is None else f"{self.minutes}m"


DAY: Final = Interval()
TICK: Final = Interval(0)


def interval_from_text(text: str) -> Interval:
    """
    Return the interval that a person wrote: `day`, `1d`, `일봉`, `5m`, `5`, `5분`, `tick`, `틱`.

    Raises:
        SchemaError: The text is no interval, or longer than a session.
    """
    word = text.strip().upper()
    if word in _DAY_WORDS:
        return DAY
    if word in _TICK_WORDS:
        return TICK
    match = _MINUTES.fullmatch(word)
    if match is None or not 1 <= int(match[1]) <= _LONGEST_MINUTES:
        raise SchemaError(
            f"알 수 없는 봉 간격입니다: {text}. DAY, TICK 또는 1m, 5m 처럼 "
            f"1~{_LONGEST_MINUTES}분을 쓰세요.",
            f"{text} is not a bar interval. Use DAY, TICK, or 1 to {_LONGEST_MINUTES} minutes such "
            "as 1m or 5m.",
        )
    return Interval(int(match[1]))
