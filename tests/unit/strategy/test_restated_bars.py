"""Indicators across a split: at every bar, the values of one who knows nothing of later ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maemae import Strategy, ta
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.ids import Symbol
from maemae.strategy.panel import Panel
from maemae.strategy.restatement import restated
from tests.strategy_runs import A, B, a_host, a_panel, raises, run_all

FIRST = date(2024, 1, 2)  # sessions: 2, 3, 4, 5, 8, 9 January …
DAYS = tuple(date(2024, 1, day) for day in (2, 3, 4, 5, 8, 9, 10, 11))


def split(place: int, up: int, down: int = 1, symbol: Symbol = A) -> ShareChange:
    """Return a split before the session of a place."""
    return ShareChange(symbol, DAYS[place], 0, up, down, 0)


def market(closes: Sequence[int], *actions: CorporateAction) -> Panel:
    return a_panel({A: closes, B: [500] * len(closes)}, first=FIRST).with_actions(actions)


class Averages(Strategy):
    """Notes what it sees."""

    def setup(self) -> None:
        self.average = self.indicator(ta.sma, 2)
        self.price = self.indicator(ta.sma, 1)
        self.seen: list[float] = []
        self.before: list[float] = []
        self.bars: list[list[int]] = []
        self.volumes: list[list[int]] = []
        self.called: list[tuple[Symbol, int]] = []
        self.when(self.price.crosses_below(5_000), self.fall)
        self.every("bar", self.look)

    def look(self) -> None:
        self.seen.append(self.average[A])
        self.before.append(self.price.previous(A))
        self.bars.append(self.history(A, 3).tolist())
        self.volumes.append(self.history(A, 2, "volume").tolist())

    def fall(self, symbol: Symbol) -> None:
        self.called.append((symbol, len(self.seen) - 1))


def seen(panel: Panel) -> Averages:
    strategy = Averages()
    run_all(a_host(strategy, panel), panel)
    return strategy


def test_average_when_shares_split_is_told_in_the_shares_of_its_day() -> None:
    strategy = seen(market([50_000, 52_000, 5_100, 5_300], split(2, 10)))
    # before the ex-date as it was; on it the day before counts as 5,200
    assert strategy.seen[1:] == [51_000, 5_150, 5_200]
    assert strategy.before[1:] == [50_000, 5_200, 5_100]


def test_average_when_the_split_is_not_told_of_falls_through_the_floor() -> None:
    strategy = seen(market([50_000, 52_000, 5_100, 5_300]))
    assert strategy.seen[1:] == [51_000, 28_550, 5_200]


def test_crossing_of_a_number_when_only_the_shares_changed_does_not_fire() -> None:
    closes = [6_000, 6_000, 600, 600]
    assert seen(market(closes)).called == [(A, 2)]
    assert seen(market(closes, split(2, 10))).called == []


def test_crossing_of_a_number_after_a_split_still_fires() -> None:
    assert seen(market([60_000, 60_000, 6_000, 4_900], split(2, 10))).called == [(A, 3)]


def test_history_when_shares_split_is_told_in_new_shares() -> None:
    strategy = seen(market([50_001, 52_000, 5_100], split(2, 10)))
    assert strategy.bars == [[50_001], [50_001, 52_000], [5_000, 5_200, 5_100]]
    volumes = [100 + close % 7 for close in (50_001, 52_000, 5_100)]
    assert strategy.volumes[2] == [10 * volumes[1], volumes[2]]


def test_history_when_two_splits_came_multiplies_them() -> None:
    strategy = seen(market([60_000, 30_000, 30_000, 10_000], split(1, 2), split(3, 3)))
    assert strategy.bars[2:] == [[30_000, 30_000, 30_000], [10_000, 10_000, 10_000]]
    assert strategy.seen[1:] == [30_000, 30_000, 10_000]


def test_rights_when_sold_lower_older_prices_by_their_worth() -> None:
    rights = RightsIssue(A, DAYS[2], 0, 1, 5, 5_000)  # a fifth of 5,000 won a share
    strategy = seen(market([10_000, 10_000, 9_000], rights))
    assert strategy.bars[2] == [9_000, 9_000, 9_000]
    assert strategy.volumes[2][0] == 100 + 10_000 % 7


def test_rights_when_worth_the_share_itself_are_refused() -> None:
    panel = market([10_000, 10_000, 9_000], RightsIssue(A, DAYS[2], 0, 1, 1, 10_000))
    with raises(InvalidValueError, "10,000", "Correct the table"):
        seen(panel)


def test_dividend_when_paid_lowers_no_older_price() -> None:
    panel = market([10_000, 10_000, 9_700], CashDividend(A, DAYS[2], 0, 300, DAYS[3]))
    assert panel.restatements == {}


@pytest.mark.parametrize(("since", "until", "told"), [(0, 1, 7_999), (0, 2, 799), (2, 3, 7_999)])
def test_price_when_restated_is_cut_down_between_two_bars(
    since: int, until: int, told: int
) -> None:
    steps = market([7_999] * 4, split(2, 10)).restatements[0]
    assert restated(7_999, steps, since, until) == told


def test_price_when_restated_never_becomes_nothing() -> None:
    steps = market([7_999] * 4, split(2, 10)).restatements[0]
    assert (restated(3, steps, 0, 3), restated(0, steps, 0, 3)) == (1, 0)
    assert restated(3, steps, 0, 3, volume=True) == 30


def test_panel_when_cut_off_knows_only_what_was_announced() -> None:
    panel = market([50_000, 52_000, 5_100, 5_300])
    known_at = int(panel.known[1])
    panel = panel.with_actions([ShareChange(A, DAYS[2], known_at, 10, 1, 0)])
    assert [len(panel.until(length).actions) for length in range(5)] == [0, 0, 1, 1, 1]
    assert panel.since(1).restatements[0][0].start == 1


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_indicators_when_the_future_is_cut_off_are_the_same_to_the_bit(data: st.DataObject) -> None:
    count = len(DAYS)
    changes = data.draw(
        st.dictionaries(
            st.integers(1, count - 1), st.tuples(st.integers(1, 50), st.integers(1, 5)), max_size=3
        )
    )
    closes = data.draw(
        st.lists(st.just(0) | st.integers(1_000, 90_000), min_size=count, max_size=count)
    )
    actions = [split(place, up, down) for place, (up, down) in changes.items()]
    whole = market(closes, *actions)
    told = seen(whole)
    for length in range(1, count + 1):
        cut = whole.until(length)  # and nothing known but what has happened by then
        own = [action for action in actions if action.ex_date <= DAYS[length - 1]]
        blind = seen(cut.with_actions(own))
        assert np.array_equal(blind.seen, told.seen[:length], equal_nan=True)
        assert np.array_equal(blind.before, told.before[:length], equal_nan=True)
        assert blind.bars == told.bars[:length]
        assert blind.called == [call for call in told.called if call[1] < length]
