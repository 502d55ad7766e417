"""`maemae data conditions`: the condition searches saved at a broker, listed and recorded."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer

from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.cli.parsing import choice_from_text
from maemae.cli.screen import Screen
from maemae.cli.server_options import EmulatorOption, ServerOption
from maemae.settings import mode_from_text


class ConditionOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae data conditions`."""

    source: Annotated[
        str, typer.Option("--from", metavar="kiwoom", help=both("어디서", "where from"))
    ]
    record: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help=both("이 조건식을 지켜보며 남긴다", "watch this one and record it")
        ),
    ] = None
    mode: ServerOption = "paper"
    emulator: EmulatorOption = False


def run(call: Invocation, options: ConditionOptions) -> None:
    """List the conditions, or record one until interrupted."""
    import asyncio

    from maemae.app.kiwoom.conditions import record_condition, saved_conditions
    from maemae.app.kiwoom.connect import stored_access
    from maemae.catalogue.condition_log import Learned, Listed, Lost
    from maemae.domain.instant import kst_datetime

    choice_from_text("--from", options.source, {"kiwoom": "kiwoom"})
    settings, screen, name = call.settings, call.screen, options.record
    mode = mode_from_text(options.mode)
    access = stored_access(settings, mode, is_emulated=options.emulator)
    if name is None:
        for condition in asyncio.run(saved_conditions(settings, access)):
            screen.say(condition.name, condition.name)
        return

    def tell(learned: Learned) -> None:
        at = f"{kst_datetime(learned.known_at):%H:%M:%S}"
        if isinstance(learned, Listed):
            count = len(learned.symbols)
            screen.say(f"{at} 지금 {count}종목", f"{at} {count} instruments now")
        elif isinstance(learned, Lost):
            screen.say(f"{at} 끊김", f"{at} cut off")
        else:
            _tell_move(screen, at, learned.symbol, is_in=learned.is_in)

    async def play() -> None:
        async for learned in record_condition(settings, access, name):
            tell(learned)

    asyncio.run(play())


def _tell_move(screen: Screen, at: str, symbol: str, *, is_in: bool) -> None:
    if is_in:
        screen.say(f"{at} {symbol} 들어옴", f"{at} {symbol} came in")
    else:
        screen.say(f"{at} {symbol} 나감", f"{at} {symbol} went out")


COMMAND: Final = (
    "conditions",
    both(
        "영웅문에 저장한 조건식을 보이거나, 들고 나는 종목을 알게 된 시각과 함께 남깁니다.",
        "List saved condition searches, or record who comes and goes and when it was known.",
    ),
    command(ConditionOptions, run),
)
"""Name, help and function."""
