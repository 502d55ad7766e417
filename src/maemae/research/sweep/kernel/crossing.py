"""Where one series crosses another, both ways in one look at them."""

from __future__ import annotations

from maemae.research.sweep.kernel.compiled import entry
from maemae.strategy.kernel import Floats
from maemae.strategy.panel import Flags, Ints


@entry
def mark(one: Floats, other: Floats, starts: Ints, above: Flags, below: Flags) -> None:
    """
    Mark the bars on which a series is beyond another and was not at the bar before.

    Args:
        one: A series, instrument after instrument; NaN is beyond nothing [N].
        other: Another one [N].
        starts: Where each instrument begins, and N at the end [S + 1].
        above: Where the one has risen above the other [N].
        below: Where it has fallen below [N].
    """
    now, then, other_now, other_then = one[1:], one[:-1], other[1:], other[:-1]
    up, down = above[1:], below[1:]
    for place in range(len(now)):
        up[place] = (now[place] > other_now[place]) & (then[place] <= other_then[place])
        down[place] = (now[place] < other_now[place]) & (then[place] >= other_then[place])
    for number in range(len(starts) - 1):
        start = starts[number]
        if start < len(above):
            above[start] = below[start] = False
