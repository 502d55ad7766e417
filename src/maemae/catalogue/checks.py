"""
The data check: what may be wrong with stored bars, in written definitions.

A finding is a fact about the data, not a verdict: halted days have zero prices, listing
days leave the ordinary band. Nothing is repaired or left out because of a finding, but for
bars on days without a session, which never enter a panel.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import unique
from typing import Final

import msgspec
import polars as pl

from maemae.catalogue.calendar_checks import find_missing_sessions, find_no_session
from maemae.catalogue.columns import PRICES
from maemae.catalogue.price_rule_checks import find_off_tick, find_outside_band
from maemae.domain.terms import Term
from maemae.domain.text import Text

JUMP_PERMILLE: Final = 305
"""A change of close beyond this is a jump [per mille]; the daily limit is 300 plus a tick."""

STALE_BARS: Final = 5
"""Bars in a row without a trade and with one close that count as stale."""


@unique
class CheckCode(Term):
    """Name of a check."""

    OHLC = "OHLC"
    JUMP = "JUMP"
    ZERO_VOLUME = "ZERO_VOLUME"
    ZERO_PRICE = "ZERO_PRICE"
    MISSING_SESSION = "MISSING_SESSION"
    NO_SESSION = "NO_SESSION"
    OFF_TICK = "OFF_TICK"
    OUTSIDE_BAND = "OUTSIDE_BAND"
    DUPLICATE = "DUPLICATE"
    STALE = "STALE"


class Check(msgspec.Struct, frozen=True):
    """
    One check.

    Attributes:
        code: Its name.
        definition: What counts as a finding.
        find: From bars to findings: symbol, day, for intraday bars time, then figures. The
            bars are sorted by symbol and time and carry `market`, `product`, `leverage` and
            `raw` (whether the series has the basis RAW) of their instrument.
        needs: Column without which the check does not apply.
        raw_only: Whether it applies to raw series only.
    """

    code: CheckCode
    definition: Text
    find: Callable[[pl.DataFrame], pl.DataFrame]
    needs: str = "close"
    raw_only: bool = False


class Findings(msgspec.Struct, frozen=True):
    """What one check found; `frame` has one row a finding."""

    check: Check
    frame: pl.DataFrame

    @property
    def count(self) -> int:
        """Number of findings."""
        return self.frame.height


def check_bars(bars: pl.DataFrame, instruments: pl.DataFrame) -> list[Findings]:
    """
    Return the findings of every check that applies, in the order of `CHECKS`.

    Args:
        bars: Bars sorted by symbol and time; see `maemae.catalogue.bars`.
        instruments: Their master; see `maemae.catalogue.instruments`.
    """
    frame = _with_instrument(bars, instruments)
    raw = frame.filter("raw")
    judged = (
        (check, raw if check.raw_only else frame) for check in CHECKS if check.needs in bars.columns
    )
    return [Findings(check, check.find(scope)) for check, scope in judged if scope.height > 0]


def _with_instrument(bars: pl.DataFrame, instruments: pl.DataFrame) -> pl.DataFrame:
    master = instruments.select(
        "symbol",
        pl.col("market").alias("listed_on"),
        "product",
        "leverage",
        (~pl.col("adjusted")).alias("raw"),
    )
    frame = bars.join(master, on="symbol", how="left", maintain_order="left")
    own = pl.col("market") if "market" in bars.columns else pl.lit(None, pl.String)
    return frame.with_columns(pl.coalesce(own, "listed_on").alias("market")).drop("listed_on")


def _found(frame: pl.DataFrame, fault: pl.Expr, *figures: str | pl.Expr) -> pl.DataFrame:
    where = [name for name in ("symbol", "day", "time") if name in frame.columns]
    return frame.filter(fault).select(*where, *figures)


def _same_symbol() -> pl.Expr:
    return pl.col("symbol") == pl.col("symbol").shift()


def _find_ohlc(bars: pl.DataFrame) -> pl.DataFrame:
    traded = (pl.col("volume") > 0) & (pl.col("open") > 0)
    too_low = pl.col("high") < pl.max_horizontal("open", "close", "low")
    too_high = pl.col("low") > pl.min_horizontal("open", "close", "high")
    return _found(bars, traded & (too_low | too_high), *PRICES)


def _find_jumps(bars: pl.DataFrame) -> pl.DataFrame:
    bars = bars.with_columns(
        pl.when(_same_symbol()).then(pl.col("close").shift()).alias("previous_close"),
        pl.col("day").shift().alias("previous_day"),
    )
    change = (pl.col("close") - pl.col("previous_close")).abs()
    jumped = change * 1_000 > pl.col("previous_close") * JUMP_PERMILLE
    return _found(
        bars, (pl.col("previous_close") > 0) & jumped, "previous_day", "previous_close", "close"
    )


def _find_zero_volume(bars: pl.DataFrame) -> pl.DataFrame:
    return _found(bars, pl.col("volume") == 0, "close")


def _find_zero_price(bars: pl.DataFrame) -> pl.DataFrame:
    return _found(bars, pl.any_horizontal(pl.col(p) == 0 for p in PRICES), *PRICES, "volume")


def _find_duplicates(bars: pl.DataFrame) -> pl.DataFrame:
    key = "time" if "time" in bars.columns else "day"
    return _found(bars, _same_symbol() & (pl.col(key) == pl.col(key).shift()), "close")


def _find_stale(bars: pl.DataFrame) -> pl.DataFrame:
    continues = (
        _same_symbol()
        & (pl.col("close") == pl.col("close").shift())
        & (pl.col("volume").shift() == 0)
    )
    quiet = bars.with_columns((~continues.fill_null(value=False)).cum_sum().alias("run")).filter(
        pl.col("volume") == 0
    )
    where = [name for name in ("symbol", "day", "time") if name in bars.columns]
    runs = quiet.group_by("run", maintain_order=True).agg(
        *(pl.first(name) for name in where),
        pl.last("day").alias("last_day"),
        pl.len().alias("bars"),
        pl.first("close"),
    )
    return _found(runs, pl.col("bars") >= STALE_BARS, "last_day", "bars", "close")


CHECKS: Final = (
    Check(
        CheckCode.OHLC,
        Text(
            "거래된 봉(시가와 거래량이 0보다 큼)의 고가가 시가·저가·종가보다 낮거나, 저가가 "
            "시가·고가·종가보다 높다.",
            "In a bar that traded (open and volume above 0) the high lies below the open, low or "
            "close, or the low above the open, high or close.",
        ),
        _find_ohlc,
    ),
    Check(
        CheckCode.JUMP,
        Text(
            "종가가 같은 종목의 바로 앞 봉 종가에서 30.5% 넘게 움직였다. "
            "앞 봉이 며칠 전이어도 센다.",
            "The close moved by more than 30.5 % from the symbol's bar before, however many days "
            "lie between.",
        ),
        _find_jumps,
    ),
    Check(
        CheckCode.ZERO_VOLUME,
        Text("거래량이 0이다.", "The volume is 0."),
        _find_zero_volume,
    ),
    Check(
        CheckCode.ZERO_PRICE,
        Text(
            "시가·고가·저가·종가 중 하나가 0이다. 거래정지일은 시가·고가·저가가 0이다.",
            "The open, high, low or close is 0. A halted day has open, high and low 0.",
        ),
        _find_zero_price,
    ),
    Check(
        CheckCode.MISSING_SESSION,
        Text(
            "종목의 첫 봉과 마지막 봉 사이에 봉이 없는 거래일이 있다. 이어진 날들은 한 건이다.",
            "Sessions between the first and the last bar of the symbol have no bar; days in a row "
            "count once.",
        ),
        find_missing_sessions,
    ),
    Check(
        CheckCode.NO_SESSION,
        Text(
            "휴장일의 봉이다. 저장은 되지만 패널에는 들어가지 않는다.",
            "A bar on a day without a session. It is stored, but never enters a panel.",
        ),
        find_no_session,
    ),
    Check(
        CheckCode.OFF_TICK,
        Text(
            "거래된 봉(원주가)의 가격이 그날의 호가가격단위에 맞지 않는다. 2025-03-04 이후의 "
            "중간가 체결, 그리고 2010-10-04 이전은 따지지 않는다.",
            "A price of a raw bar that traded is not on the tick grid of its day. Not judged: "
            "days from 2025-03-04 on, where mid-price trades are genuine, and before 2010-10-04.",
        ),
        find_off_tick,
        raw_only=True,
    ),
    Check(
        CheckCode.OUTSIDE_BAND,
        Text(
            "거래된 봉(원주가, 기준가 있음)의 가격이 그날의 상·하한가를 벗어났다. 신규상장일, "
            "정리매매, 오랜 거래정지가 풀린 날은 본래 벗어난다.",
            "A price of a raw bar that traded, with a base price, lies outside the ordinary daily "
            "limits. Listing days, delisting weeks and the end of a long halt do so by rule.",
        ),
        find_outside_band,
        needs="base_price",
        raw_only=True,
    ),
    Check(
        CheckCode.DUPLICATE,
        Text("같은 종목·시각의 봉이 두 번 있다.", "A second bar of one symbol and time."),
        _find_duplicates,
    ),
    Check(
        CheckCode.STALE,
        Text(
            f"거래량 0에 종가가 같은 봉이 {STALE_BARS}개 이상 이어진다.",
            f"At least {STALE_BARS} bars in a row with volume 0 and one close.",
        ),
        _find_stale,
    ),
)
"""Every check, in the order of reports."""
