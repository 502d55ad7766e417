"""Which data a command works on: chosen among what is there, or brought in for the demo."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Final

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import DAY, Interval
from maemae.catalogue.manifest import Manifest
from maemae.catalogue.synthetic import synthetic_market
from maemae.domain.errors import InvalidValueError, MissingDataError, UnknownSymbolError
from maemae.domain.ids import Symbol
from maemae.domain.near_match import did_you_mean
from maemae.domain.terms import PriceBasis
from maemae.settings import Settings

SYNTHETIC: Final = "synthetic"
"""Name of the dataset of the synthetic market."""

SYNTHETIC_DAYS: Final = (date(2019, 1, 2), date(2026, 10, 30))
"""First and last day of the synthetic market that everybody gets."""

_SYNTHETIC_SOURCE: Final = "synthetic market of seed"


def open_catalogue(settings: Settings) -> Catalogue:
    """Return the market data of this home."""
    return Catalogue(settings.catalogue)


def choose_dataset(catalogue: Catalogue, symbols: tuple[Symbol, ...] | None) -> str:
    """
    Return the name of the only dataset that has all the symbols.

    Raises:
        MissingDataError: There is no dataset at all.
        UnknownSymbolError: None has them all; near ones are suggested.
        InvalidValueError: Several have them.
    """
    names = [manifest.dataset for manifest in catalogue.datasets()]
    if not names:
        raise MissingDataError(
            "가져온 데이터가 없습니다. `maemae data import` 로 가져오거나, 지어낸 시장을 --data "
            f"{SYNTHETIC} 로 쓰세요.",
            "There is no data yet. Bring some in with `maemae data import`, or take the made-up "
            f"market with --data {SYNTHETIC}.",
        )
    known = {name: catalogue.instruments(name) for name in names}
    having = [name for name in names if set(symbols or ()) <= known[name].keys()]
    if len(having) == 1:
        return having[0]
    if having:
        raise InvalidValueError(
            f"데이터셋이 여럿입니다: {', '.join(having)}. --data 로 하나를 고르세요.",
            f"Several datasets fit: {', '.join(having)}. Choose one with --data.",
        )
    everything = {str(symbol): item.name for name in names for symbol, item in known[name].items()}
    unknown = [symbol for symbol in symbols or () if symbol not in everything]
    if not unknown:
        raise UnknownSymbolError(
            "이 종목들을 모두 가진 데이터셋이 없습니다. --data 와 --symbols 를 확인하세요.",
            "No dataset has all of these symbols. Check --data and --symbols.",
        )
    near = did_you_mean(unknown[0], everything)
    raise UnknownSymbolError(
        f"어느 데이터셋에도 없는 종목입니다: {', '.join(unknown)}.{near.ko} --symbols 를 "
        "확인하세요.",
        f"No dataset has {', '.join(unknown)}.{near.en} Check --symbols.",
    )


def ensure_synthetic(
    catalogue: Catalogue,
    dataset: str,
    seed: int,
    days: tuple[date, date],
    interval: Interval = DAY,
) -> Manifest:
    """
    Return the dataset of the synthetic market, made anew unless it is that of this seed.

    Args:
        catalogue: Where it is kept.
        dataset: Its name.
        seed: Any whole number from 0.
        days: First and last day.
        interval: Length of the bars.

    Raises:
        InvalidValueError: A dataset of that name came from elsewhere.
    """
    source = f"{_SYNTHETIC_SOURCE} {seed}, {interval}, {days[0]} ~ {days[1]}"
    present = {manifest.dataset: manifest for manifest in catalogue.datasets()}.get(dataset)
    if present is not None and present.source == source:
        return present
    if present is not None and not present.source.startswith(_SYNTHETIC_SOURCE):
        raise InvalidValueError(
            f"데이터셋 {dataset} 은(는) {present.source} 에서 온 것이라 덮어쓰지 않습니다. "
            "다른 이름으로 옮기세요.",
            f"The dataset {dataset} came from {present.source} and is not replaced. Move it.",
        )
    market = synthetic_market(seed, first=days[0], last=days[1], interval=interval)
    spec = ImportSpec(dataset=dataset, basis=PriceBasis.RAW, interval=interval, replace=True)
    return catalogue.import_frame(market.bars, spec, source, market.master)


def ensure_imported(catalogue: Catalogue, path: Path, dataset: str, basis: PriceBasis) -> Manifest:
    """
    Return the dataset of a file, imported unless it is there already.

    Raises:
        DataError: The file cannot be brought in.
    """
    for manifest in catalogue.datasets():
        if manifest.dataset == dataset and manifest.source == path.name:
            return manifest
    return catalogue.import_file(path, ImportSpec(dataset=dataset, basis=basis))
