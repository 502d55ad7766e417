"""A planted edge passes every check; chance, peeking and leaning on the start do not."""

from __future__ import annotations

import pytest

from maemae.research.backtest import DEFAULT_PLAN
from maemae.research.honesty.audit import Subject, audit
from maemae.research.honesty.look_ahead import check_look_ahead
from maemae.research.honesty.verdict import Check, Verdict
from maemae.research.honesty.warm_up import check_warm_up
from maemae.strategies.golden_cross import GoldenCross
from maemae.strategies.momentum import Momentum
from maemae.strategy.author import Strategy
from maemae.strategy.panel import Panel
from tests.unit.research.honesty.markets import (
    AfterSpike,
    AtRandom,
    CountsBars,
    KnowsTheMean,
    LeansOnTheStart,
    Peeks,
    a_market,
)

pytestmark = pytest.mark.thorough

PLANTED = a_market(1, edge=0.008)
BARREN = a_market(2)


def verdicts(kind: type[Strategy], panel: Panel) -> dict[Check, Verdict]:
    subject = Subject(kind, {}, panel, DEFAULT_PLAN)
    return {verdict.check: verdict for verdict in audit(subject)}


def test_planted_edge_passes_every_check() -> None:
    found = verdicts(AfterSpike, PLANTED)

    assert list(found) == list(Check)
    assert [verdict.text.en for verdict in found.values() if not verdict.passed] == []


def test_random_strategy_fails_bootstrap_and_deflated_sharpe() -> None:
    found = verdicts(AtRandom, BARREN)

    assert found[Check.BOOTSTRAP].passed is False
    assert found[Check.DEFLATED_SHARPE].passed is False
    assert found[Check.LOOK_AHEAD].passed
    assert found[Check.WARM_UP].passed


def test_rule_without_its_edge_fails_the_same_checks() -> None:
    found = verdicts(AfterSpike, BARREN)

    assert found[Check.BOOTSTRAP].passed is False
    assert found[Check.DEFLATED_SHARPE].passed is False
    assert found[Check.WALK_FORWARD].passed is False


@pytest.mark.parametrize("kind", [Peeks, KnowsTheMean])
def test_strategy_that_peeks_is_caught(kind: type[Strategy]) -> None:
    found = check_look_ahead(kind, BARREN.until(200), DEFAULT_PLAN)

    assert found.passed is False
    assert "looks ahead" in found.text.en
    assert "미래" in found.text.ko


@pytest.mark.parametrize("kind", [LeansOnTheStart, CountsBars])
def test_strategy_that_drifts_with_the_start_is_caught(kind: type[Strategy]) -> None:
    found = check_warm_up(kind, BARREN)

    assert found.passed is False
    assert "beginning later" in found.text.en


@pytest.mark.parametrize("kind", [GoldenCross, Momentum, AfterSpike])
def test_bundled_strategies_look_at_the_past_only(kind: type[Strategy]) -> None:
    assert check_look_ahead(kind, BARREN.until(400), DEFAULT_PLAN).passed
    assert check_warm_up(kind, BARREN).passed is not False


def test_strategy_that_wishes_nothing_is_not_judged() -> None:
    assert check_look_ahead(Strategy, BARREN.until(50), DEFAULT_PLAN).passed is None


def test_data_too_short_to_settle_is_not_judged() -> None:
    assert check_warm_up(GoldenCross, BARREN.until(120)).passed is None
