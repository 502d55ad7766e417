"""From the bars on which a rule fires to the instruments of each session, in order."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from maemae.research.sweep.kernel.compiled import entry, inlined
from maemae.strategy.panel import Ints

Bytes = NDArray[np.uint8]

Words = NDArray[np.uint64]

_WORD: Final = 8  # bars


@entry
def sort_by_session(
    fires: Bytes, words: Words, cells: Ints, eligible: Bytes, begin: Ints, found: Ints, rows: Ints
) -> None:
    """
    Write the instruments on which a rule fires, session after session, ascending within one.

    Args:
        fires: Whether it fires, instrument after instrument [N].
        words: The same, eight bars at a time, as few of them fire; without the last ones [N // 8].
        cells: Row times sessions, plus session, of every bar, ascending [N].
        eligible: Whether it may, by cell; empty where all may.
        begin: Where the rows of each session begin: 0 but for the first, which is given [T + 1].
        found: Room for all that fires, and one more.
        rows: Room for all that fires, from the given place on.
    """
    count, first = 0, begin[0]
    for number in range(len(words)):
        if words[number]:
            start = number * _WORD
            count = _collect(fires, cells, eligible, start, start + _WORD, found, count)
    count = _collect(fires, cells, eligible, len(words) * _WORD, len(fires), found, count)
    _order(found, count, begin, rows)
    begin[0] = first


@inlined
def _collect(
    fires: Bytes, cells: Ints, eligible: Bytes, start: int, end: int, found: Ints, count: int
) -> int:
    """Write the cells of the bars that fire; what does not is written over, as guessing is slow."""
    for place in range(start, end):
        cell = cells[place]
        found[count] = cell
        if len(eligible) == 0:
            count += fires[place]
        else:
            count += fires[place] & eligible[cell]
    return int(count)


@inlined
def _order(found: Ints, count: int, begin: Ints, rows: Ints) -> None:
    """Count what fires in each session, and write it where its session begins."""
    sessions, row = len(begin) - 1, 0
    for number in range(count):
        row = _row_of(found[number], sessions, row)
        begin[found[number] - row * sessions + 1] += 1
    for time in range(sessions):
        begin[time + 1] += begin[time]
    row = 0
    for number in range(count):
        row = _row_of(found[number], sessions, row)
        time = found[number] - row * sessions
        rows[begin[time]] = row
        begin[time] += 1
    for time in range(sessions, 0, -1):  # each has come to where the next begins
        begin[time] = begin[time - 1]


@inlined
def _row_of(cell: int, sessions: int, row: int) -> int:
    """Return the row of a cell that lies in that one or in a later one."""
    while cell >= (row + 1) * sessions:
        row += 1
    return row
