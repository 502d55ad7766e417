"""A file is read as it stands, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from maemae.catalogue.source_file import read_source
from maemae.domain.errors import SchemaError
from tests.bar_frames import daily_bars


def test_csv_when_codes_begin_with_zeros_keeps_them(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("symbol,close\n005930,71200\n0000J0,10415\n", encoding="utf-8")

    assert read_source(path)["symbol"].to_list() == ["005930", "0000J0"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_csv_when_in_a_korean_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("종목코드,종가\n005930,71200\n", encoding=encoding)

    assert read_source(path).to_dicts() == [{"종목코드": "005930", "종가": "71200"}]


def test_csv_when_it_has_blank_lines_skips_them(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text("symbol,close\n\n005930,71200\n\n\n", encoding="utf-8")

    assert read_source(path).height == 1


def test_parquet_is_read_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "bars.data"
    daily_bars().write_parquet(path)

    assert read_source(path).equals(daily_bars())


def test_file_when_absent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="cannot be read"):
        read_source(tmp_path / "absent.csv")


@pytest.mark.parametrize("content", [b"", b"  \n\n", b"symbol,date,open\n"])
def test_file_when_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bars.csv"
    path.write_bytes(content)

    with pytest.raises(SchemaError, match="holds no data"):
        read_source(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bars.parquet", b"PAR1 but not really"),
        ("bars.csv", b"\xff\xfe\x00\x01\x02\xff\xff"),
        ("bars.csv", b'a,b\n1,2,3,4\n"'),
    ],
)
def test_file_when_damaged_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(SchemaError, match="damaged, or neither CSV nor Parquet"):
        read_source(path)


def test_parquet_when_empty_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bars.parquet"
    pl.DataFrame({"symbol": [], "close": []}).write_parquet(path)

    with pytest.raises(SchemaError, match="holds no data"):
        read_source(path)
