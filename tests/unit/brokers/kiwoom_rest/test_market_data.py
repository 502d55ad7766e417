"""Quotes, books, charts, indices and condition search, asked for within the quota."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.conditions import Condition, ConditionSearch
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, Quotas, Rate
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.market_data import Chart, KiwoomMarketData, Quote, Suffix
from maemae.brokers.kiwoom_rest.prints import ConditionHit
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.domain.errors import BrokerUnavailableError, InvalidValueError
from maemae.domain.instant import SECOND, kst_datetime
from maemae.domain.terms import Mode, PriceBasis
from tests.builders import SAMSUNG
from tests.kiwoom_server import KiwoomServer, ok
from tests.shared_data import shared

QUICK = msgspec.structs.replace(
    PAPER_CONFIG, quotas=Quotas(Rate(100, SECOND // 100), rate_pause=SECOND // 100)
)
HIT = {"841": "1  ", "9001": "A005930", "843": "I", "20": "101512", "907": "2"}
IN = {"type": "02", "name": "조건검색", "item": "005930", "values": HIT}
DAY = date(2026, 11, 30)
Act = Callable[[KiwoomServer, KiwoomConnection], Awaitable[None]]


def with_server(folder: Path, act: Act) -> KiwoomServer:
    async def play() -> KiwoomServer:
        wall = SystemWallClock()
        async with KiwoomServer(wall.now()) as server:
            key = AppKey(Mode.PAPER, "app-key", "secret-key")
            clocks = (SteadyVenueClock(wall.now()), wall)
            connection = KiwoomConnection(server.host, key, QUICK, folder, clocks, lambda *_: None)
            try:
                async with asyncio.timeout(60):
                    await act(server, connection)
            finally:
                await connection.stream.close()
                await connection.close()
            return server

    return asyncio.run(play())


def test_recorded_quote_is_read(tmp_path: Path) -> None:
    recorded = json.loads(shared("broker_messages/kiwoom_rest_ka10001.json").read_bytes())

    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        server.answers["ka10001"] = lambda *_: ok(recorded)
        data = KiwoomMarketData(connection.http)
        quote = await data.quote(SAMSUNG, Suffix.BOTH)
        assert quote == Quote(SAMSUNG, "삼성전자", 258_500, 252_500, 177_000, 328_000, 4_654_178)

    assert with_server(tmp_path, act).bodies("ka10001") == [{"stk_cd": "005930_AL"}]


def test_book_reads_the_ordinals_as_the_server_writes_them(tmp_path: Path) -> None:
    book = {
        "sel_fpr_bid": "+101",
        "sel_fpr_req": "7",
        "sel_2th_pre_bid": "+102",
        "sel_2th_pre_req": "8",
        "sel_3th_pre_bid": "0",
        "buy_fpr_bid": "-100",
        "buy_fpr_req": "9",
    }

    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        server.answers["ka10004"] = lambda *_: ok(book)
        told = await KiwoomMarketData(connection.http).book(SAMSUNG)
        assert (told.asks, told.bids) == (((101, 7), (102, 8)), ((100, 9),))

    with_server(tmp_path, act)


@pytest.mark.parametrize(
    ("chart", "api_id", "rows", "label"),
    [
        (Chart.TICK, "ka10079", "stk_tic_chart_qry", "20261130101500"),
        (Chart.MINUTE, "ka10080", "stk_min_pole_chart_qry", "20261130101500"),
        (Chart.DAY, "ka10081", "stk_dt_pole_chart_qry", "20261130"),
        (Chart.WEEK, "ka10082", "stk_stk_pole_chart_qry", "20261130"),
        (Chart.MONTH, "ka10083", "stk_mth_pole_chart_qry", "20261130"),
        (Chart.YEAR, "ka10094", "stk_yr_pole_chart_qry", "20261130"),
    ],
)
@pytest.mark.parametrize("basis", list(PriceBasis))
def test_every_chart_is_read_in_both_bases(
    tmp_path: Path, chart: Chart, api_id: str, rows: str, label: str, basis: PriceBasis
) -> None:
    prices = dict.fromkeys(("cur_prc", "open_pric", "high_pric", "low_pric"), "-41250")
    key = "cntr_tm" if len(label) > 8 else "dt"

    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        server.answers[api_id] = lambda *_: ok({rows: [{**prices, "trde_qty": "3", key: label}]})
        data = KiwoomMarketData(connection.http)
        pages = [page async for page in data.candles(SAMSUNG, chart, basis, DAY)]
        candle = pages[0].candles[0]
        assert (candle.close, candle.volume, len(pages)) == (41_250, 3, 1)
        assert f"{kst_datetime(candle.at):%Y%m%d%H%M%S}".startswith(label)

    body = with_server(tmp_path, act).bodies(api_id)[0]
    assert body["upd_stkpc_tp"] == ("1" if basis is PriceBasis.ADJUSTED else "0")
    assert ("tic_scope" in body) is (chart in (Chart.TICK, Chart.MINUTE))


def test_chart_of_minutes_that_the_server_does_not_have_is_refused(tmp_path: Path) -> None:
    async def act(_: KiwoomServer, connection: KiwoomConnection) -> None:
        data = KiwoomMarketData(connection.http)
        with pytest.raises(InvalidValueError):
            await anext(data.candles(SAMSUNG, Chart.MINUTE, PriceBasis.RAW, DAY, 7))

    assert with_server(tmp_path, act).asked == []


def test_index_keeps_its_decimals(tmp_path: Path) -> None:
    values = {"cur_prc": "-2394.49", "open_pric": "+2400.00", "high_pric": "+2401.10"}
    rest = {"low_pric": "-2390.00", "flu_rt": "-0.50", "trde_qty": "1"}

    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        server.answers["ka20001"] = lambda *_: ok({**values, **rest})
        index = await KiwoomMarketData(connection.http).index("0", "001")
        assert (index.value, index.low) == (Decimal("2394.49"), Decimal("2390.00"))

    with_server(tmp_path, act)


def test_conditions_are_listed_found_watched_and_let_go(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        search = ConditionSearch(connection)
        with pytest.raises(BrokerUnavailableError, match="stream is down"):
            await search.conditions()
        await connection.stream.open()
        assert await search.conditions() == (Condition("0", "거래량급증"), Condition("1", "신고가"))
        assert await search.find("1") == (SAMSUNG,)
        assert await search.watch("1") == (SAMSUNG,)
        await server.push(IN)
        told = await anext(search.hits())
        assert isinstance(told, ConditionHit)
        assert (told.seq, told.symbol, told.is_in) == ("1", SAMSUNG, True)
        await search.unwatch("1")

    kinds = [frame["trnm"] for frame in with_server(tmp_path, act).frames]
    assert kinds == ["LOGIN", "CNSRLST", "CNSRREQ", "CNSRREQ", "CNSRCLR"]


def test_condition_when_its_pages_lead_nowhere_is_not_believed(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        server.finds_without_end = True
        await connection.stream.open()
        search = ConditionSearch(connection)
        await search.conditions()
        with pytest.raises(BrokerUnavailableError, match="said to find more"):
            await search.find("1")

    with_server(tmp_path, act)


def test_condition_when_its_members_are_told_behind_the_answer_loses_none(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        server.members = [IN]
        await connection.stream.open()
        search = ConditionSearch(connection)
        assert await search.watch("1") == ()
        told = await anext(search.hits())
        assert isinstance(told, ConditionHit)
        assert (told.symbol, told.is_in) == (SAMSUNG, True)

    with_server(tmp_path, act)


def test_condition_when_it_is_asked_for_too_soon_is_asked_for_again(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, connection: KiwoomConnection) -> None:
        await connection.stream.open()
        server.too_soon = 2
        assert await ConditionSearch(connection).find("1") == (SAMSUNG,)
        server.too_soon = 3
        with pytest.raises(BrokerUnavailableError, match="요청 건수 초과"):
            await ConditionSearch(connection).find("1")

    with_server(tmp_path, act)
