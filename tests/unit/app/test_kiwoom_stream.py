"""Nobody logs in with the app key of an executor that trades."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from maemae.app.kiwoom.conditions import record_condition, saved_conditions
from maemae.app.kiwoom.connect import connect_with
from maemae.app.kiwoom.parts import KiwoomAccess
from maemae.app.kiwoom.stream import require_free_stream
from maemae.brokers.kiwoom_rest.auth import AppKey
from maemae.brokers.kiwoom_rest.hosts import Host
from maemae.domain.errors import ConfigError
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.settings import Settings
from maemae.trading.control.replies import Failed
from tests.fake_executor import answering

NOWHERE = Host(Mode.PAPER, "http://127.0.0.1:1", "ws://127.0.0.1:1")
ACCESS = KiwoomAccess(NOWHERE, AppKey(Mode.PAPER, "app-key", "secret-key"), None)
SAID = Failed(Text("바쁩니다.", "Busy."))


async def first(steps: AsyncIterator[object]) -> None:
    await anext(steps)


def test_login_beside_an_executor_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    with answering(settings.data_folder(Mode.PAPER), lambda _: SAID) as asked:
        with pytest.raises(ConfigError, match="cut it off"):
            asyncio.run(first(connect_with(settings, ACCESS, None, with_order=False)))
        with pytest.raises(ConfigError, match="cut it off"):
            asyncio.run(first(record_condition(settings, ACCESS, "등락률 3% 이상")))
        with pytest.raises(ConfigError, match="cut it off"):
            asyncio.run(saved_conditions(settings, ACCESS))

    assert len(asked) == 3


def test_login_without_an_executor_or_at_an_emulator_is_let_through(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    require_free_stream(settings, ACCESS)

    emulated = msgspec.structs.replace(NOWHERE, is_emulator=True)
    with answering(settings.data_folder(Mode.PAPER), lambda _: SAID):
        require_free_stream(settings, msgspec.structs.replace(ACCESS, host=emulated))
