"""Tables as one XLSX workbook, a sheet each."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from maemae.research.export.tables import Tables

_FORMATS: Final = {
    "won": {"num_format": "#,##0;[Blue]-#,##0"},
    "ratio": {"num_format": "0.00%;[Blue]-0.00%"},
    "decimal": {"num_format": "#,##0.00"},
    "day": {"num_format": "yyyy-mm-dd"},
    "moment": {"num_format": "yyyy-mm-dd hh:mm"},
    "head": {"bold": True, "bottom": 1},
}
_RATIOS: Final = frozenset({"return", "drawdown", "max_drawdown", "win_rate"})
_WIDTHS: Final = {"figure": 26, "value": 20, "name": 18, "reason": 24, "at": 17}


def write_workbook(tables: Tables, path: Path) -> None:
    """Write the tables; text is stored as text, whatever it looks like."""
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(path, options) as book:
        formats = {name: book.add_format(form) for name, form in _FORMATS.items()}
        for name, frame in tables.items():
            _fill(book.add_worksheet(name), frame, formats)


def _fill(sheet: Worksheet, frame: pl.DataFrame, formats: dict[str, Format]) -> None:
    sheet.freeze_panes(1, 0)
    for column, (name, kind) in enumerate(frame.schema.items()):
        form = formats.get(_form(name, kind))
        sheet.set_column(column, column, _WIDTHS.get(name, 14), form)
        sheet.write_string(0, column, name, formats["head"])
        for row, value in enumerate(frame[name].to_list(), start=1):
            if value is None:
                continue
            if isinstance(value, str):
                sheet.write_string(row, column, value)
            else:
                sheet.write(row, column, value, form)
    if frame.height:
        sheet.autofilter(0, 0, frame.height, frame.width - 1)


def _form(name: str, kind: pl.DataType) -> str:
    if name in _RATIOS:
        return "ratio"
    if kind == pl.Date:
        return "day"
    if kind.is_temporal():
        return "moment"
    if kind.is_float():
        return "decimal"
    return "won" if kind.is_integer() else ""
