"""Saved conditions at the emulated server: listed, recorded as they are known, read again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import aclosing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from maemae.app.kiwoom.conditions import record_condition, saved_conditions
from maemae.app.kiwoom.parts import KiwoomAccess
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.hosts import emulator_host
from maemae.catalogue.condition_log import ConditionLog, Learned, Listed, Lost, Moved
from maemae.domain.errors import InvalidValueError
from maemae.domain.terms import Mode
from maemae.emulators.kiwoom_rest.config import Condition, Doubts
from maemae.emulators.market_source import MarketData, SyntheticSource, load_market
from maemae.settings import Settings
from tests.kiwoom_emulator import ACCOUNT, KEYS, Client, play

pytestmark = pytest.mark.thorough

SOURCE = SyntheticSource(7, date(2026, 11, 2), date(2026, 11, 3))
NAME = "등락률 3% 이상"


@pytest.fixture(scope="module")
def data() -> MarketData:
    return load_market(SOURCE)


def access_to(client: Client) -> KiwoomAccess:
    address = f"127.0.0.1:{client.port}"
    host = emulator_host(Mode.PAPER, f"http://{address}", f"ws://{address}/api/dostk/websocket")
    return KiwoomAccess(host, AppKey(Mode.PAPER, KEYS.app_key, KEYS.secret_key), ACCOUNT)


def with_emulator(
    home: Path,
    data: MarketData,
    act: Callable[[Client, Settings], Coroutine[Any, Any, None]],
    **asked: object,
) -> None:
    settings = Settings(home=home, hurry=10)

    async def body(client: Client) -> None:
        await act(client, settings)

    play(home, data, body, speed=600, **asked)


def test_conditions_are_listed_by_name(tmp_path: Path, data: MarketData) -> None:
    async def act(client: Client, settings: Settings) -> None:
        found = await saved_conditions(settings, access_to(client))
        assert NAME in [condition.name for condition in found]

    with_emulator(tmp_path, data, act)


def test_condition_when_the_stream_is_cut_is_unknown_until_it_is_listed_again(
    tmp_path: Path, data: MarketData
) -> None:
    learned: list[Learned] = []

    async def act(client: Client, settings: Settings) -> None:
        recording = record_condition(settings, access_to(client), NAME)
        async with aclosing(recording), asyncio.timeout(60):
            async for each in recording:
                learned.append(each)
                if isinstance(each, Moved) and not any(isinstance(x, Lost) for x in learned):
                    await client.manage("drop-connections")
                if isinstance(each, Listed) and len(learned) > 1:
                    break

    with_emulator(tmp_path, data, act)

    kinds = [type(each) for each in learned if not isinstance(each, Moved)]
    assert kinds == [Listed, Lost, Listed]
    history = ConditionLog(Settings(home=tmp_path).catalogue, NAME).read()
    first, last = learned[0], learned[-1]
    assert isinstance(first, Listed)
    assert history.members_at(first.known_at - 1) is None
    assert history.members_at(first.known_at) == frozenset(first.symbols)
    assert history.members_at(last.known_at + 10**15) is None  # the recording has ended


def test_condition_when_its_answer_lists_nobody_is_known_as_each_comes_in(
    tmp_path: Path, data: MarketData
) -> None:
    learned: list[Learned] = []

    async def act(client: Client, settings: Settings) -> None:
        recording = record_condition(settings, access_to(client), NAME)
        async with aclosing(recording), asyncio.timeout(60):
            async for each in recording:
                learned.append(each)
                if len(learned) > 1:
                    break

    always = Condition(NAME, "RATE", -3_000)
    doubts = Doubts(lists_members=False)
    with_emulator(tmp_path, data, act, conditions=(always,), doubts=doubts)

    first, second = learned
    assert isinstance(first, Listed)
    assert first.symbols == ()
    assert isinstance(second, Moved)
    history = ConditionLog(Settings(home=tmp_path).catalogue, NAME).read()
    assert history.members_at(second.known_at) == frozenset({second.symbol})


def test_condition_when_none_is_saved_under_the_name_says_which_are(
    tmp_path: Path, data: MarketData
) -> None:
    async def act(client: Client, settings: Settings) -> None:
        with pytest.raises(InvalidValueError, match="Saved ones"):
            await anext(record_condition(settings, access_to(client), "없는 조건"))

    with_emulator(tmp_path, data, act)
