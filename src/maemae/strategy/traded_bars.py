"""
The bars that traded, all instruments in one row, and the cursor that moves along them.

An indicator knows only bars that traded. Laying them end to end, instrument after
instrument, lets one array operation serve all of them and leaves no gap to skip.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise

import numpy as np

from maemae.domain.ids import Symbol
from maemae.strategy.kernel import Floats
from maemae.strategy.panel import FIELDS, Flags, Ints, Panel
from maemae.strategy.restatement import Restatement


class TradedBars:
    """
    The N bars of a panel that traded, row by row; a position counts along them.

    Attributes:
        panel: Where they come from.
        gapless: Whether every instrument traded in every bar.
        starts: Position of each instrument's first bar, and N at the end [shape (S + 1,)].
        ranked: The rows in ascending order of their symbols.
    """

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        counts = np.count_nonzero(panel.traded, axis=1)
        self.starts = np.concatenate([[0], np.cumsum(counts)])
        self.gapless = bool(np.all(counts == len(panel)))
        self.ranked = sorted(range(len(panel.symbols)), key=panel.symbols.__getitem__)
        self._fields: dict[str, Floats] = {}

    def field(self, name: str) -> Floats:
        """Return one of `INPUTS` for every bar [float64, shape (N,), read-only]."""
        if name not in self._fields:
            cells: Ints = getattr(self.panel, name)
            if cells.ndim == 1:  # the same for every instrument
                cells = np.broadcast_to(cells, self.panel.close.shape)
            flat = cells.reshape(-1) if self.gapless else cells[self.panel.traded]
            values = flat.astype(np.float64)
            values.flags.writeable = False
            self._fields[name] = values
        return self._fields[name]

    def forget_fields(self) -> None:
        """Free the fields; they are made again when asked for."""
        self._fields.clear()

    @cached_property
    def slices(self) -> list[slice]:
        """Where each instrument lies."""
        return [slice(*ends) for ends in pairwise(self.starts.tolist())]

    @cached_property
    def cells(self) -> Ints:
        """Row times length of the panel, plus time index, of every bar [shape (N,)]."""
        if self.gapless:
            return np.arange(self.starts[-1])
        return np.flatnonzero(self.panel.traded)

    def before(self, flags: Flags) -> Flags:
        """Return what each instrument's bar before said; False for its first [shape (N,)]."""
        shifted = np.empty_like(flags)
        shifted[1:] = flags[:-1]
        starts = self.starts[:-1]
        shifted[starts[starts < len(flags)]] = False
        return shifted

    def located(self, positions: Ints) -> tuple[Ints, Ints]:
        """Return time index and row of bars."""
        cells = positions if self.gapless else self.cells[positions]
        rows, times = np.divmod(cells, max(1, len(self.panel)))
        return times, rows


class Cursor:
    """
    How far the run has come; everything a strategy reads is looked up through it.

    Attributes:
        k: Time index of the last barrier; -1 before the first.
    """

    def __init__(self, bars: TradedBars) -> None:
        self.k = -1
        self.extend(bars)

    def extend(self, bars: TradedBars) -> None:
        """Go on over bars that begin with those so far."""
        panel = bars.panel
        self._bars = bars
        self._origins = _Origins(panel)
        self._starts = dict(zip(panel.symbols, bars.starts.tolist(), strict=False))
        self._latest = None if bars.gapless else _latest_positions(bars).data
        self._traded = panel.traded.reshape(-1).data
        self._cells: dict[str, memoryview] = {
            name: getattr(panel, name).reshape(-1).data for name in FIELDS
        }

    def find(self, symbol: Symbol) -> int:
        """Return the position of the instrument's last bar that traded; -1 before its first."""
        cell = self._origins[symbol] + self.k
        if self.k < 0:
            return -1
        return cell if self._latest is None else self._latest[cell]

    def back(self, symbol: Symbol, bars: int) -> int:
        """Return the position that many traded bars earlier [bars, >= 0]; -1 if none."""
        position = self.find(symbol) - bars
        return position if position >= self._starts[symbol] else -1

    def has_traded(self, symbol: Symbol) -> bool:
        """Return whether the instrument traded in the bar of this barrier."""
        origin = self._origins[symbol]
        return self.k >= 0 and self._traded[origin + self.k] == 1

    def cell(self, symbol: Symbol, field: str) -> int:
        """Return a field of the bar of this barrier."""
        return self._cells[field][self._origins[symbol] + self.k]

    def trading(self) -> tuple[list[Symbol], Ints]:
        """Return what trades of the universe now, by symbol, and the positions of the bars."""
        panel = self._bars.panel
        symbols = panel.symbols
        if self.k < 0:
            return [], np.empty(0, np.int64)
        present = panel.traded[:, self.k]
        if panel.members is not None:
            present = present & panel.members[:, self.k]
        traded = present.tolist()
        now = [symbols[row] for row in self._bars.ranked if traded[row]]
        return now, np.fromiter(map(self.find, now), np.int64, len(now))

    def history(self, symbol: Symbol, bars: int, field: str) -> Ints:
        """Return a field of the last bars that traded, as a copy of at most that length."""
        end = self.find(symbol) + 1
        start = max(end - bars, self._starts[symbol])
        if end <= start:
            return np.empty(0, np.int64)
        times, _ = self._bars.located(np.arange(start, end))
        panel = self._bars.panel
        row = panel.row(symbol)
        values: Ints = getattr(panel, field)[row, times]
        for step in panel.restatements.get(row, ()):
            if step.start <= self.k:
                _retell(values[: np.searchsorted(times, step.start)], step, field)
        return values


def _retell(values: Ints, step: Restatement, field: str) -> None:
    """Tell older numbers in new shares, rounded half up."""
    up, down = step.shares if field == "volume" else step.price
    values[:] = (2 * values * up + down) // (2 * down)


class _Origins(dict[Symbol, int]):
    """Cell of each instrument's first time; an unknown one is explained, not a KeyError."""

    def __init__(self, panel: Panel) -> None:
        super().__init__((symbol, row * len(panel)) for symbol, row in panel.rows.items())
        self._panel = panel

    def __missing__(self, symbol: Symbol) -> int:
        return self._panel.row(symbol) * len(self._panel)


def _latest_positions(bars: TradedBars) -> Ints:
    """Return, cell by cell, the position of the last bar that traded so far, or -1."""
    traded = bars.panel.traded
    counts = np.cumsum(traded, axis=1)
    positions = counts - 1 + bars.starts[:-1, np.newaxis]
    return np.where(counts > 0, positions, -1).reshape(-1)
