"""What a strategy reads and orders, through its public names only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from maemae.domain.errors import InvalidValueError, StrategyError, UnknownSymbolError
from maemae.domain.ids import ClOrdId, IntentId, Symbol
from maemae.domain.instant import kst_datetime
from maemae.domain.intent import (
    CancelIntent,
    Cash,
    Everything,
    Intent,
    OrderIntent,
    Shares,
    TargetWeights,
    Weight,
)
from maemae.domain.position import Position
from maemae.domain.terms import Purpose, Side
from maemae.strategy import ta
from maemae.strategy.author import Strategy
from maemae.strategy.news import Bar
from tests.strategy_runs import ACCOUNT, SLEEVE, A, B, C, FakeBook, a_host, a_panel, raises, run_all

PANEL = a_panel({A: [100, 110, 0, 130], B: [200, 190, 180, 170]})
HELD = {A: Position(qty=10, cost=1_000, opened_at=1)}


class Acting(Strategy):
    """Do one thing at the barrier of a time index."""

    def __init__(self, act: Callable[[Strategy], object], at: int = 0) -> None:
        super().__init__()
        self.act = act
        self.at = at
        self.count = 0
        self.answer: object = None

    def setup(self) -> None:
        self.every("bar", self.step)

    def step(self) -> None:
        if self.count == self.at:
            self.answer = self.act(self)
        self.count += 1


def wishes(act: Callable[[Strategy], object], book: FakeBook | None = None) -> list[Intent]:
    return a_host(Acting(act), PANEL, book).run(0)


def answer(act: Callable[[Strategy], object], at: int, book: FakeBook | None = None) -> object:
    strategy = Acting(act, at)
    run_all(a_host(strategy, PANEL, book), PANEL)
    return strategy.answer


def an_intent(**changes: object) -> OrderIntent:
    at = int(PANEL.known[0])
    fields: dict[str, object] = {
        "intent_id": IntentId(f"{ACCOUNT}:{SLEEVE}:{at}:{A}:0"),
        "account_id": ACCOUNT,
        "sleeve_id": SLEEVE,
        "symbol": A,
        "side": Side.BUY,
        "size": Weight(100_000),
        "at": at,
    }
    make: Callable[..., OrderIntent] = OrderIntent
    return make(**(fields | changes))


def test_buy_becomes_an_intent_in_whole_numbers() -> None:
    wished = wishes(lambda s: s.buy(A, weight=0.1, stop_loss=0.03, take_profit=0.09))

    assert wished == [an_intent(stop_loss=30_000, take_profit=90_000)]


def test_buy_takes_shares_cash_limit_and_bound() -> None:
    assert wishes(lambda s: s.buy(A, shares=3, limit=99)) == [an_intent(size=Shares(3), price=99)]
    assert wishes(lambda s: s.buy(A, cash=900, within=0.02)) == [
        an_intent(size=Cash(900), within=20_000)
    ]


def test_sell_is_of_everything_unless_shares_are_given() -> None:
    sale = {"side": Side.SELL, "purpose": Purpose.REDUCE}

    assert wishes(lambda s: s.sell(A)) == [an_intent(size=Everything(), **sale)]
    assert wishes(lambda s: s.sell(A, shares=4, limit=120)) == [
        an_intent(size=Shares(4), price=120, **sale)
    ]


def test_close_sells_what_is_held_or_being_bought_and_is_silent_otherwise() -> None:
    sale = [an_intent(side=Side.SELL, purpose=Purpose.REDUCE, size=Everything())]

    assert wishes(lambda s: s.close(A), FakeBook(HELD)) == sale
    assert wishes(lambda s: s.close(A), FakeBook(buying=frozenset({A}))) == sale
    assert wishes(lambda s: s.close(A)) == []


@pytest.mark.parametrize("name", ["setup", "on_bar", "on_fill"])
def test_strategy_whose_method_would_never_run_is_refused(name: str) -> None:
    async def deferred(*_: object) -> None:
        """Never run."""

    deferred.__name__ = name
    with raises(StrategyError, name, "plain method"):
        type("Deferred", (Strategy,), {name: deferred})


def test_method_with_a_yield_is_refused_where_it_is_declared() -> None:
    def step() -> Iterator[None]:
        yield

    deferred: Any = step

    class Declaring(Strategy):
        def setup(self) -> None:
            self.every("bar", deferred)

    with raises(StrategyError, "step has async or yield"):
        a_host(Declaring(), PANEL)


def test_close_of_what_the_run_has_not_is_refused_also_where_nothing_is_held() -> None:
    with pytest.raises(StrategyError, match="ZZZZZZ is not among the symbols"):
        wishes(lambda s: s.close(Symbol("ZZZZZZ")))


def test_target_weights_becomes_one_intent() -> None:
    (wished,) = wishes(lambda s: s.target_weights({B: 0.5, A: 0.25}))

    at = int(PANEL.known[0])
    assert wished == TargetWeights(
        IntentId(f"{ACCOUNT}:{SLEEVE}:{at}:TARGET:0"),
        ACCOUNT,
        SLEEVE,
        ((A, 250_000), (B, 500_000)),
        at,
        30_000,
    )


def test_target_weights_without_a_bound_asks_for_market_orders() -> None:
    (wished,) = wishes(lambda s: s.target_weights({}, within=None))

    assert isinstance(wished, TargetWeights)
    assert (wished.weights, wished.within) == ((), None)


def test_cancel_becomes_an_intent() -> None:
    assert wishes(lambda s: s.cancel(ClOrdId(7))) == [CancelIntent(ClOrdId(7), int(PANEL.known[0]))]


def test_order_when_refused_leaves_nothing_behind() -> None:
    def act(strategy: Strategy) -> None:
        with raises(InvalidValueError, "stop_loss", "3"):
            strategy.buy(A, weight=0.1, stop_loss=3)
        with raises(InvalidValueError, "limit"):
            strategy.buy(A, shares=1, limit=0)
        with raises(StrategyError, "exactly one"):
            strategy.buy(A)

    assert wishes(act) == []


def test_now_is_the_korean_time_at_which_the_bar_was_complete() -> None:
    now = answer(lambda s: s.now, 1)

    assert now == kst_datetime(int(PANEL.known[1]))
    assert f"{now:%H:%M %z}" == "15:30 +0900"


def test_bar_is_that_of_the_present_barrier() -> None:
    bar = answer(lambda s: s.bar(A), 3)

    assert bar == Bar(130, 140, 120, 130, 104, int(PANEL.known[3]))
    assert isinstance(bar, Bar)
    assert bar.time == kst_datetime(int(PANEL.known[3]))


def test_bar_when_nothing_traded_says_to_ask_first() -> None:
    def act(strategy: Strategy) -> tuple[bool, bool]:
        with raises(StrategyError, A, "has_traded()"):
            strategy.bar(A)
        return strategy.has_traded(A), strategy.has_traded(B)

    assert answer(act, 2) == (False, True)


def test_history_ends_at_the_present_bar_and_skips_bars_without_trade() -> None:
    def last_two(strategy: Strategy) -> object:
        return [int(close) for close in strategy.history(A, 2)]

    closes = [answer(last_two, at) for at in range(4)]

    assert closes == [[100], [100, 110], [100, 110], [110, 130]]
    assert answer(lambda s: s.history(B, 9, "high").tolist(), 2) == [210, 200, 190]


def test_history_is_a_copy_that_leads_nowhere() -> None:
    history = answer(lambda s: s.history(B, 2), 1)

    assert isinstance(history, np.ndarray)
    assert history.base is None
    assert not history.flags.writeable


@pytest.mark.parametrize("n", [0, -1])
def test_history_of_no_bars_is_refused(n: int) -> None:
    def act(strategy: Strategy) -> None:
        with raises(InvalidValueError, "at least one bar"):
            strategy.history(A, n)

    answer(act, 0)


def test_reading_of_an_unknown_symbol_says_so() -> None:
    def act(strategy: Strategy) -> None:
        with raises(UnknownSymbolError, C):
            strategy.bar(C)
        with raises(UnknownSymbolError, C):
            strategy.has_traded(C)
        with raises(UnknownSymbolError, C):
            strategy.history(C, 1)

    answer(act, 0)


def test_book_is_read_but_not_written() -> None:
    def act(strategy: Strategy) -> None:
        assert (strategy.cash, strategy.equity) == (10_000_000, 12_000_000)
        assert strategy.position(A).qty == 10
        assert strategy.position(B).qty == 0
        assert dict(strategy.positions) == HELD
        assert strategy.symbols == (A, B)
        positions: Any = strategy.positions
        with pytest.raises(TypeError):
            positions[B] = Position()

    answer(act, 0, FakeBook(HELD))


def test_strategy_outside_a_run_says_so() -> None:
    with raises(StrategyError, "not in a run"):
        Strategy().buy(A, weight=0.1)


def test_setup_can_neither_order_nor_ask_the_time() -> None:
    class Early(Strategy):
        def setup(self) -> None:
            for act in (lambda: self.buy(A, shares=1), lambda: self.now):
                with raises(StrategyError, "inside setup()"):
                    act()
            with raises(StrategyError, "has_traded()"):
                self.bar(A)
            self.lengths = len(self.history(A, 9))

    strategy = Early()
    a_host(strategy, PANEL)

    assert strategy.lengths == 0


def test_declarations_after_setup_are_refused() -> None:
    def act(strategy: Strategy) -> None:
        with raises(StrategyError, "indicator()", "setup()"):
            strategy.indicator(ta.sma, 2)
        with raises(StrategyError, "every()", "setup()"):
            strategy.every("day", print)

    answer(act, 0)


def test_declarations_when_mistaken_say_what_to_write() -> None:
    class Mistaken(Strategy):
        def setup(self) -> None:
            price = self.indicator(ta.sma, 2)
            nothing: Any = None  # what self.close(A) and a comparison would hand over
            with raises(StrategyError, "when()", "without parentheses"):
                self.when(price.above(3), nothing)
            with raises(StrategyError, "when()", "crosses_above"):
                self.when(nothing, self.close)
            with raises(StrategyError, "upper, middle, lower = self.indicators"):
                self.indicator(ta.bbands, 2)

    a_host(Mistaken(), PANEL)


def test_indicators_of_a_kernel_come_in_its_order() -> None:
    class Bands(Strategy):
        def setup(self) -> None:
            self.bands = self.indicators(ta.bbands, 2, width=1.0)
            self.every("bar", self.note)

        def note(self) -> None:
            self.values = [band[B] for band in self.bands]

    strategy = Bands()
    run_all(a_host(strategy, PANEL), PANEL)

    assert strategy.values == [180.0, 175.0, 170.0]
