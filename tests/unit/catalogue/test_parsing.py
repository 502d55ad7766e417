"""Text and types of foreign files become numbers, days and instants, or are refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from typing import Literal

import polars as pl
import pytest

from maemae.catalogue import parsing
from maemae.domain.errors import SchemaError

NINE = datetime(2024, 1, 2, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "number"), [("71200", 71200), (" 71,200 ", 71200), ("1,234,567", 1234567), ("-5", -5)]
)
def test_numbers_when_text_is_whole_are_integers(text: str, number: int) -> None:
    assert parsing.numbers(pl.Series("close", [text])).to_list() == [number]


def test_numbers_when_text_has_fractions_are_floats() -> None:
    assert parsing.numbers(pl.Series("close", ["1.5", "2", ""])).to_list() == [1.5, 2.0, None]


@pytest.mark.parametrize("text", ["abc", "1,5", "12,34", "₩500", "1 000"])
def test_numbers_when_text_is_none_are_refused_with_row_and_value(text: str) -> None:
    with pytest.raises(SchemaError, match="close, row 2") as refusal:
        parsing.numbers(pl.Series("close", ["1", text]))

    assert repr(text) in refusal.value.text.en


@pytest.mark.parametrize("text", ["2024-01-02", "20240102", "2024/01/02", "2024.01.02"])
def test_days_when_text_is_a_date_are_read(text: str) -> None:
    assert parsing.days(pl.Series("date", [text])).to_list() == [date(2024, 1, 2)]


def test_days_when_an_integer_names_the_day_are_read() -> None:
    assert parsing.days(pl.Series("date", [20240102])).to_list() == [date(2024, 1, 2)]


def test_days_when_the_time_is_utc_are_korean() -> None:
    late = datetime(2024, 1, 1, 15, 0, tzinfo=UTC)

    assert parsing.days(pl.Series("datetime", [late])).to_list() == [date(2024, 1, 2)]


@pytest.mark.parametrize("text", ["2024-13-02", "2024-02-30", "yesterday", "", "24-01-02"])
def test_days_when_text_is_no_date_are_refused_with_the_row(text: str) -> None:
    with pytest.raises(SchemaError, match="date, row 2"):
        parsing.days(pl.Series("date", ["2024-01-02", text]))


@pytest.mark.parametrize("number", [20_000_000, -900_000, 2**31 - 1, -(2**31)])
def test_days_when_out_of_reach_are_refused_with_the_row(number: int) -> None:
    column = pl.Series("date", [19_000, None, number], dtype=pl.Int32).cast(pl.Date)

    with pytest.raises(SchemaError, match="date, row 3"):
        parsing.days(column)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("number", [2**63 - 1, -(2**63) + 1])
def test_times_when_out_of_reach_are_refused_with_the_row(
    unit: Literal["ms", "us", "ns"], number: int
) -> None:
    column = pl.Series("date", [0, number], dtype=pl.Int64).cast(pl.Datetime(unit))

    for read in (parsing.days, partial(parsing.instants, time_zone="Asia/Seoul")):
        with pytest.raises(SchemaError, match="date, row 2"):
            read(column)


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-02 09:00:00+09:00",
        "2024-01-02T09:00:00+0900",
        "2024-01-02T00:00:00Z",
        "20240102 0900+09:00",
        "2024-01-02T09:00:00.000+09:00",
    ],
)
def test_instants_when_text_has_a_zone_are_read(text: str) -> None:
    assert parsing.instants(pl.Series("datetime", [text]), None).to_list() == [NINE]


@pytest.mark.parametrize("text", ["2024-01-02 09:00", "20240102090000", "2024.01.02 09:00:00"])
def test_instants_when_naive_take_the_given_zone(text: str) -> None:
    column = pl.Series("datetime", [text])

    assert parsing.instants(column, "Asia/Seoul").to_list() == [NINE]


@pytest.mark.parametrize("value", ["2024-01-02 09:00", NINE.replace(tzinfo=None)])
def test_instants_when_naive_without_a_zone_are_refused(value: object) -> None:
    with pytest.raises(
        SchemaError, match=r"in datetime have no time zone\. Give one, such as --tz Asia/Seoul"
    ):
        parsing.instants(pl.Series("datetime", [value]), None)


def test_instants_when_the_zone_does_not_exist_are_refused() -> None:
    with pytest.raises(SchemaError, match="Asia/Soul"):
        parsing.instants(pl.Series("datetime", ["2024-01-02 09:00"]), "Asia/Soul")


@pytest.mark.parametrize("value", ["2024-01-02", date(2024, 1, 2)])
def test_instants_when_only_days_are_given_are_refused(value: object) -> None:
    with pytest.raises(SchemaError, match="days without times"):
        parsing.instants(pl.Series("datetime", [value]), "Asia/Seoul")


def test_instants_when_one_row_lacks_the_zone_names_it() -> None:
    column = pl.Series("datetime", ["2024-01-02 09:00+09:00", "2024-01-02 09:05"])

    with pytest.raises(SchemaError, match="datetime, row 2"):
        parsing.instants(column, "Asia/Seoul")


def test_flags_when_text_is_yes_or_no_are_read() -> None:
    column = pl.Series("adjusted", ["true", "0", "Y", "n"])

    assert parsing.flags(column).to_list() == [True, False, True, False]


def test_flags_when_a_value_is_neither_are_refused() -> None:
    with pytest.raises(SchemaError, match="adjusted, row 1"):
        parsing.flags(pl.Series("adjusted", ["maybe"]))
