"""Kiwoom as an executor uses it: orders, lists, stream, over a double of its two servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from datetime import date, time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.codes import Exchange, TradeType
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, KiwoomConfig, Quotas, Rate, Rivals
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.feed import KiwoomFeed
from maemae.brokers.kiwoom_rest.hosts import host_of
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import (
    BrokerUnavailableError,
    ConfigError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.ids import AccountId, ClOrdId, OrderId, Symbol
from maemae.domain.instant import MINUTE, SECOND, kst_date, kst_datetime, kst_nanos
from maemae.domain.market_data import Trade
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import StatedCash, StatedHolding, StatedStatus
from maemae.domain.terms import Mode, Side, TimeInForce
from maemae.domain.text import Text
from maemae.ports import BrokerEvent, ClientIdSupport
from tests.builders import SAMSUNG, a_report, an_order
from tests.kiwoom_server import ACCOUNT, KiwoomServer, Reply, ok

ME = AccountId(ACCOUNT)
QUICK = msgspec.structs.replace(
    PAPER_CONFIG,
    quotas=Quotas(Rate(100, SECOND // 100), rate_pause=SECOND // 100),
    patience=msgspec.structs.replace(
        PAPER_CONFIG.patience,
        reply_within=SECOND // 2,
        pause=SECOND // 50,
        longest_pause=SECOND // 10,
    ),
)
FIRST = OrderId("0048213")
NOON = kst_nanos(date(2026, 11, 30), time(12))


class Rig:
    """A broker and a feed on one connection, and what a person was told."""

    def __init__(self, server: KiwoomServer, folder: Path, config: KiwoomConfig) -> None:
        wall = SystemWallClock()
        self.server = server
        self.clock = SteadyVenueClock(NOON)
        self.warned: list[tuple[str, Text]] = []
        self.connection = KiwoomConnection(
            server.host,
            AppKey(Mode.PAPER, "app-key", "secret-key"),
            config,
            folder,
            (self.clock, wall),
            lambda code, text: self.warned.append((code, text)),
        )
        self.broker = KiwoomBroker(self.connection, ME)
        self.feed = KiwoomFeed(self.connection, [SAMSUNG])

    @property
    def now_text(self) -> str:
        return f"{kst_datetime(self.clock.now()):%H%M%S}"

    def order_frame(self, **fields: str) -> dict[str, Any]:
        values = {
            "9201": ACCOUNT,
            "9203": FIRST,
            "9001": "005930",
            "913": "접수",
            "900": "100",
            "901": "10000",
            "902": "100",
            "903": "0",
            "904": "0000000",
            "905": "+매수",
            "908": self.now_text,
        }
        return {"type": "00", "name": "주문체결", "item": "005930", "values": {**values, **fields}}

    def fill_frame(self, cum: int, last: int) -> dict[str, Any]:
        sums = {"903": str(cum * 100), "910": "100", "911": str(cum)}
        own = {"913": "체결", "902": str(100 - cum), "914": "100", "915": str(last)}
        return self.order_frame(**sums, **own)

    def print_frame(self, px: str = "+100") -> dict[str, Any]:
        values = {"20": self.now_text, "10": px, "15": "-3"}
        return {"type": "0B", "name": "주식체결", "item": "005930", "values": values}


def with_rig(
    folder: Path, act: Callable[[Rig], Awaitable[None]], config: KiwoomConfig = QUICK
) -> KiwoomServer:
    async def play() -> KiwoomServer:
        async with KiwoomServer(SystemWallClock().now()) as server:
            rig = Rig(server, folder, config)
            try:
                async with asyncio.timeout(20):
                    await act(rig)
            finally:
                await rig.broker.close()
                await rig.feed.close()
                await rig.connection.close()
            return server

    return asyncio.run(play())


def acknowledged(order: Order) -> Order:
    return order.apply(a_report(order_id=FIRST))


def test_broker_shows_its_mode_and_account_once_connected(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        with pytest.raises(BrokerUnavailableError):
            _ = rig.broker.traits
        await rig.broker.connect(1)
        traits = rig.broker.traits
        assert (traits.mode, traits.client_id) == (Mode.PAPER, ClientIdSupport.NONE)
        assert rig.broker.accounts == (ME,)
        assert abs(await rig.broker.server_time() - rig.server.now) < 2 * SECOND

    server = with_rig(tmp_path, act)
    assert [frame["trnm"] for frame in server.frames] == ["LOGIN", "REG"]
    assert server.frames[1]["data"] == [{"item": [""], "type": ["00", "04"]}]


def test_broker_when_the_key_is_of_another_account_does_not_connect(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        rig.server.answers["ka00001"] = lambda *_: ok({"acctNo": "8199999911"})
        with pytest.raises(BrokerUnavailableError, match="--account"):
            await rig.broker.connect(1)

    with_rig(tmp_path, act)


def test_broker_when_it_takes_no_stream_leaves_the_executor_s_alone(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        watchdog = KiwoomBroker(rig.connection, ME, has_stream=False)
        await watchdog.connect(2)
        await watchdog.close()

    assert with_rig(tmp_path, act).logins == []


def test_connection_when_the_key_is_real_and_the_server_is_not_is_refused(tmp_path: Path) -> None:
    wall = SystemWallClock()

    async def make(mode: Mode, key: Mode) -> None:
        host = host_of(mode)
        clocks = (SteadyVenueClock(0), wall)
        KiwoomConnection(host, AppKey(key, "a", "b"), QUICK, tmp_path, clocks, lambda *_: None)

    for mode, key in ((Mode.REAL, Mode.PAPER), (Mode.PAPER, Mode.REAL), (Mode.REAL, Mode.SIM)):
        with pytest.raises(ConfigError):
            asyncio.run(make(mode, key))


@pytest.mark.parametrize(
    ("order", "api_id", "kind", "price"),
    [
        (an_order(7, 41_250), "kt10000", "0", "41250"),
        (an_order(7, None, Side.SELL), "kt10001", "3", ""),
        (an_order(7, 41_250, time_in_force=TimeInForce.IOC), "kt10000", "10", "41250"),
        (an_order(7, None, time_in_force=TimeInForce.FOK), "kt10000", "23", ""),
    ],
)
def test_order_says_what_is_wanted(
    tmp_path: Path, order: Order, api_id: str, kind: str, price: str
) -> None:
    async def act(rig: Rig) -> None:
        rig.server.answers[api_id] = lambda *_: ok({"ord_no": "48213"})
        await rig.broker.connect(1)
        assert await rig.broker.submit(order) == FIRST

    assert with_rig(tmp_path, act).bodies(api_id) == [
        {
            "dmst_stex_tp": "KRX",
            "stk_cd": "005930",
            "ord_qty": "7",
            "ord_uv": price,
            "trde_tp": kind,
            "cond_uv": "",
        }
    ]


def test_order_when_the_broker_routes_says_so_in_every_request(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        rig.server.answers |= {
            name: lambda *_: ok({"ord_no": "48213"}) for name in ("kt10000", "kt10003")
        }
        broker = KiwoomBroker(rig.connection, ME, Exchange.SOR, has_stream=False)
        await broker.submit(an_order(7), TradeType.MIDPOINT)
        cancel = CancelOrder(ClOrdId(3), ClOrdId(1), FIRST, 0)
        await broker.cancel(acknowledged(an_order(7)), cancel)

    server = with_rig(tmp_path, act)
    assert server.bodies("kt10000")[0]["trde_tp"] == "29"
    assert server.bodies("kt10000")[0]["dmst_stex_tp"] == "SOR"
    assert server.bodies("kt10003")[0]["dmst_stex_tp"] == "SOR"


def test_order_of_a_kind_that_is_switched_off_does_not_leave(tmp_path: Path) -> None:
    only = msgspec.structs.replace(QUICK, order_types=frozenset({TradeType.LIMIT}))

    async def act(rig: Rig) -> None:
        with pytest.raises(NotAcceptedError) as error:
            await rig.broker.submit(an_order(price=None))
        assert not error.value.resend

    assert with_rig(tmp_path, act, only).asked == []


@pytest.mark.parametrize("number", ["", "0", "0000000", "-308", "abc"])
def test_order_when_its_number_cannot_be_one_is_in_doubt(tmp_path: Path, number: str) -> None:
    async def act(rig: Rig) -> None:
        rig.server.answers["kt10000"] = lambda *_: ok({"ord_no": number})
        with pytest.raises(OutcomeUnknownError):
            await rig.broker.submit(an_order())

    with_rig(tmp_path, act)


def test_requests_name_the_newest_number_and_all_that_is_left(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        taken = ok({"ord_no": "0048377", "base_orig_ord_no": "0048213"})
        rig.server.answers |= {"kt10002": lambda *_: taken, "kt10003": lambda *_: taken}
        order = acknowledged(an_order(100))
        order = order.apply(a_report(ExecType.TRADE, 30, 100, order_id=FIRST))
        change = ReplaceOrder(ClOrdId(2), ClOrdId(1), FIRST, 9_900, 100, 0)
        assert await rig.broker.replace(order, change) == "0048377"
        order = order.apply(
            a_report(ExecType.REPLACED, order_id="0048377", price=9_900, order_qty=100)
        )
        assert await rig.broker.cancel(order, CancelOrder(ClOrdId(3), ClOrdId(1), FIRST, 0))

    server = with_rig(tmp_path, act)
    assert server.bodies("kt10002")[0] == {
        "dmst_stex_tp": "KRX",
        "orig_ord_no": "0048213",
        "stk_cd": "005930",
        "mdfy_qty": "70",
        "mdfy_uv": "9900",
        "mdfy_cond_uv": "",
    }
    assert server.bodies("kt10003")[0] == {
        "dmst_stex_tp": "KRX",
        "orig_ord_no": "0048377",
        "stk_cd": "005930",
        "cncl_qty": "0",
    }


def test_request_about_an_order_when_it_may_not_leave_sends_no_byte(tmp_path: Path) -> None:
    def permit() -> None:
        raise NotAcceptedError("이어받음", "Somebody took over.")

    async def act(rig: Rig) -> None:
        order = acknowledged(an_order(100))
        change = ReplaceOrder(ClOrdId(2), ClOrdId(1), FIRST, 9_900, 100, 0)
        with pytest.raises(NotAcceptedError, match="took over"):
            await rig.broker.replace(order, change, permit=permit)
        with pytest.raises(NotAcceptedError, match="took over"):
            await rig.broker.cancel(
                order, CancelOrder(ClOrdId(3), ClOrdId(1), FIRST, 0), permit=permit
            )

    server = with_rig(tmp_path, act)
    assert (server.count("kt10002"), server.count("kt10003")) == (0, 0)


def test_replace_when_it_would_split_the_order_does_not_leave(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        change = ReplaceOrder(ClOrdId(2), ClOrdId(1), FIRST, 9_900, 60, 0)
        with pytest.raises(NotAcceptedError, match="cannot alter the quantity"):
            await rig.broker.replace(acknowledged(an_order(100)), change)

    assert with_rig(tmp_path, act).asked == []


def day_row(**fields: str) -> dict[str, str]:
    usual = {
        "ord_no": FIRST,
        "stk_cd": "A005930",
        "trde_tp": "보통",
        "ord_qty": "0000000100",
        "ord_uv": "0000010000",
        "ord_tm": "10:15:12",
        "ori_ord": "0000000",
        "io_tp_nm": "현금매수",
        "cntr_qty": "0000000005",
        "cntr_uv": "0000000100",
        "ord_remnq": "0000000095",
        "mdfy_cncl": "",
        "acpt_tp": "접수",
    }
    return {**usual, **fields}


def lists(server: KiwoomServer, *rows: dict[str, str]) -> None:
    server.answers |= {
        "kt00007": lambda *_: ok({"acnt_ord_cntr_prps_dtl": list(rows)}),
        "kt00009": lambda *_: ok({"acnt_ord_cntr_prst_array": []}),
        "ka10075": lambda *_: ok({"oso": []}),
        "ka10076": lambda *_: ok({"cntr": []}),
    }


def test_lists_tell_orders_and_fills_of_the_day(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        lists(rig.server, day_row())
        day = kst_date(rig.clock.now())
        orders = await rig.broker.orders(ME, day)
        fills = await rig.broker.executions(ME, day)
        assert [(row.order_id, row.cum_qty, row.leaves_qty) for row in orders] == [(FIRST, 5, 95)]
        assert [(row.exec_id, row.qty, row.px) for row in fills] == [(f"{FIRST}:5", 5, 100)]

    server = with_rig(tmp_path, act)
    asked = server.bodies("kt00007")[0]
    assert (asked["qry_tp"], asked["dmst_stex_tp"], len(asked["ord_dt"])) == ("1", "%", 8)


def test_lists_of_an_earlier_day_are_asked_by_date_alone(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        lists(rig.server, day_row())
        day = kst_date(rig.clock.now() - 86_400 * SECOND)
        orders = await rig.broker.orders(ME, day)
        assert [row.status for row in orders] == [StatedStatus.EXPIRED]

    server = with_rig(tmp_path, act)
    assert (server.count("ka10075"), server.count("ka10076")) == (0, 0)


def test_fill_when_stream_and_list_tell_it_is_one(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        lists(rig.server, day_row(cntr_qty="8", ord_remnq="92"))
        await rig.server.push(rig.fill_frame(5, 5))
        async with aclosing(notices(rig)) as told:
            notice = await anext(told)
        assert (notice.exec_id, notice.last_qty) == (f"{FIRST}:5", 5)
        fills = await rig.broker.executions(ME, kst_date(rig.clock.now()))
        assert [(row.exec_id, row.qty) for row in fills] == [(f"{FIRST}:8", 3), (f"{FIRST}:5", 5)]

    with_rig(tmp_path, act)


async def notices(rig: Rig) -> AsyncGenerator[Any, None]:
    async for notice in rig.broker.notices():
        yield notice


def test_account_is_stated_by_trade_date(tmp_path: Path) -> None:
    held = {
        "stk_cd": "A005930",
        "rmnd_qty": "000000000000005",
        "trde_able_qty": "000000000000003",
        "pur_amt": "000000000000500",
        "pur_pric": "000000000000100",
    }

    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        rig.server.answers["kt00018"] = lambda *_: ok({"acnt_evlt_remn_indv_tot": [held, held]})
        rig.server.answers["kt00001"] = lambda *_: ok(
            {
                "entr": "000000010000000",
                "d2_entra": "000000009998780",
                "ord_alow_amt": "000000009000000",
                "100stk_ord_alow_amt": "000000008999000",
            }
        )
        assert await rig.broker.holdings(ME) == (StatedHolding(ME, SAMSUNG, 10, 6, 1_000),)
        assert await rig.broker.cash(ME) == StatedCash(ME, 9_998_780, 8_999_000)
        with pytest.raises(BrokerUnavailableError):
            await rig.broker.cash(AccountId("8199999911"))

    with_rig(tmp_path, act)


def test_last_trade_is_the_newest_row(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        row = {"tm": "000001", "cur_prc": "-41300", "cntr_trde_qty": "+3"}
        rig.server.answers["ka10003"] = lambda *_: ok({"cntr_infr": [row]})
        trade = await rig.broker.last_trade(SAMSUNG)
        assert trade is not None
        assert (trade.px, trade.qty) == (41_300, 3)
        rig.server.answers["ka10003"] = lambda *_: ok({"cntr_infr": []})
        assert await rig.broker.last_trade(SAMSUNG) is None

    with_rig(tmp_path, act)


async def connected(rig: Rig) -> None:
    await rig.broker.connect(1)
    await rig.feed.connect()
    await rig.feed.subscribe([SAMSUNG])


def test_broker_and_feed_share_the_one_socket_of_the_key(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await connected(rig)
        await rig.server.push(rig.print_frame(), rig.order_frame())
        async with aclosing(notices(rig)) as told:
            assert (await anext(told)).exec_type is ExecType.NEW
        assert isinstance(await anext(aiter(rig.feed.trades())), Trade)

    assert with_rig(tmp_path, act).logins == ["token-1"]


def test_ping_is_sent_back_as_it_came(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        await rig.server.send({"trnm": "PING"})
        await rig.server.told("PING")

    assert {"trnm": "PING"} in with_rig(tmp_path, act).frames


def test_stream_when_it_is_cut_comes_back_with_everything_and_says_so(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await connected(rig)
        before = [frame for frame in rig.server.frames if frame["trnm"] == "REG"]
        rig.server.sockets[-1].transport.abort()
        async with aclosing(notices(rig)) as told:
            assert await anext(told) == BrokerEvent(is_connected=False)
            assert await anext(told) == BrokerEvent(is_connected=True)
        after = [frame for frame in rig.server.frames if frame["trnm"] == "REG"][len(before) :]
        assert sorted(map(str, after)) == sorted(map(str, before))
        await rig.server.push(rig.order_frame())
        async with aclosing(notices(rig)) as told:
            assert (await anext(told)).order_id == FIRST

    assert len(with_rig(tmp_path, act).logins) == 2


def test_stream_when_the_token_died_logs_in_with_another(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        rig.server.refused_tokens.add("token-1")
        await rig.broker.connect(1)

    assert with_rig(tmp_path, act).logins == ["token-1", "token-2"]


def test_stream_when_it_falls_silent_is_made_anew(tmp_path: Path) -> None:
    silent = msgspec.structs.replace(
        QUICK, patience=msgspec.structs.replace(QUICK.patience, silent_after=SECOND // 5)
    )

    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        async with aclosing(notices(rig)) as told:
            assert await anext(told) == BrokerEvent(is_connected=False)
            assert await anext(told) == BrokerEvent(is_connected=True)

    assert len(with_rig(tmp_path, act, silent).logins) >= 2


def test_stream_when_nothing_trades_in_trading_hours_is_made_anew(tmp_path: Path) -> None:
    eager = msgspec.structs.replace(
        QUICK, patience=msgspec.structs.replace(QUICK.patience, print_after=SECOND // 5)
    )

    async def act(rig: Rig) -> None:
        await connected(rig)
        pinging = asyncio.create_task(ping(rig))
        async with aclosing(notices(rig)) as told:
            assert await anext(told) == BrokerEvent(is_connected=False)
            assert await anext(told) == BrokerEvent(is_connected=True)
        pinging.cancel()
        assert "KIWOOM_NO_PRINTS" in [code for code, _ in rig.warned]

    with_rig(tmp_path, act, eager)


async def ping(rig: Rig) -> None:
    while True:
        await rig.server.send({"trnm": "PING"})
        await asyncio.sleep(0.05)


def rivals(return_after: int, returns: int) -> KiwoomConfig:
    return msgspec.structs.replace(QUICK, rivals=Rivals(return_after, returns, MINUTE))


async def log_in_elsewhere(rig: Rig) -> None:
    await rig.server.send({"trnm": "SYSTEM", "code": "R10001", "message": "동일한 App key"})
    rig.server.sockets[-1].transport.abort()


def test_stream_after_a_second_login_is_taken_back_after_a_pause(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        await log_in_elsewhere(rig)
        async with aclosing(notices(rig)) as told:
            assert await anext(told) == BrokerEvent(is_connected=False)
            assert rig.connection.stream.was_kicked
            assert await anext(told) == BrokerEvent(is_connected=True)
        assert [code for code, _ in rig.warned] == ["KIWOOM_SECOND_LOGIN"]

    server = with_rig(tmp_path, act, rivals(SECOND // 5, 1))
    assert [frame["trnm"] for frame in server.frames] == ["LOGIN", "REG"] * 2


def test_stream_when_others_keep_logging_in_is_left_to_them_until_a_person_asks(
    tmp_path: Path,
) -> None:
    async def act(rig: Rig) -> None:
        await rig.broker.connect(1)
        async with aclosing(notices(rig)) as told:
            for _ in range(2):
                await log_in_elsewhere(rig)
                assert await anext(told) == BrokerEvent(is_connected=False)
                assert await anext(told) == BrokerEvent(is_connected=True)
            await log_in_elsewhere(rig)
            assert await anext(told) == BrokerEvent(is_connected=False)
            await asyncio.sleep(0.3)  # longer than every pause before
            assert len(rig.server.logins) == 3
            await rig.broker.reclaim()
            assert await anext(told) == BrokerEvent(is_connected=True)
        assert "maemae resume --stream" in rig.warned[-1][1].ko
        assert "되찾지 않습니다" in rig.warned[-1][1].ko

    assert len(with_rig(tmp_path, act, rivals(SECOND // 20, 2)).logins) == 4


@pytest.mark.parametrize(
    "frame",
    [
        "not json",
        "[1, 2]",
        '{"trnm": 5}',
        '{"no": "trnm"}',
        '{"trnm": "REAL", "data": {"a": 1}}',
        '{"trnm": "REAL", "data": [1]}',
        '{"trnm": "REAL", "data": [{"type": "ZZ", "values": {}}]}',
        '{"trnm": "REAL", "data": [{"type": "0B", "values": {}, "item": "005930"}]}',
        '{"trnm": "REAL", "data": [{"type": "00", "values": {"9201": 1}}]}',
    ],
)
def test_frame_when_it_cannot_be_read_is_left_out_and_told(tmp_path: Path, frame: str) -> None:
    async def act(rig: Rig) -> None:
        await connected(rig)
        await rig.server.send(frame)
        await rig.server.push(rig.print_frame("+777"))
        trade = await anext(aiter(rig.feed.trades()))
        assert isinstance(trade, Trade)
        assert trade.px == 777
        assert [code for code, _ in rig.warned] == ["KIWOOM_FRAME_SKIPPED"]

    assert len(with_rig(tmp_path, act).logins) == 1


def test_entry_when_it_is_damaged_costs_no_other_of_its_frame(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await connected(rig)
        await rig.server.push(rig.print_frame("x"), rig.print_frame("+5"))
        trade = await anext(aiter(rig.feed.trades()))
        assert isinstance(trade, Trade)
        assert trade.px == 5

    with_rig(tmp_path, act)


def test_subscription_when_it_changes_is_taken_out_first(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await connected(rig)
        await rig.feed.subscribe([Symbol("035720")])

    frames = with_rig(tmp_path, act).frames[-2:]
    assert [frame["trnm"] for frame in frames] == ["REMOVE", "REG"]
    assert frames[0]["grp_no"] == frames[1]["grp_no"]
    assert [frame["data"][0]["item"] for frame in frames] == [["005930"], ["035720"]]


def test_subscription_when_it_is_too_much_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await connected(rig)
        with pytest.raises(BrokerUnavailableError, match="90 at most"):
            await rig.feed.subscribe([Symbol(f"{number:06}") for number in range(91)])

    server = with_rig(tmp_path, act)
    assert sum(frame["trnm"] == "REMOVE" for frame in server.frames) == 0


def reply_of(body: dict[str, Any]) -> Callable[..., Reply]:
    return lambda *_: ok(body)


def test_rules_come_from_list_and_quotes_and_a_halt_of_volatility_changes_them(
    tmp_path: Path,
) -> None:
    quote = {
        "stk_cd": "005930",
        "stk_nm": "삼성전자",
        "cur_prc": "+258500",
        "base_pric": "252500",
        "upl_pric": "+328000",
        "lst_pric": "-177000",
        "trde_qty": "1",
    }
    listed = {
        "code": "005930",
        "name": "삼성전자",
        "listCount": "0000005846279000",
        "lastPrice": "00252500",
        "marketCode": "0",
        "auditInfo": "정상",
        "state": "증거금20%|담보대출",
        "orderWarning": "0",
    }

    async def act(rig: Rig) -> None:
        await connected(rig)
        rig.server.answers |= {
            "kt00018": reply_of({"acnt_evlt_remn_indv_tot": []}),
            "ka10099": reply_of({"list": [listed]}),
            "ka10095": reply_of({"atn_stk_infr": [quote]}),
        }
        day = kst_date(rig.clock.now())
        rule = (await rig.feed.instruments(day))[0]
        assert (rule.base_price, rule.states) == (252_500, ())
        assert rule.band is not None
        assert (rule.band.lower, rule.band.upper) == (177_000, 328_000)
        halt = {"9001": "005930", "9068": "1", "1221": "110", "1223": rig.now_text}
        await rig.server.push({"type": "1h", "item": "005930", "values": halt})
        told = await anext(aiter(rig.feed.trades()))
        assert not isinstance(told, Trade | BrokerEvent)
        assert told.states == ("VI",)

    assert with_rig(tmp_path, act).count("ka10099") == 1


@pytest.mark.parametrize(("at", "is_known"), [(time(7, 59), 0), (time(8), 1)])
def test_rules_are_not_taken_from_the_base_prices_of_the_day_before(
    tmp_path: Path, at: time, is_known: int
) -> None:
    day = date(2026, 11, 30)

    async def act(rig: Rig) -> None:
        server = msgspec.structs.replace(rig.server.host, is_emulator=False)
        clocks = (SteadyVenueClock(kst_nanos(day, at)), SystemWallClock())
        key = AppKey(Mode.PAPER, "app-key", "secret-key")
        connection = KiwoomConnection(server, key, QUICK, tmp_path, clocks, lambda *_: None)
        why = "1511" if is_known else "not those of 2026-11-30 yet"  # asked, or not even asked
        with pytest.raises(BrokerUnavailableError, match=why):
            await KiwoomFeed(connection, [SAMSUNG]).instruments(day)
        await connection.close()

    assert with_rig(tmp_path, act).count("kt00018") == is_known
