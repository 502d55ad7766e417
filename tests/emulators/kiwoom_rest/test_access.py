"""Tokens, the order of checks, quotas."""

from __future__ import annotations

import json
import socket
import ssl
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from websockets.asyncio.client import connect

from maemae.domain.instant import KST
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.catalogue import PATHS, REAL_ONLY
from maemae.emulators.kiwoom_rest.config import Credential, Rate, Tls
from tests.certificates import a_certificate
from tests.emulators.kiwoom_rest.conftest import Play
from tests.kiwoom_emulator import ACCOUNT, KEYS, OTHER_ACCOUNT, OTHER_KEYS, REAL_KEYS, Client

CHART = "/api/dostk/chart"


def test_token_when_asked_for_again_is_the_same_and_ends_at_the_same_time(run: Play) -> None:
    async def body(client: Client) -> None:
        first, second = await client.issue(), await client.issue()
        assert first == second
        assert {"bearer"} == {first["token_type"]}
        ends = datetime.strptime(first["expires_dt"], "%Y%m%d%H%M%S").replace(tzinfo=KST)
        left = ends - datetime.now(KST)
        assert timedelta(hours=23) < left <= timedelta(days=1, seconds=1)
        assert (await client.issue(OTHER_KEYS))["token"] != first["token"]

    run(body)


def test_token_tells_whose_account_it_is(run: Play) -> None:
    async def body(client: Client) -> None:
        assert (await client.ask("ka00001"))["acctNo"] == ACCOUNT
        await client.log_in(OTHER_KEYS)
        assert (await client.ask("ka00001"))["acctNo"] == OTHER_ACCOUNT

    run(body)


def test_token_when_revoked_is_dead_with_http_200(run: Play) -> None:
    async def body(client: Client) -> None:
        keys = {"appkey": KEYS.app_key, "secretkey": KEYS.secret_key}
        assert (await client.post("/oauth2/revoke", {**keys, "token": client.token}))[
            "return_code"
        ] == 0
        answer = await client.ask("ka00001")
        assert (answer["status"], answer["return_code"]) == (200, 3)
        assert "[8005:" in answer["return_msg"]
        assert (await client.issue())["token"] != client.token
        again = await client.post("/oauth2/revoke", {**keys, "token": client.token})
        assert "[8015:" in again["return_msg"]

    run(body)


