"""Raw and adjusted prices of one instrument beside each other, as of a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import msgspec

from maemae.domain.ids import Symbol
from maemae.strategy.panel import Panel
from maemae.strategy.restatement import factor


class DayPrice(msgspec.Struct, frozen=True):
    """
    One session of an instrument.

    Attributes:
        raw: Its last price as it was traded [won].
        factor: By which it is multiplied to be told on the day of telling.
        adjusted: The product, unrounded [won].
    """

    day: date
    raw: int
    factor: Fraction

    @property
    def adjusted(self) -> float:
        """The raw price told in the shares of the day of telling [won]."""
        return float(self.raw * self.factor)


def side_by_side(panel: Panel, symbol: Symbol, told: date | None = None) -> Sequence[DayPrice]:
    """
    Return the last price of each session in which an instrument traded, raw and adjusted.

    Only what had taken effect by the day of telling is in the factors, as a backtest on that day
    sees it.

    Args:
        panel: Raw bars with what is known of corporate actions.
        symbol: The instrument.
        told: The day of telling; None for the last of the panel.

    Raises:
        UnknownSymbolError: The panel has no such instrument.
    """
    row = panel.row(symbol)
    steps = panel.restatements.get(row, ())
    last = len(panel) - 1
    if told is not None:
        last = max((k for k, day in enumerate(panel.dates) if day <= told), default=-1)
    found: dict[date, DayPrice] = {}
    traded = panel.traded[row]
    for index in range(last + 1):
        if traded[index]:
            day = panel.dates[index]
            up, down = factor(steps, index, last)
            found[day] = DayPrice(day, int(panel.close[row, index]), Fraction(up, down))
    return list(found.values())
