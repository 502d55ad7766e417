"""A file of trades, quotes and halts, as a tape for a replay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import polars as pl

from maemae.catalogue import parsing
from maemae.catalogue.source_file import read_source
from maemae.domain.errors import BadBarsError, SchemaError
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.venue.tape_view import Quote

TAPE_COLUMNS: Final = (
    "symbol",
    "datetime",
    "price",
    "qty",
    "bid",
    "bid_qty",
    "ask",
    "ask_qty",
    "halted",
)
"""
Columns of a tape: the first two are required, and of the others what there is.

A row with price and qty is a trade, one with bid and ask a quote, and one with halted says whether
trading stands still from then on. A row that is a trade and a quote is the trade, then the book
that it left.
"""

Row = Trade | tuple[Symbol, Quote, int] | tuple[Symbol, bool, int]
"""A trade; a quote and its instant [ns]; a halt or its end and its instant [ns]."""


def read_tape(
    path: Path, columns: Mapping[str, str] | None = None, time_zone: str = parsing.SEOUL
) -> list[Row]:
    """
    Return the rows of a CSV or Parquet file.

    Args:
        path: The file, by time.
        columns: Our name to the file's, such as `{"price": "체결가"}`.
        time_zone: Zone of times that carry none.

    Raises:
        SchemaError: The file cannot be read, a column is missing, or a value is not what it is
            declared as.
        BadBarsError: A price or size cannot be, or times go back.
    """
    return rows_of_tape(read_source(path), columns, time_zone)


def rows_of_tape(
    frame: pl.DataFrame, columns: Mapping[str, str] | None = None, time_zone: str = parsing.SEOUL
) -> list[Row]:
    """Return the rows of a frame; as `read_tape`."""
    told = _named(frame, columns or {})
    whole = [name for name in TAPE_COLUMNS if name in told.columns]
    series = [_typed(told[name], name, time_zone) for name in whole]
    typed = pl.DataFrame(series).with_columns(
        pl.lit(None).alias(name) for name in TAPE_COLUMNS if name not in whole
    )
    times = typed["datetime"]
    back = times.to_physical().diff() < 0
    if back.any():
        place = int(back.fill_null(value=False).arg_true()[0]) + 1
        raise BadBarsError(
            f"체결·호가 {place}번째 행의 시각이 앞 행보다 이릅니다. 시각 순으로 정렬하세요.",
            f"Row {place} of the tape is earlier than the one before. Sort it by time.",
        )
    ordered = typed.with_columns(times.to_physical().alias("datetime"))
    return [
        event
        for place, row in enumerate(ordered.iter_rows(named=True), 1)
        for event in _events(row, place)
    ]


def _named(frame: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    unknown = sorted(set(columns) - set(TAPE_COLUMNS)) + sorted(
        theirs for theirs in columns.values() if theirs not in frame.columns
    )
    told = frame.rename({theirs: ours for ours, theirs in columns.items() if not unknown})
    missing = [name for name in TAPE_COLUMNS[:2] if name not in told.columns]
    pairs = (("price", "qty"), ("bid", "bid_qty", "ask", "ask_qty"), ("halted",))
    is_empty = not any(all(name in told.columns for name in pair) for pair in pairs)
    if unknown or missing or is_empty:
        wrong = ", ".join([*unknown, *missing]) or "price+qty | bid+bid_qty+ask+ask_qty | halted"
        raise SchemaError(
            f"체결·호가 파일의 열을 알 수 없습니다: {wrong}. 쓸 수 있는 열: "
            f"{', '.join(TAPE_COLUMNS)} (파일의 열: {', '.join(frame.columns)}).",
            f"The columns of the tape are not clear: {wrong}. It may have "
            f"{', '.join(TAPE_COLUMNS)} (the file has {', '.join(frame.columns)}).",
        )
    return told


def _typed(column: pl.Series, name: str, time_zone: str) -> pl.Series:
    if name == "symbol":
        return parsing.texts(column).str.to_uppercase()
    if name == "datetime":
        return parsing.instants(column, time_zone)
    if name == "halted":
        present = column.drop_nulls()
        words = dict(zip(present.to_list(), parsing.flags(present).to_list(), strict=True))
        return pl.Series(name, [words.get(each) for each in column.to_list()], pl.Boolean)
    return parsing.numbers(column).cast(pl.Int64)


def _events(row: Mapping[str, Any], place: int) -> Iterator[Row]:
    symbol, at = Symbol(row["symbol"] or ""), row["datetime"]
    found = list[Row]()
    if row["halted"] is not None:
        found.append((symbol, row["halted"], at))
    if row["price"] is not None and row["qty"] is not None:
        _require(place, symbol, (row["price"], row["qty"]), least=1)
        found.append(Trade(symbol, row["price"], row["qty"], at))
    sides = [row[name] for name in TAPE_COLUMNS[4:8]]
    if all(each is not None for each in sides):
        _require(place, symbol, sides, least=0)
        found.append((symbol, Quote(*sides), at))
    if not found or not symbol:
        raise _wrong(place, "체결도 호가도 정지도 아닙니다", "is neither trade nor quote nor halt")
    yield from found


def _require(place: int, symbol: Symbol, numbers: Sequence[int], *, least: int) -> None:
    if min(numbers) < least:
        raise _wrong(
            place,
            f"{symbol} 의 값 {min(numbers):,} 은(는) {least} 이상이어야 합니다",
            f"has {min(numbers):,} for {symbol}, which must be at least {least}",
        )


def _wrong(place: int, ko: str, en: str) -> BadBarsError:
    return BadBarsError(
        f"체결·호가 {place}번째 행: {ko}. 그 행을 고치거나 지우세요.",
        f"Row {place} of the tape {en}. Correct or remove it.",
    )
