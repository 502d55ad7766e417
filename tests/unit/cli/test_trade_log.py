"""The log of an executor says what happens, and never stands in its way."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Sequence

import pytest
from rich.console import Console

from maemae.cli.screen import Screen
from maemae.cli.trade_log import TradeLog
from maemae.core.actions import Action
from maemae.core.events import Event, KillLevel, KillSet, TradingStateSet
from maemae.core.machine import TradingCore
from maemae.domain.terms import Side, TradingState
from maemae.domain.text import Language, Text
from maemae.ports import Alert, Entry
from tests.builders import NOON, SAMSUNG, a_core, a_fill, a_price, a_report, an_intent

LINES = 12_000  # more than may wait


class Stuck(io.StringIO):
    """A terminal that takes nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def write(self, text: str) -> int:
        self.let_go.wait()
        return super().write(text)


class Gone(io.StringIO):
    """A pipe whose reader has left."""

    def write(self, text: str) -> int:
        raise BrokenPipeError


def logged_to(file: io.StringIO, language: Language = Language.KO) -> TradeLog:
    screen = Screen(language)
    screen.out = Console(file=file, width=200, highlight=False)
    return TradeLog(screen, {SAMSUNG: "삼성전자"})


def take(core: TradingCore, log: TradeLog, *events: Event, command: str | None = None) -> None:
    for event in events:
        actions: Sequence[Action] = core.handle(event)
        log.hear_entries([Entry(1, event, actions, command)], core)


def test_log_says_orders_fills_refusals_and_commands_with_the_exchange_time() -> None:
    core, shown = a_core(), io.StringIO()
    log = logged_to(shown)

    take(core, log, a_price(10_000), an_intent(Side.BUY, 10), command="k1")
    take(core, log, a_report(), a_fill(10, 10_000))
    take(core, log, an_intent(Side.SELL, 99, intent_id="w2"))
    take(core, log, KillSet(KillLevel.STOP_NEW, "kim: 급락", NOON))
    take(core, log, TradingStateSet(TradingState.REDUCING, "lee", NOON))
    log.close()

    told = shown.getvalue()
    assert "12:00:00 주문 #1 005930 삼성전자 매수 10주 시장가" in told
    assert "체결 #1 005930 삼성전자 +10주 10,000원" in told
    assert "거부 005930 삼성전자: " in told
    assert "명령 OrderIntent (k1)" in told
    assert "비상정지 STOP_NEW (kim: 급락)" in told
    assert "거래 상태: 줄이기만 (lee)" in told


def test_log_in_english_has_no_korean_but_names() -> None:
    core, shown = a_core(), io.StringIO()
    log = logged_to(shown, Language.EN)

    take(core, log, a_price(10_000), an_intent(Side.BUY, 10), a_report(), a_fill(10, 10_000))
    log.hear_ready(core)
    log.close()

    told = shown.getvalue().replace("삼성전자", "")
    assert "order #1 buy 10" in told
    assert not [letter for letter in told if "가" <= letter <= "힣"]


@pytest.mark.timeout(120)
def test_log_when_the_terminal_stands_still_loses_lines_and_holds_nobody_up() -> None:
    terminal = Stuck()
    log = logged_to(terminal)

    for number in range(LINES):
        log.say(f"{number}", f"{number}")

    terminal.let_go.set()
    log.close()
    assert 0 < len(terminal.getvalue().splitlines()) < LINES


def test_log_when_its_reader_has_left_goes_on_in_silence() -> None:
    log = logged_to(Gone())

    for _ in range(LINES):
        log.say("한 줄", "a line")
    log.close()


def test_alerts_are_lines_of_the_log() -> None:
    shown = io.StringIO()
    log = logged_to(shown)
    text = Text("시세가 없습니다.", "There is no price.")

    asyncio.run(log.notify(Alert("BLIND", "005930", is_critical=True, text=text, at=NOON)))
    log.close()

    assert "알림 BLIND 005930: 시세가 없습니다." in shown.getvalue()


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([TradingStateSet(TradingState.HALTED, "x", NOON)], "maemae resume --reason"),
        ([KillSet(KillLevel.CANCEL_ALL, "x", NOON)], "비상정지 CANCEL_ALL 상태"),
    ],
)
def test_log_when_trading_is_closed_says_how_it_is_opened(events: list[Event], said: str) -> None:
    core, shown = a_core(), io.StringIO()
    log = logged_to(shown)
    for event in events:
        core.handle(event)

    log.hear_ready(core)
    log.close()

    assert said in shown.getvalue()
