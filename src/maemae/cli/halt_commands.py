"""`maemae halt` and `maemae resume`: the kill switch, with an executor or without one."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, ask, folder_of, who
from maemae.cli.executor_options import AccountOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import required, symbol_from_text
from maemae.cli.screen import UP, WARNING, Screen
from maemae.cli.words import STATES
from maemae.clocks import SystemWallClock
from maemae.core.events import KillLevel
from maemae.domain.errors import ConfigError, InvalidValueError, MaemaeError, StorageError
from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.trading.control.client import ask_executor
from maemae.trading.control.commands import (
    Ask,
    Kill,
    ReclaimStream,
    ReleaseKill,
    ReleaseSymbol,
    ResumeSleeve,
    SetTradingState,
    StatusQuery,
)
from maemae.trading.control.replies import Accepted, Status
from maemae.trading.emergency.kill_file import KillFile
from maemae.trading.emergency.kill_switch import KillSwitch

_WORD_WITHIN_SECS: Final = 5.0
_LOOK_EVERY_SECS: Final = 0.1
_RANKS: Final = {level: rank for rank, level in enumerate(KillLevel)}
_RELEASE: Final = Text("해제", "release")

ReasonOption = Annotated[
    str | None,
    typer.Option(metavar="TEXT", help=both("사유; 기록에 남는다", "why; it is recorded")),
]


class HaltOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae halt`."""

    reason: ReasonOption = None
    cancel: Annotated[
        bool, typer.Option("--cancel", help=both("미체결도 모두 취소", "cancel open orders too"))
    ] = False
    liquidate: Annotated[
        bool,
        typer.Option(
            "--liquidate", help=both("취소하고 보유도 모두 시장가로 판다", "and sell everything")
        ),
    ] = False
    mode: ModeOption = None


class ResumeOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae resume`."""

    reason: ReasonOption = None
    sleeve: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=both("멈춘 전략만 다시", "only this halted sleeve")),
    ] = None
    symbol: Annotated[
        str | None,
        typer.Option(metavar="CODE", help=both("격리된 종목만 풀기", "only this quarantine")),
    ] = None
    stream: Annotated[
        bool,
        typer.Option(
            "--stream",
            help=both(
                "다른 로그인에 빼앗긴 실시간 연결만 되찾기",
                "only take the stream back from a login",
            ),
        ),
    ] = False
    account: AccountOption = None
    yes: Annotated[
        bool, typer.Option("--yes", help=both("묻지 않고 해제", "release without asking"))
    ] = False
    mode: ModeOption = None


def halt(call: Invocation, options: HaltOptions) -> None:
    """Press the kill switch: by file first, which needs nobody, then hear the executor's word."""
    if options.cancel and options.liquidate:
        raise InvalidValueError(
            "--cancel 과 --liquidate 가운데 하나만 쓰세요. --liquidate 는 취소도 합니다.",
            "Use one of --cancel and --liquidate; the latter cancels too.",
        )
    reason = required("--reason", options.reason)
    level = KillLevel.STOP_NEW
    if options.cancel:
        level = KillLevel.CANCEL_ALL
    elif options.liquidate:
        level = KillLevel.LIQUIDATE
    home, screen = folder_of(call, options.mode), call.screen
    failure = _press(home, level, reason)
    if failure is None:
        screen.say(
            f"비상정지를 걸었습니다: {_MEANINGS[level].ko} ({home / 'KILL'})",
            f"The kill switch is pressed: {_MEANINGS[level].en} ({home / 'KILL'})",
            f"bold {UP}",
        )
    else:
        screen.complain(failure.text)
    is_taken = _hear_word(screen, home, level, reason, is_pressed=failure is None)
    if failure is not None and not is_taken:
        raise typer.Exit(1)


def resume(call: Invocation, options: ResumeOptions) -> None:
    """Release the kill switch and open trading, or let one sleeve or instrument go on."""
    reason = required("--reason", options.reason)
    home = folder_of(call, options.mode)
    if options.stream:
        _do(home, ReclaimStream(_key(), who(), reason))
        call.screen.say("실시간 연결을 되찾습니다.", "The stream is taken back.")
        return
    account = AccountId(options.account or call.settings.account_id)
    if options.sleeve is not None or options.symbol is not None:
        _release_parts(call.screen, home, account, options, reason)
        return
    status = ask(home, StatusQuery(), Status)
    if status.kill is not KillLevel.OFF or KillFile(home).level() is not KillLevel.OFF:
        _release_kill(call.screen, home, status, reason, asks=not options.yes)
    _do(home, SetTradingState(_key(), who(), TradingState.ACTIVE, reason))
    after = ask(home, StatusQuery(), Status)
    state = STATES[after.trading_state]
    if after.trading_state is TradingState.ACTIVE:
        call.screen.say("거래를 시작합니다.", "Trading is active.", "bold")
        return
    call.screen.say(
        f"아직 '{state.ko}' 상태입니다 ({after.trading_reason}). maemae alerts 를 확인하세요.",
        f"Trading is still {state.en} ({after.trading_reason}). See maemae alerts.",
        WARNING,
    )
    raise typer.Exit(1)


def _press(home: Path, level: KillLevel, reason: str) -> StorageError | None:
    """Press by file and log; return why it may not hold."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        KillSwitch(home, SystemWallClock()).press(level, who(), reason)
    except OSError as error:
        return StorageError(
            f"비상정지 파일을 쓰지 못했습니다 ({error}). 증권사 앱에서 직접 취소하세요.",
            f"The kill file could not be written ({error}). Cancel in the broker's own app.",
        )
    except StorageError as error:
        return error
    return None


def _hear_word(
    screen: Screen, home: Path, level: KillLevel, reason: str, *, is_pressed: bool
) -> bool:
    """Wait until the executor says that it has the press; return whether it did."""
    deadline = time.monotonic() + _WORD_WITHIN_SECS
    try:
        if not is_pressed:  # the socket is the only way left
            ask(home, Kill(_key(), who(), level, reason), Accepted)
        while time.monotonic() < deadline:
            reply = ask_executor(home, StatusQuery(), _WORD_WITHIN_SECS)
            if isinstance(reply, Status) and _RANKS[reply.kill] >= _RANKS[level]:
                screen.say(
                    f"실행기가 받았습니다. 미체결 {reply.open_orders:,}건, 보유 "
                    f"{reply.positions:,}종목. 끝났는지는 maemae status 로 보세요.",
                    f"The executor has it. Open orders: {reply.open_orders:,}, positions: "
                    f"{reply.positions:,}. See maemae status for the rest.",
                )
                return True
            time.sleep(_LOOK_EVERY_SECS)
    except ConfigError:
        screen.say(
            "실행 중인 실행기가 없습니다. 다시 시작해도 비상정지는 그대로이고, 지킴이(maemae "
            "watchdog)가 있으면 취소와 매도를 대신합니다. 증권사 앱에서도 확인하세요.",
            "No executor runs. The kill switch outlives a restart, and a watchdog (maemae "
            "watchdog) cancels and sells in its place. Check the broker's own app too.",
            WARNING,
        )
        return False
    except MaemaeError as error:
        screen.say_text(error.text, WARNING)
        return False
    screen.say(
        "실행기가 아직 확인하지 않았습니다. 파일이 있으므로 새 주문은 나가지 않습니다. maemae "
        "status 와 증권사 앱을 확인하세요.",
        "The executor has not confirmed it yet. The file alone stops new orders. See maemae "
        "status and the broker's own app.",
        WARNING,
    )
    return False


def _release_kill(screen: Screen, home: Path, status: Status, reason: str, *, asks: bool) -> None:
    """Show why the kill switch was pressed, have a person say the word, and release it."""
    read = KillFile(home).text()
    why = read or status.kill_reason or "–"
    screen.say(
        f"비상정지 {status.kill} · 걸린 이유:\n{why}",
        f"The kill switch stands at {status.kill}, because:\n{why}",
        WARNING,
    )
    if asks:
        word = screen.word(_RELEASE.ko, _RELEASE.en)
        if not sys.stdin.isatty():
            raise ConfigError(
                "확인할 사람이 없어 해제하지 않았습니다. 터미널에서 하거나 --yes 를 붙이세요.",
                "Nobody is there to confirm it. Use a terminal, or add --yes.",
            )
        prompt = screen.word(f"풀려면 '{word}' 라고 쓰세요", f"Write '{word}' to release it")
        if typer.prompt(prompt, default="", show_default=False).strip().lower() != word:
            screen.say("그대로 두었습니다.", "It was left as it is.")
            raise typer.Exit(1)
    _do(home, ReleaseKill(_key(), who(), reason, read))
    screen.say("비상정지를 풀었습니다.", "The kill switch is released.")


def _release_parts(
    screen: Screen, home: Path, account: AccountId, options: ResumeOptions, reason: str
) -> None:
    if options.sleeve is not None:
        sleeve = SleeveId(required("--sleeve", options.sleeve))
        _do(home, ResumeSleeve(_key(), who(), account, sleeve, reason))
        screen.say(f"{sleeve} 이(가) 다시 주문합니다.", f"{sleeve} may order again.")
    if options.symbol is not None:
        symbol = symbol_from_text(options.symbol)
        _do(home, ReleaseSymbol(_key(), who(), account, symbol, reason))
        screen.say(f"{symbol} 의 격리를 풀었습니다.", f"{symbol} is released.")


def _do(home: Path, asked: Ask) -> None:
    """Give a command that is either done or refused with an error."""
    ask(home, asked, Accepted)


def _key() -> str:
    return uuid.uuid4().hex


_MEANINGS: Final = {
    KillLevel.STOP_NEW: Text("새 주문을 막습니다", "no new orders"),
    KillLevel.CANCEL_ALL: Text(
        "새 주문을 막고 미체결을 모두 취소합니다", "no new orders, and open ones are canceled"
    ),
    KillLevel.LIQUIDATE: Text(
        "모두 취소하고 보유를 시장가로 팝니다", "everything is canceled and sold at market"
    ),
}

COMMANDS: Final = (
    (
        "halt",
        both("비상정지를 겁니다. 실행기가 없어도 됩니다.", "Press the kill switch, always."),
        command(HaltOptions, halt),
    ),
    (
        "resume",
        both("비상정지를 풀고 거래를 시작합니다.", "Release the kill switch, open trading."),
        command(ResumeOptions, resume),
    ),
)
"""Names, helps and functions."""
