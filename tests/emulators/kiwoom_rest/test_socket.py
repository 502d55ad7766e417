"""The WebSocket: logins, registrations, life signs, order frames, market frames, conditions."""

from __future__ import annotations

import asyncio
import json
from datetime import time
from itertools import pairwise

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from maemae.domain.instant import SECOND
from maemae.emulators.kiwoom_rest.config import Condition, Doubts, Rate, SecondLogin
from tests.brokers.sim_rig import PRICE, RISING
from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import OTHER_KEYS, PATIENCE, Client, Fields, Socket

UP = Condition("up", "RATE", -300)
QUICK_PING = msgspec.structs.replace(Doubts(), ping_every=SECOND // 20)


def test_login_is_acknowledged_as_recorded(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket(logs_in=False) as socket:
            answer = await socket.ask(trnm="LOGIN", token=client.token)
            assert answer == {"trnm": "LOGIN", "return_code": 0, "return_msg": "", "sor_yn": "Y"}
            assert await socket.register("0B", item=RISING) == {
                "trnm": "REG",
                "return_code": 0,
                "return_msg": "",
            }

    run(body)


def test_frame_before_the_login_is_refused(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket(logs_in=False) as socket:
            assert (await socket.register("00"))["return_code"] == 100013

    run(body)


@pytest.mark.parametrize(("takes", "code"), [(True, 0), (False, 100013)])
def test_token_in_the_handshake_is_a_login_where_that_is_assumed(
    run: Play, *, takes: bool, code: int
) -> None:
    async def body(client: Client) -> None:
        url = f"ws://127.0.0.1:{client.port}/api/dostk/websocket"
        for token, expected in ((client.token, code), (client.token[::-1], 100013)):
            headers = {"authorization": f"Bearer {token}", "api-id": "0B"}
            async with connect(url, additional_headers=headers) as connection:
                assert (await Socket(connection).register("00"))["return_code"] == expected

    run(body, doubts=Doubts(header_logs_in=takes))


def test_login_with_a_dead_token_says_8005(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket(logs_in=False) as socket:
            answer = await socket.ask(trnm="LOGIN", token=client.token[::-1])
            assert answer["return_code"] == 8005
            assert "CODE=8005" in answer["return_msg"]

    run(body)


def test_second_login_of_a_key_ends_the_first_with_a_notice(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as first, client.socket():
            notice = await first.frame()
            assert (notice["trnm"], notice["code"]) == ("SYSTEM", "R10001")
            with pytest.raises(ConnectionClosed):
                await first.frame()

    run(body)


def test_second_login_of_another_key_disturbs_nobody(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as first:
            await client.log_in(OTHER_KEYS)
            async with client.socket():
                assert (await first.register("00"))["return_code"] == 0

    run(body)


def test_sessions_of_a_key_stay_together_where_that_is_assumed(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as first, client.socket() as second:
            for socket in (first, second):
                assert (await socket.register("00"))["return_code"] == 0

    run(body, doubts=Doubts(second_login=SecondLogin.COEXISTS))


def test_ping_must_be_sent_back(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as living, client.socket(logs_in=False):
            for _ in range(6):
                assert await living.frame() == {"trnm": "PING"}
                await living.send(trnm="PING")
            with pytest.raises(ConnectionClosed):
                await living.entries("00")  # nothing but PING comes, and nothing is sent back

    run(body, doubts=QUICK_PING)


def test_registration_is_by_group_and_ends_with_the_same_group(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            data = [{"item": ["005930"], "type": ["0B"]}]
            await socket.register("0B", item=RISING, group="2")
            await socket.register("0B", item="005930", group="1")
            await socket.ask(trnm="REMOVE", grp_no="2", data=data)
            entries = await socket.entries("0B", 30)
            assert {entry["item"] for entry in entries} == {RISING, "005930"}
            answer = await socket.ask(trnm="REMOVE", grp_no="1", data=data)
            assert answer == {"trnm": "REMOVE", "return_code": 0, "return_msg": ""}
            await socket.entries("0B", 5)
            assert {entry["item"] for entry in await socket.entries("0B", 30)} == {RISING}

    run(body)


def test_registration_when_a_type_is_removed_without_items_ends_whole(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            data = [{"item": [RISING, "005930"], "type": ["0B", "0C"]}]
            await socket.ask(trnm="REG", grp_no="1", refresh="1", data=data)
            answer = await socket.ask(trnm="REMOVE", grp_no="1", refresh="", data=[{"type": "0B"}])
            assert answer["return_code"] == 0
            (session,) = client.server.sessions
            assert session.keys == {("0C", RISING), ("0C", "005930")}

    run(body)


def codes_of(first: int, count: int) -> list[str]:
    return [f"{first + n:06d}" for n in range(count)]


def test_registration_of_too_many_is_refused_whole(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:

            async def register(group: str, codes: list[str], refresh: str = "1") -> Fields:
                data = [{"item": codes, "type": ["0B", "0D"]}]
                ask = {"trnm": "REG", "grp_no": group, "refresh": refresh, "data": data}
                return await socket.ask(**ask)

            full = await register("1", codes_of(0, 201))
            assert (full["return_code"], "허용 개수(200)" in full["return_msg"]) == (105118, True)
            assert (await register("1", codes_of(0, 150)))["return_code"] == 0
            over = await register("2", codes_of(100, 110))
            assert (over["return_code"], "허용 개수(200)" in over["return_msg"]) == (105115, True)
            assert (await register("2", codes_of(100, 100)))["return_code"] == 0
            assert (await register("1", codes_of(150, 100), "0"))["return_code"] == 0
            assert (await register("12345", codes_of(0, 1)))["return_code"] == 1

    run(body, doubts=Doubts(frames=Rate(1_000, 1_000)))


def test_frames_of_a_kind_beyond_the_quota_are_refused_and_change_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            answers = [await socket.register("0B", item=code) for code in codes_of(0, 3)]
            assert [answer["return_code"] for answer in answers] == [0, 0, 105110]
            assert "TRNM=REG" in answers[2]["return_msg"]
            (session,) = client.server.sessions
            assert session.keys == {("0B", "000000"), ("0B", "000001")}
            assert (await socket.ask(trnm="CNSRLST"))["return_code"] == 0

    run(body, doubts=Doubts(frames=Rate(1, 2)), speed=1)


def test_order_frames_tell_acceptance_then_each_fill_with_sums(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00", "04")
            number = (await client.buy(150))["ord_no"]
            frames: list[Fields] = []
            while not frames or frames[-1]["902"] != "0":
                frames += [entry["values"] for entry in await socket.entries("00")]
            assert [frame["913"] for frame in frames] == ["접수", *["체결"] * (len(frames) - 1)]
            assert {frame["9203"] for frame in frames} == {number}
            assert (frames[0]["902"], frames[0]["909"], frames[0]["938"]) == ("150", "", "0")
            fills = frames[1:]
            assert len({fill["909"] for fill in fills}) == len(fills) > 1
            total = worth = 0
            for fill in fills:
                total += int(fill["915"])
                worth += int(fill["915"]) * int(fill["914"])
                assert (int(fill["911"]), int(fill["902"])) == (total, 150 - total)
                assert (int(fill["903"]), int(fill["910"])) == (worth, worth // total)
                assert int(fill["938"]) == worth * 35 // 10_000 // 10 * 10

    run(body)


def test_position_frame_follows_a_fill(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00", "04")
            await client.buy(10)
            (entry,) = await socket.entries("04")
            values = entry["values"]
            assert (entry["name"], entry["item"]) == ("현물잔고", "005930")
            assert (values["930"], values["933"], values["945"]) == ("10", "10", "10")
            assert values["931"] == str(int(values["932"]) // 10)

    run(body)


def test_frames_of_an_amend_and_a_cancel_are_chained(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            await client.buy(12, 9_000)
            await client.amend("0000001", 12, 9_010)
            await client.cancel("0000002", 5)
            await client.cancel("0000002")
            frames = [entry["values"] for entry in await socket.entries("00", 7)]
            told = [(f["9203"], f["913"], f["904"], f["905"], f["902"]) for f in frames]
            assert told == [
                ("0000001", "접수", "0000000", "+매수", "12"),
                ("0000002", "접수", "0000001", "+매수정정", "12"),
                ("0000002", "확인", "0000001", "+매수정정", "12"),
                ("0000003", "접수", "0000002", "매수취소", "5"),
                ("0000003", "확인", "0000002", "매수취소", "0"),
                ("0000004", "접수", "0000002", "매수취소", "7"),
                ("0000004", "확인", "0000002", "매수취소", "0"),
            ]

    run(body)


def test_rest_of_an_immediate_order_is_told_as_canceled(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            await client.buy(5_000, PRICE, trde_tp="10")
            frames = [entry["values"] for entry in await socket.entries("00", 3)]
            assert [frame["913"] for frame in frames] == ["접수", "체결", "취소"]
            assert frames[2]["902"] == "0"

    run(body)


def test_orders_of_others_are_not_told(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            await client.log_in(OTHER_KEYS)
            await client.buy(1, 9_000)
            await client.log_in()
            await client.buy(2, 9_000)
            (entry,) = await socket.entries("00")
            assert entry["values"]["900"] == "2"

    run(body)


def test_orders_by_hand_are_told_and_listed_like_any(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("00")
            entered = await client.manage(
                "orders",
                account_id="8100000111",
                symbol="005930",
                side="BUY",
                order_qty=3,
                price=9_000,
            )
            (row,) = await client.open_orders()
            assert (row["ord_no"], row["trde_tp"]) == (entered["order_id"], "보통")
            await client.manage("cancels", order_id=entered["order_id"])
            frames = [entry["values"] for entry in await socket.entries("00", 3)]
            assert [frame["913"] for frame in frames] == ["접수", "접수", "확인"]

    run(body)


def test_trades_add_up_to_the_day(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("0B", item=RISING)
            ticks = [entry["values"] for entry in await socket.entries("0B", 40)]
            for before, after in pairwise(ticks):
                assert int(after["13"]) == int(before["13"]) + abs(int(after["15"]))
                assert int(after["1030"]) + int(after["1031"]) == int(after["13"])
            assert [tick["20"] for tick in ticks] == sorted(tick["20"] for tick in ticks)

    run(body)


def test_book_frames_follow_trades(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("0D", "0C", "0A", "0g", item=RISING)
            (book,) = await socket.entries("0D")
            values = book["values"]
            asks = [abs(int(values[str(41 + n)])) for n in range(10)]
            bids = [abs(int(values[str(51 + n)])) for n in range(10)]
            assert asks == sorted(asks)
            assert bids == sorted(bids, reverse=True)
            assert bids[0] < asks[0]
            assert int(values["128"]) == int(values["125"]) - int(values["121"])
            for kind in ("0C", "0A", "0g"):
                (entry,) = await socket.entries(kind)
                assert entry["item"] == RISING

    run(body)


def test_indices_are_told(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("0J", "0U", item="001")
            (index,) = await socket.entries("0J")
            assert abs(float(index["values"]["10"])) > 2_000
            (breadth,) = await socket.entries("0U")
            assert breadth["values"]["256"] == "2"

    run(body)


def test_phases_are_told_as_they_begin(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("0s")
            told = [entry["values"] for entry in await socket.entries("0s", 4)]
            assert [(each["215"], each["20"]) for each in told] == [
                ("2", "152000"),
                ("4", "153000"),
                ("8", "153001"),
                ("a", "154000"),
            ]
            assert told[0]["214"] == "001000"

    run(body, opens_at=time(15, 10), speed=300)


def test_interruption_is_told_when_it_begins_and_ends(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.register("1h")
            await client.manage("states", symbol=RISING, states=["VI"])
            (row,) = (await client.ask("ka10054", **_VI))["motn_stk"]
            assert row["stk_cd"] == RISING
            await client.manage("states", symbol=RISING, states=[])
            begun, ended = [entry["values"] for entry in await socket.entries("1h", 2)]
            assert (begun["9001"], begun["9068"], ended["9068"]) == (RISING, "1", "2")

    run(body)


def test_halt_refuses_orders_and_lets_cancels_through(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.buy(10, 9_000)
        await client.manage("states", symbol="005930", states=["HALTED"])
        assert (await client.buy(10, 9_000))["return_code"] == 20
        assert (await client.cancel("0000001"))["return_code"] == 0

    run(body)


def test_condition_search_lists_finds_and_watches(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            ask = {"trnm": "CNSRREQ", "seq": "0", "search_type": "1", "stex_tp": "K"}
            assert (await socket.ask(**ask))["return_code"] == 1  # the list comes first
            listed = await socket.ask(trnm="CNSRLST")
            assert listed["data"] == [["0", "up"]]
            once = await socket.ask(**(ask | {"search_type": "0", "cont_yn": "N", "next_key": ""}))
            found = await socket.ask(**ask)
            assert (once["seq"], found["seq"]) == ("0  ", "0")
            codes = {row["9001"] for row in once["data"]}
            assert codes == {row["jmcode"] for row in found["data"]}
            told = [entry["values"] for entry in await socket.entries("02", 2)]
            assert {each["9001"] for each in told} == {RISING}
            assert {each["843"] for each in told} == {"I", "D"}
            cleared = await socket.ask(trnm="CNSRCLR", seq="0")
            assert cleared["return_code"] == 0

    run(body, conditions=(UP,), speed=3_000)


def test_condition_search_when_its_answer_lists_nobody_tells_each_as_come_in(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            await socket.ask(trnm="CNSRLST")
            ask = {"seq": "0", "stex_tp": "K"}
            once = await socket.ask(trnm="CNSRREQ", search_type="0", **ask)
            found = await socket.ask(trnm="CNSRREQ", search_type="1", **ask)
            assert (found["return_code"], found["data"]) == (0, None)
            told = [entry["values"] for entry in await socket.entries("02", len(once["data"]))]
            assert {each["843"] for each in told} == {"I"}
            assert {f"A{each['9001']}" for each in told} == {row["9001"] for row in once["data"]}

    run(body, conditions=(UP,), doubts=Doubts(lists_members=False))


def test_frame_that_cannot_be_read_ends_nothing(run: Play) -> None:
    async def body(client: Client) -> None:
        async with client.socket() as socket:
            for text in ("[]", "{", "PING", '{"trnm": 5}', '{"trnm":"REG","data":[1,{"type":2}]}'):
                await socket.connection.send(text)
            await socket.connection.send(json.dumps({"trnm": "REG", "grp_no": "1"}).encode())
            assert (await socket.register("00"))["trnm"] == "REG"
            await asyncio.sleep(0)
            assert (await socket.ask(trnm="REMOVE", grp_no="1", data=[]))["return_code"] == 0

    run(body)


def test_other_paths_have_no_socket(run: Play) -> None:
    async def body(client: Client) -> None:
        url = f"ws://127.0.0.1:{client.port}"
        with pytest.raises(InvalidStatus):
            async with connect(f"{url}/nothing"):
                pass
        async with asyncio.timeout(PATIENCE), connect(f"{url}/api/websocket") as other:
            await other.send(json.dumps({"trnm": "LOGIN", "token": client.token}))
            assert json.loads(await other.recv())["return_code"] == 0

    run(body)


_VI = dict.fromkeys(
    (
        *("mrkt_tp", "bf_mkrt_tp", "motn_tp", "skip_stk", "trde_qty_tp", "min_trde_qty"),
        *("max_trde_qty", "trde_prica_tp", "min_trde_prica", "max_trde_prica", "motn_drc"),
        "stex_tp",
    ),
    "0",
)
