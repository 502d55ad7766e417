"""Volatility interruption and circuit breaker: when they trigger, and for how long."""

from __future__ import annotations

from datetime import date, time

import pytest

from maemae.domain.errors import InvalidValueError, UnknownRuleError
from maemae.domain.instant import MINUTE, SECOND, Nanos, kst_nanos
from maemae.domain.terms import Market
from maemae.krx.halt import (
    SIDECARS,
    VI_AUCTION,
    BreakerState,
    ViGroup,
    ViKind,
    ViThresholds,
    advance_breaker,
    breaker_phase,
    breaker_window,
    is_vi_exempt,
    vi_end,
    vi_kind,
    vi_thresholds,
)
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState

DAY = date(2026, 9, 14)
WINDOW = breaker_window(300_000, DAY)


@pytest.mark.parametrize(
    ("group", "phase", "expires", "dynamic"),
    [
        (ViGroup.NARROW, Phase.CONTINUOUS, False, 3),
        (ViGroup.NARROW, Phase.PRE_OPEN_AUCTION, False, 3),
        (ViGroup.NARROW, Phase.CLOSING_AUCTION, False, 2),
        (ViGroup.NARROW, Phase.CLOSING_AUCTION, True, 1),
        (ViGroup.WIDE, Phase.CONTINUOUS, True, 6),
        (ViGroup.WIDE, Phase.CLOSING_AUCTION, False, 4),
        (ViGroup.WIDE, Phase.CLOSING_AUCTION, True, 1),
    ],
)
def test_vi_thresholds(group: ViGroup, phase: Phase, dynamic: int, *, expires: bool) -> None:
    found = vi_thresholds(group, phase, DAY, underlying_expires=expires)

    assert found == ViThresholds(dynamic, 10)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2014, 8, 29), ViThresholds(0, 0)),
        (date(2014, 9, 1), ViThresholds(6, 0)),
        (date(2015, 6, 12), ViThresholds(6, 0)),
        (date(2015, 6, 15), ViThresholds(6, 10)),
    ],
)
def test_vi_came_in_two_steps(day: date, expected: ViThresholds) -> None:
    assert vi_thresholds(ViGroup.WIDE, Phase.CONTINUOUS, day) == expected


@pytest.mark.parametrize("phase", [Phase.CLOSED, Phase.HALTED, Phase.AFTER_HOURS_CLOSE])
def test_vi_when_nothing_is_matched_does_not_exist(phase: Phase) -> None:
    assert vi_thresholds(ViGroup.NARROW, phase, DAY) == ViThresholds(0, 0)


@pytest.mark.parametrize(
    ("price", "last", "auction", "tick", "kind"),
    [
        (10_299, 10_000, 10_000, 10, None),
        (10_300, 10_000, 10_000, 10, ViKind.DYNAMIC),
        (9_700, 10_000, 10_000, 10, ViKind.DYNAMIC),
        (11_000, 10_990, 10_000, 10, ViKind.STATIC),
        (9_000, 9_010, 10_000, 10, ViKind.STATIC),
        (11_000, 10_000, 10_000, 10, ViKind.STATIC),
        (53, 50, 50, 1, None),
        (54, 50, 54, 1, ViKind.DYNAMIC),
        (55, 54, 50, 1, ViKind.STATIC),
        (1_030, 1_000, 1_000, 1, ViKind.DYNAMIC),
    ],
)
def test_vi_kind(price: int, last: int, auction: int, tick: int, kind: ViKind | None) -> None:
    assert vi_kind(price, last, auction, ViThresholds(3, 10), tick) is kind


def test_vi_end_when_continuous_counts_from_the_trigger() -> None:
    at, end = kst_nanos(DAY, time(10)), kst_nanos(DAY, time(15, 20))

    assert vi_end(Phase.CONTINUOUS, at, end) == at + VI_AUCTION


def test_vi_end_when_in_an_auction_lengthens_it() -> None:
    at, end = kst_nanos(DAY, time(15, 29)), kst_nanos(DAY, time(15, 30))

    assert vi_end(Phase.CLOSING_AUCTION, at, end) == kst_nanos(DAY, time(15, 32))


