"""Runs broker, executor, server and page in one window, and says where to look."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import FrameType
from typing import Final

import msgspec
from rich.console import RenderableType
from rich.text import Text as Styled

from maemae.app.demo_login import find_demo_login
from maemae.app.listening import ServeRequest, listening
from maemae.app.names import instrument_names
from maemae.app.stack import Stack
from maemae.app.stack_members import BROKER, EMULATOR, EXECUTOR, SERVER, StackPlan, members_of
from maemae.cli.demo import show_backtests
from maemae.cli.invocation import Invocation
from maemae.cli.live_board import executor_board, watch_board
from maemae.cli.screen import QUIET, UP, WARNING, Screen
from maemae.domain.errors import MaemaeError
from maemae.domain.text import Text
from maemae.settings import Settings, child_environment

_ENDING: Final = (signal.SIGINT, signal.SIGTERM)
_EVERY_SECS: Final = 1.0
_TOLD_EVERY: Final = 30  # looks between two boards where nobody watches
_NAMES: Final = {
    BROKER: Text("모의 증권사", "simulated broker"),
    EMULATOR: Text("키움 에뮬레이터", "Kiwoom emulator"),
    EXECUTOR: Text("실행기", "executor"),
    SERVER: Text("서버와 페이지", "server and page"),
}


def run_stack(call: Invocation, plan: StackPlan, *, has_backtests: bool) -> None:
    """
    Run everything until SIGINT or SIGTERM, then stop it in order.

    Raises:
        ConfigError: A process cannot be started, or keeps ending.
    """
    settings = _home_of(call.settings, plan)
    call = msgspec.structs.replace(call, settings=settings)
    screen = call.screen
    stack = Stack(members_of(settings, plan), child_environment(settings), settings.logs)
    with listening(ServeRequest(port=plan.port)):
        pass  # a port that is taken is told before anything starts
    for number in _ENDING:
        signal.signal(number, _interrupt)
    screen.step(
        f"증권사·실행기·서버를 켭니다 (데이터 {settings.home})",
        f"Starting broker, executor and server (data {settings.home})",
    )
    try:
        stack.start(lambda name: _say_ready(screen, name))
        _say_login(call, plan)
        if plan.is_demo and has_backtests:
            show_backtests(call)
            stack.look_after()
            _say_login(call, plan)
        _watch(call, plan, stack)
    except KeyboardInterrupt:
        pass
    finally:
        screen.step("모두 멈춥니다", "Stopping everything")
        stack.stop()
    screen.say("모두 멈췄습니다.", "Everything has stopped.")


def _home_of(settings: Settings, plan: StackPlan) -> Settings:
    """Return the settings of a home that a demo does not share with anything else."""
    if not plan.is_demo:
        return settings
    return msgspec.structs.replace(settings, home=settings.demo, database=None)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Begin to stop; a second Ctrl-C must not leave processes behind."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _say_ready(screen: Screen, name: str) -> None:
    what = _NAMES[name]
    screen.say(f"  ✔ {what.ko}", f"  ✔ {what.en}", QUIET)


def _say_login(call: Invocation, plan: StackPlan) -> None:
    for line in _heading(call, plan):
        call.screen.show(line)


def _heading(call: Invocation, plan: StackPlan) -> list[RenderableType]:
    word, url = call.screen.word, f"http://127.0.0.1:{plan.port}"
    lines: list[RenderableType] = [Styled(f"▶ {word('페이지', 'Page')}  {url}", "bold")]
    login = find_demo_login(call.settings) if plan.is_demo else None
    if login is not None:
        code, left = login.code()
        shown = (
            f"  {word('아이디', 'user')} {login.user_id}   {word('비밀번호', 'password')} "
            f"{login.password}   {word('인증 코드', 'code')} {code} "
            f"({word(f'{left}초 남음', f'{left} s left')})"
        )
        lines.append(Styled(shown, UP))
    return lines


def _watch(call: Invocation, plan: StackPlan, stack: Stack) -> None:
    screen, home = call.screen, call.settings.data_folder(plan.mode)
    names = instrument_names(call.settings)
    if screen.out.is_terminal:
        restarted: list[str] = []

        def above() -> list[RenderableType]:
            restarted.extend(stack.look_after())
            return [*_heading(call, plan), *_restarts(screen, restarted)]

        watch_board(screen, home, names, above)
        return
    while True:
        _tell_board(call, home)
        for _ in range(_TOLD_EVERY):
            time.sleep(_EVERY_SECS)
            for line in _restarts(screen, stack.look_after()):
                screen.show(line)


def _tell_board(call: Invocation, home: Path) -> None:
    screen = call.screen
    try:
        screen.show(executor_board(screen, home, instrument_names(call.settings)))
    except MaemaeError as error:  # it may be restarting
        screen.say_text(error.text, WARNING)


def _restarts(screen: Screen, names: list[str]) -> list[RenderableType]:
    return [
        Styled(
            screen.word(
                f"{_NAMES[name].ko} 이(가) 끝나서 다시 켰습니다.",
                f"The {_NAMES[name].en} ended and was started again.",
            ),
            WARNING,
        )
        for name in dict.fromkeys(names)
    ]
