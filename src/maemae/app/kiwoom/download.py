"""
Bars of Kiwoom for the catalogue: planned within the quota first, and gone on with after a stop.

Every page that came is kept at once, in a file for each instrument; what is whole is not asked
for again. The dataset is written when all instruments are.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Mapping
from datetime import date, time
from typing import Final

import msgspec
import polars as pl

from maemae.app.download_parts import DownloadParts, Kept, Page
from maemae.app.download_plan import DownloadPlan, DownloadProgress
from maemae.app.kiwoom.parts import KiwoomAccess, kiwoom_connection
from maemae.brokers.kiwoom_rest.codes import leverage_from_name, listing_from_code
from maemae.brokers.kiwoom_rest.config import KiwoomConfig, config_of
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.market_data import Chart, KiwoomMarketData
from maemae.brokers.kiwoom_rest.messages import InstrumentRow
from maemae.brokers.kiwoom_rest.reading import count
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.import_spec import ImportSpec
from maemae.catalogue.interval import Interval
from maemae.catalogue.manifest import Manifest, dataset_name
from maemae.clocks import SystemWallClock
from maemae.domain.errors import InvalidValueError, MissingDataError
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND, kst_date, kst_datetime
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import next_session, previous_session
from maemae.settings import Settings


class DownloadRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person asks for.

    Attributes:
        dataset: Name that the dataset gets.
        basis: As traded, or adjusted for later corporate actions; the server makes either.
        interval: A day, or minutes that the server has.
        first, last: Days; the last one must be over.
    """

    dataset: str
    symbols: tuple[Symbol, ...]
    basis: PriceBasis
    interval: Interval
    first: date
    last: date
    replace: bool = False


class KiwoomDownload:
    """
    One download into a dataset.

    Args:
        settings: Where datasets and what has come so far are kept.
        access: Which server, with which key.
        request: What is asked for.

    Raises:
        InvalidValueError: The name or the days cannot be, or there are no instruments.
    """

    def __init__(self, settings: Settings, access: KiwoomAccess, request: DownloadRequest) -> None:
        if not request.symbols or request.first > request.last:
            raise InvalidValueError(
                "받을 종목과 기간을 정하세요: --symbols 005930 --since 2025-01-02 "
                "--until 2026-11-27.",
                "Name instruments and days: --symbols 005930 --since 2025-01-02 --until "
                "2026-11-27.",
            )
        if request.interval.is_tick:
            raise InvalidValueError(
                "틱은 받을 수 없습니다. --interval 1m 처럼 분봉이나 일봉을 고르세요.",
                "Ticks cannot be downloaded. Choose bars, such as --interval 1m.",
            )
        self._settings = settings
        self._access = access
        self._request = request
        self._listed: dict[Symbol, InstrumentRow] = {}
        days = f"{request.first:%Y%m%d}-{request.last:%Y%m%d}"
        name = f"{dataset_name(request.dataset)}-{request.interval}-{request.basis.lower()}-{days}"
        self._parts = DownloadParts(settings.home / "download" / name)

    @property
    def plan(self) -> DownloadPlan:
        """
        What is still to be asked for, and how long that takes.

        Raises:
            StorageError: What has come so far cannot be read.
        """
        request = self._request
        days = (request.last - request.first).days + 1
        sessions = math.ceil(days * _SESSIONS_A_WEEK / _DAYS_A_WEEK)
        minutes = request.interval.minutes
        rows = sessions if minutes is None else sessions * math.ceil(_MINUTES / minutes)
        pages = math.ceil(rows / (_DAY_ROWS if minutes is None else _MINUTE_ROWS))
        left = [symbol for symbol in request.symbols if not self._parts.kept(symbol).is_whole]
        config = config_of(self._access.host.mode)
        done = len(request.symbols) - len(left)
        return DownloadPlan(len(left) * pages, secs_for(len(left) * pages, config), done)

    async def run(self) -> AsyncIterator[DownloadProgress]:
        """
        Yield each instrument as it becomes whole.

        Raises:
            BrokerUnavailableError: A page failed; the next run goes on from there.
            StorageError: What came cannot be kept.
        """
        folder = self._settings.data_folder(self._access.host.mode)
        connection = kiwoom_connection(
            self._access, folder, SystemWallClock(), lambda *_: None, self._settings.hurry
        )
        data = KiwoomMarketData(connection.http)
        try:
            for symbol in self._request.symbols:
                kept = self._parts.kept(symbol)
                if not kept.is_whole:
                    await self._fetch(data, symbol, kept)
                yield DownloadProgress(symbol, self._frame(symbol).height)
            self._listed = await data.instruments(self._request.symbols)
        finally:
            await connection.close()

    def store(self) -> Manifest:
        """
        Bring what came into the catalogue, and forget how far it had got.

        Raises:
            MissingDataError: There was nothing.
            DataError: The bars cannot be accepted as they are.
            StorageError: The dataset cannot be written.
        """
        request = self._request
        frame = pl.concat([self._frame(symbol) for symbol in request.symbols])
        if not frame.height:
            raise MissingDataError(
                "키움이 준 봉이 없습니다. 종목과 기간을 확인하세요.",
                "Kiwoom gave no bars. Check instruments and days.",
            )
        spec = ImportSpec(
            dataset=request.dataset,
            basis=request.basis,
            interval=request.interval,
            tz=None if request.interval.is_daily else "Asia/Seoul",
            sort=True,
            replace=request.replace,
        )
        source = f"Kiwoom {self._access.host.mode}"
        master = master_of(self._listed)
        catalogue = Catalogue(self._settings.catalogue)
        manifest = catalogue.import_frame(frame, spec, source, master)
        self._parts.forget()
        return manifest

    async def _fetch(self, data: KiwoomMarketData, symbol: Symbol, kept: Kept) -> None:
        """Ask from where the last run ended, as far back as is wanted."""
        request = self._request
        newest = kst_date(kept.candles[-1].at) if kept.candles else request.last
        chart = Chart.DAY if request.interval.is_daily else Chart.MINUTE
        scope = request.interval.minutes or 1
        async for page in data.candles(symbol, chart, request.basis, newest, scope):
            is_past = any(kst_date(candle.at) < request.first for candle in page.candles)
            is_last = is_past or not page.next_key
            self._parts.add(symbol, Page(page.candles, is_last))
            if is_last:
                return

    def _frame(self, symbol: Symbol) -> pl.DataFrame:
        """Return the bars of an instrument that are wanted, oldest first, each once."""
        request = self._request
        bars = {
            candle.at: candle
            for candle in self._parts.kept(symbol).candles
            if request.first <= kst_date(candle.at) <= request.last
        }
        ordered = [bars[at] for at in sorted(bars)]
        moments = [kst_datetime(candle.at).replace(tzinfo=None) for candle in ordered]
        times = (
            pl.Series("date", [moment.date() for moment in moments], pl.Date)
            if request.interval.is_daily
            else pl.Series("datetime", moments, pl.Datetime("us"))
        )
        columns = [
            pl.Series(name, [getattr(candle, name) for candle in ordered], pl.Int64)
            for name in ("open", "high", "low", "close", "volume")
        ]
        codes = pl.Series("symbol", [str(symbol)] * len(ordered), pl.String)
        return pl.DataFrame([codes, times, *columns])


