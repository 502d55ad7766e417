"""How the executor stands, its orders, positions and alerts, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from maemae.cli.screen import QUIET, UP, WARNING, Screen, tone
from maemae.cli.waiting_view import waiting_view
from maemae.cli.words import SIDE_STYLES, SIDES, STATES, STATUS_STYLES, STATUSES, clock, price_text
from maemae.core.events import KillLevel
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND, kst_datetime
from maemae.domain.order import Order
from maemae.domain.terms import TradingState
from maemae.domain.text import Text
from maemae.ports import Alert
from maemae.trading.control.replies import Alerts, Holding, Orders, Positions, Status

Names = Mapping[Symbol, str]
"""What people call instruments."""

_DASH: Final = "–"
_CONNECTIONS: Final = {"broker": Text("증권사", "broker"), "feed": Text("시세", "feed")}
_GOOD: Final = "green"


def status_view(screen: Screen, status: Status) -> RenderableType:
    """Return how the executor stands, a line for each thing."""
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style=QUIET, no_wrap=True)
    table.add_column()
    for name, shown in _status_lines(screen, status):
        table.add_row(name, shown)
    return table


def _status_lines(screen: Screen, status: Status) -> list[tuple[str, Styled]]:
    word = screen.word
    is_active = status.trading_state is TradingState.ACTIVE
    state = STATES[status.trading_state].in_language(screen.language)
    is_off = status.kill is KillLevel.OFF
    kill = word("꺼짐", "off") if is_off else f"{status.kill} ({status.kill_reason or _DASH})"
    age = status.last_tick_age
    tick = _DASH if age is None else f"{age / SECOND:,.1f} {word('초 전', 's ago')}"
    unknown = status.unknown_orders
    mode = f"{status.mode}{word(' · 에뮬레이터', ' · emulator') if status.is_emulated else ''}"
    return [
        (word("모드", "mode"), Styled(f"{mode} · epoch {status.epoch}")),
        (
            word("거래", "trading"),
            Styled(f"{state} ({status.trading_reason or _DASH})", _GOOD if is_active else WARNING),
        ),
        (word("비상정지", "kill switch"), Styled(kill, "" if is_off else f"bold {UP}")),
        (word("연결", "connections"), _connections(screen, status)),
        (
            word("거래소 시각", "exchange time"),
            Styled(f"{kst_datetime(status.venue_time):%Y-%m-%d %H:%M:%S} KST"),
        ),
        (word("마지막 시세", "last price"), Styled(tick)),
        (
            word("미체결", "open orders"),
            Styled(f"{status.open_orders:,}")
            + Styled(f"  {word('확인 중', 'unknown')} {unknown:,}", WARNING if unknown else QUIET),
        ),
        (word("보유", "positions"), Styled(f"{status.positions:,}")),
        (
            word("무방비", "unprotected"),
            Styled(
                f"{status.unprotected / SECOND:,.0f} {word('초', 's')}",
                WARNING if status.unprotected else QUIET,
            ),
        ),
        (
            word("알림", "alerts"),
            Styled(f"{status.alerts:,}", WARNING if status.alerts else ""),
        ),
        (
            word("대기", "waiting"),
            Styled(
                f"{word('입력', 'inputs')} {status.inbox:,} · "
                f"{word('요청', 'requests')} {status.outbox:,}",
                QUIET,
            ),
        ),
    ]


def _connections(screen: Screen, status: Status) -> Styled:
    shown = Styled()
    for each in status.connections:
        known = _CONNECTIONS.get(each.name)
        name = each.name if known is None else known.in_language(screen.language)
        mark, style = ("✔", _GOOD) if each.is_connected else ("✘", UP)
        shown.append(f"{mark} {name}  ", style)
    return shown


def orders_view(screen: Screen, orders: Orders, names: Names) -> RenderableType:
    """Return orders, oldest first, and below them what waits to send its own."""
    if not orders.waiting:
        return _orders_table(screen, orders.orders, names)
    waiting = waiting_view(screen, orders.waiting, lambda symbol: called(symbol, names))
    return board([_orders_table(screen, orders.orders, names), waiting])


def _orders_table(screen: Screen, orders: Sequence[Order], names: Names) -> RenderableType:
    if not orders:
        return Styled(screen.word("주문이 없습니다.", "There are no orders."), QUIET)
    table = _table(
        screen,
        ("번호", "no."),
        ("시각", "time"),
        ("종목", "symbol"),
        ("구분", "side"),
        right=(("수량", "qty"), ("체결", "filled"), ("가격", "price")),
    )
    table.add_column(screen.word("상태", "status"), no_wrap=True)
    table.add_column(screen.word("슬리브", "sleeve"), style=QUIET)
    for order in orders:
        table.add_row(*_order_cells(screen, order, names))
    return table


def _order_cells(screen: Screen, order: Order, names: Names) -> tuple[Styled | str, ...]:
    language = screen.language
    return (
        str(order.cl_ord_id),
        Styled(clock(order.at), QUIET),
        called(order.symbol, names),
        Styled(SIDES[order.side].in_language(language), SIDE_STYLES[order.side]),
        f"{order.order_qty:,}",
        f"{order.cum_qty:,}",
        price_text(order.price).in_language(language),
        Styled(STATUSES[order.status].in_language(language), STATUS_STYLES.get(order.status, "")),
        order.sleeve_id,
    )


def positions_view(screen: Screen, positions: Positions, names: Names) -> RenderableType:
    """Return what is held, with the unrealized result at the last price."""
    held = [holding for holding in positions.holdings if holding.qty]
    if not held:
        return Styled(screen.word("보유가 없습니다.", "Nothing is held."), QUIET)
    table = _table(
        screen,
        ("종목", "symbol"),
        ("슬리브", "sleeve"),
        right=(
            ("수량", "qty"),
            ("매도 가능", "sellable"),
            ("평균단가", "avg. cost"),
            ("현재가", "price"),
            ("평가손익", "result"),
        ),
    )
    total = 0
    for holding in held:
        result = result_of(holding)
        total += result or 0
        table.add_row(
            called(holding.symbol, names),
            Styled(holding.sleeve_id, QUIET),
            f"{holding.qty:,}",
            f"{holding.sellable:,}",
            f"{holding.cost // holding.qty:,}",
            _DASH if holding.price is None else f"{holding.price:,}",
            Styled(_DASH if result is None else f"{result:+,}", tone(result)),
        )
    table.add_section()
    cells = [screen.word("합계", "total"), *[""] * 5]
    table.add_row(*cells, Styled(f"{total:+,}", tone(total)))
    return table


def result_of(holding: Holding) -> int | None:
    """Return the unrealized result of what is held [won]; None without a price."""
    return None if holding.price is None else holding.price * holding.qty - holding.cost


def alerts_view(screen: Screen, alerts: Alerts) -> RenderableType:
    """Return what a person must look at, newest last."""
    if not alerts.alerts:
        return Styled(screen.word("알림이 없습니다.", "There are no alerts."), QUIET)
    table = _table(screen, ("시각", "time"), ("코드", "code"), ("대상", "subject"))
    table.add_column(screen.word("내용", "what"), ratio=1)
    for alert in alerts.alerts:
        table.add_row(*_alert_cells(screen, alert))
    return table


def _alert_cells(screen: Screen, alert: Alert) -> tuple[Styled, ...]:
    style = f"bold {UP}" if alert.is_critical else WARNING
    return (
        Styled(clock(alert.at), QUIET),
        Styled(alert.code, style),
        Styled(alert.subject),
        Styled(alert.text.in_language(screen.language)),
    )


def board(parts: Sequence[RenderableType]) -> RenderableType:
    """Return parts one under the other, with a line between."""
    spaced: list[RenderableType] = []
    for part in parts:
        spaced += [part, Styled()]
    return Group(*spaced[:-1])


def called(symbol: Symbol, names: Names) -> str:
    """Return a code with the name by which people call it."""
    name = names.get(symbol)
    return symbol if name is None else f"{symbol} {name}"


def _table(screen: Screen, *left: tuple[str, str], right: Sequence[tuple[str, str]] = ()) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in left:
        table.add_column(screen.word(*heading), no_wrap=True)
    for heading in right:
        table.add_column(screen.word(*heading), justify="right", no_wrap=True)
    return table
