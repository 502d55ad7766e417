"""Runs the executor for the command line, and says what it does."""

from __future__ import annotations

import msgspec

from maemae.app.emulators import usual_dataset
from maemae.app.executors import trade
from maemae.app.names import instrument_names
from maemae.app.trade_request import TradeRequest
from maemae.cli.build_warning import say_test_build
from maemae.cli.invocation import Invocation
from maemae.cli.screen import WARNING
from maemae.cli.trade_log import TradeLog
from maemae.domain.errors import FencedError
from maemae.trading.executor import Ending


def run_executor(call: Invocation, request: TradeRequest) -> None:
    """
    Run an executor in the foreground until it is told to stop.

    Raises:
        FencedError: Another executor took over.
        MaemaeError: It cannot be run, or what no restart mends.
    """
    settings, screen = call.settings, call.screen
    say_test_build(call)
    if request.strategies and request.dataset is None:
        request = msgspec.structs.replace(request, dataset=usual_dataset(settings))
    log = TradeLog(screen, instrument_names(settings))
    home = settings.data_folder(request.mode)
    screen.say(
        f"실행기를 시작합니다: {request.mode} {request.account_id}, 데이터 폴더 {home}, 증권사 "
        f"{request.where}, 전략 {len(request.strategies)}개",
        f"The executor starts: {request.mode} {request.account_id}, data folder {home}, broker "
        f"{request.where}, {len(request.strategies)} strategies",
        "bold",
    )

    def ready() -> None:
        log.say(
            "명령을 받습니다 (maemae status, halt). Ctrl-C 로 멈춥니다.",
            "Commands are taken (maemae status, halt). Stop with Ctrl-C.",
        )

    try:
        ending = trade(settings, request, log, ready, log)
    finally:
        log.close()
    if ending is Ending.FENCED:
        raise FencedError(
            "다른 실행기나 지킴이가 맡아서 멈췄습니다. maemae alerts 와 증권사 앱을 확인하세요.",
            "Another executor or a watchdog took over. Check its alerts and the broker's own app.",
        )
    screen.say(
        "실행기를 멈췄습니다. 미체결 주문은 증권사에 남고, 손절은 실행기가 돌 때만 작동합니다.",
        "The executor has stopped. Open orders stay at the broker; stops work only while it runs.",
        WARNING,
    )
