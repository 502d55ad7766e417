"""What was measured at Kiwoom takes the place of what is assumed, and nothing else is changed."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import msgspec
import pytest

from maemae.app.kiwoom.measured import ADAPTER, EMULATOR, NAME, measured
from maemae.brokers.kiwoom_rest.codes import TradeType
from maemae.brokers.kiwoom_rest.config import PAPER_CONFIG, KiwoomConfig
from maemae.domain.errors import ConfigError
from maemae.domain.instant import SECOND
from maemae.emulators.kiwoom_rest.config import Doubts, SecondLogin
from maemae.settings import Settings


def adapter(home: Path, text: str) -> KiwoomConfig:
    (home / NAME).write_text(text, encoding="utf-8")
    return measured(Settings(home=home), ADAPTER, PAPER_CONFIG)


def test_config_when_nothing_was_measured_is_the_assumed_one(tmp_path: Path) -> None:
    assert measured(Settings(home=tmp_path), ADAPTER, PAPER_CONFIG) is PAPER_CONFIG
    assert adapter(tmp_path, "[emulator]\nlists_fills = false") == PAPER_CONFIG


def test_config_when_measured_differs_in_that_alone(tmp_path: Path) -> None:
    found = adapter(
        tmp_path,
        """
        [adapter]
        quiet_period = "12s"
        market_price = "0"
        bases_from = 08:30:00
        order_types = ["0", "3"]
        [adapter.socket]
        items = 190
        [adapter.patience]
        pause = "250ms"
        """,
    )
    assert (found.quiet_period, found.market_price) == (12 * SECOND, "0")
    assert found.bases_from == time(8, 30)
    assert found.order_types == frozenset({TradeType.LIMIT, TradeType.MARKET})
    assert (found.socket.items, found.patience.pause) == (190, SECOND // 4)
    replaced = msgspec.structs.replace(
        found,
        **{
            name: getattr(PAPER_CONFIG, name)
            for name in ("quiet_period", "market_price", "bases_from", "order_types")
        },
        socket=msgspec.structs.replace(found.socket, items=PAPER_CONFIG.socket.items),
        patience=msgspec.structs.replace(found.patience, pause=PAPER_CONFIG.patience.pause),
    )
    assert replaced == PAPER_CONFIG


def test_doubts_when_measured_are_those(tmp_path: Path) -> None:
    text = '[emulator]\nsecond_login = "COEXISTS"\nframes = { per_sec = 3, burst = 4 }'
    (tmp_path / NAME).write_text(text, encoding="utf-8")
    found = measured(Settings(home=tmp_path), EMULATOR, Doubts())
    assert (found.second_login, found.frames.burst) == (SecondLogin.COEXISTS, 4)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[adaptor]", "Did you mean adapter"),
        ("[adapter]\nquiet_perod = 1", "Did you mean quiet_period"),
        ("[adapter.socket]\nitem = 1", "Did you mean items"),
        ("[adapter]\nsocket = 5", "is no table"),
        ("[adapter]\nquiet_period = 1.5", "quiet_period"),
        ("adapter = 5", "is no table"),
        ("[adapter", "cannot be read"),
    ],
)
def test_config_when_it_cannot_be_is_refused_by_name(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(ConfigError) as refused:
        adapter(tmp_path, text)
    assert why in refused.value.text.en
