"""Threads share indicators: each series is computed once, and each crossing is a thread's own."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import numpy as np

from maemae import ta
from maemae.research.sweep.signals import SharedIndicators
from maemae.strategy.kernel import Floats, Kernel, kernel
from maemae.strategy.panel import Flags, Ints
from maemae.strategy.series import Spec
from tests.strategy_runs import A, B, a_panel

PANEL = a_panel({A: [*range(1_000, 1_300, 10)] * 2, B: [*range(1_300, 1_000, -10)] * 2})
PATIENCE = 30  # s


def mark_plainly(one: Floats, other: Floats, _starts: Ints, above: Flags, below: Flags) -> None:
    """Mark which is higher, slowly."""
    time.sleep(0.001)
    above[:], below[:] = one > other, one < other


def at_once(*tasks: Callable[[], object]) -> list[object]:
    """Return what tasks return that begin together, each in a thread."""
    barrier = Barrier(len(tasks))

    def run(task: Callable[[], object]) -> object:
        barrier.wait(PATIENCE)
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


def a_series(of: Kernel, *args: float) -> Spec:
    return Spec(of, ("close",), args, ())


def test_series_when_several_threads_need_it_is_computed_once() -> None:
    whole: list[int] = []

    @kernel(warmup=lambda: 1)
    def slow(close: Floats) -> Floats:
        if len(close) == len(PANEL):
            whole.append(1)
        time.sleep(0.001)
        return close * 2.0

    shared = SharedIndicators(PANEL, mark_plainly)
    spec = a_series(slow)

    found = at_once(*[lambda: shared.store.series(spec)] * 4)

    assert len(whole) == len(PANEL.symbols)
    assert all(each is found[0] for each in found)


def test_cell_when_a_series_is_being_computed_does_not_wait_for_it() -> None:
    begun, ended = Event(), Event()

    @kernel(warmup=lambda: 1)
    def held_up(close: Floats) -> Floats:
        begun.set()
        assert ended.wait(PATIENCE)
        return close * 2.0

    shared = SharedIndicators(PANEL, mark_plainly)
    known = shared.store.series(a_series(ta.sma, 2))

    def look() -> bool:
        try:
            assert begun.wait(PATIENCE)
            shared.forget_if_large()
            return shared.store.series(a_series(ta.sma, 2)) is known
        finally:
            ended.set()

    assert at_once(lambda: shared.store.series(a_series(held_up)), look)[1]


def test_crossings_when_threads_look_at_other_pairs_are_their_own() -> None:
    shared = SharedIndicators(PANEL, mark_plainly)
    store, fast, slow = shared.store, a_series(ta.sma, 2), a_series(ta.sma, 5)

    def look(one: Spec, other: Spec) -> Callable[[], bool]:
        expected = store.series(one) > store.series(other)
        return lambda: all(
            np.array_equal(store.crossed(one, other, above=True), expected) for _ in range(20)
        )

    assert at_once(look(fast, slow), look(slow, fast)) == [True, True]


def test_series_when_they_take_too_much_are_forgotten_and_computed_anew() -> None:
    shared = SharedIndicators(PANEL, mark_plainly)
    before = shared.store.series(a_series(ta.sma, 3))

    shared.store.forget_beyond(before.nbytes)
    assert shared.store.series(a_series(ta.sma, 3)) is before
    shared.store.forget_beyond(before.nbytes - 1)

    again = shared.store.series(a_series(ta.sma, 3))
    assert again is not before
    assert np.array_equal(again, before, equal_nan=True)
