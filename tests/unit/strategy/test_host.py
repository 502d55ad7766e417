"""The host calls what is due, in order, shows no future and explains every failure."""

from __future__ import annotations

import numpy as np
import pytest

from maemae.domain.errors import (
    InvalidValueError,
    StrategyError,
    StrategyRaisedError,
)
from maemae.domain.ids import ClOrdId, Symbol
from maemae.domain.intent import OrderIntent
from maemae.domain.terms import Side
from maemae.strategy import ta
from maemae.strategy.author import Strategy
from maemae.strategy.indicator import Indicator
from maemae.strategy.news import Filled
from maemae.strategy.panel import FIELDS, Panel
from tests.strategy_runs import ACCOUNT, A, B, a_host, a_panel, raises, run_all

PANEL = a_panel({B: [10, 20, 30, 0, 50], A: [10, 20, 10, 40, 0]})
last = ta.kernel(warmup=lambda: 1)(lambda close: close)


class Diary(Strategy):
    """Everything at once, writing down what is called."""

    def setup(self) -> None:
        self.calls: list[str] = []
        price = self.indicator(last)
        self.when(price.crosses_above(15), self.rise)
        self.when(price.above(15), self.high)
        self.every("bar", self.tick)

    def rise(self, symbol: Symbol) -> None:
        self.calls.append(f"rise {symbol}")

    def high(self, symbol: Symbol) -> None:
        self.calls.append(f"high {symbol}")

    def tick(self) -> None:
        self.calls.append("tick")

    def on_bar(self, symbol: Symbol) -> None:
        self.calls.append(f"bar {symbol}")


def test_host_calls_schedules_then_triggers_then_bars_by_symbol() -> None:
    strategy = Diary()
    host = a_host(strategy, PANEL)
    host.run(1)

    assert strategy.calls == [
        "tick",
        *(f"rise {A}", f"rise {B}"),
        *(f"high {A}", f"high {B}"),
        *(f"bar {A}", f"bar {B}"),
    ]


def test_host_calls_on_bar_for_what_traded_only() -> None:
    strategy = Diary()
    host = a_host(strategy, PANEL)
    host.run(4)

    assert strategy.calls == ["tick", f"bar {B}"]


def test_host_when_the_driver_jumps_runs_what_is_due_there() -> None:
    strategy = Diary()
    host = a_host(strategy, PANEL)
    host.run(0)
    host.run(3)

    assert strategy.calls == [
        *("tick", f"bar {A}", f"bar {B}"),
        *("tick", f"rise {A}", f"high {A}", f"bar {A}"),
    ]


def test_host_wakes_at_every_bar_for_on_bar_and_at_firings_otherwise() -> None:
    class Rises(Strategy):
        def setup(self) -> None:
            self.when(self.indicator(last).crosses_above(15), self.buy_one)

        def buy_one(self, symbol: Symbol) -> None:
            self.buy(symbol, shares=1)

    host = a_host(Rises(), PANEL)

    assert a_host(Diary(), PANEL).wakes.tolist() == [0, 1, 2, 3, 4]
    assert host.wakes.dtype == np.int64
    assert host.wakes.tolist() == [1, 3]
    assert [len(wished) for wished in run_all(host, PANEL)] == [0, 2, 0, 1, 0]


def test_host_when_nothing_is_declared_never_wakes() -> None:
    host = a_host(Strategy(), PANEL)

    assert host.wakes.tolist() == []
    assert run_all(host, PANEL) == [[], [], [], [], []]


def test_host_knows_the_longest_warmup() -> None:
    class Slow(Strategy):
        def setup(self) -> None:
            self.indicator(ta.sma, 3)
            self.indicator(ta.roc, 12)

    assert a_host(Slow(), PANEL).warmup == 13
    assert a_host(Strategy(), PANEL).warmup == 0


class Trader(Strategy):
    def on_bar(self, symbol: Symbol) -> None:
        self.buy(symbol, shares=1)
        self.sell(symbol)
        self.buy(symbol, shares=2)

    def on_fill(self, fill: Filled) -> None:
        self.sell(fill.symbol, limit=fill.px + 1)


def test_host_hands_out_sells_first_and_numbers_every_wish_once() -> None:
    host = a_host(Trader(), PANEL)

    wished = [each for each in host.run(1) if isinstance(each, OrderIntent)]

    assert [(each.symbol, each.side) for each in wished] == [
        (A, Side.SELL),
        (B, Side.SELL),
        *[(A, Side.BUY)] * 2,
        *[(B, Side.BUY)] * 2,
    ]
    at = int(PANEL.known[1])
    legs = [(A, 1), (B, 1), (A, 0), (A, 2), (B, 0), (B, 2)]
    assert [each.intent_id for each in wished] == [
        f"{ACCOUNT}:test:{at}:{s}:{leg}" for s, leg in legs
    ]


