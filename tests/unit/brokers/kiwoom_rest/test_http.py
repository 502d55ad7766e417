"""The way to the REST server: what an outcome proves, and what is asked again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from maemae.brokers.kiwoom_rest import transactions
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, KiwoomConfig, Quotas, Rate
from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.hosts import emulator_host
from maemae.brokers.kiwoom_rest.http import KiwoomHttp
from maemae.brokers.kiwoom_rest.messages import CandleRow, DayOrderRow
from maemae.brokers.kiwoom_rest.paging import every_row
from maemae.clocks import SteadyVenueClock, SystemWallClock
from maemae.domain.errors import (
    BrokerUnavailableError,
    NotAcceptedError,
    OutcomeUnknownError,
)
from maemae.domain.instant import SECOND
from maemae.domain.terms import Mode
from tests.kiwoom_server import KiwoomServer, Reply, ok, refuse

QUICK = msgspec.structs.replace(
    PAPER_CONFIG,
    quotas=Quotas(Rate(100, SECOND // 100), rate_pause=SECOND // 100, most_pages=5),
    patience=msgspec.structs.replace(PAPER_CONFIG.patience, reply_within=SECOND // 5),
)
KEY = AppKey(Mode.PAPER, "app-key", "secret-key")
TAKEN = {"ord_no": "0048213", "return_code": 0, "return_msg": "모의투자 매수주문완료"}
Act = Callable[[KiwoomServer, KiwoomHttp], Awaitable[None]]


def with_http(folder: Path, act: Act, config: KiwoomConfig = QUICK) -> KiwoomServer:
    async def play() -> KiwoomServer:
        wall = SystemWallClock()
        clock = SteadyVenueClock(wall.now())
        async with KiwoomServer(wall.now()) as server:
            connection = KiwoomConnection(
                server.host, KEY, config, folder, (clock, wall), lambda *_: None
            )
            try:
                await act(server, connection.http)
            finally:
                await connection.close()
            return server

    return asyncio.run(play())


def answer_with(*replies: Reply) -> Callable[..., Reply]:
    left = list(replies)

    def answer(*_: object) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


def test_query_names_its_transaction_and_shows_the_token(tmp_path: Path) -> None:
    async def act(_: KiwoomServer, http: KiwoomHttp) -> None:
        answer = await http.ask(transactions.ACCOUNT_NUMBER, {})
        assert answer.at is not None

    server = with_http(tmp_path, act)
    _, headers, body = server.asked[-1]
    assert headers["api-id"] == "ka00001"
    assert headers["authorization"] == "Bearer token-1"
    assert headers["content-type"] == "application/json;charset=UTF-8"
    assert "cont-yn" not in headers
    assert body == {}


def test_query_when_the_token_died_is_asked_again_with_another(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        await http.ask(transactions.ACCOUNT_NUMBER, {})
        server.live = ""  # 8005 comes with HTTP 200
        await http.ask(transactions.ACCOUNT_NUMBER, {})

    server = with_http(tmp_path, act)
    assert (server.tokens, server.count("ka00001")) == (2, 3)


def test_query_when_every_token_is_refused_gives_up(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["ka00001"] = answer_with(refuse(3, "[8005:Token]"))
        with pytest.raises(BrokerUnavailableError, match="8005"):
            await http.ask(transactions.ACCOUNT_NUMBER, {})

    assert with_http(tmp_path, act).count("ka00001") == 2


def test_query_when_too_fast_slows_down_and_then_gives_up(tmp_path: Path) -> None:
    fast = refuse(5, "허용된 요청 개수를 초과하였습니다[1700:유량=5]", 429)

    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["ka00001"] = answer_with(fast, ok({"acctNo": "1"}))
        await http.ask(transactions.ACCOUNT_NUMBER, {})
        server.answers["ka00001"] = answer_with(fast)
        with pytest.raises(BrokerUnavailableError, match="limit of requests"):
            await http.ask(transactions.ACCOUNT_NUMBER, {})

    assert with_http(tmp_path, act).count("ka00001") == 2 + 3


@pytest.mark.parametrize(
    "reply",
    [
        None,
        (200, b"", {}),
        (200, b"[1", {}),
        (200, b'{"return_code":"0"}', {}),
        (400, b"<html>Request Blocked</html>", {}),
        (503, b"", {}),
        (302, b"{}", {"location": "http://127.0.0.1:1/"}),
        refuse(20, "[2000](RC9999:모름)"),
    ],
)
def test_query_when_it_is_not_answered_raises_and_is_asked_once(
    tmp_path: Path, reply: Reply
) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["ka00001"] = answer_with(reply)
        with pytest.raises(BrokerUnavailableError):
            await http.ask(transactions.ACCOUNT_NUMBER, {})

    assert with_http(tmp_path, act).count("ka00001") == 1


def test_query_when_nobody_answers_in_time_raises(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        await http.ask(transactions.ACCOUNT_NUMBER, {})
        server.answers["ka00001"] = answer_with((200, b"", {"content-length": "9"}))
        with pytest.raises(BrokerUnavailableError, match="ReadTimeout"):
            await http.ask(transactions.ACCOUNT_NUMBER, {})

    with_http(tmp_path, act)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (refuse(20, "[2000](RC4025:모의투자 매수증거금이 부족합니다.)"), NotAcceptedError),
        (refuse(2, "입력 값 오류입니다[1511:필수]"), NotAcceptedError),
        (refuse(3, "인증에 실패했습니다[8050:지정단말기]"), NotAcceptedError),
        (refuse(5, "[1700:초과]", 429), OutcomeUnknownError),
        (refuse(20, "[2000](RC9999:모름)"), OutcomeUnknownError),
        (refuse(2, "[1999:예상치 못한 오류]"), OutcomeUnknownError),
        (refuse(0, "완료", 500), OutcomeUnknownError),
        ((400, b"<html>Request Blocked</html>", {}), OutcomeUnknownError),
        ((200, b'{"return_co', {}), OutcomeUnknownError),
        ((200, b"", {"content-length": "9"}), OutcomeUnknownError),
        (None, OutcomeUnknownError),
    ],
)
def test_order_is_sent_once_and_judged_by_what_its_answer_proves(
    tmp_path: Path, reply: Reply, kind: type[Exception]
) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["kt10000"] = answer_with(reply)
        with pytest.raises(kind) as error:
            await http.order(transactions.BUY, {"stk_cd": "005930"})
        assert not getattr(error.value, "resend", False)

    assert with_http(tmp_path, act).count("kt10000") == 1


def test_order_when_the_token_died_goes_out_with_another(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["kt10000"] = answer_with(
            refuse(3, "인증에 실패했습니다[8005:Token이 유효하지 않습니다]"), (200, TAKEN, {})
        )
        await http.order(transactions.BUY, {})

    server = with_http(tmp_path, act)
    shown = [headers["authorization"] for name, headers, _ in server.asked if name == "kt10000"]
    assert shown == ["Bearer token-1", "Bearer token-2"]


def test_order_when_every_token_is_refused_was_not_accepted(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["kt10000"] = answer_with(refuse(3, "[8005:Token]"))
        with pytest.raises(NotAcceptedError) as error:
            await http.order(transactions.BUY, {})
        assert error.value.code == "8005"

    assert with_http(tmp_path, act).count("kt10000") == 2


def test_order_when_no_token_is_given_was_not_sent_and_may_be_again(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["/oauth2/token"] = answer_with((503, b"", {}))
        with pytest.raises(NotAcceptedError) as error:
            await http.order(transactions.BUY, {})
        assert error.value.resend

    assert with_http(tmp_path, act).count("kt10000") == 0


def test_order_when_nobody_listens_was_not_sent_and_may_be_again(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        await http.ask(transactions.ACCOUNT_NUMBER, {})
        http.host = emulator_host(Mode.PAPER, "http://127.0.0.1:1", server.host.socket)
        with pytest.raises(NotAcceptedError) as error:
            await http.order(transactions.BUY, {})
        assert error.value.resend

    with_http(tmp_path, act)


def rows_of(*numbers: str) -> dict[str, Any]:
    row = dict.fromkeys(DayOrderRow.__struct_fields__, "0")
    return {transactions.DAY_ORDERS.rows: [{**row, "ord_no": number} for number in numbers]}


async def read_list(http: KiwoomHttp) -> list[str]:
    rows = await every_row(
        http, transactions.DAY_ORDERS, {"ord_dt": "1"}, DayOrderRow, lambda row: row.ord_no
    )
    return [row.ord_no for row in rows]


def test_list_is_read_to_its_last_page_with_the_same_question(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        pages = {
            "": ok(rows_of("1", "2"), "k2"),
            "k2": ok(rows_of("3"), "k3"),
            "k3": ok(rows_of("4")),
        }
        server.answers["kt00007"] = lambda headers, _: pages[headers.get("next-key", "")]
        assert await read_list(http) == ["1", "2", "3", "4"]

    server = with_http(tmp_path, act)
    assert [headers.get("cont-yn") for name, headers, _ in server.asked if name == "kt00007"] == [
        None,
        "Y",
        "Y",
    ]
    assert server.bodies("kt00007") == [{"ord_dt": "1"}] * 3


@pytest.mark.parametrize(
    ("last", "found"),
    [
        (rows_of("2"), ["1", "2"]),
        (rows_of("2", ""), ["1", "2"]),
        (rows_of(), ["1"]),
        ({}, ["1"]),
        ({transactions.DAY_ORDERS.rows: None}, ["1"]),
    ],
)
def test_list_ends_where_its_header_says_so(
    tmp_path: Path, last: dict[str, Any], found: list[str]
) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["kt00007"] = answer_with(ok(rows_of("1"), "k2"), ok(last))
        assert await read_list(http) == found

    assert with_http(tmp_path, act).count("kt00007") == 2


def test_chart_ends_at_a_blank_row_whatever_its_header_says(tmp_path: Path) -> None:
    def bars(*days: str) -> dict[str, Any]:
        row = {"trde_qty": "1", "open_pric": "1", "high_pric": "1", "low_pric": "1"}
        found = [{**row, "cur_prc": "1", "dt": on} for on in days]
        return {transactions.DAY_CHART.rows: found}

    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["ka10081"] = answer_with(ok(bars("20261130"), "k2"), ok(bars(""), "k3"))
        rows = await every_row(http, transactions.DAY_CHART, {}, CandleRow, lambda row: row.dt)
        assert [row.dt for row in rows] == ["20261130"]

    assert with_http(tmp_path, act).count("ka10081") == 2


NO_WAY_ON: Reply = (200, {"return_code": 0, **rows_of("2")}, {"cont-yn": "Y", "next-key": ""})
STUCK = [
    ok(rows_of(), "k3"),
    ok({}, "k3"),
    ok(rows_of(""), "k3"),
    ok(rows_of("2"), "k2"),
    NO_WAY_ON,
]


@pytest.mark.parametrize("stuck", STUCK)
def test_list_when_it_goes_on_to_nowhere_is_no_list(tmp_path: Path, stuck: Reply) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["kt00007"] = answer_with(ok(rows_of("1"), "k2"), stuck)
        with pytest.raises(BrokerUnavailableError, match="said to go on, but does not"):
            await read_list(http)

    assert with_http(tmp_path, act).count("kt00007") == 1 + QUICK.quotas.tries


@pytest.mark.parametrize("stuck", STUCK)
def test_list_when_asking_once_more_helps_is_whole(tmp_path: Path, stuck: Reply) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        first, last = ok(rows_of("1"), "k2"), ok(rows_of("2"))
        server.answers["kt00007"] = answer_with(first, stuck, last)
        assert await read_list(http) == ["1", "2"]

    with_http(tmp_path, act)


def test_list_when_it_leads_back_to_an_earlier_page_is_no_list(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        ring = {"": "a", "a": "b", "b": "a"}
        server.answers["kt00007"] = lambda headers, _: ok(
            rows_of("1"), ring[headers.get("next-key", "")]
        )
        with pytest.raises(BrokerUnavailableError, match="said to go on, but does not"):
            await read_list(http)

    with_http(tmp_path, act)


@pytest.mark.parametrize(
    "second",
    [refuse(20, "[2000](RC9000:x)"), None, ok({transactions.DAY_ORDERS.rows: [{"ord_no": 3}]})],
)
def test_list_when_a_page_fails_is_no_list(tmp_path: Path, second: Reply) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["kt00007"] = answer_with(ok(rows_of("1"), "k2"), second)
        with pytest.raises(BrokerUnavailableError):
            await read_list(http)

    with_http(tmp_path, act)


def test_list_when_it_has_no_end_raises(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        count = iter(range(99))
        server.answers["kt00007"] = lambda *_: ok(rows_of("1"), f"k{next(count)}")
        with pytest.raises(BrokerUnavailableError, match="more than 5 pages"):
            await read_list(http)

    with_http(tmp_path, act)


def test_requests_of_one_transaction_keep_to_its_rate_and_others_do_not_wait(
    tmp_path: Path,
) -> None:
    slow = msgspec.structs.replace(QUICK, quotas=Quotas(Rate(1, SECOND // 5)))
    at: list[float] = []

    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["ka10001"] = answer_with(ok())
        for transaction in (transactions.ACCOUNT_NUMBER, transactions.QUOTE):
            await http.ask(transaction, {})
        at.append(asyncio.get_running_loop().time())
        await http.ask(transactions.QUOTE, {})
        at.append(asyncio.get_running_loop().time())

    with_http(tmp_path, act, slow)
    assert at[1] - at[0] >= 0.1


class Withdrawn:
    """A permit that is taken back once something has happened."""

    def __init__(self, when: Callable[[], bool]) -> None:
        self.asked = 0
        self._when = when

    def __call__(self) -> None:
        self.asked += 1
        if self._when():
            raise NotAcceptedError("비상정지", "The kill switch is on.")


def test_order_when_it_may_not_leave_after_waiting_for_a_token_does_not(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        permit = Withdrawn(lambda: server.tokens > 0)
        with pytest.raises(NotAcceptedError, match="kill switch"):
            await http.order(transactions.BUY, {}, permit)

    assert with_http(tmp_path, act).count("kt10000") == 0


def test_order_when_it_may_not_leave_after_its_token_died_is_not_sent_again(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        await http.ask(transactions.ACCOUNT_NUMBER, {})
        server.live = ""
        with pytest.raises(NotAcceptedError, match="kill switch"):
            await http.order(transactions.BUY, {}, Withdrawn(lambda: server.tokens > 1))

    assert with_http(tmp_path, act).count("kt10000") == 1


def test_order_when_it_may_not_leave_once_connected_sends_no_byte(tmp_path: Path) -> None:
    async def act(server: KiwoomServer, http: KiwoomHttp) -> None:
        server.answers["kt10000"] = answer_with(ok(TAKEN))
        permit = Withdrawn(lambda: permit.asked > 1)  # asked before and after connecting
        with pytest.raises(NotAcceptedError, match="kill switch"):
            await http.order(transactions.BUY, {}, permit)
        await http.order(transactions.BUY, {}, Withdrawn(lambda: False))

    assert with_http(tmp_path, act).count("kt10000") == 1
