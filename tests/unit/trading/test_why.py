"""Each thing that keeps a strategy from trading is said, in both languages."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from maemae.core.events import KillLevel
from maemae.domain.refusal import Reason, Refusal
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.krx.session import Phase
from maemae.storage.history import RefusedOften
from maemae.strategy.run import Run
from maemae.trading.conduct import Conduct, RunState, Wish
from maemae.trading.control.replies import Circumstances
from maemae.trading.dropped import Dropped
from maemae.trading.why import reasons
from tests.builders import ACCOUNT, DAY_1, DAY_2, NOON, SLEEVE, an_intent

RUN = Run("run-1", "golden_cross", {}, "hash", ACCOUNT, SLEEVE, 0, NOON)
GOOD = Conduct(RUN, RunState.RUNNING, 30, 200, 20, NOON, 1, (Wish(NOON, (an_intent(),)),))
FREE = Circumstances(
    GOOD,
    TradingState.ACTIVE,
    "",
    TradingState.ACTIVE,
    KillLevel.OFF,
    "",
    Phase.CONTINUOUS,
    DAY_1,
    is_halted=False,
    dropped=(),
)

RAISED = Text("오류가 났습니다", "it raised")

CASES = {
    "killed": (replace(FREE, kill=KillLevel.STOP_NEW, kill_reason="불안"), "kill switch is on"),
    "reducing": (replace(FREE, trading_state=TradingState.REDUCING), "trading state is REDUCING"),
    "bounded": (replace(FREE, ceiling=TradingState.REDUCING), "bounds trading at REDUCING"),
    "halted": (replace(FREE, is_halted=True), "sleeve is halted"),
    "closed": (replace(FREE, phase=Phase.CLOSED), "not regular trading"),
    "another day": (replace(FREE, session_date=DAY_2), "not going on"),
    "never run": (replace(FREE, conduct=None), "was ever run"),
    "stopped": (
        replace(FREE, conduct=Conduct(replace(RUN, end_reason="kim: 그만"), RunState.STOPPED)),
        "stopped (kim: 그만)",
    ),
    "paused": (
        replace(
            FREE,
            conduct=replace(
                GOOD, run=replace(RUN, pause_reason="kim: 점심"), state=RunState.PAUSED
            ),
        ),
        "paused (kim: 점심)",
    ),
    "failed": (
        replace(
            FREE, conduct=replace(GOOD, state=RunState.FAILED, failure=Text("왜", "it raised"))
        ),
        "it raised",
    ),
    "cold": (
        replace(FREE, conduct=replace(GOOD, state=RunState.WARMING_UP, known_bars=9)),
        "9 bars of 30",
    ),
    "not set up": (
        replace(FREE, conduct=replace(GOOD, state=RunState.WARMING_UP, warmup=None)),
        "not set up",
    ),
    "no bars": (replace(FREE, conduct=replace(GOOD, bars=0)), "no bar in this session"),
    "no wish": (
        replace(FREE, conduct=replace(GOOD, intents=0, wishes=())),
        "wished for nothing",
    ),
    "dropped while paused": (
        replace(FREE, dropped=(Dropped(ACCOUNT, SLEEVE, NOON, NOON, is_paused=True),)),
        "1 wishes were dropped because it was paused",
    ),
    "dropped late": (
        replace(FREE, dropped=(Dropped(ACCOUNT, SLEEVE, NOON, NOON, is_paused=False),)),
        "came too late",
    ),
}


@pytest.mark.parametrize(("told", "said"), CASES.values(), ids=CASES.keys())
def test_what_keeps_a_strategy_from_trading_is_said(told: Circumstances, said: str) -> None:
    texts = reasons(told, (), DAY_1)

    assert any(said in text.en for text in texts)
    assert all(text.ko and text.ko != text.en for text in texts)


def test_refusals_are_said_with_their_count_and_newest_figures() -> None:
    refused = RefusedOften(
        Reason.NOT_ENOUGH_CASH, 3, Refusal(Reason.NOT_ENOUGH_CASH, 1_500_000, 900_000), NOON
    )

    texts = reasons(FREE, (refused,), DAY_1)

    assert "3 times" in texts[-1].en
    assert "1,500,000" in texts[-1].en
    assert "900,000" in texts[-1].ko


def test_strategy_that_runs_freely_is_told_by_what_it_did() -> None:
    texts = reasons(FREE, (), DAY_1)

    assert [text.en.split(" ")[1] for text in texts] == ["saw", "wished"]
