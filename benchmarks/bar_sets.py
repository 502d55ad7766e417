"""The three sets of bars that are measured, and where their files lie."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

ROOT: Final = Path(__file__).parents[1]
OUTPUT: Final = ROOT / "var" / "bench"


class BarSet(msgspec.Struct, frozen=True):
    """
    One synthetic panel.

    Attributes:
        name: Names its file and its rows in tables.
        symbols: Instruments.
        length: Bars of each instrument.
        minutes: Length of a bar [minutes]; None is a whole session.
    """

    name: str
    symbols: int
    length: int
    minutes: int | None

    @property
    def bars(self) -> int:
        """Bars of all instruments together."""
        return self.symbols * self.length

    @property
    def title(self) -> str:
        """Size as a person reads it, the same in Korean and English."""
        return f"{self.symbols:,} x {self.length:,} {'1d' if self.minutes is None else '1m'}"

    @property
    def path(self) -> Path:
        """File of the bars: numpy arrays that every measured program can read."""
        return OUTPUT / "bars" / f"{self.name}.npz"


ONE_LONG: Final = BarSet("one_long", symbols=1, length=1_000_000, minutes=1)
MANY_DAILY: Final = BarSet("many_daily", symbols=200, length=2_520, minutes=None)
MANY_MINUTES: Final = BarSet("many_minutes", symbols=20, length=98_000, minutes=1)

SETS: Final = {one.name: one for one in (ONE_LONG, MANY_DAILY, MANY_MINUTES)}
