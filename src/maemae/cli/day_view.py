"""The accelerated trading day on the screen: a live table, or a line every half hour."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Group
from rich.live import Live
from rich.panel import Panel as Box
from rich.table import Table
from rich.text import Text as Styled

from maemae.app.simulated_day import OpenDay
from maemae.cli.day_figures import DayFigures, HeldRow, figures_of
from maemae.cli.screen import DOWN, QUIET, UP, Screen, tone
from maemae.domain.instant import MINUTE, SECOND, kst_datetime
from maemae.domain.terms import Side
from maemae.research.report.figures import number, percent, won
from maemae.trading.simulated_day.day import TradingDay

_ROWS: Final = 10
_FILLS: Final = 5
_LINE_EVERY: Final = 30 * MINUTE


def watch_day(screen: Screen, opened: OpenDay, speed: int) -> DayFigures:
    """
    Run a day in view of a person.

    Args:
        screen: Where to show it.
        opened: The day.
        speed: Simulated time over real time; 0 runs as fast as the machine goes.

    Returns:
        Its figures at the end.
    """
    pace = _Pace(speed)
    with _display(screen) as show:
        last: list[DayFigures] = []

        def watch(day: TradingDay) -> None:
            figures = figures_of(day)
            last[:] = [figures]
            if day.is_live:
                show(figures)
                pace.wait(figures.at)

        opened.run(watch)
        return figures_of(opened.day)


class _Pace:
    """Holds simulated time to a multiple of real time."""

    def __init__(self, speed: int) -> None:
        self._speed = speed
        self._began: tuple[int, float] | None = None

    def wait(self, at: int) -> None:
        """Wait until an instant of simulated time has come."""
        if not self._speed:
            return
        if self._began is None:
            self._began = (at, time.monotonic())
        start, began = self._began
        due = began + (at - start) / SECOND / self._speed
        time.sleep(max(0.0, due - time.monotonic()))


@contextmanager
def _display(screen: Screen) -> Iterator[Callable[[DayFigures], None]]:
    if screen.out.is_terminal:
        with Live(console=screen.out, auto_refresh=False) as live:
            yield lambda figures: live.update(day_board(screen, figures), refresh=True)
    else:
        yield _Lines(screen).show


class _Lines:
    """A line every simulated half hour, for a log."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._due = 0

    def show(self, figures: DayFigures) -> None:
        """Say where the day is, if it is time to."""
        if figures.at < self._due:
            return
        self._due = figures.at - figures.at % _LINE_EVERY + _LINE_EVERY
        self._screen.say(*day_line(figures))


def day_line(figures: DayFigures) -> tuple[str, str]:
    """Return the day in one line, Korean and English."""
    clock = f"{kst_datetime(figures.at):%H:%M}"
    earned = number(figures.profit, signed=True)
    return (
        f"{clock} {figures.phase.ko} · 자산 {figures.equity:,}원 ({earned}) · "
        f"보유 {len(figures.held)} · 주문 {figures.sent} 체결 {figures.filled} "
        f"거부 {figures.refused}",
        f"{clock} {figures.phase.en} · equity ₩{figures.equity:,} ({earned}) · "
        f"held {len(figures.held)} · sent {figures.sent} filled {figures.filled} "
        f"refused {figures.refused}",
    )


def day_board(screen: Screen, figures: DayFigures) -> Box:
    """Return the whole day as a board of fixed height."""
    language = screen.language
    now = f"{kst_datetime(figures.at):%Y-%m-%d %H:%M} KST"
    head = Styled.assemble(
        (now, "bold"),
        f"  {figures.phase.in_language(language)}    ",
        (screen.word("자산 ", "equity "), QUIET),
        (won(figures.equity, language), "bold"),
        "  ",
        (won(figures.profit, language, signed=True), tone(figures.profit)),
    )
    counts = Styled(
        screen.word(
            f"주문 {figures.sent}  체결 {figures.filled}  거부 {figures.refused}  "
            f"보유 {len(figures.held)}종목  현금 {won(figures.cash, language)}",
            f"sent {figures.sent}  filled {figures.filled}  refused {figures.refused}  "
            f"held {len(figures.held)}  cash {won(figures.cash, language)}",
        ),
        QUIET,
    )
    parts = Group(head, counts, "", _positions(screen, figures), "", _fills(screen, figures))
    title = screen.word("모의 거래일 (가속)", "simulated trading day (accelerated)")
    return Box(parts, title=title, border_style=QUIET)


def _positions(screen: Screen, figures: DayFigures) -> Table:
    table = Table(box=None, pad_edge=False, header_style=QUIET, expand=True)
    table.add_column(screen.word("종목", "symbol"), no_wrap=True, ratio=1)
    table.add_column(screen.word("전략", "strategy"), no_wrap=True)
    for heading in (("수량", "qty"), ("평균가", "avg"), ("현재가", "last"), ("손익", "P&L")):
        table.add_column(screen.word(*heading), justify="right", no_wrap=True)
    table.add_column("%", justify="right", no_wrap=True)
    for held in figures.held[:_ROWS]:
        table.add_row(*_held_cells(held))
    for _ in range(_ROWS - len(figures.held)):
        table.add_row("")
    hidden = len(figures.held) - _ROWS
    more = screen.word(f"… 외 {hidden}종목", f"… {hidden} more") if hidden > 0 else ""
    table.add_row(Styled(more, QUIET))
    return table


def _held_cells(held: HeldRow) -> tuple[Styled | str, ...]:
    style = tone(held.profit)
    return (
        Styled(held.name),
        Styled(held.sleeve, QUIET),
        f"{held.qty:,}",
        f"{held.avg_px:,}",
        f"{held.last_px:,}",
        Styled(number(held.profit, signed=True), style),
        Styled(percent(held.ratio, signed=True), style),
    )


def _fills(screen: Screen, figures: DayFigures) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False, expand=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, ratio=1)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for fill in figures.last_fills[:_FILLS]:
        bought = fill.side is Side.BUY
        side = screen.word("매수", "buy") if bought else screen.word("매도", "sell")
        table.add_row(
            Styled(f"{kst_datetime(fill.at):%H:%M}", QUIET),
            Styled(side, UP if bought else DOWN),
            fill.name,
            f"{fill.qty:,}",
            f"{fill.px:,}",
        )
    for _ in range(_FILLS - len(figures.last_fills)):
        table.add_row("")
    return table