def test_vi_exemptions() -> None:
    assert is_vi_exempt(InstrumentState.DELISTING)
    assert is_vi_exempt(InstrumentState.LISTING_DAY)
    assert not is_vi_exempt(InstrumentState.NORMAL)


def at(hour: int, minute: int, second: int = 0) -> Nanos:
    return kst_nanos(DAY, time(hour, minute, second))


def played(*values: tuple[Nanos, int]) -> BreakerState:
    state = BreakerState()
    for instant, index in values:
        state = advance_breaker(state, index, WINDOW, instant)
    return state


FIRST = ((at(10, 0), 276_000), (at(10, 1), 276_000))
CRASH = ((at(10, 0), 255_000), (at(10, 1), 255_000))
SECOND_STAGE = ((at(10, 31), 255_000), (at(10, 32), 255_000))
THIRD = ((at(14, 55), 240_000), (at(14, 56), 240_000))


@pytest.mark.parametrize(
    ("name", "values", "stage"),
    [
        ("held a minute", FIRST, 1),
        ("not held", ((at(10, 0), 276_000), (at(10, 0, 59), 276_000)), 0),
        ("interrupted", (*FIRST[:1], (at(10, 0, 30), 276_001), FIRST[1]), 0),
        ("not deep enough", ((at(10, 0), 276_001), (at(10, 1), 276_001)), 0),
        ("timed from a minute after the open", ((at(9, 0), 270_000), (at(9, 1), 270_000)), 0),
        ("late", ((at(14, 49, 30), 270_000), (at(14, 50, 30), 270_000)), 0),
        ("just in time", ((at(14, 48), 270_000), (at(14, 49), 270_000)), 1),
        ("second", (*FIRST, *SECOND_STAGE), 2),
        ("second during the halt", (*FIRST, (at(10, 5), 250_000), (at(10, 29), 250_000)), 1),
        ("second without another 1 %", (*CRASH, *SECOND_STAGE), 1),
        ("third any time", (*FIRST, *SECOND_STAGE, *THIRD), 3),
        ("third ends the day", (*FIRST, *SECOND_STAGE, *THIRD, (at(15, 10), 1)), 3),
    ],
)  # fmt: skip
def test_breaker_stage(name: str, values: tuple[tuple[Nanos, int], ...], stage: int) -> None:
    assert played(*values).stage == stage, name


def test_breaker_when_triggered_halts_then_auctions_then_lets_go() -> None:
    state = played(*FIRST)
    start = at(10, 1)

    shown = [
        breaker_phase(state, start + elapsed)
        for elapsed in (0, 20 * MINUTE - 1, 20 * MINUTE, 30 * MINUTE - SECOND, 30 * MINUTE)
    ]

    assert shown == [
        Phase.HALTED, Phase.HALTED, Phase.INTRADAY_AUCTION, Phase.INTRADAY_AUCTION, None
    ]  # fmt: skip


def test_breaker_when_third_stage_closes_the_day() -> None:
    state = played(*FIRST, *SECOND_STAGE, *THIRD)

    assert breaker_phase(state, at(15, 29)) is Phase.CLOSED


def test_breaker_when_nothing_happened_leaves_the_schedule() -> None:
    assert breaker_phase(BreakerState(), at(12, 0)) is None


def test_breaker_window_when_unknown_raises() -> None:
    with pytest.raises(UnknownRuleError, match="2015-06-15"):
        breaker_window(300_000, date(2015, 6, 12))
    with pytest.raises(InvalidValueError):
        breaker_window(0, DAY)


def test_sidecar_of_kosdaq_needs_future_and_index() -> None:
    assert (SIDECARS[Market.KOSPI].futures_percent, SIDECARS[Market.KOSPI].index_percent) == (5, 0)
    assert (SIDECARS[Market.KOSDAQ].futures_percent, SIDECARS[Market.KOSDAQ].index_percent) == (
        6,
        3,
    )
