"""Bars come in whole and in order, or not at all."""

from __future__ import annotations

import msgspec
import polars as pl
import pytest

from maemae.catalogue.bars import bars_from_frame, content_hash
from maemae.catalogue.interval import Interval
from maemae.domain.errors import BadBarsError, DataError, SchemaError
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from tests.bar_frames import a_spec, daily_bars, minute_bars, with_value

ADJUSTED = a_spec(PriceBasis.ADJUSTED)
FIVE = a_spec(interval=Interval(5))


def test_bars_when_good_are_kept_as_they_are() -> None:
    bars = bars_from_frame(daily_bars(), a_spec())

    assert bars.frame.columns == ["symbol", "day", "open", "high", "low", "close", "volume"]
    assert bars.frame["close"].to_list() == daily_bars()["close"].to_list()
    assert bars.columns == ("symbol", "date", "open", "high", "low", "close", "volume")


def test_bars_when_columns_are_mapped_say_so() -> None:
    source = daily_bars().rename({"close": "종가"})
    spec = msgspec.structs.replace(a_spec(), columns={"close": "종가"})

    assert "close=종가" in bars_from_frame(source, spec).columns


def test_bars_when_of_one_symbol_take_its_code() -> None:
    spec = msgspec.structs.replace(a_spec(), symbol=Symbol("0000J0"))

    bars = bars_from_frame(daily_bars().drop("symbol"), spec)

    assert set(bars.frame["symbol"]) == {"0000J0"}


def test_bars_when_symbol_is_given_twice_are_refused() -> None:
    spec = msgspec.structs.replace(a_spec(), symbol=Symbol("005930"))

    with pytest.raises(SchemaError, match="leave the symbol out"):
        bars_from_frame(daily_bars(), spec)


def test_bars_when_interleaved_by_day_are_grouped_by_symbol() -> None:
    source = daily_bars("005930", "000660").sort("date", maintain_order=True)

    bars = bars_from_frame(source, a_spec())

    assert bars.frame["symbol"].to_list() == ["000660"] * 5 + ["005930"] * 5


@pytest.mark.parametrize("symbol", ["5930", "A005930", "KR7005930003", "00593a", "삼성전자", ""])
def test_bars_when_a_code_is_not_of_six_are_refused(symbol: str) -> None:
    with pytest.raises(SchemaError, match=r"symbol, row 2: .* Restore leading zeros"):
        bars_from_frame(with_value(daily_bars(), "symbol", 1, symbol), a_spec())


def test_bars_when_codes_are_numbers_are_refused() -> None:
    source = daily_bars().with_columns(pl.col("symbol").cast(pl.Int64))

    with pytest.raises(SchemaError, match="'5930' is not a code"):
        bars_from_frame(source, a_spec())


@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        ("close", None, "close, row 3 .*: None is absent or NaN"),
        ("open", float("nan"), "open, row 3 .*: nan is absent or NaN"),
        ("volume", None, "volume, row 3 .* absent"),
        ("low", -1, "low, row 3 .*: -1 is negative"),
        ("volume", -7, "volume, row 3 .*: -7 is negative"),
        ("high", float("inf"), "high, row 3 .* too large"),
        ("high", 10**16, "high, row 3 .* too large"),
        ("close", 70000.5, "close, row 3 .*: 70000.5 is not a whole number.*ADJUSTED"),
        ("volume", 0.5, "volume, row 3 .* not a whole number"),
    ],
)
def test_bars_when_a_number_is_bad_name_column_row_symbol_and_day(
    column: str, value: object, sentence: str
) -> None:
    with pytest.raises(BadBarsError, match=sentence) as refusal:
        bars_from_frame(with_value(daily_bars(), column, 2, value), a_spec())

    assert "005930, 2024-01-04" in refusal.value.text.en
    assert "3번째 행(005930, 2024-01-04)" in refusal.value.text.ko
    assert "\n" not in refusal.value.text.ko + refusal.value.text.en


def test_bars_when_text_holds_nan_are_refused() -> None:
    source = with_value(
        daily_bars().with_columns(pl.col("close").cast(pl.String)), "close", 1, "NaN"
    )

    with pytest.raises(BadBarsError, match="close, row 2"):
        bars_from_frame(source, a_spec())


def test_bars_when_a_day_is_absent_are_refused() -> None:
    with pytest.raises(BadBarsError, match=r"date, row 4 \(005930\) has no time"):
        bars_from_frame(with_value(daily_bars(), "date", 3, None), a_spec())


