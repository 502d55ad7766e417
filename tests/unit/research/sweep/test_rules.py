"""What the kernel can tell of a strategy's methods, and what it leaves to the engine."""

from __future__ import annotations

import pytest

from maemae import Hold, Strategy, Symbol, param
from maemae.domain.errors import InvalidValueError
from maemae.domain.intent import Cash, Shares, Weight
from maemae.research.sweep.rules import Enter, Leave, require_known, require_unchanged, rule_of
from maemae.strategy.news import Filled
from tests.strategy_runs import raises


class Plain(Strategy):
    """Methods that do one thing each."""

    share = param(0.2, low=0.01, high=1.0)
    stop = param(0.05, low=0.01, high=0.5)
    lots = 3

    def by_weight(self, symbol: Symbol) -> None:
        """Buy."""
        self.buy(
            symbol, weight=self.share, stop_loss=self.stop, take_profit=min(1.0, 2 * self.stop)
        )

    def by_shares(self, symbol: Symbol) -> None:
        if not self.position(symbol).qty:
            self.buy(symbol, shares=self.lots)

    def by_cash(self, it: Symbol) -> None:
        if self.position(it).qty == 0:
            self.buy(it, cash=1_000_000 + 500)

    def by_time(self, symbol: Symbol) -> None:
        self.buy(symbol, shares=1, trail=self.stop, hold=Hold(bars=self.lots, sessions=2 + 2))

    def out(self, symbol: Symbol) -> None:
        self.close(symbol)


class Odd(Strategy):
    """Methods that do something else."""

    lots = 3

    def counts(self, symbol: Symbol) -> None:
        self.seen = 1
        self.buy(symbol, weight=0.1)

    def limit(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=0.1, limit=10_000)

    def reads(self, symbol: Symbol) -> None:
        if self.cash > 5:
            self.buy(symbol, weight=0.1)

    def sizes(self, symbol: Symbol) -> None:
        self.buy(symbol, cash=self.cash)

    def waits(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=0.1, hold=Hold(until="15:15"))

    def never(self, symbol: Symbol) -> None:
        self.buy(symbol, weight=0.1, hold=Hold(bars=self.lots - 3))

    def other(self, symbol: Symbol) -> None:
        self.buy(self.symbols[0], weight=0.1)

    def splits(self, symbol: Symbol) -> None:
        if not self.position(symbol).qty:
            self.buy(symbol, weight=0.1)
        else:
            self.close(symbol)

    def sells(self, symbol: Symbol) -> None:
        self.sell(symbol, shares=1)


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("by_weight", Enter(Weight(200_000), 50_000, 100_000)),
        ("by_shares", Enter(Shares(3), only_if_flat=True)),
        ("by_cash", Enter(Cash(1_000_500), only_if_flat=True)),
        ("by_time", Enter(Shares(1), trail=50_000, hold=3)),
        ("out", Leave()),
        ("close", Leave()),
    ],
)
def test_rule_of_a_plain_method_is_what_it_does(name: str, rule: Enter | Leave) -> None:
    strategy = Plain()

    assert rule_of(strategy, getattr(strategy, name)) == rule


@pytest.mark.parametrize(
    "name",
    ["counts", "limit", "reads", "sizes", "waits", "never", "other", "splits", "sells"],
)
def test_rule_of_any_other_method_is_refused_with_a_sentence(name: str) -> None:
    strategy = Odd()

    with raises(InvalidValueError, f"Odd.{name}"):
        rule_of(strategy, getattr(strategy, name))


def test_rule_of_a_function_that_is_no_method_is_refused() -> None:
    with raises(InvalidValueError, "no method"):
        rule_of(Plain(), lambda symbol: None)


def test_a_name_that_hides_pythons_own_is_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "min", lambda *numbers: numbers[-1])
    strategy = Plain()

    with raises(InvalidValueError, "by_weight"):
        rule_of(strategy, strategy.by_weight)


def test_a_strategy_of_every_bar_or_fill_is_refused() -> None:
    class EveryBar(Strategy):
        def on_bar(self, symbol: Symbol) -> None:
            self.close(symbol)

    class EveryFill(Strategy):
        def on_fill(self, fill: Filled) -> None:
            self.close(fill.symbol)

    for kind in (EveryBar, EveryFill):
        with raises(InvalidValueError, "when() only"):
            require_known(kind)


def test_a_strategy_that_changes_what_buying_means_is_refused() -> None:
    class Doubling(Plain):
        def close(self, symbol: Symbol) -> None:
            self.sell(symbol, shares=1)

    hidden = Plain()
    vars(hidden)["buy"] = print

    with raises(InvalidValueError, "overrides"):
        require_known(Doubling)
    with raises(InvalidValueError, "overrides"):
        require_unchanged(hidden)
