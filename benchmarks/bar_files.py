"""
Makes the bars that are measured, once, and reads them back.

They are made in a process of their own, so that what making them takes is in nobody's
peak memory.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np

from benchmarks.bar_sets import SETS, BarSet
from benchmarks.random_walk import random_walk_panel
from maemae.catalogue.interval import Interval
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.strategy.panel import FIELDS, Panel

_SEED: Final = 20_261_030
_LAST: Final = date(2026, 10, 30)


def write_bars(bars: BarSet) -> None:
    """Make the file of a set anew."""
    rng = np.random.default_rng(_SEED)
    panel = random_walk_panel(rng, bars.symbols, bars.length, _LAST, Interval(bars.minutes))
    fields = {name: getattr(panel, name) for name in FIELDS}
    bars.path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(bars.path, opened=panel.opened, known=panel.known, **fields)


def read_bars(bars: BarSet) -> Panel:
    """Return the panel of a set; its file must have been made."""
    with np.load(bars.path) as file:
        fields = {name: file[name] for name in FIELDS}
        names = tuple(Symbol(f"Z{number + 1:05d}") for number in range(bars.symbols))
        return Panel(names, file["opened"], file["known"], fields, PriceBasis.ADJUSTED)


if __name__ == "__main__":
    for one in SETS.values():
        write_bars(one)