def test_tokens_when_all_expire_are_dead_and_a_new_one_is_given(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.manage("expire-tokens")
        assert "[8005:" in (await client.ask("ka00001"))["return_msg"]
        await client.log_in()
        assert (await client.ask("ka00001"))["return_code"] == 0

    run(body)


@pytest.mark.parametrize(
    ("keys", "changes", "code"),
    [
        (KEYS, {"grant_type": ""}, "8011"),
        (KEYS, {"grant_type": "password"}, "8012"),
        (KEYS, {"secretkey": ""}, "8020"),
        (KEYS, {"secretkey": "wrong"}, "8001"),
        (Credential("nobody", "x", ACCOUNT), {}, "8001"),
        (REAL_KEYS, {}, "8030"),
    ],
)
def test_token_when_the_keys_are_wrong_is_refused_by_code(
    run: Play, keys: Credential, changes: dict[str, str], code: str
) -> None:
    async def body(client: Client) -> None:
        answer = await client.issue(keys, **changes)
        assert (answer["status"], answer["return_code"]) == (200, 3)
        assert f"[{code}:" in answer["return_msg"]
        assert "token" not in answer

    run(body)


def test_token_of_the_other_world_is_refused_on_both_interfaces(run: Play) -> None:
    async def body(client: Client) -> None:
        client.token = "R" + client.token[1:]
        assert "[8031:" in (await client.ask("ka00001"))["return_msg"]
        async with client.socket(logs_in=False) as socket:
            answer = await socket.ask(trnm="LOGIN", token=client.token)
            assert answer["return_code"] == 8031

    run(body)


def test_real_server_takes_real_keys_and_no_paper_ones(run: Play) -> None:
    async def body(client: Client) -> None:
        assert client.token.startswith("R")
        assert "[8030:" in (await client.issue(KEYS))["return_msg"]
        assert (await client.ask("kt00002", start_dt="20250901", end_dt="20250930"))[
            "return_code"
        ] == 0

    run(body, mode=Mode.REAL)


def test_checks_come_in_the_order_of_the_real_server(run: Play) -> None:
    async def body(client: Client) -> None:
        bearer = {"authorization": f"Bearer {client.token}"}
        for headers, code in (
            ({}, "1501"),
            ({"api-id": "kx99999"}, "1505"),
            ({"api-id": "ka10001"}, "1504"),
            ({"api-id": "ka10081"}, "1513"),
            ({"api-id": "ka10081", "authorization": "Basic x"}, "1515"),
            ({"api-id": "ka10081", "authorization": "Bearer"}, "1516"),
            ({"api-id": "ka10081", "authorization": "Bearer x"}, "8005"),
            ({"api-id": "ka10081", **bearer}, "필수입력 파라미터=stk_cd"),
        ):
            answer = await client.post(CHART, {}, headers)
            assert answer["status"] == 200
            assert code in answer["return_msg"], headers
        answer = await client.ask("ka10081", stk_cd="005930")
        assert "필수입력 파라미터=base_dt" in answer["return_msg"]
        answer = await client.ask("ka10001", stk_cd="999999")
        assert (answer["return_code"], "[1902:" in answer["return_msg"]) == (2, True)
        answer = await client.ask("ka10001", stk_cd="KRX:005930")
        assert answer["return_code"] == 5

    run(body)


def test_numbers_and_nulls_in_a_body_are_taken_as_text(run: Play) -> None:
    async def body(client: Client) -> None:
        headers = {"api-id": "kt00001", "authorization": f"Bearer {client.token}"}
        answer = await client.post("/api/dostk/acnt", {"qry_tp": 3, "x": None}, headers)
        assert answer["return_code"] == 0

    run(body)


def test_request_that_is_no_post_of_json_is_refused_in_html(run: Play) -> None:
    async def body(client: Client) -> None:
        assert (await client.raw("GET", CHART)).status_code == 405
        refused = await client.raw("POST", CHART, content=b"not json")
        assert refused.status_code == 400
        assert "html" in refused.text

    run(body)


def test_every_kind_of_the_interface_is_served(run: Play) -> None:
    async def body(client: Client) -> None:
        assert (await client.raw("GET", "/admin/served")).json() == sorted(PATHS)

    run(body)


def test_kind_that_paper_does_not_offer_is_refused_as_there(run: Play) -> None:
    async def body(client: Client) -> None:
        for api_id in REAL_ONLY:
            assert "(RC9000:" in (await client.ask(api_id))["return_msg"]

    run(body)


def test_quota_when_passed_answers_429_for_this_kind_and_key_only(run: Play) -> None:
    async def body(client: Client) -> None:
        ask = partial(client.ask, "ka10001", stk_cd="005930")
        assert [(await ask())["status"] for _ in range(3)] == [200, 200, 429]
        answer = await ask()
        assert answer["return_code"] == 5
        assert answer["return_msg"] == (
            "허용된 요청 개수를 초과하였습니다[1700:허용된 요청 개수를 초과하였습니다. "
            "유량=1, API ID=ka10001]"
        )
        assert (await client.ask("ka10004", stk_cd="005930"))["status"] == 200
        await client.log_in(OTHER_KEYS)
        assert (await ask())["status"] == 200

    run(body, rate=Rate(1, 2))


def test_answer_echoes_its_kind_and_lets_browsers_read_the_paging_headers(run: Play) -> None:
    async def body(client: Client) -> None:
        await client.ask("ka10001", stk_cd="005930")
        headers = client.headers
        assert headers["content-type"] == "application/json;charset=UTF-8"
        assert (headers["api-id"], headers["cont-yn"], headers["next-key"]) == ("ka10001", "N", "")
        assert headers["access-control-expose-headers"] == "api-id,cont-yn,next-key"

    run(body)


def test_address_of_a_client_may_end_in_a_slash_or_begin_with_two(run: Play) -> None:
    async def body(client: Client) -> None:
        headers = {"api-id": "ka00001", "authorization": f"Bearer {client.token}"}
        url = f"http://127.0.0.1:{client.port}"
        for path in ("/api/dostk/acnt/", "//api/dostk/acnt"):
            assert (await client.post(url + path, {}, headers))["acctNo"] == ACCOUNT
        async with connect(f"ws://127.0.0.1:{client.port}//api/dostk/websocket/") as socket:
            await socket.send(json.dumps({"trnm": "LOGIN", "token": client.token}))
            assert json.loads(await socket.recv())["return_code"] == 0

    run(body)


def test_server_with_tls_answers_clients_that_want_nothing_else(run: Play, tmp_path: Path) -> None:
    certificate, key = a_certificate(tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def body(client: Client) -> None:
        trust = ssl.create_default_context(cafile=certificate)
        keys = {"appkey": KEYS.app_key, "secretkey": KEYS.secret_key}
        async with httpx.AsyncClient(base_url=f"https://localhost:{port}", verify=trust) as http:
            asked = {"grant_type": "client_credentials", **keys}
            token = (await http.post("/oauth2/token", json=asked)).json()["token"]
        assert token == client.token
        url = f"wss://localhost:{port}/api/dostk/websocket"
        async with connect(url, ssl=trust) as stream:
            await stream.send(json.dumps({"trnm": "LOGIN", "token": token}))
            assert json.loads(await stream.recv())["return_code"] == 0

    run(body, tls=Tls(str(certificate), str(key), (port,)))
