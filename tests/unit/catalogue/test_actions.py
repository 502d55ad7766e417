"""A table of corporate actions: what it may say, what is refused, and what a panel gets of it."""

from __future__ import annotations

from datetime import date, time
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from maemae.catalogue.action_table import actions_from_frame
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.side_by_side import side_by_side
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    Delisting,
    Merger,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError, SchemaError
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.terms import PriceBasis
from tests.samsung_split import EX_DATE, ROWS, SAMSUNG
from tests.strategy_runs import raises

HEAD = "symbol,kind,known_at,ex_date,pay_date,ratio,amount,successor\n"
SPLIT = "005930,SPLIT,2018-01-31,2018-05-04,,50:1,,\n"
KNOWN = kst_nanos(date(2018, 2, 1), time())


def table(*rows: str, head: str = HEAD) -> pl.DataFrame:
    return pl.read_csv((head + "\n".join(row.strip() for row in rows)).encode(), infer_schema=False)


def one(row: str) -> CorporateAction:
    (action,) = actions_from_frame(table(row))
    return action


@pytest.mark.parametrize(
    ("row", "action"),
    [
        (SPLIT, ShareChange(SAMSUNG, EX_DATE, KNOWN, 50, 1, 0)),
        (
            "005930,무상증자,2018-01-31T09:00,2018-05-04,,1:10,9000,",
            ShareChange(SAMSUNG, EX_DATE, kst_nanos(date(2018, 1, 31), time(9)), 11, 10, 9_000),
        ),
        (
            "005930,감자,2018-01-31,2018-05-04,,1:5,0,",
            ShareChange(SAMSUNG, EX_DATE, KNOWN, 1, 5, 0),
        ),
        (
            "005930,유상증자,2018-01-31,2018-05-04,,1:5,\"1,200\",",
            RightsIssue(SAMSUNG, EX_DATE, KNOWN, 1, 5, 1_200),
        ),
        (
            "005930,cash_dividend,2018-01-31,2017-12-27,2018-04-20,,21500,",
            CashDividend(SAMSUNG, date(2017, 12, 27), KNOWN, 21_500, date(2018, 4, 20)),
        ),
        (
            "005930,합병,2018-01-31,2018-05-04,,1:2,100,000660",
            Merger(SAMSUNG, EX_DATE, KNOWN, Symbol("000660"), 1, 2, 100),
        ),
        ("005930,상장폐지,2018-01-31,2018-05-04,,,,", Delisting(SAMSUNG, EX_DATE, KNOWN, 0)),
    ],
    ids=lambda value: value.split(",")[1] if isinstance(value, str) else "",
)  # fmt: skip
def test_row_when_it_is_whole_becomes_an_action(row: str, action: CorporateAction) -> None:
    assert one(row) == action


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("005930,SPLITT,2018-01-31,2018-05-04,,50:1,,", ("Row 1", "SPLITT", "액면분할")),
        ("005930,SPLIT,2018-01-31,2018-05-04,,1:50,,", ("wrong way round",)),
        ("005930,REVERSE_SPLIT,2018-01-31,2018-05-04,,50:1,,", ("wrong way round",)),
        ("005930,SPLIT,2018-01-31,2018-05-04,,,,", ("needs a ratio",)),
        ("005930,SPLIT,2018-01-31,2018-05-04,,0:1,,", ("needs a ratio",)),
        ("005930,SPLIT,2018-01-31,2018-05-04,,fifty,,", ("fifty", "50:1")),
        ("005930,SPLIT,2018-05-04,2018-05-04,,50:1,,", ("known_at is later",)),
        ("005930,SPLIT,soon,2018-05-04,,50:1,,", ("soon", "2018-01-31T09:00")),
        ("005930,SPLIT,,2018-05-04,,50:1,,", ("no time",)),
        (",SPLIT,2018-01-31,2018-05-04,,50:1,,", ("needs a symbol",)),
        ("005930,SPLIT,2018-01-31,,,50:1,,", ("ex_date",)),
        ("005930,CASH_DIVIDEND,2018-01-31,2018-05-04,,,300,", ("pay_date",)),
        ("005930,CASH_DIVIDEND,2018-01-31,2018-05-04,2018-05-04,,300,", ("comes after",)),
        ("005930,CASH_DIVIDEND,2018-07-31,2018-05-04,2018-06-04,,300,", ("comes after",)),
        ("005930,CASH_DIVIDEND,2018-01-31,2018-05-04,2018-06-04,,0,", ("needs an amount",)),
        ("005930,CASH_DIVIDEND,2018-01-31,2018-05-04,2018-06-04,,-3,", (">= 0",)),
        ("005930,MERGER,2018-01-31,2018-05-04,,1:2,0,", ("successor",)),
    ],
)
def test_row_when_it_cannot_be_is_named(row: str, words: tuple[str, ...]) -> None:
    with raises(SchemaError, *words):
        one(row)


