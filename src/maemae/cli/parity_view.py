"""A recorded day beside its backtest, as a table: what is equal, what is not, and why."""

from __future__ import annotations

from typing import Final

from rich.table import Table
from rich.text import Text as Styled

from maemae.analytics.parity import Item, ParityReport
from maemae.analytics.parity_reasons import Why
from maemae.analytics.traded_day import OrderSeen
from maemae.cli.screen import DOWN, QUIET, UP, WARNING, Screen
from maemae.domain.instant import kst_datetime
from maemae.domain.terms import Side

_GOOD: Final = "green"


def parity_view(screen: Screen, report: ParityReport) -> None:
    """Show the totals, and every order that differs with its reasons."""
    orders = len(report.items)
    screen.say(
        f"백테스트와 주문 비교: 같은 결정 {report.decided_alike}/{orders}건, 수량까지 같은 주문 "
        f"{report.equal}/{orders}건, 체결 수량 차이 {report.shares:,}주, 자산 차이 "
        f"{report.won:+,}원",
        f"Beside the backtest: {report.decided_alike} of {orders} orders decided alike, "
        f"{report.equal} equal to the share, {report.shares:,} filled shares apart, equity "
        f"{report.won:+,} won apart",
        "bold",
    )
    screen.say(
        f"전략이 본 봉: {report.bars_equal:,}개 같음, {report.bars_apart:,}개 다름",
        f"Bars that the strategies saw: {report.bars_equal:,} equal, {report.bars_apart:,} not",
        WARNING if report.bars_apart else QUIET,
    )
    apart = [item for item in report.items if item.reasons]
    if apart:
        screen.show(_table(screen, apart))
    if report.unexplained:
        screen.say(
            f"✘ 설명되지 않는 차이가 {len(report.unexplained)}건 있습니다.",
            f"✘ Nothing recorded explains {len(report.unexplained)} of the differences.",
            f"bold {UP}",
        )
    else:
        screen.say(
            "✔ 모든 차이에 까닭이 있습니다." if apart else "✔ 모두 같습니다.",
            "✔ Every difference has a reason." if apart else "✔ All are equal.",
            _GOOD,
        )


def _table(screen: Screen, items: list[Item]) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET)
    for heading in (("봉", "bar"), ("전략", "strategy"), ("종목", "symbol"), ("", "")):
        table.add_column(screen.word(*heading), no_wrap=True)
    for heading in (("실거래", "live"), ("백테스트", "backtest")):
        table.add_column(screen.word(*heading), justify="right", no_wrap=True)
    table.add_column(screen.word("까닭", "why"), overflow="fold", ratio=1)
    for item in items:
        order = item.order
        bought = order.side is Side.BUY
        side = screen.word("매수", "buy") if bought else screen.word("매도", "sell")
        table.add_row(
            f"{kst_datetime(order.bar):%H:%M}",
            order.sleeve_id,
            order.symbol,
            Styled(side, UP if bought else DOWN),
            _filled(item.live),
            _filled(item.backtest),
            _why(screen, item),
        )
    return table


def _filled(order: OrderSeen | None) -> str:
    if order is None:
        return "–"
    return f"{order.filled:,} × {order.px:,.0f}" if order.filled else f"0/{order.qty:,}"


def _why(screen: Screen, item: Item) -> Styled:
    lines = [reason.text.in_language(screen.language) for reason in item.reasons]
    is_open = any(reason.why is Why.UNEXPLAINED for reason in item.reasons)
    return Styled("\n".join(lines), WARNING if is_open else "")
