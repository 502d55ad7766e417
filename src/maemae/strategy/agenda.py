"""The agenda: which of a strategy's methods are due at which barrier, and in what order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import numpy as np

from maemae.domain.ids import Symbol
from maemae.strategy.desk import Desk
from maemae.strategy.panel import Ints
from maemae.strategy.traded_bars import TradedBars

Call = tuple[Callable[..., None], Symbol | None]
"""A method, and the instrument that it is called with; None for a method without."""


class Agenda:
    """
    Calls of one run, sorted by barrier, declaration and symbol.

    Attributes:
        times: Time indexes at which anything is due [int64, rising].
        is_due: One byte a time index: 1 where anything is due.
    """

    def __init__(self, desk: Desk) -> None:
        panel = desk.panel
        ranks = np.empty(len(panel.symbols), np.int64)
        ranks[desk.bars.ranked] = np.arange(len(ranks))
        names = [panel.symbols[row] for row in desk.bars.ranked]
        methods: list[Callable[..., None]] = []
        found: list[tuple[Ints, Ints]] = []  # by declaration: time index, rank of the symbol
        for appointment in desk.appointments:
            methods.append(appointment.method)
            found.append((appointment.times, np.full(len(appointment.times), -1)))
        for watch in desk.watches:
            methods.append(watch.method)
            fired = np.flatnonzero(desk.store.flags(watch.trigger.fires))
            times, rows = desk.bars.located(fired)
            found.append((times, ranks[rows]))
        times, which, whose = _sorted(found)
        self.times, first = np.unique(times, return_index=True)
        due = np.zeros(len(panel), np.uint8)
        due[self.times] = 1
        self.is_due = due.tobytes()
        callers = [methods[i] for i in which.tolist()]
        callees = [None if i < 0 else names[i] for i in whose.tolist()]
        self._calls: list[Call] = list(zip(callers, callees, strict=True))
        self._first = np.append(first, len(times)).data
        self._times = self.times.data
        self._next = 0

    def at(self, k: int) -> list[Call]:
        """Return the calls due at a time index of `times`; None stands for no symbol."""
        entry = self._next
        if entry >= len(self._times) or self._times[entry] != k:
            entry = bisect_left(self._times, k)  # the driver jumped
        self._next = entry + 1
        start, end = self._first[entry], self._first[entry + 1]
        return self._calls[start:end]


def _sorted(found: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints, Ints]:
    """Return time, number of the declaration and rank of every call, in order of calling."""
    if not found:
        nothing = np.empty(0, np.int64)
        return nothing, nothing, nothing
    times = np.concatenate([times for times, _ in found])
    ranks = np.concatenate([ranks for _, ranks in found])
    which = np.repeat(np.arange(len(found)), [len(times) for times, _ in found])
    order = np.lexsort((ranks, which, times))
    return times[order], which[order], ranks[order]


class RollCall:
    """The instruments that traded, barrier by barrier, in ascending order of symbol."""

    def __init__(self, bars: TradedBars) -> None:
        self.everyone = tuple(bars.panel.symbols[row] for row in bars.ranked)
        self.is_constant = bars.gapless
        if not bars.gapless:
            traded = bars.panel.traded[bars.ranked]
            self._ends = np.cumsum(np.count_nonzero(traded, axis=0)).data
            self._ranks = np.nonzero(traded.T)[1].data

    def at(self, k: int) -> list[Symbol]:
        """Return what traded in the bar of a time index; not for a constant roll call."""
        start = self._ends[k - 1] if k else 0
        everyone = self.everyone
        return [everyone[rank] for rank in self._ranks[start : self._ends[k]]]
