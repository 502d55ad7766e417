"""How often prices of a raw run jumped as no session's rules allow: splits that nobody told of."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import accumulate
from operator import itemgetter
from typing import Final

import msgspec
import numpy as np

from maemae.core.actions import FillBooked
from maemae.domain.ids import Symbol
from maemae.domain.terms import PriceBasis
from maemae.krx.instrument import Instrument
from maemae.research.curve import moves
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.corporate_actions import Change
from maemae.simulation.reference import Reference
from maemae.strategy.panel import Panel


class PriceBreaks(msgspec.Struct, frozen=True):
    """
    Sessions whose first print cannot follow from the close before.

    Attributes:
        found: Among the instruments that were traded.
        held: Those of them into which a position was held.
    """

    found: int
    held: int


def price_breaks(
    panel: Panel,
    fills: Sequence[FillBooked],
    instruments: Mapping[Symbol, Instrument],
    changes: Sequence[Change] = (),
) -> PriceBreaks:
    """
    Count the breaks of a run; adjusted prices have none, nor has a split that was told of.

    Args:
        panel: Bars of the run.
        fills: Every booking of the run, in order.
        instruments: Master data, as the run had it.
        changes: What corporate actions did, in order.
    """
    if panel.basis is PriceBasis.ADJUSTED:
        return PriceBreaks(0, 0)
    finder = _Finder(panel, instruments)
    traded: defaultdict[Symbol, list[tuple[int, int]]] = defaultdict(list)
    for symbol, qty, at in moves(fills, changes):
        traded[symbol].append((at, qty))
    found = held = 0
    for symbol, of_symbol in traded.items():
        of_symbol.sort(key=itemgetter(0))
        instants = [at for at, _ in of_symbol]
        after = [0, *accumulate(qty for _, qty in of_symbol)]
        openings = finder.openings(symbol)
        found += len(openings)
        held += sum(after[bisect_left(instants, opened)] > 0 for opened in openings)
    return PriceBreaks(found, held)


class _Finder:
    """Finds the breaks of one instrument after another."""

    def __init__(self, panel: Panel, instruments: Mapping[Symbol, Instrument]) -> None:
        self._axis = CalendarAxis(panel)
        self._bars = BarReader(panel, self._axis)
        self._reference = Reference(self._bars, self._axis, instruments)

    def openings(self, symbol: Symbol) -> list[int]:
        """Return when each session with a break began [ns]."""
        sessions = [
            session
            for session in self._suspects(symbol)
            if self._reference.is_break(symbol, session)
        ]
        return [self._bars.opened[self._axis.first(session)] for session in sessions]

    def _suspects(self, symbol: Symbol) -> list[int]:
        """Return sessions that open far from the close before: few are left to look at singly."""
        panel, row = self._bars.panel, self._bars.panel.row(symbol)
        traded = np.flatnonzero(self._bars.traded(row))
        sessions = np.searchsorted(self._axis.starts, traded, side="right") - 1
        firsts = np.flatnonzero(sessions[1:] != sessions[:-1]) + 1
        opens = panel.open[row][traded[firsts]]
        closes = panel.close[row][traded[firsts - 1]]
        is_far = np.abs(opens - closes) * _NEAR > closes
        suspects: list[int] = sessions[firsts[is_far]].tolist()
        return suspects


_NEAR: Final = 20
"""No price limit is nearer than a twentieth: 15 %, and at least a tick where prices are low."""
