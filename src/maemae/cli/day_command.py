"""`maemae day`: one accelerated trading day on the simulated market, resumed if interrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import count_from_text

FASTEST: Final = 1_000_000
MOST_SEED: Final = 2**32 - 1


class DayOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae day`."""

    seed: Annotated[
        str | None,
        typer.Option(metavar="N", help=both("합성 시장의 씨앗", "seed of the synthetic market")),
    ] = None
    journal: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=both("저널 파일; 있으면 이어 간다", "journal; one that exists is resumed"),
        ),
    ] = None
    speed: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help=both(
                "실제 시간의 몇 배로 갈지; 0은 가장 빠르게", "times real time; 0 for no waiting"
            ),
        ),
    ] = None
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help=both("저널을 지우고 처음부터", "forget the journal and begin anew")
        ),
    ] = False


def run(call: Invocation, options: DayOptions) -> None:
    """Run the day in view of a person."""
    seed = None if options.seed is None else count_from_text("--seed", options.seed, 0, MOST_SEED)
    speed = None if options.speed is None else count_from_text("--speed", options.speed, 0, FASTEST)
    from maemae.cli.day_run import run_day

    run_day(call, seed, options.journal, speed, fresh=options.fresh)


COMMAND: Final = (
    "day",
    both(
        "모의 시장에서 하루를 빠르게 매매합니다. 끊기면 이어 갑니다.",
        "Trade one accelerated day on the simulated market; resumes.",
    ),
    command(DayOptions, run),
)
"""Name, help and function."""
