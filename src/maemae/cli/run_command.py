"""`maemae run`: broker, executor, server and page as one, in one window."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, mode_of
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import MOST_PORT, choice_from_text, count_from_text, symbols_from_text
from maemae.domain.terms import Mode

PORT: Final = 8710
"""Port of the page, unless another is asked for."""

_MOST_SPEED: Final = 600


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae run`."""

    mode: ModeOption = None
    broker: Annotated[
        str,
        typer.Option(
            metavar="sim|kiwoom-rest",
            help=both(
                "증권사; sim 모드의 kiwoom-rest 는 에뮬레이터",
                "the broker; in mode sim, kiwoom-rest is its emulator",
            ),
        ),
    ] = "sim"
    port: Annotated[
        str, typer.Option(metavar="N", help=both("페이지의 포트", "port of the page"))
    ] = str(PORT)
    speed: Annotated[
        str, typer.Option(metavar="N", help=both("모의 거래소의 배속", "of the simulated exchange"))
    ] = "60"
    strategies: Annotated[
        list[str] | None,
        typer.Option(
            "--strategy", metavar="NAME", help=both("돌릴 전략 (여러 번)", "a strategy; repeat")
        ),
    ] = None
    dataset: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=both("실제 증권사에서 워밍업에 쓸 데이터셋", "warm-up at a broker outside"),
        ),
    ] = None
    symbols: Annotated[
        str | None,
        typer.Option(
            metavar="005930,…", help=both("실제 증권사에서 볼 종목", "for a broker outside")
        ),
    ] = None
    backtests: Annotated[
        bool,
        typer.Option(
            "--backtests/--no-backtests",
            help=both("데모에서 백테스트도 보인다", "show the backtests of the demo, too"),
        ),
    ] = True


def run(call: Invocation, options: RunOptions) -> None:
    """Run everything until interrupted."""
    mode = mode_of(call, options.mode)
    port = count_from_text("--port", options.port, 1, MOST_PORT)
    speed = count_from_text("--speed", options.speed, 1, _MOST_SPEED)
    if options.symbols is not None:
        symbols_from_text(options.symbols)
    from maemae.app.broker_ends import require_broker
    from maemae.app.stack_members import StackPlan, word_of
    from maemae.app.trade_request import BrokerName
    from maemae.cli.run_stack import run_stack

    broker = choice_from_text(
        "--broker", options.broker, {word_of(each): each for each in BrokerName}
    )
    is_demo = mode is Mode.SIM
    if is_demo and broker is not BrokerName.SIM:
        mode = Mode.PAPER  # an emulator is a paper server in everything
    require_broker(broker, mode)
    usual = ("golden_cross", "momentum") if is_demo else ()
    plan = StackPlan(
        mode=mode,
        broker=broker,
        port=port,
        speed=speed,
        strategies=tuple(options.strategies or usual),
        dataset=None if is_demo else options.dataset,
        symbols=None if is_demo else options.symbols,
        is_demo=is_demo,
    )
    run_stack(call, plan, has_backtests=options.backtests)


COMMAND: Final = (
    "run",
    both(
        "모의 증권사·실행기·서버·페이지를 한 번에 돌립니다. Ctrl-C 로 모두 멈춥니다.",
        "Run broker, executor, server and page at once. Ctrl-C stops them all.",
    ),
    command(RunOptions, run),
)
"""Name, help and function."""
