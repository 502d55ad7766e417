"""How sources name the boards of the exchange."""

from __future__ import annotations

from typing import Final

import polars as pl

from maemae.domain.errors import SchemaError
from maemae.domain.terms import Market

_BOARDS: Final = {
    "KOSPI": Market.KOSPI,
    "코스피": Market.KOSPI,
    "유가증권": Market.KOSPI,
    "KOSDAQ": Market.KOSDAQ,
    "KOSDAQ GLOBAL": Market.KOSDAQ,  # a segment of KOSDAQ since 2022-11, same rules
    "코스닥": Market.KOSDAQ,
    "코스닥 글로벌": Market.KOSDAQ,
    "KONEX": Market.KONEX,
    "코넥스": Market.KONEX,
}


def market_names(column: pl.Series) -> pl.Series:
    """
    Return the boards as values of `Market`; absent ones stay null.

    Raises:
        SchemaError: A name is not a known board.
    """
    names = {text: _board(text) for text in column.unique().to_list() if text is not None}
    return column.replace_strict(names, return_dtype=pl.String) if names else column


def _board(text: str) -> str:
    market = _BOARDS.get(text.strip().upper())
    if market is None:
        raise SchemaError(
            f"알 수 없는 시장 이름입니다: {text!r}. {', '.join(_BOARDS)} 중에서 쓰세요.",
            f"{text!r} is not a known market. Use one of {', '.join(_BOARDS)}.",
        )
    return market.value
