"""
Indicators over bars whose shares changed, each value computed as it was known on its day.

A bar before a split is told in two ways: in the shares of its own day, and in new ones from
the ex-date on. So an instrument with n changes has n + 1 tellings; the value at a bar is
taken from the telling of its own day, and so is everything it is compared with.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from maemae.domain.ids import Symbol
from maemae.strategy.kernel import Floats
from maemae.strategy.panel import FIELDS, Flags, Panel
from maemae.strategy.restatement import Restatement
from maemae.strategy.series import Condition, SeriesStore, Spec
from maemae.strategy.traded_bars import TradedBars


def series_store(bars: TradedBars) -> SeriesStore:
    """Return the series of a run, restated where shares change."""
    changes = _changes(bars)
    return RestatedStore(bars, changes) if changes else SeriesStore(bars)


class Change(msgspec.Struct, frozen=True):
    """
    A restatement among the bars of its row that traded.

    Attributes:
        place: Number of the first such bar that is told in new shares already.
    """

    place: int
    step: Restatement


class RestatedStore(SeriesStore):
    """The series of a run in which the shares of some instruments change."""

    def __init__(self, bars: TradedBars, changes: dict[int, list[Change]]) -> None:
        super().__init__(bars)
        self._retell(changes)

    def extend(self, bars: TradedBars) -> None:
        """Go on over bars that begin with those so far."""
        super().extend(bars)
        self._retell(_changes(bars))

    def series(self, spec: Spec) -> Floats:
        """Return a series whose every value is told in the shares of its own day."""
        if spec not in self._stitched:
            values = self._first.series(spec).copy()
            for target, source, store in self._pieces:
                values[target] = store.series(spec)[source]
            self._stitched[spec] = values
        return self._stitched[spec]

    def flags(self, condition: Condition) -> Flags:
        """Return where a condition is so, every bar compared with others as they were told then."""
        flags = condition(self._first).copy()
        for target, source, store in self._pieces:
            flags[target] = condition(store)[source]
        return flags

    def told(self, spec: Spec, symbol: Symbol, position: int, now: int) -> float:
        """Return a value of an instrument as it is told at a later bar of it, by positions."""
        row = self.bars.panel.row(symbol)
        start = int(self.bars.starts[row])
        places = [change.place for change in self._changes.get(row, ())]
        number = int(np.searchsorted(places, now - start, side="right"))
        if number == 0:
            return float(self._first.series(spec)[position])
        store = self._tellings[number - 1]
        return float(store.series(spec)[int(store.bars.starts[self._rows[row]]) + position - start])

    def _retell(self, changes: dict[int, list[Change]]) -> None:
        """Set up the tellings after the first, over the instruments with changes alone."""
        bars = self.bars
        self._stitched: dict[Spec, Floats] = {}
        self._changes = changes
        self._first = SeriesStore(bars)
        self._rows = {row: place for place, row in enumerate(changes)}
        self._tellings: list[SeriesStore] = []
        self._pieces: list[tuple[slice, slice, SeriesStore]] = []
        few = _panel_of(bars.panel, list(changes))
        for number in range(max(map(len, changes.values()), default=0)):
            told = [steps[: number + 1] for steps in changes.values()]
            store = SeriesStore(RestatedBars(few, told))
            self._tellings.append(store)
            for row, steps in changes.items():
                if number < len(steps):
                    after = [*(step.place for step in steps[number + 1 :]), _length(bars, row)]
                    piece = (steps[number].place, after[0])
                    source = _placed(store.bars, self._rows[row], piece)
                    self._pieces.append((_placed(bars, row, piece), source, store))


class RestatedBars(TradedBars):
    """
    Bars of a panel, the older ones of each row told in newer shares.

    Args:
        panel: The bars.
        changes: For each row, those that are told already.
    """

    def __init__(self, panel: Panel, changes: Sequence[Sequence[Change]]) -> None:
        super().__init__(panel)
        self._changes = changes

    def field(self, name: str) -> Floats:
        """Return one of `INPUTS` for every bar, restated [float64, shape (N,), read-only]."""
        if name not in self._fields:
            values = super().field(name).copy()
            for where, changes in zip(self.slices, self._changes, strict=True):
                own = values[where]
                for change in changes if name in FIELDS else ():
                    step = change.step
                    up, down = step.shares if name == "volume" else step.price
                    own[: change.place] = own[: change.place] * up / down
            values.flags.writeable = False
            self._fields[name] = values
        return self._fields[name]


def _changes(bars: TradedBars) -> dict[int, list[Change]]:
    """Return the changes of each row that has bars on both sides of one."""
    found: dict[int, list[Change]] = {}
    for row, steps in bars.panel.restatements.items():
        times = np.flatnonzero(bars.panel.traded[row])
        for step in steps:
            place = int(np.searchsorted(times, step.start))
            if 0 < place < len(times):
                found.setdefault(row, []).append(Change(place, step))
    return found


def _panel_of(panel: Panel, rows: list[int]) -> Panel:
    symbols = tuple(panel.symbols[row] for row in rows)
    fields = {name: getattr(panel, name)[rows] for name in FIELDS}
    return Panel(symbols, panel.opened, panel.known, fields, panel.basis)


def _length(bars: TradedBars, row: int) -> int:
    return int(bars.starts[row + 1] - bars.starts[row])


def _placed(bars: TradedBars, row: int, piece: tuple[int, int]) -> slice:
    start = int(bars.starts[row])
    return slice(start + piece[0], start + piece[1])
