"""The table of an order's life is total, and every row says what it must."""

from __future__ import annotations

from itertools import permutations, product

import pytest

from maemae.domain.errors import InvalidTransitionError
from maemae.domain.order_status import (
    CLOSED,
    TRANSITIONS,
    ExecType,
    OrderStatus,
    next_standing,
    status_of,
)

S = OrderStatus
REPORTS = (
    ExecType.NEW,
    ExecType.TRADE,
    ExecType.TRADE_CANCEL,
    ExecType.TRADE_CORRECT,
    ExecType.REPLACED,
    ExecType.CANCEL_REJECTED,
    ExecType.OUTCOME_UNKNOWN,
    ExecType.REJECTED,
    ExecType.EXPIRED,
    ExecType.CANCELED,
)
# Standing, and what it becomes by each of REPORTS; a dot stays.
GRID = {
    S.PENDING_NEW: "NEW NEW NEW NEW NEW . UNKNOWN REJECTED EXPIRED CANCELED",
    S.UNKNOWN: "NEW NEW NEW NEW NEW . . REJECTED EXPIRED CANCELED",
    S.NEW: ". . . . . . . REJECTED EXPIRED CANCELED",
    S.REJECTED: ". . . . . . . . EXPIRED CANCELED",
    S.EXPIRED: ". . . . . . . . . CANCELED",
    S.CANCELED: ". . . . . . . . . .",
}
ROWS = [
    (standing, report, standing if word == "." else S(word))
    for standing, words in GRID.items()
    for report, word in zip(REPORTS, words.split(), strict=True)
]


@pytest.mark.parametrize(("standing", "report", "after"), ROWS)
def test_standing_when_a_report_arrives_follows_the_table(
    standing: OrderStatus, report: ExecType, after: OrderStatus
) -> None:
    assert next_standing(standing, report) is after


def test_table_is_total_and_has_no_row_to_spare() -> None:
    assert set(REPORTS) == set(ExecType)
    assert set(TRANSITIONS) == set(product(GRID, ExecType))
    assert set(TRANSITIONS.values()) <= set(GRID)


def test_standings_when_two_reports_change_places_are_the_same() -> None:
    for standing, (first, second) in product(GRID, permutations(ExecType, 2)):
        one = next_standing(next_standing(standing, first), second)
        other = next_standing(next_standing(standing, second), first)
        assert one is other, (standing, first, second)


def test_standing_when_a_report_comes_twice_moves_once() -> None:
    for (standing, report), after in TRANSITIONS.items():
        assert next_standing(after, report) is after, (standing, report)


def test_standing_once_closed_never_opens() -> None:
    for (standing, _), after in TRANSITIONS.items():
        assert standing not in CLOSED or after in CLOSED


@pytest.mark.parametrize("status", sorted(set(OrderStatus) - set(GRID)))
def test_status_that_is_not_a_standing_takes_no_report(status: OrderStatus) -> None:
    with pytest.raises(InvalidTransitionError, match="Reconcile"):
        next_standing(status, ExecType.NEW)


@pytest.mark.parametrize(
    ("standing", "cum_qty", "pending", "status"),
    [
        (S.CANCELED, 10, "", S.FILLED),
        (S.REJECTED, 10, "", S.FILLED),
        (S.NEW, 11, "CR", S.FILLED),
        (S.CANCELED, 4, "CR", S.CANCELED),
        (S.EXPIRED, 0, "C", S.EXPIRED),
        (S.REJECTED, 0, "C", S.REJECTED),
        (S.NEW, 4, "CR", S.PENDING_CANCEL),
        (S.UNKNOWN, 0, "C", S.PENDING_CANCEL),
        (S.NEW, 4, "R", S.PENDING_REPLACE),
        (S.NEW, 4, "", S.PARTIALLY_FILLED),
        (S.NEW, 0, "", S.NEW),
        (S.UNKNOWN, 0, "", S.UNKNOWN),
        (S.PENDING_NEW, 0, "", S.PENDING_NEW),
    ],
)
def test_status_when_several_hold_is_the_one_that_takes_precedence(
    standing: OrderStatus, cum_qty: int, pending: str, status: OrderStatus
) -> None:
    found = status_of(
        standing, cum_qty, 10, cancel_pending="C" in pending, replace_pending="R" in pending
    )
    assert found is status
