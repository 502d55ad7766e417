"""Everything about an executor on one screen, again and again."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from rich.console import RenderableType
from rich.live import Live

from maemae.cli.asking import ask
from maemae.cli.book_view import alerts_view, board, orders_view, positions_view, status_view
from maemae.cli.screen import Screen
from maemae.domain.errors import MaemaeError
from maemae.domain.ids import Symbol
from maemae.trading.control.commands import AlertsQuery, OrdersQuery, PositionsQuery, StatusQuery
from maemae.trading.control.replies import Alerts, Orders, Positions, Status

_EVERY_SECS: Final = 1.0


def executor_board(screen: Screen, home: Path, names: Mapping[Symbol, str]) -> RenderableType:
    """
    Return how an executor stands, its positions, orders and alerts.

    Raises:
        MaemaeError: It does not answer.
    """
    return board(
        [
            status_view(screen, ask(home, StatusQuery(), Status)),
            positions_view(screen, ask(home, PositionsQuery(), Positions), names),
            orders_view(screen, ask(home, OrdersQuery(), Orders), names),
            alerts_view(screen, ask(home, AlertsQuery(), Alerts)),
        ]
    )


def watch_board(
    screen: Screen,
    home: Path,
    names: Mapping[Symbol, str],
    above: Callable[[], list[RenderableType]] = list,
) -> None:
    """
    Show the board every second until interrupted.

    Args:
        screen: A terminal.
        home: The data folder of the executor; it may restart meanwhile.
        names: What people call instruments.
        above: Called each time; what it returns stands above the board.

    Raises:
        MaemaeError: Whatever `above` raises.
    """
    with (
        suppress(KeyboardInterrupt),
        Live(console=screen.out, screen=True, auto_refresh=False) as live,
    ):
        while True:
            heading = above()
            try:
                shown = executor_board(screen, home, names)
            except MaemaeError as error:  # it may be restarting; who watches goes on watching
                shown = error.text.in_language(screen.language)
            live.update(board([*heading, shown]), refresh=True)
            time.sleep(_EVERY_SECS)
