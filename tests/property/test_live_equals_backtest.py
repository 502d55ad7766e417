"""Live, bar by bar, a strategy wishes what it wishes in a backtest over the same bars."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maemae.domain.ids import ClOrdId
from maemae.domain.intent import Intent
from maemae.domain.position import Position
from maemae.domain.terms import PriceBasis, Side
from maemae.strategies.loading import load_strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.news import Filled
from maemae.strategy.panel import Panel
from maemae.trading.workers.book_state import BookState, ToldBook
from maemae.trading.workers.frames import Barrier, Begin, Fill, News, frame_from_panel
from maemae.trading.workers.live_host import LiveHost
from tests.market import daily_panel, minute_panel
from tests.strategy_runs import ACCOUNT, SLEEVE
from tests.worker_runs import a_row

OWN = '''
from maemae import Strategy, ta

class Own(Strategy):
    """Remembers, reads everything that can be read, and answers fills."""

    def setup(self):
        self.bars = {}
        self.rsi = self.indicator(ta.rsi, 3)
        self.upper, _, self.lower = self.indicators(ta.bbands, 4, 1.5)
        self.when(~self.rsi.above(60) & self.rsi.below(50), self.weak)
        self.every("day", self.day)

    def weak(self, symbol):
        self.close(symbol)

    def day(self):
        winners = self.rsi.latest().nlargest(1)
        self.target_weights(dict.fromkeys(winners, 0.5))

    def on_bar(self, symbol):
        self.bars[symbol] = self.bars.get(symbol, 0) + 1
        close = self.bar(symbol).close
        if self.rsi.crossed_above(self.bars[symbol] % 100, symbol) or close > self.upper[symbol]:
            weight = (1 + self.bars[symbol] % 7) / 100
            self.buy(symbol, weight=weight, stop_loss=0.01 + self.rsi[symbol] / 1000)
        if self.rsi.previous(symbol, 2) > self.rsi[symbol]:
            self.sell(symbol, shares=int(self.history(symbol, 5).sum()))

    def on_fill(self, fill):
        self.bars[fill.symbol] = self.bars.get(fill.symbol, 0) + fill.qty
        self.buy(fill.symbol, shares=self.bars[fill.symbol])
'''


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("strategy") / "own.py"
    path.write_text(OWN, encoding="utf-8")
    return f"{path}:Own"


@st.composite
def days(draw: st.DrawFn) -> tuple[Panel, int, list[News]]:
    """Draw a panel, how many of its bars are warm-up, and what is told after them."""
    make = draw(st.sampled_from([daily_panel, minute_panel]))
    panel = make(draw(st.integers(0, 1_000)), PriceBasis.ADJUSTED, draw(st.integers(1, 5)))
    warm = draw(st.integers(0, len(panel) - 1))
    news: list[News] = []
    for k in range(warm, len(panel)):
        book = a_book(panel, k)
        news.append(Barrier(a_row(panel, k), book))
        if draw(st.integers(0, 9)) == 0:
            at = int(panel.known[k]) + draw(st.sampled_from([-1, 0, 1, 10**12]))
            symbol = draw(st.sampled_from(panel.symbols))
            px = int(panel.close[0, k]) + 1
            news.append(Fill(Filled(symbol, Side.BUY, 1 + k % 3, px, at, ClOrdId(k)), book))
    return panel, warm, news


def a_book(panel: Panel, k: int) -> BookState:
    held = {symbol: Position(k, k * 100) for symbol in panel.symbols[k % 3 :] if k % 4}
    return BookState(1_000_000 + k, 2_000_000 - k, held, frozenset(panel.symbols[: k % 2]))


PARAMETERS = {
    "golden_cross": {"fast": 2, "slow": 10},
    "momentum": {"lookback": 20, "hold": 5},
    "own": {},
}


def begin(name: str, own: str, panel: Panel) -> Begin:
    spec = own if name == "own" else name
    frame = frame_from_panel(panel)
    return Begin(spec, PARAMETERS[name], ACCOUNT, SLEEVE, frame, a_book(panel, 0))


def heard(host: LiveHost, news: Sequence[News]) -> list[list[Intent]]:
    return [host.hear(each) for each in news]


def backtested(name: str, own: str, panel: Panel, news: Sequence[News]) -> list[list[Intent]]:
    """Return what a host wishes that has had the whole panel from the beginning."""
    strategy = load_strategy(own if name == "own" else name)(**PARAMETERS[name])
    book = ToldBook(a_book(panel, 0))
    host = StrategyHost(strategy, panel, ACCOUNT, SLEEVE, book)
    wished = []
    for each in news:
        book.state = each.book
        if isinstance(each, Barrier):
            wished.append(host.run(panel.known.tolist().index(each.at)))
        else:
            wished.append(host.fill(each.filled))
    return wished


def before_the_next_bar(panel: Panel, news: Sequence[News]) -> list[News]:
    """Leave out fills that are told before bars that were known by then: live they cannot be."""
    known, last = panel.known.tolist(), -1
    kept: list[News] = []
    for each in news:
        if isinstance(each, Barrier):
            last = known.index(each.at)
        elif last + 1 < len(known) and each.at >= known[last + 1]:
            continue
        kept.append(each)
    return kept


@pytest.mark.parametrize("name", PARAMETERS)
@given(day=days())
def test_live_host_wishes_what_a_backtest_wishes(
    name: str, own: str, day: tuple[Panel, int, list[News]]
) -> None:
    panel, warm, news = day
    news = before_the_next_bar(panel, news)

    live = heard(LiveHost(begin(name, own, panel.until(warm))), news)

    assert live == backtested(name, own, panel, news)


@pytest.mark.parametrize("name", PARAMETERS)
@given(day=days(), data=st.data())
def test_live_host_when_it_hears_all_again_goes_on_alike(
    name: str, own: str, day: tuple[Panel, int, list[News]], data: st.DataObject
) -> None:
    panel, warm, news = day
    cut = data.draw(st.integers(0, len(news)))
    undisturbed = heard(LiveHost(begin(name, own, panel.until(warm))), news)

    restarted = LiveHost(begin(name, own, panel.until(warm)))
    again = heard(restarted, news[:cut])

    assert again == undisturbed[:cut]
    assert heard(restarted, news[cut:]) == undisturbed[cut:]


@pytest.mark.parametrize("name", ["golden_cross", "momentum"])
@given(day=days(), data=st.data())
def test_live_host_when_it_is_warmed_up_anew_from_bars_goes_on_alike(
    name: str, own: str, day: tuple[Panel, int, list[News]], data: st.DataObject
) -> None:
    panel, warm, news = day
    bars = [each for each in news if isinstance(each, Barrier)]
    cut = data.draw(st.integers(0, len(bars)))
    undisturbed = heard(LiveHost(begin(name, own, panel.until(warm))), bars)

    warmed = LiveHost(begin(name, own, panel.until(warm + cut)))

    assert heard(warmed, bars[cut:]) == undisturbed[cut:]
