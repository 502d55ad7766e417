"""A file of trades, quotes and halts: columns, times, and what is refused."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import polars as pl
import pytest

from maemae.catalogue.tape_file import read_tape, rows_of_tape
from maemae.domain.errors import BadBarsError, MaemaeError, SchemaError
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.market_data import Trade
from maemae.venue.tape_view import Quote
from tests.strategy_runs import raises

A = Symbol("005930")
NINE = kst_nanos(date(2025, 9, 2), time(9))
HEAD = "symbol,datetime,price,qty,bid,bid_qty,ask,ask_qty,halted"


def csv(tmp_path: Path, *rows: str, head: str = HEAD) -> Path:
    path = tmp_path / "tape.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_rows_are_trades_quotes_halts_or_a_trade_with_the_book_it_left(tmp_path: Path) -> None:
    path = csv(
        tmp_path,
        "005930,2025-09-02 09:00:00,\"71,200\",10,,,,,",
        "005930,2025-09-02 09:00:01,,,71100,5,71200,7,",
        "005930,2025-09-02 09:00:01,71200,3,71100,5,71200,4,",
        "005930,2025-09-02 09:00:02,,,,,,,true",
    )  # fmt: skip
    assert read_tape(path) == [
        Trade(A, 71_200, 10, NINE),
        (A, Quote(71_100, 5, 71_200, 7), NINE + SECOND),
        Trade(A, 71_200, 3, NINE + SECOND),
        (A, Quote(71_100, 5, 71_200, 4), NINE + SECOND),
        (A, True, NINE + 2 * SECOND),
    ]


def test_columns_of_another_name_and_a_zone_of_their_own_are_read() -> None:
    frame = pl.DataFrame(
        {"종목": ["005930"], "시각": ["2025-09-02T00:00:00Z"], "체결가": [71_200], "수량": [2]}
    )
    names = {"symbol": "종목", "datetime": "시각", "price": "체결가", "qty": "수량"}
    assert rows_of_tape(frame, names) == [Trade(A, 71_200, 2, NINE)]


@pytest.mark.parametrize(
    ("rows", "kind", "words"),
    [
        (["005930,2025-09-02 09:00:00,,,,,,,"], BadBarsError, ("Row 1", "neither trade")),
        (["005930,2025-09-02 09:00:00,0,5,,,,,"], BadBarsError, ("Row 1", "at least 1")),
        (["005930,2025-09-02 09:00:00,,,5,-1,6,1,"], BadBarsError, ("at least 0",)),
        (["005930,2025-09-02 09:00:00,x,5,,,,,"], SchemaError, ("price", "a number")),
        (
            ["005930,2025-09-02 09:00:01,1,5,,,,,", "005930,2025-09-02 09:00:00,1,5,,,,,"],
            BadBarsError,
            ("Row 2", "earlier"),
        ),
    ],
)
def test_rows_that_cannot_be_are_named(
    tmp_path: Path, rows: list[str], kind: type[MaemaeError], words: tuple[str, ...]
) -> None:
    with raises(kind, *words):
        read_tape(csv(tmp_path, *rows))


def test_columns_that_tell_of_nothing_are_refused(tmp_path: Path) -> None:
    with raises(SchemaError, "price+qty"):
        read_tape(csv(tmp_path, "005930,2025-09-02 09:00:00,5", head="symbol,datetime,price"))
    with raises(SchemaError, "datetime"):
        read_tape(csv(tmp_path, "005930,5,1", head="symbol,price,qty"))
    frame = pl.DataFrame({"symbol": ["A"], "datetime": ["x"], "price": [1], "qty": [1]})
    with raises(SchemaError, "체결가"):
        rows_of_tape(frame, {"price": "체결가"})
