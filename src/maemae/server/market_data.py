"""Instruments and bars of the catalogue, as people look for them."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

import msgspec
import numpy as np

from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.manifest import Manifest
from maemae.domain.errors import InvalidValueError, MaemaeError, MissingDataError
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.krx.instrument import Instrument
from maemae.server.hangul import first_consonants, folded, is_first_consonants
from maemae.strategy.panel import FIELDS

_NOWHERE: Final = 1_000


class Found(msgspec.Struct, frozen=True):
    """An instrument, and the datasets that have it."""

    instrument: Instrument
    datasets: tuple[str, ...]


class BarSeries(msgspec.Struct, frozen=True):
    """
    Bars of an instrument, oldest first.

    Attributes:
        dataset: Whence they are; None if an executor made all of them.
        bars: First instant [ns, UTC], open, high, low, close [won] and volume [shares] of each.
    """

    dataset: str | None
    interval: str
    basis: PriceBasis
    bars: Sequence[tuple[int, int, int, int, int, int]]


class _Entry(msgspec.Struct, frozen=True):
    found: Found
    name: str  # folded
    initials: str


class MarketData:
    """
    The catalogue, read again when a dataset changes.

    Args:
        folder: Of the catalogue; need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._catalogue = Catalogue(folder)
        self._lock = threading.Lock()
        self._read: tuple[tuple[str, str], ...] | None = None
        self._entries: Mapping[Symbol, _Entry] = {}

    def datasets(self) -> list[Manifest]:
        """Return what there is, by name."""
        return self._catalogue.datasets()

    def dataset(self, name: str | None) -> Manifest:
        """
        Return a dataset, or with None the only one.

        Raises:
            MissingDataError: There is none of that name, or none at all.
            InvalidValueError: There are several, and none is named.
        """
        if name is not None:
            return self._catalogue.describe(name)
        found = self._catalogue.datasets()
        if not found:
            raise MissingDataError(
                "가져온 데이터가 없습니다. maemae data import 로 가져오세요.",
                "There is no data. Bring some in with maemae data import.",
            )
        if len(found) > 1:
            raise InvalidValueError(
                f"데이터셋이 여럿입니다: {', '.join(each.dataset for each in found)}. 하나를 "
                "고르세요.",
                f"There are several datasets: {', '.join(each.dataset for each in found)}. "
                "Choose one.",
            )
        return found[0]

    def find(self, symbol: Symbol) -> Found | None:
        """Return an instrument; None if no dataset has it."""
        entry = self._current().get(symbol)
        return None if entry is None else entry.found

    def search(self, text: str, limit: int) -> list[Found]:
        """
        Return instruments by code, name or first consonants, the best match first.

        Args:
            text: As a person typed it: `005930`, `삼성`, `ㅅㅅㅈㅈ`.
            limit: At most so many.
        """
        wanted = folded(text)
        if not wanted:
            return []
        by_initials, entries = is_first_consonants(text), self._current()
        ranked = sorted(
            (rank, len(entry.name), symbol)
            for symbol, entry in entries.items()
            if (rank := _rank(entry, wanted, by_initials=by_initials)) < _NOWHERE
        )
        return [entries[symbol].found for _, _, symbol in ranked[:limit]]

    def bars(
        self, symbol: Symbol, interval: str | None, first: date | None, last: date | None, most: int
    ) -> BarSeries:
        """
        Return the newest bars of an instrument.

        Args:
            symbol: Instrument whose prices are meant.
            interval: `DAY` or minutes such as `5m`; None for the longest there is.
            first: Korean day of the first; None is open.
            last: Korean day of the last; None is open.
            most: At most so many.

        Raises:
            MissingDataError: No dataset has such bars.
        """
        found = self.find(symbol)
        having = [] if found is None else [self._catalogue.describe(n) for n in found.datasets]
        fitting = [each for each in having if interval in (None, each.interval)]
        if not fitting:
            raise MissingDataError(
                f"{symbol} 의 {interval or ''} 봉이 없습니다. maemae data list 로 무엇이 있는지 "
                "보세요.",
                f"There are no {interval or ''} bars of {symbol}. See maemae data list.",
            )
        chosen = max(fitting, key=lambda each: (each.basis is PriceBasis.RAW, each.last))
        panel = self._catalogue.panel(chosen.dataset, [symbol], first, last)
        traded = np.flatnonzero(panel.traded[0])[-most:]
        columns = [panel.opened[traded], *(getattr(panel, name)[0][traded] for name in FIELDS)]
        rows = list(zip(*(column.tolist() for column in columns), strict=True))
        return BarSeries(chosen.dataset, chosen.interval, panel.basis, rows)

    def _current(self) -> Mapping[Symbol, _Entry]:
        try:
            manifests = self._catalogue.datasets()
        except MaemaeError:
            return self._entries
        seen = tuple((each.dataset, each.instruments_file) for each in manifests)
        with self._lock:
            if seen != self._read:
                self._entries = self._read_entries(manifests)
                self._read = seen
            return self._entries

    def _read_entries(self, manifests: Sequence[Manifest]) -> Mapping[Symbol, _Entry]:
        instruments: dict[Symbol, Instrument] = {}
        having: dict[Symbol, list[str]] = {}
        for manifest in manifests:
            for symbol, instrument in self._catalogue.instruments(manifest.dataset).items():
                if instrument.name != symbol or symbol not in instruments:
                    instruments[symbol] = instrument
                having.setdefault(symbol, []).append(manifest.dataset)
        return {
            symbol: _Entry(
                Found(instrument, tuple(having[symbol])),
                folded(instrument.name),
                first_consonants(folded(instrument.name)),
            )
            for symbol, instrument in instruments.items()
        }


def _rank(entry: _Entry, wanted: str, *, by_initials: bool) -> int:
    """Return how well an instrument fits: 0 for the same, more for less, `_NOWHERE` for not."""
    symbol = entry.found.instrument.symbol.casefold()
    name = entry.initials if by_initials else entry.name
    for rank, fits in enumerate(
        (
            wanted in (symbol, name),
            name.startswith(wanted),
            symbol.startswith(wanted),
            wanted in name,
        )
    ):
        if fits:
            return rank
    return _NOWHERE
