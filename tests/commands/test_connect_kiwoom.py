"""`maemae connect kiwoom`: proves each step on an emulated server, and says what to do."""

from __future__ import annotations

import asyncio
from datetime import date, time
from pathlib import Path

import pytest

from maemae.app.kiwoom.connect import connect_with, keys_access, require_server, stored_access
from maemae.app.kiwoom.parts import KiwoomAccess
from maemae.app.kiwoom.proof import Step
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.hosts import emulator_host
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.emulators.market_source import MarketData, SyntheticSource, load_market
from maemae.settings import Settings
from tests.kiwoom_emulator import KEYS, Client, emulator

SOURCE = SyntheticSource(7, date(2026, 11, 2), date(2026, 11, 2))


@pytest.fixture(scope="module")
def data() -> MarketData:
    return load_market(SOURCE)


def access_of(client: Client, secret: str = KEYS.secret_key) -> KiwoomAccess:
    address = f"127.0.0.1:{client.port}"
    host = emulator_host(Mode.PAPER, f"http://{address}", f"ws://{address}/api/dostk/websocket")
    return KiwoomAccess(host, AppKey(Mode.PAPER, KEYS.app_key, secret), None)


def steps_with(
    folder: Path,
    data: MarketData,
    *,
    opens_at: time = time(10),
    secret: str = KEYS.secret_key,
    with_order: bool = True,
    fault: str = "",
) -> list[Step]:
    async def play() -> list[Step]:
        async with emulator(folder, data, speed=1, opens_at=opens_at) as client:
            await client.manage("faults", **({fault: True} if fault else {}))
            settings = Settings(home=folder / "home")
            symbol = next(iter(data.instruments))
            access = access_of(client, secret)
            steps = connect_with(settings, access, symbol, with_order=with_order)
            return [step async for step in steps]

    return asyncio.run(play())


def test_every_step_is_proved_in_trading_hours(tmp_path: Path, data: MarketData) -> None:
    steps = steps_with(tmp_path, data)
    assert [step.is_proved for step in steps] == [True] * 5
    assert "was placed and canceled" in steps[-1].told.en
    assert "8100****11" in steps[0].told.en


def test_order_is_left_out_on_request(tmp_path: Path, data: MarketData) -> None:
    assert len(steps_with(tmp_path, data, with_order=False)) == 4


def test_order_when_the_market_is_closed_is_not_vital(tmp_path: Path, data: MarketData) -> None:
    last = steps_with(tmp_path, data, opens_at=time(8, 45))[-1]
    assert (last.is_proved, last.is_vital) == (False, False)
    assert "regular session" in last.told.en


@pytest.mark.parametrize(
    ("fault", "what_to_do"),
    [("bad_device", "Register it"), ("maintenance", "a little later")],
)
def test_step_when_it_fails_is_the_last_and_says_what_to_do(
    tmp_path: Path, data: MarketData, fault: str, what_to_do: str
) -> None:
    steps = steps_with(tmp_path, data, fault=fault)
    assert [(step.is_proved, step.is_vital) for step in steps] == [(False, True)]
    assert what_to_do in steps[0].told.en


def test_keys_when_they_are_wrong_are_to_be_entered_again(tmp_path: Path, data: MarketData) -> None:
    steps = steps_with(tmp_path, data, secret=KEYS.app_key)
    assert "Enter the keys again" in steps[0].told.en


def test_what_cannot_be_connected_is_refused_before_a_key_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no server for SIM"):
        require_server(Mode.SIM)
    with pytest.raises(ConfigError):
        keys_access(AppKey(Mode.PAPER, "", ""))
    with pytest.raises(ConfigError, match="emulate kiwoom-rest"):
        stored_access(Settings(home=tmp_path), Mode.PAPER, is_emulated=True)
