"""A server for each test, on the market of the brokers' cards."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from maemae.emulators.market_source import MarketData, load_market
from tests.brokers.sim_rig import make_market
from tests.kiwoom_emulator import Client, play

Body = Callable[[Client], Coroutine[Any, Any, None]]
Play = Callable[..., None]


@pytest.fixture(scope="session")
def card_market(tmp_path_factory: pytest.TempPathFactory) -> MarketData:
    return load_market(make_market(tmp_path_factory.mktemp("market")))


@pytest.fixture
def run(tmp_path: Path, card_market: MarketData) -> Play:
    return partial(play, tmp_path, card_market)
