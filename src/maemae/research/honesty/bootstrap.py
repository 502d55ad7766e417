"""
Is the entry better than chance?

All entries of the run are moved together by a random number of sessions and given to other
instruments at random. Each such world keeps how many entries there were, how they clustered,
and how long each was held; only the reason to enter is gone. The share of worlds that did as
well as the run is the probability that the rule knows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from maemae.analytics.trades import RoundTrip
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_date
from maemae.domain.text import Text
from maemae.research.closes import told_closes
from maemae.research.curve import place_of
from maemae.research.honesty.verdict import Check, Verdict
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.strategy.kernel import Floats
from maemae.strategy.panel import Ints, Panel

WORLDS: Final = 2_000
"""Random worlds that the run is compared with."""

LEVEL: Final = 0.05
"""Probability of knowing nothing below which the rule passes."""

FEWEST: Final = 20
"""Entries below which nothing is said."""

_SEED: Final = 20_240_102


class EntryTest(msgspec.Struct, frozen=True):
    """
    The run's entries against chance.

    Attributes:
        entries: How many.
        edge: Mean return from the close of the entry's session over the time held [ratio].
        by_chance: The same, on average over the random worlds [ratio].
        probability: Share of worlds that did as well, the run itself counted [0 to 1].
    """

    entries: int
    edge: float
    by_chance: float
    probability: float


def entry_test(
    panel: Panel, trips: Sequence[RoundTrip], worlds: int = WORLDS, seed: int = _SEED
) -> EntryTest | None:
    """
    Compare entries with random ones.

    Args:
        panel: Bars of the run.
        trips: Its closed trades.
        worlds: How many random worlds.
        seed: Of chance; the same seed gives the same answer.

    Returns:
        The figures; None below `FEWEST` entries that were held over a night.
    """
    axis = CalendarAxis(panel)
    days = [axis.session_date(session) for session in range(len(axis.starts))]
    closes = told_closes(panel)
    closes[closes <= 0] = np.nan
    entries = np.array(
        [
            (
                panel.row(symbol),
                place_of(days, kst_date(opened_at)),
                place_of(days, kst_date(closed_at)),
            )
            for (symbol, opened_at), closed_at in _whole(trips).items()
        ],
        np.int64,
    ).reshape(-1, 3)
    entries = entries[entries[:, 2] > entries[:, 1]]
    if len(entries) < FEWEST or len(days) < 3:
        return None
    rows, begins = entries[:, 0], entries[:, 1]
    spans = entries[:, 2] - begins
    edge = _mean_return(closes, rows, begins, spans)
    rng = np.random.default_rng(seed)
    chance = np.array(
        [
            _mean_return(
                closes,
                rng.permutation(len(closes))[rows],
                (begins + rng.integers(1, len(days))) % len(days),
                spans,
            )
            for _ in range(worlds)
        ]
    )
    as_good = int(np.count_nonzero(chance >= edge))
    return EntryTest(len(entries), edge, float(np.nanmean(chance)), (as_good + 1) / (worlds + 1))


def _whole(trips: Sequence[RoundTrip]) -> dict[tuple[Symbol, int], int]:
    """Return each entry once, with its last exit, into however many sales it was split."""
    ends: dict[tuple[Symbol, int], int] = {}
    for trip in trips:
        entry = trip.symbol, trip.opened_at
        ends[entry] = max(ends.get(entry, 0), trip.closed_at)
    return ends


def check_entries(panel: Panel, trips: Sequence[RoundTrip]) -> Verdict:
    """Judge the entries of a run."""
    found = entry_test(panel, trips)
    if found is None:
        return Verdict(Check.BOOTSTRAP, passed=None, text=_TOO_FEW)
    passed = found.probability < LEVEL
    ko = "우연보다 낫습니다" if passed else "우연과 구별되지 않습니다"
    en = "better than chance" if passed else "not to be told from chance"
    return Verdict(
        Check.BOOTSTRAP,
        passed=passed,
        text=Text(
            f"진입 {found.entries:,}건은 {ko}: 들고 있는 동안 평균 {found.edge:+.2%}, 아무렇게나 "
            f"들어갔을 때 {found.by_chance:+.2%}, 그만큼 나올 확률 {found.probability:.1%} "
            f"(기준 {LEVEL:.0%} 미만).",
            f"The {found.entries:,} entries are {en}: {found.edge:+.2%} on average while held, "
            f"{found.by_chance:+.2%} at random, as good by chance {found.probability:.1%} of the "
            f"time (below {LEVEL:.0%} passes).",
        ),
    )


def _mean_return(
    closes: Floats,
    rows: Ints,
    begins: Ints,
    spans: Ints,
) -> float:
    """Return the mean return of what can be measured; time ends where the data ends."""
    last = closes.shape[1] - 1
    begins = np.minimum(begins, last - 1)
    ends = np.minimum(begins + spans, last)
    returns = closes[rows, ends] / closes[rows, begins] - 1.0
    known = ~np.isnan(returns)
    return float(returns[known].mean()) if known.any() else 0.0


_TOO_FEW: Final = Text(
    f"하룻밤을 넘긴 거래가 {FEWEST}건보다 적어 판단할 수 없습니다.",
    f"Fewer than {FEWEST} trades were held over a night: too few to judge.",
)
