"""What goes over the line comes out as it went in."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from maemae.domain.ids import ClOrdId, IntentId
from maemae.domain.intent import CancelIntent, Intent, OrderIntent, Shares, TargetWeights
from maemae.domain.position import Position
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.strategy.news import Filled
from maemae.strategy.panel import FIELDS
from maemae.trading.workers.book_state import BookState
from maemae.trading.workers.frames import (
    LENGTH,
    Answer,
    Barrier,
    Begin,
    Broke,
    Fault,
    Fill,
    Ready,
    decode_said,
    decode_told,
    frame_from_panel,
    framed,
    panel_from_frame,
)
from tests.strategy_runs import ACCOUNT, SLEEVE, A, B, a_panel
from tests.worker_runs import a_row

PANEL = a_panel({A: [10, 20, 0], B: [1, 2, 3]})
STATE = BookState(1, 2, {A: Position(3, 300, 5)}, frozenset({B}))
INTENTS: list[Intent] = [
    OrderIntent(IntentId("1"), ACCOUNT, SLEEVE, A, Side.BUY, Shares(5), 7, stop_loss=30_000),
    TargetWeights(IntentId("2"), ACCOUNT, SLEEVE, ((A, 500_000),), 7),
    CancelIntent(ClOrdId(9), 7),
]


@pytest.mark.parametrize(
    "message",
    [
        Begin(
            "own.py:Own", {"fast": 2, "width": 0.5}, ACCOUNT, SLEEVE, frame_from_panel(PANEL), STATE
        ),
        Barrier(a_row(PANEL, 2), STATE),
        Fill(Filled(A, Side.SELL, 3, 100, 7, ClOrdId(9)), STATE),
    ],
)
def test_frame_to_a_worker_comes_out_as_it_went_in(message: msgspec.Struct) -> None:
    frame = framed(message)

    assert int.from_bytes(frame[:LENGTH], "big") == len(frame) - LENGTH
    assert decode_told(frame[LENGTH:]) == message


@pytest.mark.parametrize(
    "message",
    [Ready(30), Answer(INTENTS), Broke(Fault.MEMORY, Text("가", "a"), "line 1")],
)
def test_frame_from_a_worker_comes_out_as_it_went_in(message: msgspec.Struct) -> None:
    assert decode_said(framed(message)[LENGTH:]) == message


@pytest.mark.parametrize("length", [0, 2, 3])
def test_panel_comes_out_as_it_went_in(length: int) -> None:
    panel = PANEL.until(length)

    told = panel_from_frame(frame_from_panel(panel))

    assert (told.symbols, told.basis) == (panel.symbols, panel.basis)
    for name in (*FIELDS, "opened", "known"):
        assert np.array_equal(getattr(told, name), getattr(panel, name))
