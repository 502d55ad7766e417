"""The one stream of a key, kept up; and the feed on it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.config import KiwoomConfig, Rate, Rivals, SocketLimits
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.feed import KiwoomFeed
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.domain.errors import (
    BrokerUnavailableError,
)
from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE, SECOND, kst_date, kst_nanos
from maemae.domain.market_data import Trade
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Mode
from maemae.ports import BrokerEvent
from tests.builders import SAMSUNG
from tests.kiwoom_server import Reply, ok
from tests.unit.brokers.kiwoom_rest.rig import (
    FIRST,
    QUICK,
    Rig,
    connected,
    notices,
    with_rig,
)


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


def test_registration_when_it_comes_too_soon_is_sent_again(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        rig.server.too_soon = 2
        await rig.broker.connect(1)

    frames = with_rig(tmp_path, act).frames
    assert [frame["trnm"] for frame in frames] == ["LOGIN", "REG", "REG", "REG"]


def test_registrations_leave_no_faster_than_the_server_takes_them(tmp_path: Path) -> None:
    slow = msgspec.structs.replace(QUICK, socket=SocketLimits(frames=Rate(1, SECOND // 5)))
    began: list[int] = []

    async def act(rig: Rig) -> None:
        wall = SystemWallClock()
        await rig.broker.connect(1)
        began.append(wall.monotonic())
        await rig.feed.subscribe([SAMSUNG])
        await rig.feed.subscribe([Symbol("000660")])
        began.append(wall.monotonic())

    with_rig(tmp_path, act, slow)

    assert began[1] - began[0] >= SECOND // 5


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
        for code, states in (
            ("2", ["VI"]),  # the end of none, or the beginning of a dynamic one
            ("2", []),
            ("1", ["VI"]),
            ("2", []),
            ("3", ["VI"]),
            ("1", ["VI"]),
        ):
            frame = {"9001": "005930", "9068": code, "1221": "110", "1223": rig.now_text}
            await rig.server.push({"type": "1h", "item": "005930", "values": frame})
            told = await anext(aiter(rig.feed.trades()))
            assert not isinstance(told, Trade | BrokerEvent)
            assert list(told.states) == states
        assert (await rig.feed.instruments(day))[0].states == ("VI",)
        held = {"stk_cd": "A005930", "rmnd_qty": "7", "pred_close_pric": "000000505000"}
        held |= {"trde_able_qty": "7", "pur_amt": "1", "pur_pric": "1"}
        rig.server.answers["kt00018"] = reply_of({"acnt_evlt_remn_indv_tot": [held]})
        assert (rule.last_close, (await rig.feed.instruments(day))[0].last_close) == (None, 505_000)
        prices = dict.fromkeys(("open_pric", "high_pric", "low_pric"), "252000")
        bars = [
            {
                "dt": f"{day - timedelta(days=age):%Y%m%d}",
                "cur_prc": close,
                "trde_qty": "1",
                **prices,
            }
            for age, close in ((0, "258500"), (3, "252500"))
        ]
        rig.server.answers["ka10081"] = reply_of({"stk_dt_pole_chart_qry": bars})
        assert (await rig.feed.instruments(day))[0].last_close == 252_500

    assert with_rig(tmp_path, act).count("ka10099") == 4


def test_phase_whose_code_is_new_is_told_in_trading_hours(tmp_path: Path) -> None:
    async def act(rig: Rig) -> None:
        await connected(rig)
        for code in ("3", "Z"):
            values = {"215": code, "20": rig.now_text, "214": "000000"}
            await rig.server.push({"type": "0s", "item": "", "values": values})
        await rig.server.push(rig.print_frame())
        await anext(aiter(rig.feed.trades()))
        assert [code for code, _ in rig.warned] == ["KIWOOM_FRAME_SKIPPED"]

    with_rig(tmp_path, act)


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
