"""
The market of one session as a fixed row of steps: phases, opening prints, trades, ends of bars.

The same bars and the same seed always give the same steps, so a number of steps says where
the market stood, and a ledger need not keep the market itself.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date
from typing import Final

import msgspec
import numpy as np

from maemae.domain.ids import Symbol
from maemae.krx.session import Phase, PhaseChange
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis, regular_phases


class PhaseStep(msgspec.Struct, frozen=True, gc=False):
    """The market enters a phase."""

    at: int
    phase: Phase


class OpenStep(msgspec.Struct, frozen=True, gc=False):
    """
    A bar begins with a print at its open.

    Attributes:
        bar: Open, high, low, close [won] and volume [shares].
        qty: Shares of the print.
    """

    at: int
    symbol: Symbol
    bar: tuple[int, int, int, int, int]
    qty: int


class TradeStep(msgspec.Struct, frozen=True, gc=False):
    """The price of a bar goes on; `qty` is 0 where the bar has too few shares to print it."""

    at: int
    symbol: Symbol
    px: int
    qty: int


class EndStep(msgspec.Struct, frozen=True, gc=False):
    """A bar ends."""

    at: int
    symbol: Symbol


class CloseStep(msgspec.Struct, frozen=True, gc=False):
    """The regular session is over, and with it every order of the day."""

    at: int


Step = PhaseStep | OpenStep | TradeStep | EndStep | CloseStep


class Tape:
    """
    Steps of every session of a panel.

    Args:
        bars: The bars.
        axis: Their sessions.
        seed: Of the way inside bars.
    """

    def __init__(self, bars: BarReader, axis: CalendarAxis, seed: int) -> None:
        self._bars = bars
        self._axis = axis
        self._seed = seed

    def steps(self, session: int) -> Iterator[Step]:
        """Yield the steps of a session, by time."""
        axis, bars = self._axis, self._bars
        day = axis.session_date(session)
        first, end = axis.first(session), axis.first(session + 1)
        ahead = list(regular_phases(day))
        draws = self._draws(day, end - first)
        for index in range(first, end):
            steps = self._bar_steps(index, draws[index - first], ahead[-1].at, day)
            while steps and len(ahead) > 1 and ahead[0].at <= max(steps[0].at, bars.opened[index]):
                yield _entered(ahead.pop(0))
            yield from steps
        yield from map(_entered, ahead)
        yield CloseStep(ahead[-1].at)

    def _draws(self, day: date, length: int) -> list[list[list[float]]]:
        """Return the random numbers of a session, by bar and row."""
        rng = np.random.default_rng([self._seed, day.toordinal()])
        shape = (length, len(self._bars.panel.symbols), _DRAWS)
        draws: list[list[list[float]]] = rng.random(shape).tolist()
        return draws

    def _bar_steps(
        self, index: int, draws: list[list[float]], regular_end: int, day: date
    ) -> list[Step]:
        """Return what happens in all bars of one time, by time."""
        bars = self._bars
        opened, known = bars.opened[index], bars.known[index]
        last = max(opened, min(known, regular_end) - 1)
        if _is_auction(opened, day):
            opened = last
        steps: list[Step] = []
        for row, symbol in enumerate(bars.panel.symbols):
            if bars.trades(row, index):
                _add_bar(steps, symbol, bars.bar(row, index), (opened, last), draws[row])
        steps.sort(key=_at)  # stable: what happens to one instrument stays in order
        return steps


def _add_bar(
    steps: list[Step],
    symbol: Symbol,
    bar: tuple[int, int, int, int, int],
    span: tuple[int, int],
    draws: list[float],
) -> None:
    opened, last = span
    prices = _path(bar, low_first=draws[0] < _HALF)
    sizes = _split(bar[4], len(prices), draws[1:_POINTS])
    times = sorted(opened + int((last - opened) * draw) for draw in draws[_POINTS:])
    steps.append(OpenStep(opened, symbol, bar, sizes[0]))
    for px, qty, at in zip(prices[1:], sizes[1:], times, strict=False):
        steps.append(TradeStep(at, symbol, px, qty))
    steps.append(EndStep(last, symbol))


def _path(bar: tuple[int, int, int, int, int], *, low_first: bool) -> list[int]:
    """Return open, both ends in either order, and close, each only where the price moves."""
    opening, high, low, close, _ = bar
    path = [opening]
    for price in (low, high, close) if low_first else (high, low, close):
        if price != path[-1]:
            path.append(price)
    return path


def _split(volume: int, parts: int, draws: list[float]) -> list[int]:
    """Return that many parts of a volume [shares] that add up to it, none empty if it suffices."""
    spare = max(0, volume - parts)
    cuts = sorted(int(spare * draw) for draw in draws[: parts - 1])
    edges = [0, *cuts, spare]
    return [edges[part + 1] - edges[part] + (part < volume) for part in range(parts)]


def _is_auction(instant: int, day: date) -> bool:
    """Return whether a bar that begins then is the closing auction's, whose print is its end."""
    changes = regular_phases(day)
    place = bisect_right(changes, instant, key=_at) - 1
    return place >= 0 and changes[place].phase is Phase.CLOSING_AUCTION


def _entered(change: PhaseChange) -> PhaseStep:
    return PhaseStep(change.at, change.phase)


def _at(step: Step | PhaseChange) -> int:
    return step.at


_POINTS: Final = 4  # open, two ends, close
_DRAWS: Final = 2 * _POINTS - 1  # which end comes first, three cuts of the volume, three times
_HALF: Final = 0.5
