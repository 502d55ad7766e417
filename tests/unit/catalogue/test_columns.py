"""Columns are found by name, by mapping, and otherwise missed aloud."""

from __future__ import annotations

import pytest

from maemae.catalogue.columns import find_columns
from maemae.domain.errors import SchemaError

DEFAULT = ["symbol", "datetime", "open", "high", "low", "close", "volume"]


def test_columns_when_named_as_ours_are_found() -> None:
    assert find_columns(DEFAULT, {}, needs_symbol=True) == {name: name for name in DEFAULT}


def test_columns_when_mapped_are_the_mapped_ones() -> None:
    present = ["종목코드", "일자", "시가", "고가", "저가", "종가", "거래량"]
    ours = ["symbol", "date", "open", "high", "low", "close", "volume"]
    mapping = dict(zip(ours, present, strict=True))

    assert find_columns(present, mapping, needs_symbol=True) == mapping


def test_columns_when_letters_differ_in_case_are_found() -> None:
    present = ["Date", "Open", "High", "Low", "Close", "Volume"]

    assert find_columns(present, {}, needs_symbol=False)["close"] == "Close"


def test_columns_when_missing_are_all_named_with_the_way_out() -> None:
    with pytest.raises(SchemaError, match=r"Missing columns: high, datetime\|date") as refusal:
        find_columns(["symbol", "open", "low", "close", "volume"], {}, needs_symbol=True)

    assert "--map high=" in refusal.value.text.ko


def test_columns_when_symbol_is_missing_suggest_naming_it() -> None:
    with pytest.raises(SchemaError, match="--symbol"):
        find_columns(DEFAULT[1:], {}, needs_symbol=True)


def test_columns_when_mapped_to_an_absent_one_are_refused() -> None:
    with pytest.raises(SchemaError, match="no column '종가' for close"):
        find_columns(DEFAULT, {"close": "종가"}, needs_symbol=True)


def test_columns_when_mapping_names_nothing_of_ours_are_refused() -> None:
    with pytest.raises(SchemaError, match="Unknown column names: price"):
        find_columns(DEFAULT, {"price": "close"}, needs_symbol=True)
