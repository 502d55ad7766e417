"""A Kiwoom client that nobody here wrote runs on the emulator unchanged."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from maemae.emulators.kiwoom_rest.config import Rate
from maemae.emulators.market_source import MarketData, load_market
from tests.brokers.sim_rig import make_market
from tests.kiwoom_emulator import ACCOUNT, CASH, KEYS, emulator
from tests.peers.environment import python_of

SCRIPT = Path(__file__).with_name("kiwoom_client.py")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return load_market(make_market(tmp_path_factory.mktemp("market")))


async def play(python: Path, folder: Path, market: MarketData) -> tuple[Any, Any]:
    """Return what the client found, and the truth after it."""
    settings = {"rate": Rate(2, 30), "page_rows": {"ka10080": 100}}
    async with emulator(folder, market, **settings) as client:
        environment = {
            **os.environ,
            "KIWOOM_DEFAULT_BASE_URL": f"http://127.0.0.1:{client.port}",
            "KIWOOM_API_KEY": KEYS.app_key,
            "KIWOOM_API_SECRET": KEYS.secret_key,
        }
        process = await asyncio.create_subprocess_exec(
            str(python),
            str(SCRIPT),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        said, complained = await asyncio.wait_for(process.communicate(), 120)
        assert process.returncode == 0, complained.decode()[-2_000:]
        return json.loads(said), await client.truth()


def test_public_client_trades_on_the_emulator(tmp_path: Path, market: MarketData) -> None:
    found, truth = asyncio.run(play(python_of("kiwoom-client"), tmp_path, market))

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
