"""What a source of daily bars must say and do."""

from __future__ import annotations

from datetime import date
from typing import Protocol

import msgspec
import polars as pl

from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis


class Window(msgspec.Struct, frozen=True):
    """Days of one instrument that are asked for at once, both included."""

    symbol: Symbol
    first: date
    last: date


class DaySource(Protocol):
    """
    A library that reads daily bars of a site.

    Attributes:
        name: For the manifest, with version and site.
    """

    name: str

    def windows(self, symbol: Symbol, first: date, last: date) -> list[Window]:
        """Return what to ask for, oldest first; together these days, each once."""
        ...

    def overhead(self) -> int:
        """Return the requests that come before the first window, about."""
        ...

    def read(self, window: Window) -> pl.DataFrame:
        """
        Return the bars of a window as `COLUMNS` has them; empty if there are none.

        Raises:
            SourceBlockedError: The site does not want us.
            SourceUnavailableError: It cannot be reached or understood for now.
            SchemaError: The library gives what nobody knows.
        """
        ...


def is_kept_for_good(basis: PriceBasis) -> bool:
    """
    Return whether bars that came stay right.

    What was traded does. An adjusted past is written anew with each corporate action, and parts
    of before and after must not meet in one series.
    """
    return basis is PriceBasis.RAW


COLUMNS = {
    "symbol": pl.String,
    "date": pl.Date,
    "open": pl.Int64,
    "high": pl.Int64,
    "low": pl.Int64,
    "close": pl.Int64,
    "volume": pl.Int64,
}
"""Columns of a window, oldest bar first."""
