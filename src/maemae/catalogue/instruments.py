"""The instrument master of a dataset: what its symbols are."""

from __future__ import annotations

from typing import Final

import polars as pl

from maemae.catalogue import parsing
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.markets import market_names
from maemae.domain.errors import SchemaError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, Product
from maemae.krx.instrument import Instrument

MASTER_COLUMNS: Final = ("symbol", "name", "market", "product", "shares", "leverage")
"""Columns that a master file may have; only `symbol` is required."""


def instruments_of(bars: pl.DataFrame, spec: ImportSpec, adjusted: frozenset[str]) -> pl.DataFrame:
    """
    Return the master of a dataset, one row a symbol, by the latest bar of each.

    Columns: symbol, name, market, product, shares, leverage, adjusted, first, last, rows.

    Args:
        bars: The bars, sorted by symbol and time.
        spec: Says market and product where the bars do not.
        adjusted: Symbols whose series are adjusted.
    """
    latest = [
        pl.col(name).drop_nulls().last() if name in bars.columns else pl.lit(None).alias(name)
        for name in ("name", "market", "shares")
    ]
    days = (pl.first("day").alias("first"), pl.last("day").alias("last"))
    grouped = bars.group_by("symbol", maintain_order=True).agg(
        *(expression for expression in latest), *days, pl.len().cast(pl.Int64).alias("rows")
    )
    return grouped.select(
        "symbol",
        pl.col("name").cast(pl.String).fill_null(pl.col("symbol")),
        pl.col("market").cast(pl.String).fill_null(spec.market.value),
        pl.lit(spec.product.value).alias("product"),
        pl.col("shares").cast(pl.Int64).fill_null(0),
        pl.lit(1, pl.Int64).alias("leverage"),
        pl.col("symbol").is_in(list(adjusted)).alias("adjusted"),
        "first",
        "last",
        "rows",
    )


def with_master(instruments: pl.DataFrame, master: pl.DataFrame) -> pl.DataFrame:
    """
    Return the instruments with what a master file says in place of what was assumed.

    Symbols of the master that the dataset does not have are left out; absent values and
    columns change nothing.

    Raises:
        SchemaError: The master has no symbol column, names a symbol twice, or holds a
            market, product or number that cannot be read.
    """
    given = _typed_master(master)
    joined = instruments.join(given, on="symbol", how="left", suffix="_given")
    return joined.with_columns(
        pl.coalesce(f"{name}_given", name).alias(name) for name in given.columns if name != "symbol"
    ).select(instruments.columns)


def instruments_from(frame: pl.DataFrame) -> dict[Symbol, Instrument]:
    """Return the rows of a master as instruments."""
    return {
        Symbol(row["symbol"]): Instrument(
            symbol=Symbol(row["symbol"]),
            name=row["name"],
            market=Market(row["market"]),
            product=Product(row["product"]),
            listed_shares=row["shares"],
            leverage=row["leverage"],
        )
        for row in frame.iter_rows(named=True)
    }


def _typed_master(master: pl.DataFrame) -> pl.DataFrame:
    if "symbol" not in master.columns:
        raise SchemaError(
            f"종목 정보 파일에 symbol 열이 없습니다. 쓸 수 있는 열: {', '.join(MASTER_COLUMNS)}.",
            f"The master has no column symbol. It may have {', '.join(MASTER_COLUMNS)}.",
        )
    columns = [
        parsing.numbers(master[name]).cast(pl.Int64).alias(name)
        if name in ("shares", "leverage")
        else parsing.texts(master[name])
        for name in MASTER_COLUMNS
        if name in master.columns
    ]
    given = pl.DataFrame(columns)
    twice = given.filter(pl.col("symbol").is_duplicated())
    if twice.height > 0:
        raise SchemaError(
            f"종목 정보 파일에 {twice['symbol'][0]} 이(가) 두 번 있습니다. 하나만 남기세요.",
            f"The master names {twice['symbol'][0]} twice. Keep one row.",
        )
    if "market" in given.columns:
        given = given.with_columns(market_names(given["market"]))
    if "product" in given.columns:
        _require_products(given["product"])
    return given


def _require_products(column: pl.Series) -> None:
    unknown = set(column.drop_nulls().to_list()) - {product.value for product in Product}
    if unknown:
        names = ", ".join(product.value for product in Product)
        raise SchemaError(
            f"알 수 없는 상품 종류입니다: {', '.join(sorted(unknown))}. {names} 중에서 쓰세요.",
            f"Unknown products: {', '.join(sorted(unknown))}. Use one of {names}.",
        )