def test_host_when_filled_tells_the_strategy_and_stamps_the_fills_instant() -> None:
    host = a_host(Trader(), PANEL)
    host.run(1)
    at = int(PANEL.opened[2])

    (wished,) = host.fill(Filled(A, Side.BUY, 1, 21, at, ClOrdId(1)))

    assert isinstance(wished, OrderIntent)
    assert (wished.at, wished.price, wished.intent_id) == (at, 22, f"{ACCOUNT}:test:{at}:{A}:0")


def test_host_when_filled_at_the_barrier_numbers_on() -> None:
    host = a_host(Trader(), PANEL)
    host.run(1)
    at = int(PANEL.known[1])

    (wished,) = host.fill(Filled(A, Side.BUY, 1, 21, at, ClOrdId(1)))

    assert isinstance(wished, OrderIntent)
    assert wished.intent_id == f"{ACCOUNT}:test:{at}:{A}:3"


def test_host_when_a_fill_is_told_late_never_numbers_twice() -> None:
    host = a_host(Trader(), PANEL)
    seen = [each.intent_id for each in host.run(2) if isinstance(each, OrderIntent)]
    for at in (PANEL.known[2], PANEL.opened[1], PANEL.known[2]):
        (wished,) = host.fill(Filled(A, Side.BUY, 1, 21, int(at), ClOrdId(1)))
        assert isinstance(wished, OrderIntent)
        seen.append(wished.intent_id)

    assert len(set(seen)) == len(seen)


def test_host_when_a_fill_is_told_before_its_barrier_stamps_the_barriers_wishes_alike() -> None:
    undisturbed, live = a_host(Trader(), PANEL), a_host(Trader(), PANEL.until(2))
    undisturbed.run(1)
    live.run(1)
    after = int(PANEL.known[2]) + 9
    late = Filled(A, Side.BUY, 1, 21, after, ClOrdId(1))

    first = live.fill(late)
    live.extend(PANEL)
    barrier = live.run(2)
    second = live.fill(late)

    assert barrier == undisturbed.run(2)
    numbers = [each.intent_id for each in [*first, *second] if isinstance(each, OrderIntent)]
    assert numbers == [f"{ACCOUNT}:test:{after}:{A}:{leg}" for leg in (0, 1)]


def test_strategy_when_filled_sees_the_bars_known_by_then() -> None:
    class Looks(Strategy):
        def on_fill(self, fill: Filled) -> None:
            self.seen = self.history(B, 9).tolist()

    strategy = Looks()
    host = a_host(strategy, PANEL)
    seen = []
    for at in (PANEL.opened[0], PANEL.opened[2], PANEL.known[2]):
        host.fill(Filled(B, Side.BUY, 1, 10, int(at), ClOrdId(1)))
        seen.append(strategy.seen)

    assert seen == [[], [10, 20], [10, 20, 30]]


@pytest.mark.parametrize("by", ["on_bar", "trigger", "schedule"])
def test_host_when_the_strategy_raises_says_where_and_when(by: str) -> None:
    class Broken(Strategy):
        def setup(self) -> None:
            if by == "trigger":
                self.when(self.indicator(last).above(15), self.fail)
            if by == "schedule":
                self.every("bar", lambda: self.fail(B))

        def fail(self, symbol: Symbol) -> None:
            raise ZeroDivisionError(f"no {symbol}")

    if by == "on_bar":
        type.__setattr__(Broken, "on_bar", Broken.fail)
    host = a_host(Broken(), PANEL)

    words = ["Broken.", "2024-01-03 15:30:00 KST", "ZeroDivisionError: no 0000"]
    with raises(StrategyRaisedError, *words):
        host.run(1)
    assert not host.in_callback


def test_host_when_the_strategy_raises_chains_the_cause_and_names_the_symbol() -> None:
    class Broken(Strategy):
        def on_bar(self, symbol: Symbol) -> None:
            self.buy(symbol, weight=2)

    host = a_host(Broken(), PANEL)

    with pytest.raises(StrategyRaisedError) as caught:
        host.run(0)
    assert f"Broken.on_bar({A})" in caught.value.text.en
    assert "weight 은(는) 0과 1 사이" in caught.value.text.ko
    assert isinstance(caught.value.__cause__, InvalidValueError)


def test_host_when_on_fill_raises_says_where() -> None:
    class Broken(Strategy):
        def on_fill(self, fill: Filled) -> None:
            raise KeyError(fill.symbol)

    host = a_host(Broken(), PANEL)

    with raises(StrategyRaisedError, f"Broken.on_fill({A})", "KeyError"):
        host.fill(Filled(A, Side.BUY, 1, 10, int(PANEL.known[0]), ClOrdId(1)))


def test_host_when_setup_raises_says_so() -> None:
    class Broken(Strategy):
        def setup(self) -> None:
            raise ValueError("fast must be below slow")

    with raises(StrategyRaisedError, "Broken.setup", "fast must be below slow"):
        a_host(Broken(), PANEL)


