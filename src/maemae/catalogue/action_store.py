"""Corporate actions of a dataset: held against its bars, kept beside them, read again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from maemae.domain.corporate_action import CorporateAction, ShareChange
from maemae.domain.errors import SchemaError
from maemae.domain.terms import PriceBasis
from maemae.strategy.restatement import require_distinct, require_news


def require_fit(actions: Sequence[CorporateAction], bars: pl.DataFrame, basis: PriceBasis) -> None:
    """
    See that actions can have happened to these bars.

    Args:
        actions: Of instruments of the dataset.
        bars: Its bars, sorted by symbol and time: symbol, day, open, close, volume.
        basis: Of its prices.

    Raises:
        InvalidValueError: Adjusted prices tell of it already, or one is told of twice.
        SchemaError: Prices go on across a change of shares as if there had been none.
    """
    require_distinct(actions)
    if basis is PriceBasis.ADJUSTED:
        require_news(actions)
    traded = bars.filter((pl.col("volume") > 0) & (pl.col("open") > 0))
    for action in actions:
        if isinstance(action, ShareChange):
            _require_step(action, traded.filter(pl.col("symbol") == action.symbol))


def _require_step(action: ShareChange, bars: pl.DataFrame) -> None:
    before = bars.filter(pl.col("day") < action.ex_date)
    after = bars.filter(pl.col("day") >= action.ex_date)
    if before.is_empty() or after.is_empty():
        return
    close, opening = before["close"][-1], after["open"][0]
    expected = close * action.denominator / action.numerator
    if expected / _FAR <= opening <= expected * _FAR:
        return
    raise SchemaError(
        f"{action.symbol} 의 {action.ex_date} 비율 {action.numerator}:{action.denominator} 대로면 "
        f"{close:,}원이 {expected:,.0f}원쯤 되어야 하는데 시가가 {opening:,}원입니다. 비율과 날짜, "
        "그리고 봉이 정말 원주가인지 확인하세요.",
        f"By {action.numerator}:{action.denominator} on {action.ex_date} the {close:,} won of "
        f"{action.symbol} would be about {expected:,.0f}, but it opens at {opening:,}. Check ratio "
        "and day, and whether the bars are raw.",
    )


def encode_actions(actions: Sequence[CorporateAction]) -> tuple[str, bytes]:
    """Return the name of the file that holds actions, and its content."""
    content = msgspec.json.format(msgspec.json.encode(actions), indent=1) + b"\n"
    return f"actions-{hashlib.sha256(content).hexdigest()[:_HASH_IN_NAME]}.json", content


def read_actions(path: Path) -> tuple[CorporateAction, ...]:
    """
    Return what was stored.

    Raises:
        SchemaError: The file is gone or damaged.
    """
    try:
        return tuple(msgspec.json.decode(path.read_bytes(), type=list[CorporateAction]))
    except (OSError, msgspec.MsgspecError) as error:
        raise SchemaError(
            f"저장된 권리 표를 읽을 수 없습니다: {path} ({error}). "
            "`maemae data import-actions` 로 다시 가져오세요.",
            f"The stored actions {path} cannot be read ({error}). Bring them in again with "
            "`maemae data import-actions`.",
        ) from error


_FAR: Final = 2.2  # after a capital reduction a first price may be half or twice the base
_HASH_IN_NAME: Final = 16
