"""The tape: bars become trades that add up, phases come in between, and a seed decides all."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise

import numpy as np

from maemae.domain.ids import Symbol
from maemae.domain.instant import MINUTE, kst_nanos
from maemae.domain.terms import PriceBasis
from maemae.emulators.tape import (
    CloseStep,
    EndStep,
    OpenStep,
    PhaseStep,
    Step,
    Tape,
    TradeStep,
)
from maemae.krx.session import Phase, regular_close, regular_open
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.panel import FIELDS, Panel

DAY = date(2025, 9, 2)
A, B = Symbol("000010"), Symbol("000020")
MORNING = kst_nanos(DAY, time(9))


def a_panel(
    bars: dict[int, tuple[int, int, int, int, int]], symbols: tuple[Symbol, ...] = (A,)
) -> Panel:
    """Return minute bars by their opening, the same for every symbol."""
    opened = np.array(sorted(bars), np.int64)
    columns = np.array([bars[at] for at in sorted(bars)], np.int64).T
    fields = {
        name: np.repeat(columns[place][None, :], len(symbols), axis=0)
        for place, name in enumerate(FIELDS)
    }
    return Panel(symbols, opened, opened + MINUTE, fields, PriceBasis.RAW)


def steps_of(panel: Panel, seed: int = 1) -> list[Step]:
    axis = CalendarAxis(panel)
    return list(Tape(BarReader(panel, axis), axis, seed).steps(0))


def prints(steps: list[Step]) -> list[tuple[int, int, int]]:
    """Return time, price and quantity of every print."""
    return [
        (step.at, step.bar[0] if isinstance(step, OpenStep) else step.px, step.qty)
        for step in steps
        if isinstance(step, OpenStep | TradeStep)
    ]


def test_prints_of_a_bar_touch_its_ends_and_add_up() -> None:
    told = prints(steps_of(a_panel({MORNING: (100, 130, 90, 110, 1_001)})))

    prices = [px for _, px, _ in told]
    assert prices in ([100, 90, 130, 110], [100, 130, 90, 110])
    assert sum(qty for *_, qty in told) == 1_001
    assert all(qty > 0 for *_, qty in told)
    assert all(MORNING <= at < MORNING + MINUTE for at, *_ in told)


def test_ends_of_a_bar_come_in_both_orders() -> None:
    panel = a_panel({MORNING + n * MINUTE: (100, 130, 90, 110, 50) for n in range(60)})

    second = {
        trade.px
        for opening, trade in pairwise(steps_of(panel))
        if isinstance(opening, OpenStep) and isinstance(trade, TradeStep)
    }
    assert second == {90, 130}


def test_bar_when_it_has_fewer_shares_than_prices_prints_what_it_has() -> None:
    told = prints(steps_of(a_panel({MORNING: (100, 130, 90, 110, 2)})))
    assert [qty for *_, qty in told] == [1, 1, 0, 0]


def test_bar_when_nothing_traded_leaves_no_step() -> None:
    steps = steps_of(a_panel({MORNING: (0, 0, 0, 100, 0)}))
    assert {type(step) for step in steps} == {PhaseStep, CloseStep}


def test_steps_come_by_time_and_each_bar_ends_before_the_next_begins() -> None:
    bars = {MORNING + n * MINUTE: (100, 130, 90, 110, 500) for n in range(20)}
    steps = steps_of(a_panel(bars, (A, B)))

    assert [step.at for step in steps] == sorted(step.at for step in steps)
    for symbol in (A, B):
        own = [s for s in steps if isinstance(s, OpenStep | EndStep) and s.symbol == symbol]
        assert [type(step) for step in own] == [OpenStep, EndStep] * 20


def test_same_seed_gives_the_same_steps_and_another_one_others() -> None:
    panel = a_panel({MORNING + n * MINUTE: (100, 130, 90, 110, 500) for n in range(5)})
    assert steps_of(panel) == steps_of(panel)
    assert steps_of(panel) != steps_of(panel, seed=2)


def test_phases_stand_around_the_bars_that_they_hold_for() -> None:
    opens, closes = regular_open(DAY), regular_close(DAY)
    steps = steps_of(a_panel(dict.fromkeys((opens, closes - MINUTE), (100, 100, 100, 100, 9))))

    assert [step.phase if isinstance(step, PhaseStep) else type(step) for step in steps] == [
        Phase.PRE_OPEN_AUCTION,
        Phase.CONTINUOUS,
        OpenStep,
        EndStep,
        Phase.CLOSING_AUCTION,
        OpenStep,
        EndStep,
        Phase.AFTER_HOURS_CLOSE,
        CloseStep,
    ]


def test_print_of_the_closing_auction_comes_at_its_end() -> None:
    closes = regular_close(DAY)
    for opened in (closes - 5 * MINUTE, closes - MINUTE, closes):
        panel = a_panel({opened: (100, 100, 100, 100, 9)})
        ((at, _, qty),) = prints(steps_of(panel))
        assert qty == 9
        assert opened <= at <= closes
        assert at >= min(opened + MINUTE, closes) - 1


def test_print_when_labeled_with_the_close_still_meets_the_days_orders() -> None:
    steps = steps_of(a_panel({regular_close(DAY): (100, 100, 100, 100, 9)}))

    kinds = [step.phase if isinstance(step, PhaseStep) else type(step) for step in steps]
    assert kinds.index(OpenStep) < kinds.index(Phase.AFTER_HOURS_CLOSE)
