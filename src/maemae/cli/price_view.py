"""Raw and adjusted prices of an instrument, on the screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from maemae.catalogue.side_by_side import DayPrice
from maemae.cli.screen import QUIET, Screen
from maemae.domain.corporate_action import CorporateAction


def prices_view(
    screen: Screen, prices: Sequence[DayPrice], actions: Sequence[CorporateAction]
) -> None:
    """Show raw closes, factors and adjusted closes, and what made the factors."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(screen.word("날짜", "day"), no_wrap=True)
    for heading in (("원주가", "raw"), ("계수", "factor"), ("수정주가", "adjusted")):
        table.add_column(screen.word(*heading), justify="right", no_wrap=True)
    for each in prices:
        told = str(each.factor) if each.factor != 1 else ""
        table.add_row(f"{each.day}", f"{each.raw:,}", told, f"{each.adjusted:,.0f}")
    screen.show(table)
    for action in actions:
        kind, day = action.__struct_config__.tag, action.ex_date
        screen.say(f"{day} {action.symbol} {kind}", f"{day} {action.symbol} {kind}", QUIET)
