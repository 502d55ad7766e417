"""The figures of one run or of several side by side, on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from rich.table import Table
from rich.text import Text as Styled

from maemae.cli.screen import QUIET, WARNING, Screen, tone
from maemae.research.honesty.remark import Weight
from maemae.research.report.figures import day, number, percent, won
from maemae.research.report.model import RunReport
from maemae.research.report.names import told_apart
from maemae.research.report.words import words_in


class Row(msgspec.Struct, frozen=True):
    """One figure: what it is, its value, its color."""

    label: str
    value: str
    style: str = ""


def rows_of(screen: Screen, report: RunReport) -> list[Row]:
    """Return the figures of a run, the most wanted first."""
    t, summary, language = words_in(screen.language), report.summary, screen.language
    trades = summary.trades
    refused = sum(each.count for each in report.refusals)
    costs = summary.commission + summary.tax
    return [
        Row(t["total_return"], _pct(summary.total_return), tone(summary.total_return)),
        Row(t["cagr"], _pct(summary.cagr), tone(summary.cagr)),
        Row(t["max_drawdown"], percent(summary.max_drawdown), tone(summary.max_drawdown)),
        Row(t["sharpe"], number(summary.sharpe, 2)),
        Row(t["profit"], won(summary.profit, language, signed=True), tone(summary.profit)),
        Row(t["end_equity"], won(summary.end_equity, language)),
        Row(t["closed_trades"], number(trades.count)),
        Row(t["win_rate"], percent(trades.win_rate, 1)),
        Row(t["profit_factor"], number(trades.profit_factor, 2)),
        Row(t["exposure"], percent(summary.exposure, 1)),
        Row(f"{t['orders']} / {t['fills']}", f"{summary.orders:,} / {summary.fills:,}"),
        Row(screen.word("비용(수수료+세금)", "Costs (fees + tax)"), won(costs, language)),
        Row(screen.word("거부(사유별 합)", "Refusals, all reasons"), number(refused)),
    ]


def run_view(screen: Screen, report: RunReport) -> None:
    """Show one run: what was run, its figures, warnings, refusals and fingerprint."""
    summary = report.summary
    values = ", ".join(f"{name}={value}" for name, value in report.parameters.items())
    days = f"{day(summary.first_day)} ~ {day(summary.last_day)}"
    headline = f"{report.title} ({values})" if values else report.title
    screen.say(headline, headline, "bold")
    screen.say(
        f"{report.symbols:,}종목 · {days} · {summary.sessions:,}거래일 · {report.venue}",
        f"{report.symbols:,} symbols · {days} · {summary.sessions:,} sessions · {report.venue}",
        QUIET,
    )
    rows = rows_of(screen, report)
    half = -(-len(rows) // 2)
    table = Table(box=None, pad_edge=False, show_header=False)
    for justify in _PAIR * 2:
        table.add_column(justify=justify, no_wrap=True)
    for place in range(half):
        cells: list[Styled] = []
        for row in (rows[place], *rows[place + half : place + half + 1]):
            cells += [Styled(row.label, QUIET), Styled(row.value, row.style)]
        table.add_row(*cells)
    screen.show(table)
    notes_view(screen, report)
    screen.say(f"주문 지문 {report.order_hash}", f"Order hash {report.order_hash}", QUIET)


def notes_view(screen: Screen, report: RunReport) -> None:
    """Show what must be known beside the figures: prices, what is serious, what was refused."""
    if report.price_warning is not None:
        screen.say_text(report.price_warning, WARNING)
    for remark in report.remarks:
        if remark.weight is Weight.SERIOUS:
            screen.say_text(remark.text, WARNING)
    for refusal in report.refusals:
        screen.say(
            f"거부 {refusal.count:,}건: {refusal.sentence.ko}",
            f"Refused {refusal.count:,}: {refusal.sentence.en}",
            QUIET,
        )


def side_by_side(screen: Screen, reports: Sequence[RunReport]) -> None:
    """Show several runs, one column each."""
    columns = [rows_of(screen, report) for report in reports]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("")
    for report in reports:
        name = told_apart(report, reports).replace(" ", "\n")
        dataset = report.title.partition(" · ")[2]
        table.add_column(f"{name}\n{dataset}", justify="right", no_wrap=True)
    for rows in zip(*columns, strict=True):
        cells = [Styled(row.value, row.style) for row in rows]
        table.add_row(Styled(rows[0].label, QUIET), *cells)
    screen.show(table)


def _pct(value: float | None) -> str:
    return percent(value, signed=True)


_PAIR: Final = ("left", "right")
