"""Kiwoom clients that nobody here wrote run on the emulator unchanged."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from maemae.domain.instant import SECOND
from maemae.emulators.kiwoom_rest.config import Doubts, Rate
from maemae.emulators.market_source import MarketData, load_market
from tests.brokers.sim_rig import make_market
from tests.kiwoom_emulator import ACCOUNT, CASH, KEYS, Client, emulator
from tests.peers.environment import python_of

HERE: Final = Path(__file__).parent
QUICK_PING: Final = msgspec.structs.replace(Doubts(), ping_every=SECOND)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return load_market(make_market(tmp_path_factory.mktemp("market")))


async def run(python: Path, script: str, *arguments: str, **environment: str) -> dict[str, Any]:
    """Return what a client's script printed."""
    process = await asyncio.create_subprocess_exec(
        str(python),
        str(HERE / script),
        *arguments,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, complained.decode()[-2_000:]
    found: dict[str, Any] = json.loads(said)
    return found


def url_of(client: Client) -> str:
    return f"http://127.0.0.1:{client.port}"


def test_public_client_trades_on_the_emulator(tmp_path: Path, market: MarketData) -> None:
    python = python_of("kiwoom-client")

    async def play() -> tuple[Any, Any]:
        settings = {"rate": Rate(1, 30), "page_rows": {"ka10080": 100}}
        async with emulator(tmp_path, market, **settings) as client:
            found = await run(
                python,
                "kiwoom_client.py",
                KIWOOM_DEFAULT_BASE_URL=url_of(client),
                KIWOOM_API_KEY=KEYS.app_key,
                KIWOOM_API_SECRET=KEYS.secret_key,
            )
            return found, await client.truth()

    found, truth = asyncio.run(play())

    assert found["stock"]["stk_nm"] == "still"
    times = [row["cntr_tm"] for page in found["pages"] for row in page]
    assert len(found["pages"]) > 3
    assert times == sorted(set(times), reverse=True)
    assert times[-1] == "20250901090000"
    assert [row["dt"] for row in found["days"]["stk_dt_pole_chart_qry"]] == ["20250902", "20250901"]
    assert int(found["book"]["sel_fpr_bid"]) == 10_000
    assert int(found["cash"]["ord_alow_amt"]) == CASH
    assert found["placed"]["ord_no"] == "0000001"
    assert [row["ord_no"] for row in found["open"]["oso"]] == ["0000001"]
    assert found["amended"]["base_orig_ord_no"] == "0000001"
    assert int(found["canceled"]["cncl_qty"]) == 7
    assert found["left"]["oso"] == []
    assert found["filled"]["cntr"][0]["cntr_qty"] == "3"
    (held,) = found["held"]["acnt_evlt_remn_indv_tot"]
    assert (held["stk_cd"], int(held["rmnd_qty"])) == ("A005930", 3)
    assert found["refused"]["return_code"] == 20
    assert found["too_many"] == 429
    taken = [(order["order_id"], order["order_qty"]) for order in truth["orders"]]
    assert taken == [("0000001", 7), (found["bought"]["ord_no"], 3)]
    assert truth["accounts"][ACCOUNT]["holdings"]["005930"][0] == 3


def test_public_socket_client_hears_prices_fills_and_pings(
    tmp_path: Path, market: MarketData
) -> None:
    python = python_of("kiwoom-socket-client")

    async def play() -> tuple[Any, Any]:
        async with emulator(tmp_path, market, doubts=QUICK_PING) as client:
            url = url_of(client)
            socket = url.replace("http", "ws")
            keys = KEYS.app_key, KEYS.secret_key
            found = await run(python, "kiwoom_socket_client.py", url, socket, *keys)
            return found, await client.truth()

    found, truth = asyncio.run(play())

    (order,) = truth["orders"]
    assert found["answer"]["ord_no"] == order["order_id"]
    entries = [entry for frame in found["told"] for entry in frame.get("data") or []]
    fills = [
        entry["values"]
        for entry in entries
        if entry["type"] == "00" and entry["values"]["913"] == "체결"
    ]
    assert sum(int(fill["915"]) for fill in fills) == 3
    assert {fill["9203"] for fill in fills} == {order["order_id"]}
    assert {entry["item"] for entry in entries if entry["type"] == "0B"} == {"005930"}