def test_rows_when_told_twice_name_both() -> None:
    with raises(SchemaError, "Row 2", "row 1"):
        actions_from_frame(table(SPLIT, SPLIT))


def test_table_when_a_column_is_missing_says_which() -> None:
    with raises(SchemaError, "known_at", "pay_date"):
        actions_from_frame(
            table("005930,SPLIT,2018-05-04,50:1", head="symbol,kind,ex_date,ratio\n")
        )


def a_catalogue(tmp_path: Path, *, basis: PriceBasis = PriceBasis.RAW) -> Catalogue:
    catalogue = Catalogue(tmp_path / "data")
    frame = pl.DataFrame(
        [("005930", *row) for row in ROWS],
        schema=["symbol", "date", "open", "high", "low", "close", "volume"],
        orient="row",
    )
    catalogue.import_frame(frame, ImportSpec(dataset="raw", basis=basis), "hand-made")
    return catalogue


def written(tmp_path: Path, *rows: str, name: str = "actions.csv") -> Path:
    path = tmp_path / name
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


def test_actions_when_imported_come_with_every_panel_and_stay_beside_the_bars(
    tmp_path: Path,
) -> None:
    catalogue = a_catalogue(tmp_path)
    assert catalogue.actions("raw") == ()
    other = "000660,SPLIT,2018-01-31,2018-05-04,,5:1,,\n"
    manifest = catalogue.import_actions("raw", written(tmp_path, SPLIT, other))
    assert manifest.actions == 1
    assert catalogue.panel("raw").actions == catalogue.actions("raw")
    again = catalogue.import_actions("raw", written(tmp_path, SPLIT.replace("50:1", "49:1")))
    assert again.actions_file != manifest.actions_file
    assert sorted(path.name for path in (tmp_path / "data" / "raw").iterdir()) == sorted(
        ["manifest.json", *again.files]
    )


def test_actions_when_no_row_is_of_the_dataset_are_refused(tmp_path: Path) -> None:
    other = "000660,SPLIT,2018-01-31,2018-05-04,,5:1,,\n"
    with raises(SchemaError, "None of the 1", "raw"):
        a_catalogue(tmp_path).import_actions("raw", written(tmp_path, other))


def test_actions_when_the_bars_say_otherwise_are_refused(tmp_path: Path) -> None:
    catalogue = a_catalogue(tmp_path)
    for row in (SPLIT.replace("50:1", "5:1"), SPLIT.replace("05-04", "04-24")):
        with raises(SchemaError, "opens at", "raw"):
            catalogue.import_actions("raw", written(tmp_path, row))


def test_actions_when_the_prices_are_adjusted_are_refused(tmp_path: Path) -> None:
    catalogue = a_catalogue(tmp_path, basis=PriceBasis.ADJUSTED)
    with raises(InvalidValueError, "Adjusted prices"):
        catalogue.import_actions("raw", written(tmp_path, SPLIT))
    gone = "005930,DELISTING,2018-05-04,2018-05-23,,,1000,\n"
    catalogue.import_actions("raw", written(tmp_path, gone))
    assert len(catalogue.panel("raw").actions) == 1


def test_stored_actions_when_damaged_say_what_to_do(tmp_path: Path) -> None:
    catalogue = a_catalogue(tmp_path)
    manifest = catalogue.import_actions("raw", written(tmp_path, SPLIT))
    (tmp_path / "data" / "raw" / manifest.actions_file).write_text("[{}]")
    with raises(SchemaError, "import-actions"):
        catalogue.panel("raw")


def test_prices_side_by_side_know_nothing_of_a_later_split(tmp_path: Path) -> None:
    catalogue = a_catalogue(tmp_path)
    catalogue.import_actions("raw", written(tmp_path, SPLIT))
    panel = catalogue.panel("raw")
    now = side_by_side(panel, SAMSUNG)
    assert (now[0].raw, now[0].factor) == (2_568_000, Fraction(1, 50))
    assert now[0].adjusted == 51_360
    assert (now[-1].raw, now[-1].factor, now[-1].adjusted) == (51_600, Fraction(1), 51_600.0)
    assert len(now) == len(ROWS) - 3  # three days without a trade
    then = side_by_side(panel, SAMSUNG, date(2018, 5, 3))
    assert {each.factor for each in then} == {1}
    assert then[-1].day == date(2018, 4, 27)
    assert list(side_by_side(panel, SAMSUNG, date(2018, 1, 1))) == []
