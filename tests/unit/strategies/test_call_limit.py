"""A strategy that does not come back is stopped where it is, by one sentence."""

from __future__ import annotations

import signal
from contextlib import suppress

import pytest

from maemae.domain.errors import StrategyRaisedError, StrategyStuckError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.terms import PriceBasis
from maemae.research.honesty.wishes import EmptyBook
from maemae.strategies.call_limit import import_limit, setup_limit, watchdog
from maemae.strategy.author import Strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.panel import Panel
from tests.market import daily_panel


class Looping(Strategy):
    def on_bar(self, symbol: Symbol) -> None:
        while True:
            pass


class Stubborn(Strategy):
    """Catches whatever is raised in its loop."""

    def on_bar(self, symbol: Symbol) -> None:
        while True:
            with suppress(Exception):
                while True:
                    pass


class NeverReady(Strategy):
    def setup(self) -> None:
        while True:
            pass


@pytest.fixture
def panel() -> Panel:
    return daily_panel(1, PriceBasis.RAW, 1)


def host(strategy: Strategy, panel: Panel) -> StrategyHost:
    return StrategyHost(strategy, panel, AccountId("A"), SleeveId("S"), EmptyBook())


@pytest.mark.thorough
def test_strategy_when_a_call_does_not_come_back_is_stopped(panel: Panel) -> None:
    looping = host(Looping(), panel)

    with pytest.raises(StrategyRaisedError) as raised, watchdog([looping], patience=1):
        looping.run(0)

    assert isinstance(raised.value.__cause__, StrategyStuckError)
    assert "on_bar" in raised.value.text.en


@pytest.mark.thorough
def test_strategy_that_catches_what_is_to_stop_it_is_stopped_all_the_same(panel: Panel) -> None:
    stubborn = host(Stubborn(), panel)

    with pytest.raises(StrategyStuckError, match="endless loop"), watchdog([stubborn], patience=1):
        stubborn.run(0)

    assert not stubborn.in_callback


def test_strategy_when_its_setup_does_not_end_is_stopped(panel: Panel) -> None:
    with pytest.raises(StrategyStuckError, match="setup"), setup_limit(0.05):
        host(NeverReady(), panel)


def test_limit_within_another_leaves_the_outer_one_running() -> None:
    with setup_limit(60):
        with import_limit(30):
            pass
        remaining, _ = signal.getitimer(signal.ITIMER_REAL)

    assert 30 < remaining <= 60


def test_limit_when_all_went_well_leaves_no_alarm_behind(panel: Panel) -> None:
    before = signal.getsignal(signal.SIGALRM)

    with setup_limit(60):
        host(Strategy(), panel)

    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
