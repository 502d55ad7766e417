"""`maemae run`: broker, executor, server and page as one, in one window."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.asking import ModeOption, mode_of
from maemae.cli.options import both, command
from maemae.cli.parsing import count_from_text
from maemae.cli.session import Session
from maemae.domain.terms import Mode

PORT: Final = 8710
"""Port of the page, unless another is asked for."""

_MOST_PORT: Final = 65_535
_MOST_SPEED: Final = 600


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae run`."""

    mode: ModeOption = None
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
    backtests: Annotated[
        bool,
        typer.Option(
            "--backtests/--no-backtests",
            help=both("데모에서 백테스트도 보인다", "show the backtests of the demo, too"),
        ),
    ] = True


def run(session: Session, options: RunOptions) -> None:
    """Run everything until interrupted."""
    mode = mode_of(session, options.mode)
    port = count_from_text("--port", options.port, 1, _MOST_PORT)
    speed = count_from_text("--speed", options.speed, 1, _MOST_SPEED)
    from maemae.app.stack_members import StackPlan
    from maemae.cli.run_stack import run_stack

    plan = StackPlan(
        mode=mode,
        port=port,
        speed=speed,
        strategies=tuple(options.strategies or ("golden_cross", "momentum")),
        is_demo=mode is Mode.SIM,
    )
    run_stack(session, plan, has_backtests=options.backtests)


COMMAND: Final = (
    "run",
    both(
        "모의 증권사·실행기·서버·페이지를 한 번에 돌립니다. Ctrl-C 로 모두 멈춥니다.",
        "Run broker, executor, server and page at once. Ctrl-C stops them all.",
    ),
    command(RunOptions, run),
)
"""Name, help and function."""
