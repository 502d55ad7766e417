"""Single trades as the shortest bars there are: one price four times, an instant of their own."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from maemae.catalogue.columns import PRICE, PRICES
from maemae.catalogue.import_spec import ImportSpec


def prices_of_prints(spec: ImportSpec, present: list[str]) -> Mapping[str, str]:
    """
    Return the columns of a file of prints, by our names of a bar's.

    The price of a print may be called `price` or `close`.
    """
    alike = [column for column in present if column.strip().lower() == PRICE]
    price = spec.columns.get(PRICE) or spec.columns.get("close") or (alike or ["close"])[0]
    rest = {ours: theirs for ours, theirs in spec.columns.items() if ours != PRICE}
    return {**rest, **dict.fromkeys(PRICES, price)}


def told_apart(frame: pl.DataFrame) -> pl.DataFrame:
    """
    Return prints of which no two of a symbol share an instant.

    What came at the same time is a nanosecond apart then, in the order of the file.

    Args:
        frame: Prints in order, by symbol and time.
    """
    place = pl.int_range(pl.len()).over("symbol", "time")
    return frame.with_columns(pl.col("time") + pl.duration(nanoseconds=place))
