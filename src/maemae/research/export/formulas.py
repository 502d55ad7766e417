"""Text that a spreadsheet would run as a formula is made to stay text."""

from __future__ import annotations

from typing import Final

import polars as pl

DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""
Beginnings of a cell that spreadsheets take for a formula.

Source: OWASP, "CSV Injection", read 2026-11 (high confidence).
"""


def neutral(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table in which no text begins like a formula: such a cell gets an apostrophe."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    return frame.with_columns(_quoted(name) for name in texts)


def _quoted(name: str) -> pl.Expr:
    text = pl.col(name)
    runs = pl.any_horizontal(text.str.starts_with(beginning) for beginning in DANGEROUS)
    return pl.when(runs).then(pl.concat_str([pl.lit("'"), text])).otherwise(text).alias(name)
