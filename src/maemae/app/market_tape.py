"""From a file of trades and quotes to the tape that a backtest replays."""

from __future__ import annotations

from pathlib import Path

from maemae.catalogue.tape_file import Row, read_tape
from maemae.domain.market_data import Trade
from maemae.simulation.tape_walk import MarketTape, Quoted, Stopped, TapeEvent
from maemae.venue.tape_view import Quote


def open_tape(path: Path) -> MarketTape:
    """
    Return the tape of a CSV or Parquet file; see `maemae.catalogue.tape_file`.

    Raises:
        SchemaError: It cannot be read, or columns and values are not as declared.
        BadBarsError: A price or size cannot be, or times go back.
    """
    return MarketTape([_event(row) for row in read_tape(path)])


def _event(row: Row) -> TapeEvent:
    if isinstance(row, Trade):
        return row
    symbol, told, at = row
    return Quoted(symbol, told, at) if isinstance(told, Quote) else Stopped(symbol, told, at)
