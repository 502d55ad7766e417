"""A dataset is there whole or not at all, and says what it is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import polars as pl
import pytest

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.domain.errors import (
    BadBarsError,
    InvalidValueError,
    MaemaeError,
    MissingDataError,
    SchemaError,
    StorageError,
)
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.krx.instrument import Instrument
from tests.bar_frames import a_spec, daily_bars, with_value


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "market")


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def test_import_of_a_csv_keeps_what_was_declared(catalogue: Catalogue, tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    daily_bars("005930", "0000J0").write_csv(path)

    manifest = catalogue.import_file(path, a_spec(PriceBasis.ADJUSTED))

    assert catalogue.describe("sample") == manifest
    assert (manifest.rows, manifest.symbols, manifest.source) == (10, 2, "bars.csv")
    assert (manifest.first, manifest.last) == (date(2024, 1, 2), date(2024, 1, 8))
    assert (manifest.basis, manifest.interval) == (PriceBasis.ADJUSTED, "DAY")
    assert manifest.findings["OHLC"] == 0


def test_import_of_the_same_bars_gives_the_same_manifest(tmp_path: Path) -> None:
    one = Catalogue(tmp_path / "one").import_frame(daily_bars(), a_spec(), "x")
    two = Catalogue(tmp_path / "two").import_frame(daily_bars(), a_spec(), "x")

    assert one == two


def test_import_when_the_name_is_taken_is_refused_and_changes_nothing(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "first")
    before = files(tmp_path)

    with pytest.raises(InvalidValueError, match="exists"):
        catalogue.import_frame(daily_bars(close=100), a_spec(), "second")

    assert files(tmp_path) == before


def test_import_when_replacing_leaves_only_the_new(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "first")
    catalogue.import_frame(daily_bars(close=50_000), a_spec(replace=True), "second")

    assert catalogue.describe("sample").source == "second"
    assert catalogue.panel("sample").close[0, 0] == 50_000
    assert len(files(tmp_path)) == 3


@pytest.mark.parametrize("replace", [True, False])
def test_import_when_refused_writes_nothing(
    catalogue: Catalogue, tmp_path: Path, *, replace: bool
) -> None:
    if replace:
        catalogue.import_frame(daily_bars(), a_spec(), "first")
    before = files(tmp_path)

    with pytest.raises(BadBarsError):
        catalogue.import_frame(
            with_value(daily_bars(), "close", 1, -5), a_spec(replace=replace), "bad"
        )

    assert files(tmp_path) == before


def test_import_when_writing_fails_half_way_keeps_the_old(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "first")
    blocked = tmp_path / "market" / "sample" / "manifest.json.partial"
    blocked.mkdir()

    with pytest.raises(StorageError, match="cannot be written"):
        catalogue.import_frame(daily_bars(close=500), a_spec(replace=True), "second")

    blocked.rmdir()
    assert catalogue.panel("sample").close[0, 0] == 70_000
    assert catalogue.check("sample")


def test_import_when_the_root_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "root").write_text("not a folder", encoding="utf-8")

    with pytest.raises(StorageError):
        Catalogue(tmp_path / "root").import_frame(daily_bars(), a_spec(), "x")


@pytest.mark.parametrize("name", ["", "../etc", "a/b", ".hidden", "a b", "x" * 65, ".."])
def test_import_when_the_name_is_no_folder_name_is_refused(catalogue: Catalogue, name: str) -> None:
    with pytest.raises(InvalidValueError, match="cannot name a dataset"):
        catalogue.import_frame(daily_bars(), a_spec(dataset=name), "x")


def test_dataset_when_unknown_suggests_a_near_one(catalogue: Catalogue) -> None:
    catalogue.import_frame(daily_bars(), a_spec(dataset="krx_daily"), "x")

    with pytest.raises(MissingDataError, match="Did you mean krx_daily"):
        catalogue.describe("krx_dayly")


def test_datasets_when_none_exist_are_none(catalogue: Catalogue) -> None:
    assert catalogue.datasets() == []


def test_datasets_are_listed_by_name(catalogue: Catalogue) -> None:
    for name in ("b", "a"):
        catalogue.import_frame(daily_bars(), a_spec(dataset=name), "x")

    assert [manifest.dataset for manifest in catalogue.datasets()] == ["a", "b"]


def test_folder_without_a_manifest_is_no_dataset(catalogue: Catalogue, tmp_path: Path) -> None:
    left = tmp_path / "market" / "sample"
    left.mkdir(parents=True)
    (left / "bars-0123.parquet.partial").write_bytes(b"cut off")

    assert catalogue.datasets() == []
    catalogue.import_frame(daily_bars(), a_spec(), "x")
    assert len(files(tmp_path)) == 3


def test_check_when_the_stored_bars_changed_says_so(catalogue: Catalogue, tmp_path: Path) -> None:
    manifest = catalogue.import_frame(daily_bars(), a_spec(), "x")
    path = tmp_path / "market" / "sample" / manifest.bars_file
    with_value(pl.read_parquet(path), "close", 0, 1).write_parquet(path)

    with pytest.raises(BadBarsError, match="changed after the import"):
        catalogue.check("sample")


@pytest.mark.parametrize("damage", ["bars", "manifest", "gone"])
def test_reading_when_files_are_damaged_says_to_import_again(
    catalogue: Catalogue, tmp_path: Path, damage: str
) -> None:
    manifest = catalogue.import_frame(daily_bars(), a_spec(), "x")
    folder = tmp_path / "market" / "sample"
    if damage == "gone":
        (folder / manifest.bars_file).unlink()
    else:
        name = manifest.bars_file if damage == "bars" else "manifest.json"
        (folder / name).write_bytes(b"damaged")

    with pytest.raises(MaemaeError, match=r"[Ii]mport .* again with replace"):
        catalogue.panel("sample")


def test_instruments_when_the_file_says_nothing_are_what_was_declared(catalogue: Catalogue) -> None:
    spec = msgspec.structs.replace(a_spec(), market=Market.KOSDAQ, product=Product.ETF)
    catalogue.import_frame(daily_bars("0000J0"), spec, "x")

    assert catalogue.instruments("sample") == {
        "0000J0": Instrument(Symbol("0000J0"), "0000J0", Market.KOSDAQ, Product.ETF)
    }


def test_instruments_when_the_file_names_them_are_as_of_the_latest_bar(
    catalogue: Catalogue,
) -> None:
    source = daily_bars().with_columns(
        pl.Series("name", ["옛이름"] * 4 + ["새이름"]),
        pl.Series("shares", [10, 10, 10, 20, None]),
        pl.lit("KOSDAQ").alias("market"),
    )
    catalogue.import_frame(source, a_spec(), "x")

    found = catalogue.instruments("sample")[Symbol("005930")]

    assert (found.name, found.listed_shares, found.market) == ("새이름", 20, Market.KOSDAQ)


def test_master_overrides_what_was_assumed(catalogue: Catalogue, tmp_path: Path) -> None:
    catalogue.import_frame(daily_bars("005930", "000660"), a_spec(), "x")
    path = tmp_path / "master.csv"
    path.write_text(
        "symbol,name,market,product,leverage\n005930,가나다,코스닥,ETF,-2\n999999,없음,KOSPI,STOCK,1\n",
        encoding="cp949",
    )

    catalogue.apply_master("sample", path)

    found = catalogue.instruments("sample")
    assert found[Symbol("005930")] == Instrument(
        Symbol("005930"), "가나다", Market.KOSDAQ, Product.ETF, leverage=-2
    )
    assert found[Symbol("000660")].name == "000660"
    assert "999999" not in found
    assert catalogue.panel("sample").close[0, 0] == 70_000


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("code,name\n005930,x\n", "no column symbol"),
        ("symbol,name\n005930,x\n005930,y\n", "names 005930 twice"),
        ("symbol,market\n005930,NYSE\n", "not a known market"),
        ("symbol,product\n005930,BOND\n", "Unknown products: BOND"),
        ("symbol,shares\n005930,many\n", "shares, row 1"),
    ],
)
def test_master_when_bad_is_refused_and_changes_nothing(
    catalogue: Catalogue, tmp_path: Path, content: str, sentence: str
) -> None:
    catalogue.import_frame(daily_bars(), a_spec(), "x")
    before = files(tmp_path / "market")
    path = tmp_path / "master.csv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(SchemaError, match=sentence):
        catalogue.apply_master("sample", path)

    assert files(tmp_path / "market") == before


def test_import_needs_a_declared_basis() -> None:
    with pytest.raises(msgspec.ValidationError, match="basis"):
        msgspec.convert({"dataset": "x"}, ImportSpec)