async def time_at(access: KiwoomAccess) -> int:
    """
    Return what time it is at a server [ns, UTC]: the market of an emulator has its own.

    Raises:
        BrokerUnavailableError: The emulator does not tell it.
    """
    if access.host.is_emulator:
        return await EmulatedClock(access.host).ask()
    return SystemWallClock().now()


def last_whole_day(now: int) -> date:
    """Return the newest day whose bars do not change any more [ns, UTC]."""
    moment = kst_datetime(now)
    newest = previous_session(next_session(moment.date()))
    if newest == moment.date() and moment.time() < _WHOLE_FROM:
        return previous_session(newest)
    return newest


def secs_for(requests: int, config: KiwoomConfig) -> int:
    """Return how long so many requests of one kind take at the server's rate [s]."""
    rate = config.quotas.each
    return math.ceil(requests * rate.within / rate.requests / SECOND)


def master_of(listed: Mapping[Symbol, InstrumentRow]) -> pl.DataFrame | None:
    """
    Return what Kiwoom's list says of instruments, None if it says nothing.

    Raises:
        BrokerUnavailableError: A market code is new.
    """
    rows = []
    for symbol, row in listed.items():
        listing = listing_from_code(row.market_code)
        if listing is not None:
            name = row.name.strip()
            rows.append(
                {
                    "symbol": str(symbol),
                    "name": name,
                    "market": listing.market.value,
                    "product": listing.product.value,
                    "shares": count("listCount", row.list_count),
                    "leverage": leverage_from_name(name, listing.product),
                }
            )
    return pl.DataFrame(rows) if rows else None


_DAY_ROWS: Final = 600  # a page of ka10081, as measured
_MINUTE_ROWS: Final = 900  # a page of ka10080, as measured
_MINUTES: Final = 390  # of a regular session
_SESSIONS_A_WEEK: Final = 5
_DAYS_A_WEEK: Final = 7
_WHOLE_FROM: Final = time(18)
