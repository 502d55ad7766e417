"""The trading days of an instrument until now, today's unfinished one too, and their changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Protocol, TypeVar

import msgspec

from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import Desk
from maemae.emulators.kiwoom_rest.formats import price, sign_code, signed, signed_rate
from maemae.emulators.kiwoom_rest.history import Bar


class TradingDay(msgspec.Struct, frozen=True):
    """
    One trading day of an instrument.

    Attributes:
        before: What its change is counted from [won]: the close before, today's base price.
    """

    bar: Bar
    before: int

    @property
    def day(self) -> date:
        """Its date."""
        return self.bar.day

    @property
    def close(self) -> str:
        """The last price, with the sign of its change."""
        return price(self.bar.close, self.before)

    @property
    def sign(self) -> str:
        """The code of its direction."""
        return sign_code(self.bar.close, self.before, None)

    @property
    def change(self) -> str:
        """The change [won], with its sign."""
        return signed(self.bar.close - self.before)

    @property
    def rate(self) -> str:
        """The change in percent, with its sign."""
        return signed_rate(self.bar.close - self.before, self.before)


def days_of(desk: Desk, line: Line) -> list[TradingDay]:
    """Return the days until now, the oldest first."""
    days: list[TradingDay] = []
    before = 0
    for bar in desk.history.days(line.symbol):
        days.append(TradingDay(bar, before or bar.open))
        before = bar.close
    if line.bar is not None:
        days.append(TradingDay(line.bar, line.base))
    return days


def bars_between(desk: Desk, line: Line, first: date, last: date) -> list[Bar]:
    """Return the bars of the days from one to another, both included."""
    return [each.bar for each in days_of(desk, line) if first <= each.day <= last]


class Dated(Protocol):
    """What belongs to a day."""

    @property
    def day(self) -> date:
        """Its date."""
        ...


Each = TypeVar("Each", bound=Dated)


def span(days: Sequence[Each], count: int, today: date) -> list[Each]:
    """Return the days of a span, see `SPANS`, of some that are ordered."""
    is_open = bool(days) and days[-1].day == today
    if count == 0:
        return list(days[-1:]) if is_open else []
    if count == 1:
        return list((days[:-1] if is_open else days)[-1:])
    return list(days[-count:])


SPANS: Final[Mapping[str, int]] = {
    "0": 0,
    "1": 1,
    "3": 3,
    "5": 5,
    "10": 10,
    "20": 20,
    "40": 40,
    "60": 60,
    "120": 120,
}
"""Spans that are asked for: 0 today, 1 the day before it, else so many days until now."""
