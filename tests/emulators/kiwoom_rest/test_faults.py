"""Faults on switches: what the client sees, and what is true all the same."""

from __future__ import annotations

import asyncio
from datetime import time
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed

from maemae.domain.instant import SECOND, kst_date
from maemae.emulators.kiwoom_rest.faults import Faults, FaultSwitch
from tests.brokers.sim_rig import PRICE, RISING
from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import ACCOUNT, CASH, Client, Socket
from tests.waiting import until_async

FAR = 9_000


async def states(socket: Socket, count: int) -> list[tuple[str, str]]:
    """Return number and state of the next order frames."""
    entries = await socket.entries("00", count)
    return [(entry["values"]["9203"], entry["values"]["913"]) for entry in entries]


async def px_of_next(socket: Socket) -> int:
    """Return the price of the next print [won]."""
    (entry,) = await socket.entries("0B")
    return abs(int(entry["values"]["10"]))


@pytest.mark.parametrize("how", ["SILENT", "CUT"])
def test_lost_reply_leaves_an_order_that_was_taken(run: Play, how: str) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", lose_next=1, lost_reply=how)
        error = httpx.ReadTimeout if how == "SILENT" else httpx.RemoteProtocolError
        with pytest.raises((error, httpx.ReadError)):
            await client.buy(10, FAR)
        (row,) = await client.open_orders()
        assert row["ord_no"] == "0000001"
        assert [order["order_id"] for order in (await client.truth())["orders"]] == ["0000001"]
        assert (await client.buy(10, FAR))["ord_no"] == "0000002"

    run(body)


