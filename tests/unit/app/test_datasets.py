from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from maemae.app.datasets import choose_dataset, ensure_imported, ensure_synthetic
from maemae.catalogue.catalogue import Catalogue
from maemae.domain.errors import InvalidValueError, MissingDataError, UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from tests.bar_frames import a_spec, daily_bars

DAYS = (date(2024, 1, 2), date(2024, 1, 5))


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    """Return a catalogue of two datasets with one symbol in common."""
    catalogue = Catalogue(tmp_path)
    catalogue.import_frame(daily_bars("000010", "000020"), a_spec(dataset="a"), "here")
    catalogue.import_frame(daily_bars("000020", "000030"), a_spec(dataset="b"), "here")
    return catalogue


@pytest.mark.parametrize(("code", "dataset"), [("000010", "a"), ("000030", "b")])
def test_dataset_when_only_one_has_the_symbol_is_chosen(
    catalogue: Catalogue, code: str, dataset: str
) -> None:
    assert choose_dataset(catalogue, (Symbol(code),)) == dataset


@pytest.mark.parametrize("symbols", [None, (Symbol("000020"),)])
def test_dataset_when_several_fit_is_asked_for(
    catalogue: Catalogue, symbols: tuple[Symbol, ...] | None
) -> None:
    with pytest.raises(InvalidValueError, match="a, b"):
        choose_dataset(catalogue, symbols)


def test_dataset_when_none_has_all_the_symbols_says_so(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownSymbolError, match="all of these"):
        choose_dataset(catalogue, (Symbol("000010"), Symbol("000030")))


def test_dataset_when_a_symbol_is_unknown_suggests_near_ones(catalogue: Catalogue) -> None:
    with pytest.raises(UnknownSymbolError, match="Did you mean 000010"):
        choose_dataset(catalogue, (Symbol("000011"),))


def test_dataset_when_there_is_none_at_all_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="--data synthetic"):
        choose_dataset(Catalogue(tmp_path / "empty"), None)


def test_synthetic_market_when_of_the_same_seed_is_kept(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    first = ensure_synthetic(catalogue, "s", 1, DAYS)
    manifest = tmp_path / "s" / "manifest.json"
    written = manifest.stat().st_mtime_ns

    assert ensure_synthetic(catalogue, "s", 1, DAYS) == first
    assert manifest.stat().st_mtime_ns == written


def test_synthetic_market_when_of_another_seed_is_made_anew(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    first = ensure_synthetic(catalogue, "s", 1, DAYS)

    assert ensure_synthetic(catalogue, "s", 2, DAYS).content_hash != first.content_hash


def test_synthetic_market_never_takes_the_place_of_other_data(catalogue: Catalogue) -> None:
    before = catalogue.describe("a")

    with pytest.raises(InvalidValueError):
        ensure_synthetic(catalogue, "a", 1, DAYS)

    assert catalogue.describe("a") == before


def test_file_when_it_was_imported_is_not_read_again(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "home")
    path = tmp_path / "bars.csv"
    daily_bars("000010").write_csv(path)
    first = ensure_imported(catalogue, path, "a", PriceBasis.ADJUSTED)
    path.unlink()

    assert ensure_imported(catalogue, path, "a", PriceBasis.ADJUSTED) == first
