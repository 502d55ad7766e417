"""Kiwoom as an executor uses it: orders, lists, stream, over a double of its two servers."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest

from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.broker import KiwoomBroker
from maemae.brokers.kiwoom_rest.codes import Exchange, TradeType
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.hosts import host_of
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.core.actions import CancelOrder, ReplaceOrder
from maemae.domain.errors import (
    BrokerUnavailableError,
    ConfigError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.ids import AccountId, ClOrdId
from maemae.domain.instant import SECOND, kst_date
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.statement import StatedCash, StatedHolding, StatedStatus
from maemae.domain.terms import Mode, Side, TimeInForce
from maemae.ports import ClientIdSupport
from tests.builders import SAMSUNG, a_report, an_order
from tests.kiwoom_server import KiwoomServer, ok
from tests.unit.brokers.kiwoom_rest.rig import (
    FIRST,
    ME,
    QUICK,
    Rig,
    acknowledged,
    notices,
    with_rig,
)


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
