"""From a foreign file's text and types to numbers, days and instants."""

from __future__ import annotations

from datetime import date
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from maemae.domain.errors import SchemaError

SEOUL: Final = "Asia/Seoul"

_THOUSANDS: Final = r"^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$"
_DATE: Final = r"(?P<y>(?:19|20|21)\d{2})[-./]?(?P<m>\d{2})[-./]?(?P<d>\d{2})"
_CLOCK: Final = r"[T ]*(?P<h>\d{2}):?(?P<min>\d{2})(:?(?P<s>\d{2})([.]\d+)?)?"
_EPOCH: Final = date(1970, 1, 1)
_REACH: Final = (date(1900, 1, 1), date(2200, 1, 1))
_A_DAY: Final = {"ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}
_TIME: Final = rf"^{_DATE}({_CLOCK}\s*(?P<z>Z|[+-]\d{{2}}:?\d{{2}})?)?$"


def numbers(column: pl.Series) -> pl.Series:
    """
    Return a column as Int64, or as Float64 where it has fractions or is a float already.

    Text may carry thousands separators (`71,200`). Absent values stay null.

    Raises:
        SchemaError: A value is not a number.
    """
    if column.dtype.is_integer():
        whole = column.cast(pl.Int64, strict=False)
        return whole if whole.null_count() == column.null_count() else column.cast(pl.Float64)
    if column.dtype.is_numeric() or column.dtype == pl.Null:
        return column.cast(pl.Float64)
    return _numbers_from_text(column)


def texts(column: pl.Series) -> pl.Series:
    """
    Return a column as String, without blanks around a value.

    Raises:
        SchemaError: The column is of a kind that no text can show, such as lists.
    """
    try:
        return column.cast(pl.String).str.strip_chars()
    except pl.exceptions.PolarsError as error:
        raise SchemaError(
            f"{column.name} 열은 {column.dtype} 형이라 읽을 수 없습니다. 글자나 숫자, 날짜로 "
            "저장하세요.",
            f"{column.name} is a column of {column.dtype}, which cannot be read. Store text, "
            "numbers or dates.",
        ) from error


def days(column: pl.Series) -> pl.Series:
    """
    Return the Korean day of each value, as Date; a time without a zone is taken as Korean.

    Raises:
        SchemaError: A value is not a date, or one out of reach.
    """
    if column.dtype == pl.Date:
        return _in_reach(column)
    if isinstance(column.dtype, pl.Datetime):
        return _in_seoul(_in_reach(column)).dt.date()
    moments, has_zone, _ = _moments_from_text(column)
    return (_in_seoul(moments) if has_zone else moments).dt.date()


def instants(column: pl.Series, time_zone: str | None) -> pl.Series:
    """
    Return the instant of each value, as Datetime in ns and UTC.

    Args:
        column: Times with a zone of their own, or naive ones.
        time_zone: Zone of naive times, such as `Asia/Seoul`.

    Raises:
        SchemaError: A value is not a time or one out of reach, the column has days only, or
            the times are naive and no zone is given.
    """
    if isinstance(column.dtype, pl.Datetime):
        moments, has_zone, has_clock = _in_reach(column), column.dtype.time_zone is not None, True
    elif column.dtype == pl.Date:
        raise _days_only(column.name)
    else:
        moments, has_zone, has_clock = _moments_from_text(column)
    if not has_clock:
        raise _days_only(column.name)
    moments = moments.cast(pl.Datetime("ns", "UTC" if has_zone else None))
    return moments if has_zone else _placed(moments, time_zone)


def flags(column: pl.Series) -> pl.Series:
    """
    Return a column as Boolean; text may say true/false, 1/0 or Y/N.

    Raises:
        SchemaError: A value is none of these.
    """
    words = texts(column).str.to_lowercase()
    known = words.is_in(["true", "1", "y", "false", "0", "n"])
    _require(column, known.fill_null(value=False), "참/거짓이", "true or false")
    return words.is_in(["true", "1", "y"]).alias(column.name)


def _numbers_from_text(column: pl.Series) -> pl.Series:
    text = texts(column)
    text = pl.select(
        pl.when(text.str.contains(_THOUSANDS)).then(text.str.replace_all(",", "")).otherwise(text)
    ).to_series()
    text = pl.select(pl.when(text == "").then(None).otherwise(text)).to_series()
    whole = text.cast(pl.Int64, strict=False)
    if whole.null_count() == text.null_count():
        return whole.alias(column.name)
    broken = text.cast(pl.Float64, strict=False)
    _require(column, broken.is_not_null() | text.is_null(), "숫자가", "a number")
    return broken.alias(column.name)


def _moments_from_text(column: pl.Series) -> tuple[pl.Series, bool, bool]:
    """Return Datetime values and whether they carry a zone and a time of day."""
    text = texts(column)
    parts = text.str.extract_groups(_TIME).struct.unnest()
    has_clock, has_zone = bool(parts["h"].is_not_null().any()), bool(parts["z"].is_not_null().any())
    zone = pl.col("z").replace("Z", "+0000").str.replace(":", "")
    moments = parts.select(
        pl.format(
            "{}-{}-{} {}:{}:{}{}",
            "y",
            "m",
            "d",
            pl.col("h").fill_null("00"),
            pl.col("min").fill_null("00"),
            pl.col("s").fill_null("00"),
            # A row without a zone among rows that have one becomes null, and is reported.
            zone if has_zone else pl.lit(""),
        ).str.to_datetime(f"%Y-%m-%d %H:%M:%S{'%z' if has_zone else ''}", strict=False)
    ).to_series()
    example = "2024-01-02" + (" 09:00:00" if has_clock else "") + ("+09:00" if has_zone else "")
    _require(column, moments.is_not_null(), f"{example} 같은 시각이", f"a time such as {example}")
    return moments.alias(column.name), has_zone, has_clock


def _in_reach(column: pl.Series) -> pl.Series:
    """Return days or times that are all of years that a text may name; others break the library."""
    a_day = _A_DAY[column.dtype.time_unit] if isinstance(column.dtype, pl.Datetime) else 1
    first, end = (int((day - _EPOCH).days) * a_day for day in _REACH)
    good = column.to_physical().is_between(first, end, closed="left").fill_null(value=True)
    if good.all():
        return column
    row = int((~good).arg_true()[0])
    raise SchemaError(
        f"{column.name} 열 {row + 1}번째 행의 날짜가 1900~2199년 밖입니다. 그 행을 고치거나 "
        "지우세요. 단위(초·밀리초)를 잘못 읽은 열일 수 있습니다.",
        f"{column.name}, row {row + 1}: the day lies outside of the years 1900 to 2199. Correct or "
        "remove that row; a column of seconds may have been read as milliseconds.",
    )


def _in_seoul(column: pl.Series) -> pl.Series:
    zoned = isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None
    return column.dt.convert_time_zone(SEOUL) if zoned else column


def _placed(naive: pl.Series, time_zone: str | None) -> pl.Series:
    if time_zone is None:
        raise SchemaError(
            f"{naive.name} 열의 시각에 시간대가 없습니다. --tz Asia/Seoul 처럼 알려 주세요.",
            f"The times in {naive.name} have no time zone. Give one, such as --tz Asia/Seoul.",
        )
    try:
        ZoneInfo(time_zone)
        return naive.dt.replace_time_zone(time_zone).dt.convert_time_zone("UTC")
    except (ZoneInfoNotFoundError, ValueError, pl.exceptions.PolarsError) as error:
        raise SchemaError(
            f"{naive.name} 열의 시각을 시간대 {time_zone} 로 읽을 수 없습니다. "
            "Asia/Seoul 처럼 있는 시간대를 쓰세요.",
            f"The times in {naive.name} cannot be read in the time zone {time_zone}. Use one that "
            "exists, such as Asia/Seoul.",
        ) from error


def _require(column: pl.Series, good: pl.Series, ko: str, en: str) -> None:
    """Refuse the first value that is not good."""
    if good.all():
        return
    row = int((~good).arg_true()[0])
    raise SchemaError(
        f"{column.name} 열 {row + 1}번째 행의 값 {column[row]!r} 은(는) {ko} 아닙니다. "
        "그 행을 고치거나 지우세요.",
        f"{column.name}, row {row + 1}: {column[row]!r} is not {en}. Correct or remove that row.",
    )


def _days_only(name: str) -> SchemaError:
    return SchemaError(
        f"{name} 열에 날짜만 있고 시각이 없습니다. 일봉이면 --interval day 로, 분봉이면 "
        "시각이 있는 열을 주세요.",
        f"{name} has days without times. Use --interval day for daily bars, or name a column with "
        "times.",
    )
