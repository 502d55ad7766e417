"""Options about a broker's server that several commands have."""

from __future__ import annotations

from typing import Annotated

import typer

from maemae.cli.options import both

ServerOption = Annotated[
    str, typer.Option("--mode", metavar="paper|real", help=both("누구의 서버로", "whose server"))
]
"""Whose server is asked, where there is no executor to name a mode."""

EmulatorOption = Annotated[
    bool,
    typer.Option(
        "--emulator",
        help=both("이 컴퓨터의 키움 에뮬레이터로", "an emulator of it on this machine"),
    ),
]
"""That an emulator on this machine is meant, and not the broker itself."""

BrokerOption = Annotated[
    str, typer.Option(metavar="sim|kiwoom-rest", help=both("증권사", "the broker"))
]
"""Which broker an account is at."""

BrokerPortOption = Annotated[
    str | None,
    typer.Option(metavar="N", help=both("모의 증권사의 포트", "port of the simulated broker")),
]
"""Where the simulated broker is; None for where it was started last."""
