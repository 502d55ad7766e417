"""Bars of Kiwoom: planned, kept page by page, gone on with after a stop, and each stored once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from maemae.app.download_parts import DownloadParts, Page
from maemae.app.kiwoom.download import (
    DownloadRequest,
    KiwoomDownload,
    last_whole_day,
    secs_for,
    time_at,
)
from maemae.app.kiwoom.parts import KiwoomAccess
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, REAL_CONFIG
from maemae.brokers.kiwoom_rest.emulated_clock import EmulatedClock
from maemae.brokers.kiwoom_rest.hosts import emulator_host, host_of
from maemae.brokers.kiwoom_rest.market_data import Candle
from maemae.catalogue.catalogue import Catalogue
from maemae.catalogue.interval import DAY
from maemae.clocks import SystemWallClock
from maemae.domain.errors import (
    BrokerUnavailableError,
    InvalidValueError,
    MissingDataError,
    StorageError,
)
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND, kst_nanos
from maemae.domain.terms import Market, Mode, PriceBasis
from maemae.settings import Settings
from tests.kiwoom_server import KiwoomServer, Reply, ok, refuse

KAKAO = Symbol("035720")
FIRST, LAST = date(2026, 11, 2), date(2026, 11, 13)
REQUEST = DownloadRequest(
    dataset="kw", symbols=(KAKAO,), basis=PriceBasis.RAW, interval=DAY, first=FIRST, last=LAST
)
KEY = AppKey(Mode.PAPER, "app-key", "secret-key")
NOWHERE = KiwoomAccess(
    emulator_host(Mode.PAPER, "http://127.0.0.1:1", "ws://127.0.0.1:1"), KEY, None
)
LISTED = {
    "code": KAKAO,
    "name": "카카오",
    "listCount": "0000000000001000",
    "lastPrice": "00041300",
    "marketCode": "0",
}


def bars(days: Sequence[date]) -> dict[str, Any]:
    """Return a page, newest first, whose prices tell the day."""
    return {
        "stk_dt_pole_chart_qry": [
            {
                "cur_prc": str(40_000 + 50 * day.day),
                "trde_qty": str(day.day),
                "trde_prica": "1",
                "dt": f"{day:%Y%m%d}",
                "open_pric": str(40_000 + 50 * day.day),
                "high_pric": str(40_000 + 50 * day.day),
                "low_pric": str(40_000 + 50 * day.day),
            }
            for day in sorted(days, reverse=True)
        ]
    }


def sessions(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


Chart = Callable[[dict[str, str], dict[str, Any]], Reply]


def with_server(
    home: Path,
    chart: Chart,
    act: Callable[[KiwoomDownload], Any],
    request: DownloadRequest = REQUEST,
) -> tuple[Any, KiwoomServer]:
    async def play() -> tuple[Any, KiwoomServer]:
        async with KiwoomServer(SystemWallClock().now()) as server:
            server.answers |= {"ka10081": chart, "ka10099": lambda *_: ok({"list": [LISTED]})}
            access = KiwoomAccess(server.host, KEY, None)
            settings = Settings(home=home, hurry=1_000)
            return await act(KiwoomDownload(settings, access, request)), server

    return asyncio.run(play())


async def whole(download: KiwoomDownload) -> list[tuple[str, int]]:
    return [(told.symbol, told.bars) async for told in download.run()]


async def stored(download: KiwoomDownload) -> object:
    await whole(download)
    return download.store()


def two_pages(headers: dict[str, str], _: dict[str, Any]) -> Reply:
    if not headers.get("next-key"):
        return ok(bars(sessions(date(2026, 11, 9), LAST)), "k2")
    return ok(bars(sessions(date(2026, 10, 26), date(2026, 11, 6))), "k3")


def test_bars_of_the_wanted_days_come_into_the_catalogue(tmp_path: Path) -> None:
    _, server = with_server(tmp_path, two_pages, stored)
    catalogue = Catalogue(tmp_path / "catalogue")
    manifest = catalogue.describe("kw")
    assert (manifest.rows, manifest.first, manifest.last) == (10, FIRST, LAST)
    assert manifest.basis is PriceBasis.RAW
    assert catalogue.instruments("kw")[KAKAO].market is Market.KOSPI
    assert catalogue.instruments("kw")[KAKAO].name == "카카오"
    assert server.bodies("ka10081")[0] == {
        "stk_cd": KAKAO,
        "upd_stkpc_tp": "0",
        "base_dt": "20261113",
    }
    assert not list((tmp_path / "download").iterdir())


def test_download_when_it_stopped_goes_on_from_the_oldest_day(tmp_path: Path) -> None:
    def broken(headers: dict[str, str], body: dict[str, Any]) -> Reply:
        return two_pages(headers, body) if not headers.get("next-key") else refuse(2, "[1999:x]")

    with pytest.raises(BrokerUnavailableError):
        with_server(tmp_path, broken, whole)

    def rest(_: dict[str, str], body: dict[str, Any]) -> Reply:
        assert body["base_dt"] == "20261109"
        return ok(bars(sessions(date(2026, 10, 26), date(2026, 11, 9))))

    told, server = with_server(tmp_path, rest, whole)
    assert told == [(KAKAO, 10)]
    assert server.count("ka10081") == 1


def test_download_when_it_is_whole_asks_for_no_bar_again(tmp_path: Path) -> None:
    with_server(tmp_path, two_pages, whole)
    (told, plan), server = with_server(tmp_path, two_pages, whole_and_plan)
    assert told == [(KAKAO, 10)]
    assert (plan.requests, plan.done) == (0, 1)
    assert server.count("ka10081") == 0


async def whole_and_plan(download: KiwoomDownload) -> object:
    plan = download.plan
    return await whole(download), plan


def test_download_when_nothing_came_stores_nothing(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError):
        with_server(tmp_path, lambda *_: ok({"stk_dt_pole_chart_qry": []}), stored)


@pytest.mark.parametrize(("symbols", "first", "last"), [((), FIRST, LAST), ((KAKAO,), LAST, FIRST)])
def test_download_of_nothing_is_refused(
    tmp_path: Path, symbols: tuple[Symbol, ...], first: date, last: date
) -> None:
    request = DownloadRequest(
        dataset="kw", symbols=symbols, basis=PriceBasis.RAW, interval=DAY, first=first, last=last
    )
    with pytest.raises(InvalidValueError):
        KiwoomDownload(Settings(home=tmp_path), NOWHERE, request)


def test_plan_counts_pages_at_the_rate_of_the_server(tmp_path: Path) -> None:
    plan = KiwoomDownload(Settings(home=tmp_path), NOWHERE, REQUEST).plan
    assert (plan.requests, plan.done) == (1, 0)
    assert secs_for(100, PAPER_CONFIG) == 110
    assert secs_for(100, REAL_CONFIG) == 27


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ((date(2026, 11, 30), time(12)), date(2026, 11, 27)),
        ((date(2026, 11, 30), time(18)), date(2026, 11, 30)),
        ((date(2026, 11, 29), time(12)), date(2026, 11, 27)),
    ],
)
def test_last_whole_day_is_one_that_is_over(now: tuple[date, time], day: date) -> None:
    assert last_whole_day(kst_nanos(*now)) == day


def test_time_at_an_emulator_is_that_of_its_market(monkeypatch: pytest.MonkeyPatch) -> None:
    async def told(_: EmulatedClock) -> int:
        return 7

    monkeypatch.setattr(EmulatedClock, "ask", told)
    assert asyncio.run(time_at(NOWHERE)) == 7
    real = KiwoomAccess(host_of(Mode.PAPER), KEY, None)
    assert abs(asyncio.run(time_at(real)) - SystemWallClock().now()) < 60 * SECOND


def test_pages_when_the_last_was_torn_are_kept_without_it(tmp_path: Path) -> None:
    parts, page = DownloadParts(tmp_path), Page((Candle(1, 1, 1, 1, 1, 1),), is_last=True)
    parts.add(KAKAO, page)
    path = next(tmp_path.iterdir())
    path.write_bytes(path.read_bytes() + b'{"candles":[')
    assert parts.kept(KAKAO).is_whole
    parts.add(KAKAO, page)
    assert len(parts.kept(KAKAO).candles) == 2


def test_pages_when_they_are_damaged_raise(tmp_path: Path) -> None:
    (tmp_path / f"{KAKAO}.jsonl").write_bytes(b"rubbish\n")
    with pytest.raises(StorageError, match="Delete it"):
        DownloadParts(tmp_path).kept(KAKAO)