def test_ghost_is_refused_with_429_and_taken_all_the_same(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", rate_next=1, ghosts=True)
        answer = await client.buy(10, FAR)
        assert (answer["status"], answer["return_code"]) == (429, 5)
        assert "ord_no" not in answer
        assert len(await client.open_orders()) == 1
        truth = await client.truth()
        assert (len(truth["orders"]), truth["refused"]) == (1, ["1700"])

    run(body)


def test_429_without_the_fault_takes_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", rate_next=1)
        assert (await client.buy(10, FAR))["status"] == 429
        assert await client.open_orders() == []
        truth = await client.truth()
        assert (truth["orders"], truth["refused"]) == ([], ["1700"])

    run(body)


def test_refusal_by_count_takes_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", refuse_next=1)
        assert (await client.buy(10, FAR))["return_code"] == 20
        assert (await client.buy(10, FAR))["ord_no"] == "0000001"

    run(body)


def test_order_stays_out_of_the_lists_for_the_tail(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", tail=SECOND // 2)
        await client.buy(10, FAR)
        assert await client.open_orders() == []
        assert len((await client.truth())["orders"]) == 1

        async def shows() -> bool:
            return len(await client.open_orders()) == 1

        await until_async(shows)

    run(body)


def test_frames_first_and_a_slow_answer_let_the_fill_overtake(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            await client.manage("faults", frames_first=True, slow_by=SECOND // 2)
            asking = asyncio.create_task(client.buy(10))
            assert await states(socket, 2) == [("0000001", "접수"), ("0000001", "체결")]
            assert not asking.done()
            assert (await asking)["ord_no"] == "0000001"

    run(body)


def test_frames_come_twice_or_never_or_late_or_in_another_order(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            await client.manage("faults", duplicate_ppm=1_000_000)
            await client.buy(1, FAR)
            assert await states(socket, 2) == [("0000001", "접수")] * 2
            await client.manage("faults", drop_next=1)
            await client.buy(1, FAR)
            await client.manage("faults", late_by=SECOND // 5)
            await client.buy(1, FAR)
            assert await states(socket, 1) == [("0000003", "접수")]
            await client.manage("faults", reorder=6)
            for _ in range(6):
                await client.buy(1, FAR)
            told = [number for number, _ in await states(socket, 6)]
            assert sorted(told) == [f"{n:07d}" for n in range(4, 10)]
            await client.manage("faults", reorder=100)
            await client.buy(1, FAR)
            assert await states(socket, 1) == [("0000010", "접수")]  # not held for ever

    run(body)


def test_frozen_feed_keeps_the_socket_and_the_market(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("0B", item=RISING)
            await socket.entries("0B")
            await client.manage("faults", frozen=True)
            await socket.register("00", group="2")
            await client.buy(150)
            await client.filled(150)
            await client.manage("faults")
            assert (await socket.entries("0B"))[0]["item"] == RISING

    run(body)


def test_silent_socket_stays_open_and_says_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00", "0B", item=RISING)
            await client.manage("faults", silent=True)
            await client.buy(1, FAR)
            await socket.send(trnm="CNSRLST")
            await client.manage("faults")
            await client.buy(2, FAR)
            (entry,) = await socket.entries("00")
            assert entry["values"]["900"] == "2"

    run(body)


def test_socket_that_closes_early_has_code_1000(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", closes_early=True)
        with pytest.raises(ConnectionClosed) as closed:
            async with client.socket():
                pass
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000

    run(body)


def test_admin_kicks_and_drops_sessions(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await client.manage("kick")
            assert (await socket.frame())["code"] == "R10001"
            with pytest.raises(ConnectionClosed):
                await socket.frame()
        async with client.socket() as socket:
            await client.manage("drop-connections")
            with pytest.raises(ConnectionClosed):
                await socket.frame()

    run(body)


def test_print_off_the_tick_is_streamed_and_not_true(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("0B", item="005930")
            await client.manage("faults", mid_next=1)
            prices = [await px_of_next(socket) for _ in range(3)]
            assert PRICE - 5 in prices
            await client.manage("print", symbol="005930", px=7_500, qty=3)
            assert 7_500 in [await px_of_next(socket) for _ in range(3)]
            quote = await client.ask("ka10001", stk_cd="005930")
            assert abs(int(quote["cur_prc"])) == PRICE

    run(body)


def test_device_that_is_not_registered_is_refused_everywhere(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", bad_device=True)
        for answer in (await client.issue(), await client.ask("ka00001")):
            assert (answer["status"], answer["return_code"]) == (200, 3)
            assert "[8050:" in answer["return_msg"]
        async with client.socket(logs_in=False) as socket:
            assert (await socket.ask(trnm="LOGIN", token=client.token))["return_code"] == 8050

    run(body)


def test_maintenance_answers_in_html_and_takes_no_socket(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("faults", maintenance=True)
        answer = await client.raw("POST", "/api/dostk/acnt", content=b"{}")
        assert (answer.status_code, "점검" in answer.text) == (503, True)
        await client.manage("faults")
        assert (await client.ask("ka00001"))["acctNo"] == ACCOUNT

    run(body)


@pytest.mark.parametrize("page", [1, 2])
def test_page_that_fails_is_an_error(run: Play, page: int) -> None:
    async def body(client: Client) -> None:
        for _ in range(3):
            await client.buy(1, FAR)
        await client.manage("faults", fail_page=page)
        ask = {"all_stk_tp": "0", "trde_tp": "0", "stex_tp": "0"}
        first = await client.ask("ka10075", **ask)
        if page == 1:
            assert first["return_code"] != 0
            return
        second = await client.ask("ka10075", client.headers["next-key"], **ask)
        assert (first["return_code"], second["return_code"]) == (0, 20)

    run(body, page_rows={"ka10075": 2})


def test_server_that_is_started_again_knows_everything(run: Play) -> None:
    before: dict[str, Any] = {}

    async def live(client: Client) -> None:
        await client.buy(10)
        await client.filled(10)
        await client.buy(5, FAR)
        await client.amend("0000002", 3, FAR + 10)
        await client.cancel("0000002")
        before["rows"] = await client.open_orders()
        before["executed"] = await client.executed()
        before["truth"] = (await client.truth())["accounts"]

    async def again(client: Client) -> None:
        rows = await client.open_orders()
        kept = ("ord_no", "oso_qty", "orig_ord_no", "ord_pric", "trde_tp", "tm")
        assert [[row[name] for name in kept] for row in rows] == [
            [row[name] for name in kept] for row in before["rows"]
        ]
        assert await client.executed() == before["executed"]
        assert (await client.truth())["accounts"] == before["truth"]
        assert (await client.buy(1, FAR))["ord_no"] == "0000005"

    run(live)
    run(again)


def test_night_forgets_orders_and_settles_cash_two_days_later(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(10)
        await client.filled(10)
        await client.buy(5, FAR)
        paid = CASH - (await client.truth())["accounts"][ACCOUNT]["cash"]

        async def is_third_day() -> bool:
            return bool((await client.truth())["day"] == "2025-09-04")

        await until_async(is_third_day)
        assert await client.open_orders() == []
        cash = await client.ask("kt00001", qry_tp="3")
        assert int(cash["entr"]) == CASH - paid
        held = (await client.holdings())["acnt_evlt_remn_indv_tot"]
        assert int(held[0]["rmnd_qty"]) == 10
        days = await client.ask(
            "kt00007",
            ord_dt="20250902",
            qry_tp="1",
            stk_bond_tp="0",
            sell_tp="0",
            dmst_stex_tp="%",
        )
        rows = days["acnt_ord_cntr_prps_dtl"]
        assert [int(row["ord_remnq"]) for row in rows] == [0, 0]

    run(body, opens_at=time(10), speed=6_000, skips_nights=True)


def test_switch_counts_down_and_draws_from_its_seed() -> None:
    def drawn(seed: int) -> list[int]:
        switch = FaultSwitch[int](Faults(drop_ppm=500_000, duplicate_ppm=500_000), seed)
        return switch.distort(range(40))

    assert drawn(1) == drawn(1) != drawn(2)
    switch = FaultSwitch[int](Faults(rate_next=2, lose_next=1), 1)
    assert [switch.takes("rate_next") for _ in range(3)] == [True, True, False]
    assert [switch.take_loss() for _ in range(2)] == ["SILENT", None]


def test_admin_tells_the_time_and_how_fast_it_goes(run: Play) -> None:
    async def body(client: Client) -> None:
        first, second = [(await client.raw("GET", "/admin/clock")).json() for _ in range(2)]
        assert (first["speed"], first["now"] <= second["now"]) == (120, True)
        assert kst_date(first["now"]) == client.server.desk.today

    run(body)


def test_admin_when_asked_for_nonsense_says_so(run: Play) -> None:
    async def body(client: Client) -> None:
        for path, content in (
            ("faults", b'{"lose_next": "many"}'),
            ("states", b'{"symbol": "999999"}'),
            ("cancels", b'{"order_id": "0000009"}'),
            ("nothing", b"{}"),
        ):
            answer = await client.raw("POST", f"/admin/{path}", content)
            assert (answer.status_code, answer.json()["ok"]) == (400, False)

    run(body)
