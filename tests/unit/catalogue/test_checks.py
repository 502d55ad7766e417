"""Each check finds exactly what its definition says."""

from __future__ import annotations

from datetime import date, datetime

import polars as pl
import pytest

from maemae.catalogue.bars import bars_from_frame
from maemae.catalogue.checks import CHECKS, STALE_BARS, CheckCode, check_bars
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.instruments import instruments_of
from maemae.catalogue.interval import Interval
from maemae.domain.terms import PriceBasis
from tests.bar_frames import SEOUL, a_spec, daily_bars, minute_bars, with_value


def findings(source: pl.DataFrame, spec: ImportSpec | None = None) -> dict[str, pl.DataFrame]:
    declared = spec or a_spec()
    bars = bars_from_frame(source, declared)
    instruments = instruments_of(bars.frame, declared, bars.adjusted)
    return {found.check.code: found.frame for found in check_bars(bars.frame, instruments)}


def changed(row: int, **values: object) -> pl.DataFrame:
    bars = daily_bars(count=8)
    for column, value in values.items():
        bars = with_value(bars, column, row, value)
    return bars


def test_good_bars_have_no_findings() -> None:
    assert {code: frame.height for code, frame in findings(daily_bars()).items()} == dict.fromkeys(
        set(CheckCode) - {CheckCode.OUTSIDE_BAND}, 0
    )


def test_every_code_has_one_check_with_a_definition() -> None:
    assert [check.code for check in CHECKS] == list(CheckCode)
    assert all(check.definition.ko and check.definition.en for check in CHECKS)


@pytest.mark.parametrize(
    "values", [{"high": 70_000}, {"low": 70_400}, {"high": 69_000}, {"close": 69_000}]
)
def test_ohlc_when_the_extremes_do_not_hold_is_found(values: dict[str, int]) -> None:
    found = findings(changed(3, **values))[CheckCode.OHLC]

    assert found.select("symbol", "day").rows() == [("005930", date(2024, 1, 5))]


def test_ohlc_when_the_day_is_halted_is_not_found() -> None:
    halted = changed(3, open=0, high=0, low=0, volume=0)

    found = findings(halted)

    assert found[CheckCode.OHLC].height == 0
    assert found[CheckCode.ZERO_VOLUME].height == 1
    assert found[CheckCode.ZERO_PRICE].height == 1


@pytest.mark.parametrize(
    ("close", "count"), [(10_000, 0), (13_050, 0), (13_060, 1), (6_950, 0), (6_940, 1)]
)
def test_jump_when_beyond_the_limit_is_found(close: int, count: int) -> None:
    bars = daily_bars(count=2).with_columns(pl.Series("close", [10_000, close]))

    found = findings(bars)[CheckCode.JUMP]

    assert found.height == count
    if count:
        assert found.select("previous_close", "close").row(0) == (10_000, close)


def test_jump_from_a_close_of_zero_is_none() -> None:
    bars = daily_bars(count=2).with_columns(pl.Series("close", [0, 10_000]))

    assert findings(bars)[CheckCode.JUMP].height == 0


def test_jump_between_two_symbols_is_none() -> None:
    bars = pl.concat([daily_bars("000660", close=1_000), daily_bars("005930", close=70_000)])

    assert findings(bars)[CheckCode.JUMP].height == 0


def test_missing_sessions_in_a_row_are_one_finding() -> None:
    bars = daily_bars(count=8)

    found = findings(pl.concat([bars[:3], bars[6:]]))[CheckCode.MISSING_SESSION]

    assert found.rows() == [("005930", date(2024, 1, 5), date(2024, 1, 9), 3)]


def test_missing_sessions_of_intraday_bars_are_counted_by_day() -> None:
    first = minute_bars(start=datetime(2024, 1, 3, 9, tzinfo=SEOUL))
    third = minute_bars(start=datetime(2024, 1, 5, 9, tzinfo=SEOUL))

    found = findings(pl.concat([first, third]), a_spec(interval=Interval(5)))

    assert found[CheckCode.MISSING_SESSION]["sessions"].to_list() == [1]


def test_bar_on_a_holiday_is_found() -> None:
    bars = with_value(daily_bars(), "date", 0, date(2024, 1, 1))

    found = findings(bars)[CheckCode.NO_SESSION]

    assert found["day"].to_list() == [date(2024, 1, 1)]


def test_bars_before_the_calendar_begins_are_not_judged_by_it() -> None:
    old = daily_bars(count=2).with_columns(pl.Series("date", [date(1998, 1, 5), date(1998, 1, 10)]))

    found = findings(old)

    assert found[CheckCode.NO_SESSION].height == found[CheckCode.MISSING_SESSION].height == 0
    assert found[CheckCode.OFF_TICK].height == 0


def test_raw_price_off_the_grid_is_found() -> None:
    found = findings(changed(2, high=70_550))[CheckCode.OFF_TICK]

    assert found["high"].to_list() == [70_550]


def test_raw_price_off_the_grid_since_mid_price_trades_is_not_judged() -> None:
    bars = with_value(daily_bars(first=date(2025, 3, 4)), "high", 0, 70_550)

    assert findings(bars)[CheckCode.OFF_TICK].height == 0


def test_adjusted_prices_are_never_judged_by_the_grid() -> None:
    assert CheckCode.OFF_TICK not in findings(changed(2, high=70_551), a_spec(PriceBasis.ADJUSTED))


@pytest.mark.parametrize(("high", "count"), [(91_000, 0), (91_100, 1)])
def test_raw_price_outside_the_limits_is_found(high: int, count: int) -> None:
    bars = with_value(daily_bars(), "high", 1, high).with_columns(
        pl.lit(70_000).alias("base_price")
    )

    found = findings(bars)[CheckCode.OUTSIDE_BAND]

    assert found.height == count
    if count:
        assert found.select("lower", "upper", "high").row(0) == (49_000, 91_000, 91_100)


@pytest.mark.parametrize(("length", "count"), [(STALE_BARS - 1, 0), (STALE_BARS, 1)])
def test_stale_when_long_enough_is_one_finding(length: int, count: int) -> None:
    quiet = [0] * length + [500] * (8 - length)
    bars = daily_bars(count=8).with_columns(
        pl.Series("volume", quiet), pl.lit(70_000).alias("close")
    )

    found = findings(bars)[CheckCode.STALE]

    assert found["bars"].to_list() == [length] * count


def test_duplicate_is_found_in_a_frame_that_was_never_refused() -> None:
    bars = bars_from_frame(daily_bars(), a_spec())
    instruments = instruments_of(bars.frame, a_spec(), bars.adjusted)
    doubled = pl.concat([bars.frame[:2], bars.frame[1:]])

    found = {f.check.code: f.count for f in check_bars(doubled, instruments)}

    assert found[CheckCode.DUPLICATE] == 1
