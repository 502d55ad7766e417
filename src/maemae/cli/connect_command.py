"""`maemae connect`: walks a person through the keys of a broker and proves that they work."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import symbols_from_text
from maemae.cli.screen import UP, WARNING
from maemae.cli.server_options import EmulatorOption
from maemae.domain.errors import ConfigError, InvalidValueError
from maemae.domain.ids import Symbol
from maemae.domain.terms import Mode
from maemae.settings import mode_from_text


class ConnectOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae connect kiwoom`."""

    mode: ModeOption = None
    emulator: EmulatorOption = False
    symbol: Annotated[
        str | None, typer.Option(metavar="CODE", help=both("볼 종목", "instrument to look at"))
    ] = None
    keep: Annotated[
        bool,
        typer.Option(
            "--stored", help=both("넣어 둔 키를 확인해 금고로 옮김", "prove and seal kept keys")
        ),
    ] = False
    without_order: Annotated[
        bool,
        typer.Option("--no-order", help=both("1주 주문은 하지 않음", "do not order one share")),
    ] = False


def run(call: Invocation, options: ConnectOptions) -> None:
    """Ask for the keys, prove them, and keep them."""
    mode = Mode.PAPER if options.mode is None else mode_from_text(options.mode)
    symbol = _symbol_of(options)
    import asyncio

    from maemae.app.kiwoom.connect import (
        connect_with,
        keep_key,
        keys_access,
        require_server,
        stored_access,
    )
    from maemae.brokers.kiwoom_rest.auth import AppKey

    settings, screen = call.settings, call.screen
    if options.emulator or options.keep:
        access = stored_access(settings, mode, is_emulated=options.emulator)
    else:
        require_server(mode)
        _explain(call, mode)
        app_key = typer.prompt(screen.word("앱키 (App Key)", "App key"), hide_input=True)
        secret = typer.prompt(screen.word("시크릿키 (Secret Key)", "Secret key"), hide_input=True)
        access = keys_access(AppKey(mode, app_key.strip(), secret.strip()))
    steps = connect_with(settings, access, symbol, with_order=not options.without_order)

    async def play() -> tuple[bool, bool]:
        are_proved = are_usable = True
        async for step in steps:
            are_proved = are_proved and step.is_proved
            are_usable = are_usable and (step.is_proved or not step.is_vital)
            mark, style = ("✔", UP) if step.is_proved else ("✘", WARNING)
            screen.say(
                f"{mark} {step.title.ko}: {step.told.ko}",
                f"{mark} {step.title.en}: {step.told.en}",
                style,
            )
        return are_proved, are_usable

    are_proved, are_usable = asyncio.run(play())
    if are_usable and not options.emulator:
        screen.say_text(keep_key(settings, access.app_key))
    if not are_proved:
        raise ConfigError(
            "✘ 단계에서 멈췄습니다. 위의 말대로 고친 뒤 maemae connect kiwoom 을 다시 하세요.",
            "It stopped at the step marked ✘. Do what it says, then run maemae connect kiwoom "
            "again.",
        )
    _say_what_trades(call, mode, is_emulated=options.emulator)


def _symbol_of(options: ConnectOptions) -> Symbol | None:
    if options.symbol is None:
        return None
    symbols = symbols_from_text(options.symbol)
    if symbols is None or len(symbols) != 1:
        raise InvalidValueError(
            "--symbol 에는 종목 하나를 쓰세요: 005930.", "Name one instrument: --symbol 005930."
        )
    return symbols[0]


def _say_what_trades(call: Invocation, mode: Mode, *, is_emulated: bool) -> None:
    options = f"--mode {mode.lower()}{' --emulator' if is_emulated else ''}"
    is_real = mode is Mode.REAL
    armed_ko = " 새 주문은 maemae arm 으로 켜 둔 동안만 나갑니다." if is_real else ""
    armed_en = " New orders leave only while maemae arm holds." if is_real else ""
    call.screen.say(
        f"이제 maemae trade --broker kiwoom-rest {options} 로 매매할 수 있습니다.{armed_ko}",
        f"Now maemae trade --broker kiwoom-rest {options} can trade.{armed_en}",
        "bold",
    )


def _explain(call: Invocation, mode: Mode) -> None:
    world = {Mode.PAPER: ("모의투자", "paper trading"), Mode.REAL: ("실전", "real trading")}
    ko, en = world.get(mode, world[Mode.PAPER])
    call.screen.say(
        f"1. openapi.kiwoom.com 에 로그인해 '{ko}' 앱키를 받으세요(실전과 모의는 다릅니다).\n"
        "2. 같은 곳의 지정단말기(IP) 메뉴에 이 컴퓨터의 공인 IP 를 등록하세요.\n"
        "3. 아래에 두 키를 붙여 넣으세요. 화면에는 보이지 않습니다.",
        f"1. Log in at openapi.kiwoom.com and get an app key for {en}; real and paper differ.\n"
        "2. Register this machine's public IP address there, under designated devices.\n"
        "3. Paste both keys below. They are not shown.",
    )


def command_group() -> typer.Typer:
    """Return the group of commands."""
    group = typer.Typer(
        no_args_is_help=True,
        help=both("증권사에 처음 연결하고 확인합니다.", "Connect to a broker and prove it."),
    )
    group.command("kiwoom", help=_HELP)(command(ConnectOptions, run))
    return group


_HELP: Final = both(
    "키움 REST API: 키, 등록 IP, 토큰, 시계, 잔고, 시세, 1주 주문과 취소를 차례로 확인합니다.",
    "Kiwoom's REST API: keys, registered IP, token, clock, balance, quote, one share and back.",
)
