"""`maemae status`, `orders`, `positions`, `alerts` and `watch`: what an executor says of itself."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
import typer
from rich.console import RenderableType

from maemae.cli.asking import JsonOption, ModeOption, ask, folder_of
from maemae.cli.invocation import Invocation
from maemae.cli.options import both, command
from maemae.trading.control.commands import (
    AlertsQuery,
    OrdersQuery,
    PositionsQuery,
    StatusQuery,
)
from maemae.trading.control.replies import Alerts, Orders, Positions, Reply, Status


class BookOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae status`, `positions` and `alerts`."""

    mode: ModeOption = None
    as_json: JsonOption = False


class OrdersOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae orders`."""

    everything: Annotated[
        bool,
        typer.Option("--all", help=both("끝난 주문까지 오늘 것 모두", "closed ones too")),
    ] = False
    mode: ModeOption = None
    as_json: JsonOption = False


class WatchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Options of `maemae watch`."""

    mode: ModeOption = None


def status(call: Invocation, options: BookOptions) -> None:
    """Show how the executor stands."""
    reply = ask(folder_of(call, options.mode), StatusQuery(), Status)
    from maemae.cli.book_view import status_view

    _show(call, reply, status_view(call.screen, reply), as_json=options.as_json)


def orders(call: Invocation, options: OrdersOptions) -> None:
    """Show the orders."""
    query = OrdersQuery(is_open_only=not options.everything)
    reply = ask(folder_of(call, options.mode), query, Orders)
    from maemae.app.names import instrument_names
    from maemae.cli.book_view import orders_view

    names = instrument_names(call.settings)
    _show(call, reply, orders_view(call.screen, reply, names), as_json=options.as_json)


def positions(call: Invocation, options: BookOptions) -> None:
    """Show what is held."""
    reply = ask(folder_of(call, options.mode), PositionsQuery(), Positions)
    from maemae.app.names import instrument_names
    from maemae.cli.book_view import positions_view

    names = instrument_names(call.settings)
    _show(call, reply, positions_view(call.screen, reply, names), as_json=options.as_json)


def alerts(call: Invocation, options: BookOptions) -> None:
    """Show what a person must look at."""
    reply = ask(folder_of(call, options.mode), AlertsQuery(), Alerts)
    from maemae.cli.book_view import alerts_view

    _show(call, reply, alerts_view(call.screen, reply), as_json=options.as_json)


def watch(call: Invocation, options: WatchOptions) -> None:
    """Show everything again and again until interrupted; once where nobody watches."""
    home = folder_of(call, options.mode)
    from maemae.app.names import instrument_names
    from maemae.cli.live_board import executor_board, watch_board

    screen = call.screen
    names = instrument_names(call.settings)
    if screen.out.is_terminal:
        watch_board(screen, home, names)
    else:
        screen.show(executor_board(screen, home, names))


def _show(call: Invocation, reply: Reply, view: RenderableType, *, as_json: bool) -> None:
    if as_json:
        text = msgspec.json.encode(reply).decode()
        call.screen.out.print(text, markup=False, soft_wrap=True)
    else:
        call.screen.show(view)


COMMANDS: Final = (
    (
        "status",
        both("실행기가 어떤 상태인지 봅니다.", "Show how the executor stands."),
        command(BookOptions, status),
    ),
    ("orders", both("주문을 봅니다.", "Show orders."), command(OrdersOptions, orders)),
    ("positions", both("보유를 봅니다.", "Show positions."), command(BookOptions, positions)),
    (
        "alerts",
        both("사람이 봐야 할 알림을 봅니다.", "Show what a person must look at."),
        command(BookOptions, alerts),
    ),
    (
        "watch",
        both("상태·보유·주문·알림을 계속 봅니다. Ctrl-C 로 끝냅니다.", "Watch it all live."),
        command(WatchOptions, watch),
    ),
)
"""Names, helps and functions."""
