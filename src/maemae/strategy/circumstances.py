"""What a strategy saw of one instrument at one barrier: its indicators, triggers, schedules."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec
import numpy as np

from maemae.domain.ids import Symbol
from maemae.strategy.desk import Desk
from maemae.strategy.kernel import Floats


class Reading(msgspec.Struct, frozen=True):
    """
    An indicator.

    Attributes:
        value: At the instrument's last bar that traded; None before the warm-up.
        bars: Bars of it that have traded so far.
        warmup: Bars that the first value needs.
    """

    label: str
    value: float | None
    bars: int
    warmup: int


class Signal(msgspec.Struct, frozen=True):
    """
    A trigger at the barrier.

    Attributes:
        label: What it says.
        method: What it calls.
        is_ready: Whether its indicators have values.
        holds: Whether it is true.
        fires: Whether it calls now.
    """

    label: str
    method: str
    is_ready: bool
    holds: bool
    fires: bool


class Due(msgspec.Struct, frozen=True):
    """
    A schedule at the barrier.

    Attributes:
        period: Such as `month`.
        method: What it calls.
        is_due: Whether it calls now.
        next: Time index at which it calls next; None if not again.
    """

    period: str
    method: str
    is_due: bool
    next: int | None


class Circumstances(msgspec.Struct, frozen=True):
    """
    What a condition has to know of a bar beside its prices.

    Attributes:
        has_traded: Whether the instrument traded in the bar; nothing is called for it if not.
    """

    has_traded: bool
    readings: Sequence[Reading]
    signals: Sequence[Signal]
    dues: Sequence[Due]


def circumstances(desk: Desk, symbol: Symbol, k: int) -> Circumstances:
    """
    Return what a desk's strategy saw of an instrument at a time index.

    Raises:
        UnknownSymbolError: The run has no such instrument.
    """
    row = desk.panel.row(symbol)
    traded = desk.panel.traded[row]
    bars = int(np.count_nonzero(traded[: k + 1]))
    place = int(desk.bars.starts[row]) + bars - 1
    return Circumstances(
        has_traded=bool(traded[k]),
        readings=[
            _reading(
                handle.spec.label, desk.store.series(handle.spec), place, bars, handle.spec.warmup
            )
            for handle in desk.handles
        ],
        signals=[
            Signal(
                label=watch.trigger.label,
                method=getattr(watch.method, "__name__", repr(watch.method)),
                is_ready=bars > 0 and bool(desk.store.flags(watch.trigger.ready)[place]),
                holds=bars > 0 and bool(desk.store.flags(watch.trigger.holds)[place]),
                fires=bool(traded[k]) and bool(desk.store.flags(watch.trigger.fires)[place]),
            )
            for watch in desk.watches
        ],
        dues=[
            Due(
                period=each.period,
                method=getattr(each.method, "__name__", repr(each.method)),
                is_due=k in each.times,
                next=next((time for time in each.times.tolist() if time > k), None),
            )
            for each in desk.appointments
        ],
    )


def _reading(label: str, series: Floats, place: int, bars: int, warmup: int) -> Reading:
    value = float(series[place]) if bars else math.nan
    return Reading(label, None if math.isnan(value) else value, bars, warmup)