def test_bars_when_out_of_order_say_to_sort() -> None:
    with pytest.raises(BadBarsError, match=r"005930 are not in order: row 2.*sort=True"):
        bars_from_frame(daily_bars().reverse(), a_spec())


def test_bars_when_sorting_is_allowed_are_sorted() -> None:
    spec = msgspec.structs.replace(a_spec(), sort=True)

    bars = bars_from_frame(daily_bars("005930", "000660").reverse(), spec)

    assert bars.frame.equals(bars_from_frame(daily_bars("000660", "005930"), a_spec()).frame)


@pytest.mark.parametrize("sort", [True, False])
def test_bars_when_twice_for_one_day_are_refused(*, sort: bool) -> None:
    source = pl.concat([daily_bars()[:2], daily_bars()[1:]])
    spec = msgspec.structs.replace(a_spec(), sort=sort)

    with pytest.raises(BadBarsError, match="005930 has two bars of 2024-01-03: row 3"):
        bars_from_frame(source, spec)


def test_bars_when_times_are_naive_are_refused() -> None:
    source = minute_bars().with_columns(pl.col("datetime").dt.replace_time_zone(None))

    with pytest.raises(SchemaError, match="no time zone"):
        bars_from_frame(source, FIVE)


def test_bars_when_naive_times_have_a_declared_zone_are_read() -> None:
    source = minute_bars().with_columns(pl.col("datetime").dt.replace_time_zone(None))
    spec = msgspec.structs.replace(FIVE, tz="Asia/Seoul")

    assert bars_from_frame(source, spec).frame.equals(bars_from_frame(minute_bars(), FIVE).frame)


def test_bars_when_closer_than_the_interval_are_refused() -> None:
    with pytest.raises(BadBarsError, match=r"Declared as 5m.*2024-01-03 09:01 comes 1 min"):
        bars_from_frame(minute_bars(step=1), FIVE)


def test_adjusted_bars_when_fractional_are_rounded_and_counted() -> None:
    source = with_value(daily_bars(), "close", 0, 70000.5)
    source = with_value(source, "low", 2, 0.2)

    bars = bars_from_frame(source, ADJUSTED)

    assert bars.frame["close"][0] == 70001
    assert bars.frame["low"][2] == 1  # 0 would say that nothing traded
    assert bars.rounded_rows == 2
    assert set(bars.frame.schema.values()) <= {pl.Int64, pl.String, pl.Date}


def test_bars_when_a_series_is_marked_adjusted_may_have_fractions_in_it_only() -> None:
    source = with_value(daily_bars("005930", "000660"), "close", 0, 70000.5)
    marked = source.with_columns((pl.col("symbol") == "005930").alias("adjusted"))

    bars = bars_from_frame(marked, a_spec())

    assert bars.adjusted == {"005930"}
    with pytest.raises(BadBarsError):
        bars_from_frame(with_value(marked, "close", 7, 0.5), a_spec())


def test_bars_when_the_market_is_unknown_are_refused() -> None:
    source = daily_bars().with_columns(pl.lit("NASDAQ").alias("market"))

    with pytest.raises(SchemaError, match="'NASDAQ' is not a known market"):
        bars_from_frame(source, a_spec())


def test_bars_when_optional_columns_exist_keep_them() -> None:
    source = daily_bars().with_columns(
        pl.lit("KOSDAQ GLOBAL").alias("market"),
        pl.lit(69_900).alias("base_price"),
        pl.lit(None, pl.Int64).alias("value"),
    )

    frame = bars_from_frame(source, a_spec()).frame

    assert set(frame["market"]) == {"KOSDAQ"}
    assert set(frame["base_price"]) == {69_900}
    assert frame["value"].null_count() == 5


def test_content_hash_when_one_value_changes_changes() -> None:
    one = bars_from_frame(daily_bars(), a_spec()).frame

    for column, value in (("close", 1), ("volume", 5), ("symbol", "000660")):
        assert content_hash(with_value(one, column, 4, value)) != content_hash(one)
    assert content_hash(one.clone()) == content_hash(one)


def test_every_refusal_is_one_sentence_in_both_languages() -> None:
    broken = (
        daily_bars().drop("close"),
        daily_bars().reverse(),
        with_value(daily_bars(), "close", 0, -1),
        with_value(daily_bars(), "symbol", 0, "5930"),
    )

    for source in broken:
        with pytest.raises(DataError) as refusal:
            bars_from_frame(source, a_spec())
        assert refusal.value.text.ko != refusal.value.text.en
