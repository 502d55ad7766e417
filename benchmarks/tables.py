"""The measured figures as tables, beside what they should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from rich.markup import escape
from rich.table import Table

from benchmarks.bar_sets import SETS
from benchmarks.runs import Clock, Series

QUIET_RATE: Final = 20e6  # bars/s, at least
ORDER_MICROS: Final = 30.0  # µs, at most
BY_BAR_RATE: Final = 400e3  # bars/s, at least
PEAK_MB: Final = 400.0  # MB, at most

Ours = Mapping[str, Mapping[str, Series]]
"""Series by set and form."""


def order_micros(forms: Mapping[str, Series], clock: Clock) -> float:
    """Return what an order costs beyond the quiet bars [µs]."""
    trading = forms["trigger"]
    extra = trading.seconds(clock) - forms["quiet"].seconds(clock)
    return extra / trading.orders * 1e6


def speed_table(ours: Ours, clock: Clock) -> Table:
    """Return the table of our own speed: a row a figure, a column a set."""
    table = Table(title="maemae", title_justify="left")
    table.add_column("수치 / figure")
    table.add_column("목표 / target", justify="right")
    for name in ours:
        table.add_column(SETS[name].title, justify="right")
    columns = [_figures(forms, clock) for forms in ours.values()]
    for title, target in _FIGURES.items():
        table.add_row(escape(title), target, *(column[title] for column in columns))
    return table


_FIGURES: Final = {
    "조용한 봉 / quiet [bars/s]": f"≥ {QUIET_RATE / 1e6:.0f} M",
    "호출만 / calls only [bars/s]": "",
    "trigger [bars/s]": "",
    "on_bar [bars/s]": f"≥ {BY_BAR_RATE / 1e3:.0f} k",
    "주문당 / an order [µs]": f"≤ {ORDER_MICROS:.0f}",
    "메모리 / peak memory [MB]": f"≤ {PEAK_MB:.0f}",
    "주문 / orders": "",
    "order hash": "",
}
"""What is wanted of each figure; nothing where it is empty."""


def _figures(forms: Mapping[str, Series], clock: Clock) -> dict[str, str]:
    """Return the figures of one set by their titles."""
    quiet, by_bar = forms["quiet"].rate(clock), forms["on_bar"].rate(clock)
    micros, peak = order_micros(forms, clock), max(one.peak_mb for one in forms.values())
    values = [
        _judged(spoken(quiet), is_met=quiet >= QUIET_RATE),
        spoken(forms["mute"].rate(clock)),
        spoken(forms["trigger"].rate(clock)),
        _judged(spoken(by_bar), is_met=by_bar >= BY_BAR_RATE),
        _judged(f"{micros:.1f}", is_met=micros <= ORDER_MICROS),
        _judged(f"{peak:.0f}", is_met=peak <= PEAK_MB),
        f"{forms['trigger'].orders:,}",
        forms["trigger"].runs[0].order_hash[:12],
    ]
    return dict(zip(_FIGURES, values, strict=True))


def ratio_table(programs: Mapping[str, Series], ours: tuple[str, ...], clock: Clock) -> Table:
    """
    Return the table of the peers.

    Args:
        programs: Series by program and form, ours among them.
        ours: Which of them are ours; each has a column of how many times as fast it is.
        clock: Time that counts.
    """
    length = next(iter(programs.values())).runs[0].bars
    table = Table(title=f"1 x {length:,} 1m", title_justify="left")
    table.add_column("프로그램 / program")
    for title in ("bars/s", "peak MB", "주문 / orders", *(f"{name} ÷" for name in ours)):
        table.add_column(title, justify="right")
    for name, one in programs.items():
        rate = one.rate(clock)
        ratios = [f"{programs[mine].rate(clock) / rate:.2f}" for mine in ours]
        table.add_row(name, spoken(rate), f"{one.peak_mb:.0f}", f"{one.orders:,}", *ratios)
    return table


def spoken(rate: float) -> str:
    """Return a speed in thousands or millions [bars/s]."""
    return f"{rate / 1e6:.2f} M" if rate >= 1e6 else f"{rate / 1e3:.0f} k"


def _judged(text: str, *, is_met: bool) -> str:
    return f"{text} {'✔' if is_met else '✘'}"
