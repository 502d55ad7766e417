"""
Daily bars of a public site for the catalogue: planned first, and gone on with after a stop.

Every window that came is kept at once, in a file of its own; it is not asked for again. The dataset
is written when all of them are there, and has one price basis.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date

import msgspec
import polars as pl

from maemae.app.download_plan import DownloadPlan, DownloadProgress
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.manifest import Manifest, dataset_name
from maemae.catalogue.sources.kept_windows import KeptWindows
from maemae.catalogue.sources.libraries import SOURCES
from maemae.catalogue.sources.polite import Manners, PoliteRequests
from maemae.catalogue.sources.source import Window, is_kept_for_good
from maemae.domain.errors import InvalidValueError, MissingDataError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Market, PriceBasis, Product
from maemae.settings import Settings


class SourceRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks for.

    Attributes:
        source: One of `SOURCES`.
        dataset: Name that the dataset gets.
        basis: As traded, or adjusted for later corporate actions.
        first, last: Days; the last one must be over.
        market, product: Of all of the instruments; the sites do not say.
    """

    source: str
    dataset: str
    symbols: tuple[Symbol, ...]
    basis: PriceBasis
    first: date
    last: date
    market: Market = Market.KOSPI
    product: Product = Product.STOCK
    replace: bool = False


class SourceDownload:
    """
    One download into a dataset.

    Args:
        settings: Where datasets and what has come so far are kept.
        request: What is asked for.
        manners: How the site is asked.
        polite: Watches what goes out; None for one of these manners.

    Attributes:
        absent: Instruments that the source had no bars of.

    Raises:
        ConfigError: The library is not installed.
        InvalidValueError: The name or the days cannot be, or the source has no such basis.
    """

    def __init__(
        self,
        settings: Settings,
        request: SourceRequest,
        manners: Manners | None = None,
        polite: PoliteRequests | None = None,
    ) -> None:
        if not request.symbols or request.first > request.last:
            raise InvalidValueError(
                "받을 종목과 기간을 정하세요: --symbols 005930 --since 2025-01-02 "
                "--until 2026-11-27.",
                "Name instruments and days: --symbols 005930 --since 2025-01-02 --until "
                "2026-11-27.",
            )
        dataset_name(request.dataset)
        manners = manners or Manners()
        self.absent: tuple[Symbol, ...] = ()
        self._settings = settings
        self._request = request
        self._gap_secs = manners.gap_secs
        self._source = SOURCES[request.source](request.basis, polite or PoliteRequests(manners))
        folder = f"{request.source}-{request.basis.lower()}"
        self._kept = KeptWindows(settings.home / "download" / folder)
        self._windows = {
            symbol: self._source.windows(symbol, request.first, request.last)
            for symbol in request.symbols
        }

    @property
    def plan(self) -> DownloadPlan:
        """What is still to be asked for, and how long that takes at least."""
        left = {
            symbol: [window for window in windows if not self._kept.has(window)]
            for symbol, windows in self._windows.items()
        }
        requests = sum(map(len, left.values()))
        requests += self._source.overhead() if requests else 0
        done = sum(not windows for windows in left.values())
        return DownloadPlan(requests, math.ceil(requests * self._gap_secs), done)

    def run(self) -> Iterator[DownloadProgress]:
        """
        Yield each instrument as it becomes whole.

        Raises:
            SourceBlockedError: The site does not want us; nothing more is asked.
            SourceUnavailableError: It cannot be reached; the next run goes on from there.
            StorageError: What came cannot be kept.
        """
        for symbol, windows in self._windows.items():
            for window in windows:
                if not self._kept.has(window):
                    self._kept.add(window, self._source.read(window))
            yield DownloadProgress(symbol, self._frame(windows).height)

    def store(self) -> Manifest:
        """
        Bring what came into the catalogue.

        Raises:
            MissingDataError: There was nothing.
            DataError: The bars cannot be accepted as they are.
            StorageError: The dataset cannot be written.
        """
        request = self._request
        frames = {symbol: self._frame(windows) for symbol, windows in self._windows.items()}
        frame = pl.concat(list(frames.values()))
        if not frame.height:
            raise MissingDataError(
                f"{request.source} 이(가) 준 봉이 없습니다. 종목과 기간을 확인하세요.",
                f"{request.source} gave no bars. Check instruments and days.",
            )
        spec = ImportSpec(
            dataset=request.dataset,
            basis=request.basis,
            sort=True,
            replace=request.replace,
            market=request.market,
            product=request.product,
        )
        manifest = Catalogue(self._settings.catalogue).import_frame(frame, spec, self._source.name)
        self.absent = tuple(symbol for symbol, bars in frames.items() if not bars.height)
        self._forget_what_will_change()
        return manifest

    def _forget_what_will_change(self) -> None:
        request = self._request
        for windows in self._windows.values():
            for window in windows:
                came = self._kept.read(window)
                if not is_kept_for_good(request.basis) or not came.height:
                    self._kept.forget(window)

    def _frame(self, windows: list[Window]) -> pl.DataFrame:
        return pl.concat([self._kept.read(window) for window in windows])
