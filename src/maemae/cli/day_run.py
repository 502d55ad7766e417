"""Runs the accelerated trading day for the command line, and says how it went on and ended."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from maemae.app.simulated_day import SEED, OpenDay, day_plan, open_day
from maemae.cli.day_figures import DayFigures
from maemae.cli.day_view import watch_day
from maemae.cli.invocation import Invocation
from maemae.cli.screen import QUIET, WARNING, Screen, tone
from maemae.domain.instant import kst_datetime
from maemae.research.report.figures import won

_SPEED: Final = 800
"""Six and a half hours in about half a minute."""


def run_day(
    call: Invocation, seed: int | None, journal: Path | None, speed: int | None, *, fresh: bool
) -> None:
    """
    Run the day of a seed over its journal.

    Args:
        call: Settings and screen.
        seed: Of the synthetic market; None for the usual one.
        journal: Where the journal is; None for the usual place of that seed.
        speed: Simulated over real time; None for what suits the screen.
        fresh: Whether to forget what is in the journal.
    """
    screen = call.screen
    chosen = SEED if seed is None else seed
    path = call.settings.demo / f"day-{chosen}.sqlite3" if journal is None else journal
    if speed is None:
        speed = _SPEED if screen.out.is_terminal else 0
    plan = day_plan(call.settings, chosen)
    with open_day(plan, path, fresh=fresh) as opened:
        _say_beginning(screen, opened, path)
        figures = watch_day(screen, opened, speed)
        if opened.resumed is not None and figures.result.repeated == opened.resumed.records:
            screen.say(
                "저널에 있던 것이 하루 전부입니다. 다시 매매하려면 --fresh 를 붙이세요.",
                "The journal held the whole day. Add --fresh to trade it again.",
                WARNING,
            )
        _say_end(screen, figures)


def _say_beginning(screen: Screen, opened: OpenDay, path: Path) -> None:
    day, resumed = opened.day, opened.resumed
    symbols = len(day.plan.panel.symbols)
    if resumed is None:
        screen.say(
            f"{day.session_date} 하루를 시작합니다: 합성 시장 {symbols}종목, 전략 "
            f"{len(day.hosts)}개\n저널 {path}",
            f"The day of {day.session_date} begins: {symbols} synthetic symbols, "
            f"{len(day.hosts)} strategies\nJournal {path}",
        )
        return
    clock = f"{kst_datetime(resumed.at):%H:%M:%S}"
    screen.say(
        f"저널에서 기록 {resumed.records:,}건을 되살렸습니다. {clock} 부터 이어 갑니다 "
        "(처음부터 하려면 --fresh).",
        f"Recovered {resumed.records:,} records from the journal; going on from {clock} "
        "(--fresh begins anew).",
        WARNING,
    )


def _say_end(screen: Screen, figures: DayFigures) -> None:
    language, result = screen.language, figures.result
    screen.say(
        f"하루가 끝났습니다: 자산 {won(figures.equity, language)} "
        f"({won(figures.profit, language, signed=True)}), 주문 {figures.sent}, 체결 "
        f"{figures.filled}, 거부 {figures.refused}",
        f"The day is over: equity {won(figures.equity, language)} "
        f"({won(figures.profit, language, signed=True)}), sent {figures.sent}, filled "
        f"{figures.filled}, refused {figures.refused}",
        tone(figures.profit),
    )
    if result.differences:
        for difference in result.differences:
            screen.say_text(difference, WARNING)
    else:
        screen.say(
            "전략들의 장부 합계와 증권사 장부가 1원까지 같습니다.",
            "The sleeves' books add up to the broker's, to the won.",
        )
    screen.say(
        f"주문 지문 {result.order_hash}",
        f"Order hash {result.order_hash}",
        QUIET,
    )