def test_host_when_an_order_was_written_before_the_error_hands_nothing_out() -> None:
    class Half(Strategy):
        def on_bar(self, symbol: Symbol) -> None:
            if self.now.day == 2:
                self.buy(symbol, shares=1)
                raise RuntimeError

    host = a_host(Half(), PANEL)
    with raises(StrategyRaisedError, "Half.on_bar"):
        host.run(0)

    assert host.run(1) == []


def test_host_counts_callbacks_and_says_when_it_is_in_one() -> None:
    class Watched(Strategy):
        def on_bar(self, symbol: Symbol) -> None:
            self.inside = (host.callbacks, host.in_callback)

    strategy = Watched()
    host = a_host(strategy, PANEL)
    assert (host.callbacks, host.in_callback) == (1, False)

    host.run(0)

    assert strategy.inside == (3, True)
    assert (host.callbacks, host.in_callback) == (3, False)


def test_host_when_the_strategy_has_run_before_asks_for_a_new_one() -> None:
    strategy = Diary()
    a_host(strategy, PANEL)

    with raises(StrategyError, "has run before"):
        a_host(strategy, PANEL)


# ── no way to the future ─────────────────────────────────────────────────────────────────


class Peeping(Strategy):
    """Writes down everything it can get hold of, and what it would order by it."""

    def setup(self) -> None:
        self.seen: list[object] = []
        self.mean = self.indicator(ta.sma, 2)
        self.price = self.indicator(last)
        self.when(self.mean.crosses_above(25) | ~self.price.above(25), self.note)
        self.every("day", lambda: self.note(B))

    def note(self, symbol: Symbol) -> None:
        handles = (self.mean, self.price)
        self.seen.append(
            (
                self.now,
                [self.bar(each) for each in self.symbols if self.has_traded(each)],
                [self.history(each, 99, name).tolist() for each in self.symbols for name in FIELDS],
                [str(handle[symbol]) for handle in handles],
                [str(handle.previous(symbol, n)) for handle in handles for n in range(4)],
                [dict(handle.latest()) for handle in handles],
                [handle.crossed_above(25, symbol) for handle in handles],
                [self.mean.crossed_below(self.price, symbol)],
            )
        )

    def on_bar(self, symbol: Symbol) -> None:
        self.note(symbol)
        if self.bar(symbol).close > 25:
            self.buy(symbol, shares=1)


def with_another_future(panel: Panel, known: int) -> Panel:
    fields = {name: getattr(panel, name).copy() for name in FIELDS}
    for values in fields.values():
        values[:, known:] = values[:, known:][::-1, ::-1] * 3
    return Panel(panel.symbols, panel.opened, panel.known, fields, panel.basis)


@pytest.mark.parametrize("known", [1, 2, 3, 4])
def test_strategy_sees_and_orders_the_same_whatever_the_future_is(known: int) -> None:
    strategies = (Peeping(), Peeping())
    panels = (PANEL, with_another_future(PANEL, known))

    wished = []
    for strategy, panel in zip(strategies, panels, strict=True):
        host = a_host(strategy, panel)
        wished.append([host.run(k) for k in range(known)])

    assert wished[0] == wished[1]
    assert strategies[0].seen == strategies[1].seen
    assert len(strategies[0].seen) >= known


def test_planted_look_ahead_at_the_label_of_the_day_is_impossible() -> None:
    # a daily file stamps 00:00; a strategy that believes it would buy on the day's own close
    class Believer(Strategy):
        def on_bar(self, symbol: Symbol) -> None:
            midnight = self.now.replace(hour=0, minute=0, second=0)
            self.decided = (midnight, self.bar(symbol).time, self.history(symbol, 1).tolist())
            self.buy(symbol, shares=1)

    for k in range(3):
        strategy = Believer()
        (wished, *_) = a_host(strategy, PANEL).run(k)

        assert isinstance(wished, OrderIntent)
        midnight, seen_at, (close,) = strategy.decided
        assert close == PANEL.close[PANEL.row(B), k]
        assert midnight < seen_at
        assert wished.at == PANEL.known[k]  # after the session in which the close was made
        assert PANEL.opened[k] < wished.at < PANEL.opened[k + 1]


def reachable(root: object) -> list[object]:
    found: list[object] = []
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if any(each is known for known in found) or isinstance(each, type | str | int | float):
            continue
        found.append(each)
        if isinstance(each, list | tuple | dict):
            waiting.extend(each.values() if isinstance(each, dict) else each)
        public = [getattr(each, name, None) for name in dir(each) if not name.startswith("_")]
        waiting.extend(value for value in public if not callable(value))
    return found


def test_no_public_attribute_of_a_strategy_leads_to_arrays() -> None:
    strategy = Peeping()
    host = a_host(strategy, PANEL)
    host.run(1)

    objects = reachable(strategy)

    assert any(isinstance(each, Indicator) for each in objects)
    assert not [each for each in objects if isinstance(each, np.ndarray | memoryview | Panel)]
