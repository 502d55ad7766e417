"""A size told as a risk: what the stop would lose is what was said, never more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.core.actions import Action, SubmitOrder
from maemae.domain.exit_terms import ExitTerms, Trail
from maemae.domain.intent import Risk
from tests.builders import CASH, a_core, an_intent

ONE_PERCENT = Risk(10_000)  # 100,000 of 10 million won


def shares(actions: list[Action]) -> list[int]:
    return [action.order.order_qty for action in actions if isinstance(action, SubmitOrder)]


@pytest.mark.parametrize(
    ("stop_loss", "exits", "expected"),
    [
        (50_000, None, 200),
        (None, ExitTerms(stop_won=400), 250),
        (None, ExitTerms(trail=Trail(ppm=40_000)), 250),
        (None, ExitTerms(trail=Trail(won=1_000)), 100),
        (50_000, ExitTerms(trail=Trail(won=1_000)), 200),
        (None, None, None),
    ],
)
def test_risk_is_divided_by_the_distance_to_the_stop(
    stop_loss: int | None, exits: ExitTerms | None, expected: int | None
) -> None:
    wish = an_intent(size=ONE_PERCENT, stop_loss=stop_loss, exits=exits)
    assert shares(a_core().handle(wish)) == ([] if expected is None else [expected])


def test_risk_when_cash_runs_short_buys_what_cash_allows() -> None:
    wish = an_intent(size=ONE_PERCENT, stop_loss=1_000)
    assert shares(a_core().handle(wish)) == [769]  # at the upper price limit of 13,000


@given(st.integers(1, 1_000_000), st.integers(1, 999_999))
def test_loss_at_the_stop_is_within_the_risk(risk: int, stop: int) -> None:
    for qty in shares(a_core().handle(an_intent(size=Risk(risk), stop_loss=stop))):
        assert qty * (10_000 * stop) <= CASH * risk
