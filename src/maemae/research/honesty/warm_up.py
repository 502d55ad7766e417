"""
Does the result depend on where the data begins?

The same bars are given with a later beginning. After some patience every indicator must say the
same again, and so must the strategy; what does not settle would trade otherwise live, where
history is as long as it happens to be.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import Final

import msgspec
import numpy as np

from maemae.domain.errors import LookAheadError
from maemae.domain.instant import kst_datetime
from maemae.domain.intent import Intent, OrderIntent, ParentIntent, TargetWeights
from maemae.domain.text import Text
from maemae.research.honesty.verdict import Check, Verdict
from maemae.research.honesty.wishes import Maker, empty_host, wishes_of
from maemae.strategy.host import StrategyHost
from maemae.strategy.kernel import Floats
from maemae.strategy.panel import Panel

TOLERANCE: Final = 1e-3
"""Relative difference of an indicator that does not count as one."""

_PATIENCE: Final = 10  # warm-ups after which everything must have settled
_LEAST: Final = 60  # bars
_SMALL_PRIMES: Final = 2 * 3 * 5 * 7 * 11
_STARTS: Final = (0.15, 0.3)  # share of the bars that is left out


class Drift(msgspec.Struct, frozen=True):
    """
    How an indicator differs when the data begins later.

    Attributes:
        label: Which one.
        settled: Bars after the later beginning from which on it stays within the tolerance.
        allowed: Bars it may take.
        worst: Largest relative difference after those [ratio].
    """

    label: str
    settled: int
    allowed: int
    worst: float


def check_warm_up(make: Maker, panel: Panel) -> Verdict:
    """
    Compare indicators and wishes of the whole data with those of data that begins later.

    Raises:
        StrategyError: The strategy failed.
    """
    try:
        whole = empty_host(make, panel)
    except LookAheadError as error:  # the other check says so; here nothing can be compared
        return Verdict(Check.WARM_UP, passed=None, text=error.text)
    allowed = max(_PATIENCE * whole.warmup, _LEAST)
    starts = [_odd_place(int(len(panel) * share)) for share in _STARTS]
    starts = [start for start in starts if len(panel) - start > allowed]
    if not starts:
        return Verdict(Check.WARM_UP, passed=None, text=_too_short(allowed))
    tables, wishes = whole.indicators(), wishes_of(whole)
    slowest = 0
    for start in starts:
        later = empty_host(make, panel.since(start))
        drifts = _drifts(tables, later, start, allowed)
        bad = max(drifts, key=lambda drift: drift.settled, default=None)
        if bad is not None and bad.settled > allowed:
            return Verdict(Check.WARM_UP, passed=False, text=_drifts_says(bad))
        slowest = max([slowest, *(drift.settled for drift in drifts)])
        since = int(panel.known[start + allowed])
        differing = _differing(wishes, wishes_of(later), since)
        if differing is not None:
            return Verdict(Check.WARM_UP, passed=False, text=differing)
    return Verdict(
        Check.WARM_UP,
        passed=True,
        text=Text(
            f"데이터를 {len(starts)}번 늦게 시작해도 지표는 {slowest:,}봉 안에 같아지고 주문 "
            "의사도 같습니다.",
            f"With the data beginning later {len(starts)} times, indicators agree within "
            f"{slowest:,} bars and wishes are the same.",
        ),
    )


def _odd_place(start: int) -> int:
    """Return the next place at which no small period begins anew, or counting would go unseen."""
    while gcd(start, _SMALL_PRIMES) > 1:
        start += 1
    return start


def _drifts(whole: dict[str, Floats], later: StrategyHost, start: int, allowed: int) -> list[Drift]:
    return [
        _drift(label, whole[label][:, start:], values, allowed)
        for label, values in later.indicators().items()
    ]


def _drift(label: str, whole: Floats, later: Floats, allowed: int) -> Drift:
    scale = np.nanmedian(np.abs(whole)) if not np.isnan(whole).all() else 1.0
    both = np.maximum(np.abs(whole), max(float(scale), 1e-12))
    apart = np.abs(whole - later) / both
    apart = np.where(np.isnan(whole) & np.isnan(later), 0.0, np.where(np.isnan(apart), 1.0, apart))
    worst = apart.max(axis=0)
    beyond = np.flatnonzero(worst > TOLERANCE)
    settled = int(beyond[-1]) + 1 if beyond.size else 0
    return Drift(label, settled, allowed, float(worst[allowed:].max(initial=0.0)))


def _differing(whole: Iterable[Intent], later: Iterable[Intent], since: int) -> Text | None:
    """Return the first wish from an instant on that only one of them has."""
    one, other = (
        {_shape(wish) for wish in wishes if wish.at >= since} for wishes in (whole, later)
    )
    apart = sorted(one ^ other)
    if not apart:
        return None
    at, what = apart[0][0], apart[0][1]
    day = f"{kst_datetime(at):%Y-%m-%d}"
    return Text(
        f"데이터를 늦게 시작하면 주문 의사 {len(apart):,}건이 달라집니다(처음: {day} {what}). "
        "전략이 데이터의 시작에 기대고 있습니다. 지나온 봉의 수로 판단하지 않게 고치세요.",
        f"With the data beginning later {len(apart):,} wishes differ (first: {day} {what}). The "
        "strategy leans on where data begins: do not decide by bars counted since then.",
    )


def _shape(wish: Intent) -> tuple[int, str, str]:
    if isinstance(wish, OrderIntent):
        return wish.at, wish.symbol, wish.side.value
    if isinstance(wish, ParentIntent):
        return wish.at, wish.symbol, f"PARENT {wish.order.side.value}"
    if isinstance(wish, TargetWeights):
        return wish.at, "TARGET", " ".join(symbol for symbol, _ in wish.weights)
    return wish.at, "CANCEL", ""


def _drifts_says(drift: Drift) -> Text:
    return Text(
        f"지표 {drift.label} 은(는) 데이터를 늦게 시작하면 {drift.allowed:,}봉 뒤에도 "
        f"{drift.worst:.1%}까지 다릅니다. 준비 구간(warmup)을 늘리거나, 시작점에 기대지 않는 "
        "지표로 바꾸세요.",
        f"With the data beginning later, {drift.label} still differs by up to {drift.worst:.1%} "
        f"after {drift.allowed:,} bars. Declare a longer warm-up, or use an indicator that does "
        "not depend on where data begins.",
    )


def _too_short(allowed: int) -> Text:
    return Text(
        f"데이터가 짧아 판단할 수 없습니다. {allowed:,}봉보다 넉넉히 길어야 합니다.",
        f"The data is too short to judge: well over {allowed:,} bars are needed.",
    )
