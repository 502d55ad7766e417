"""`maemae connect kiwoom`: what it says once every step is proved."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from maemae.app.kiwoom.place import KiwoomPlace, show_kiwoom_place
from maemae.app.kiwoom.proof import Step
from maemae.domain.ids import AccountId
from maemae.domain.terms import Mode
from maemae.domain.text import Text
from maemae.settings import Settings
from tests.unit.cli.conftest import CommandLine


async def proved(*_: object, **__: object) -> AsyncIterator[Step]:
    yield Step(Text("계좌", "Account"), is_proved=True, told=Text("있습니다", "There"))


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (Mode.PAPER, "--mode paper --emulator 로 매매할 수 있습니다."),
        (Mode.REAL, "--mode real --emulator 로 매매할 수 있습니다. 새 주문은 maemae arm"),
    ],
)
def test_what_can_trade_now_is_named_with_its_mode(
    maemae: CommandLine, home: Path, monkeypatch: pytest.MonkeyPatch, mode: Mode, words: str
) -> None:
    monkeypatch.setattr("maemae.app.kiwoom.connect.connect_with", proved)
    place = KiwoomPlace(7_702, "sim", mode, "key", "secret", AccountId("8100000111"))
    show_kiwoom_place(Settings(home=home), place)

    outcome = maemae("connect", "kiwoom", "--emulator", "--mode", mode.lower())

    assert outcome.code == 0, outcome.err
    assert words in " ".join(outcome.out.split())
