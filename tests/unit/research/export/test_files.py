"""Tables leave in three formats, and nothing in them runs in a spreadsheet."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import polars as pl
import pytest

from maemae.domain.errors import InvalidValueError, StorageError
from maemae.domain.text import Text
from maemae.research.export.files import write_tables
from maemae.research.export.formulas import DANGEROUS, neutral
from maemae.research.export.tables import Tables, tables_of
from tests.unit.analytics.executions import an_execution
from tests.unit.research.report.run_reports import a_report, a_trade

FORMULA = '=HYPERLINK("http://example.invalid","click")'


def tables() -> Tables:
    bad = msgspec.structs.replace(a_trade(), name=FORMULA, exit_reason=Text("@SUM(1)", "-2+3"))
    return tables_of(a_report(trades=[bad, a_trade(-50)]), [an_execution(px=1_005)])


def test_tables_hold_the_run() -> None:
    found = tables()

    assert found["equity"]["equity"].to_list() == [1_000_000, 1_100_000, 1_050_000]
    assert found["equity"]["return"].to_list() == pytest.approx([0.0, 0.1, -1 / 22])
    assert found["trades"]["pnl"].to_list() == [1_000, -50]
    assert found["fills"].row(0, named=True)["slippage"] == 50
    assert found["figures"].filter(pl.col("figure") == "end_equity")["value"].item() == "1050000"


def test_tables_of_a_run_without_trades_have_their_columns() -> None:
    found = tables_of(a_report(trades=[]), [])

    assert found["trades"].height == found["fills"].height == 0
    assert found["trades"].schema["pnl"] == pl.Int64


@pytest.mark.parametrize("beginning", DANGEROUS)
def test_text_that_begins_like_a_formula_is_neutralised(beginning: str) -> None:
    frame = pl.DataFrame(
        {"text": [f"{beginning}cmd", f"a{beginning}b", None], "number": [-1, 2, 3]}
    )

    found = neutral(frame)

    assert found["text"].to_list() == [f"'{beginning}cmd", f"a{beginning}b", None]
    assert found["number"].to_list() == [-1, 2, 3]


def test_csv_begins_no_cell_with_a_formula(tmp_path: Path) -> None:
    written = write_tables(tmp_path / "run.csv", tables())

    text = (tmp_path / "run-trades.csv").read_text(encoding="utf-8-sig")
    assert [path.name for path in written][:3] == [
        "run-figures.csv",
        "run-equity.csv",
        "run-trades.csv",
    ]
    assert "'=HYPERLINK" in text
    assert "'@SUM(1)" in text
    back = pl.read_csv(tmp_path / "run-trades.csv", infer_schema_length=0)
    assert not [cell for column in back for cell in column.to_list() if cell and cell[0] in "=+@\t"]


def test_parquet_comes_back_as_it_was(tmp_path: Path) -> None:
    given = tables()
    write_tables(tmp_path / "run.parquet", given)

    for name, frame in given.items():
        assert pl.read_parquet(tmp_path / f"run-{name}.parquet").equals(frame)


def test_workbook_holds_every_table_and_no_formula(tmp_path: Path) -> None:
    (path,) = write_tables(tmp_path / "run.xlsx", tables())

    with zipfile.ZipFile(path) as book:
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/sheet")]
        assert len(sheets) == len(tables())
        assert not [name for name in sheets if b"<f>" in book.read(name)]
        assert b"HYPERLINK" in book.read("xl/sharedStrings.xml")


def test_workbook_is_written_over_the_one_before_and_leaves_nothing_beside(tmp_path: Path) -> None:
    for _ in range(2):
        write_tables(tmp_path / "run.xlsx", tables())

    assert [path.name for path in tmp_path.iterdir()] == ["run.xlsx"]


@pytest.mark.parametrize("name", ["run", "run.pdf", "run.html"])
def test_format_when_unknown_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidValueError, match=r"\.xlsx"):
        write_tables(tmp_path / name, tables())


def test_place_when_it_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(StorageError, match="cannot be written"):
        write_tables(tmp_path / "file" / "run.csv", tables())
