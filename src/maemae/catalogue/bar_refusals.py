"""Refusing bars that cannot be kept; each refusal names the first fault and the way out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec
import polars as pl

from maemae.catalogue.columns import BAR_COLUMNS, NUMBERS_KEPT
from maemae.catalogue.interval import Interval
from maemae.domain.errors import BadBarsError, SchemaError
from maemae.domain.instant import MINUTE, SECOND, kst_datetime
from maemae.domain.text import Text
from maemae.krx.calendar import LAST_YEAR

LARGEST: Final = 10**15
"""Largest number a bar may hold; traded value [won] is the largest real one."""

EXCHANGE_SINCE: Final = date(1956, 3, 3)
"""First day of the exchange. Source: its own history."""

_SYMBOL: Final = "^[0-9A-Z]{6}$"


def refuse_bad_symbols(frame: pl.DataFrame, names: Mapping[str, str]) -> None:
    """Refuse codes that are not six digits or capital letters."""
    good = pl.col("symbol").str.contains(_SYMBOL).fill_null(value=False)
    bad = frame.filter(~good)
    if bad.height == 0:
        return
    first = bad.row(0, named=True)
    raise SchemaError(
        f"{names['symbol']} 열 {first['row']}번째 행의 종목코드 {first['symbol']!r} 은(는) "
        f"숫자·대문자 6자리가 아닙니다(모두 {bad.height}행). 앞의 0을 되살려 005930 처럼 쓰세요.",
        f"{names['symbol']}, row {first['row']}: {first['symbol']!r} is not a code of six digits "
        f"or capital letters ({bad.height} in all). Restore leading zeros, as in 005930.",
    )


def refuse_no_time(frame: pl.DataFrame, key: str, name: str) -> None:
    """Refuse bars without a day or time."""
    bad = frame.filter(pl.col(key).is_null())
    if bad.height == 0:
        return
    first = bad.row(0, named=True)
    raise BadBarsError(
        f"{name} 열 {first['row']}번째 행({first['symbol']})에 시각이 없습니다"
        f"(모두 {bad.height}행). 채우거나 그 행을 지우세요.",
        f"{name}, row {first['row']} ({first['symbol']}) has no time ({bad.height} in all). Fill "
        "it in or remove the row.",
    )


def refuse_impossible_days(frame: pl.DataFrame, name: str) -> None:
    """Refuse bars of days before there was an exchange, and after the last known calendar."""
    bad = frame.filter(~pl.col("day").is_between(EXCHANGE_SINCE, date(LAST_YEAR, 12, 31)))
    if bad.height == 0:
        return
    first = bad.row(0, named=True)
    raise BadBarsError(
        f"{name} 열 {first['row']}번째 행({first['symbol']})의 날짜 {first['day']} 에는 거래가 "
        f"있을 수 없습니다(모두 {bad.height}행). {EXCHANGE_SINCE} 부터 {LAST_YEAR}년까지의 봉만 "
        "남기세요.",
        f"{name}, row {first['row']} ({first['symbol']}): nothing can have traded on "
        f"{first['day']} ({bad.height} in all). Keep bars from {EXCHANGE_SINCE} to {LAST_YEAR}.",
    )


def refuse_bad_numbers(frame: pl.DataFrame, names: Mapping[str, str], raw: pl.Expr) -> None:
    """Refuse absent, negative, absurd and, in raw series, fractional numbers."""
    for column in BAR_COLUMNS:
        value = pl.col(column)
        _refuse(frame, value.is_null() | value.is_nan(), names, column, _ABSENT)
    for column in (*BAR_COLUMNS, *NUMBERS_KEPT):
        if column not in frame.columns:
            continue
        value = pl.col(column)
        _refuse(frame, value < 0, names, column, _NEGATIVE)
        _refuse(frame, value > LARGEST, names, column, _TOO_LARGE)
    for column in BAR_COLUMNS:
        if frame[column].dtype == pl.Float64:
            broken = raw & (pl.col(column) != pl.col(column).floor())
            _refuse(frame, broken, names, column, _FRACTION)


def refuse_disorder(frame: pl.DataFrame, key: str) -> None:
    """Refuse symbols whose bars go back in time; the frame is sorted by symbol."""
    back = (pl.col("symbol") == pl.col("symbol").shift()) & (pl.col(key) < pl.col(key).shift())
    bad = frame.filter(back)
    if bad.height == 0:
        return
    first = bad.row(0, named=True)
    raise BadBarsError(
        f"{first['symbol']} 의 봉이 시간 순이 아닙니다: {first['row']}번째 행 "
        f"{_when(first)} (모두 {bad.height}곳). 정렬해도 되면 sort=True (--sort) 를 주세요.",
        f"The bars of {first['symbol']} are not in order: row {first['row']}, {_when(first)} "
        f"({bad.height} in all). Pass sort=True (--sort) if they may be sorted.",
    )


def refuse_duplicates(frame: pl.DataFrame, key: str) -> None:
    """Refuse two bars of one symbol and time; the frame is sorted by both."""
    same = (pl.col("symbol") == pl.col("symbol").shift()) & (pl.col(key) == pl.col(key).shift())
    bad = frame.filter(same)
    if bad.height == 0:
        return
    first = bad.row(0, named=True)
    raise BadBarsError(
        f"{first['symbol']} 의 {_when(first)} 봉이 두 번 있습니다: {first['row']}번째 행 "
        f"(모두 {bad.height}개). 하나만 남기세요. 분봉이면 --interval 도 확인하세요.",
        f"{first['symbol']} has two bars of {_when(first)}: row {first['row']} ({bad.height} in "
        "all). Keep one. For intraday bars check --interval too.",
    )


def refuse_close_together(frame: pl.DataFrame, interval: Interval) -> None:
    """Refuse intraday bars that start sooner after each other than one lasts."""
    if interval.is_daily:
        return
    gap = (pl.col("time").to_physical() - pl.col("time").to_physical().shift()).alias("gap")
    same = pl.col("symbol") == pl.col("symbol").shift()
    bad = frame.with_columns(gap).filter(same & (pl.col("gap") < interval.nanos))
    if bad.height == 0:
        return
    first = bad.row(0, named=True)
    minutes = first["gap"] / MINUTE
    raise BadBarsError(
        f"간격을 {interval} 로 선언했는데 {first['symbol']} 의 {_when(first)} 봉은 앞 봉과 "
        f"{minutes:g}분 떨어져 있습니다. 맞는 --interval 을 주세요.",
        f"Declared as {interval}, but the bar of {first['symbol']} at {_when(first)} comes "
        f"{minutes:g} min after the one before. Give the right --interval.",
    )


class _Fault(msgspec.Struct, frozen=True):
    """What is wrong with a number and what to do, Korean and English."""

    what: Text
    advice: Text = Text("그 행을 고치거나 지우세요.", "Correct or remove the row.")


_ABSENT: Final = _Fault(Text("비어 있거나 NaN 입니다", "is absent or NaN"))
_NEGATIVE: Final = _Fault(Text("음수입니다", "is negative"))
_TOO_LARGE: Final = _Fault(
    Text(f"너무 큽니다(최대 {LARGEST})", f"is too large (at most {LARGEST})")
)
_FRACTION: Final = _Fault(
    Text("정수가 아닙니다", "is not a whole number"),
    Text(
        "원주가는 정수여야 합니다. 수정주가라면 basis 를 ADJUSTED 로 선언하세요.",
        "Raw prices are whole; declare the basis ADJUSTED if these are adjusted.",
    ),
)


def _refuse(
    frame: pl.DataFrame, bad: pl.Expr, names: Mapping[str, str], column: str, fault: _Fault
) -> None:
    found = frame.filter(bad)
    if found.height == 0:
        return
    first = found.row(0, named=True)
    where = f"({first['symbol']}, {_when(first)})"
    raise BadBarsError(
        f"{names[column]} 열 {first['row']}번째 행{where}의 값 {first[column]} 이(가) "
        f"{fault.what.ko}(모두 {found.height}행). {fault.advice.ko}",
        f"{names[column]}, row {first['row']} {where}: {first[column]} {fault.what.en} "
        f"({found.height} in all). {fault.advice.en}",
    )


def _when(row: dict[str, Any]) -> str:
    if "time" in row:
        moment = row["time"]
        return f"{kst_datetime(int(moment.timestamp()) * SECOND):%Y-%m-%d %H:%M}"
    return str(row["day"])
