"""Small panels, a book and a host for the tests of strategies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time, timedelta

import numpy as np
import pytest

from maemae.domain.errors import MaemaeError
from maemae.domain.ids import AccountId, SleeveId, Symbol
from maemae.domain.instant import MINUTE, kst_nanos
from maemae.domain.intent import Intent
from maemae.domain.position import Position
from maemae.domain.terms import PriceBasis
from maemae.krx.calendar import sessions
from maemae.strategy.author import Strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.panel import Ints, Panel

ACCOUNT = AccountId("A-1")
SLEEVE = SleeveId("test")
A, B, C = Symbol("000010"), Symbol("000020"), Symbol("000030")


class FakeBook:
    """A sleeve that holds what the test says."""

    def __init__(
        self,
        positions: Mapping[Symbol, Position] | None = None,
        buying: frozenset[Symbol] = frozenset(),
    ) -> None:
        self.cash = 10_000_000
        self.equity = 12_000_000
        self.positions: Mapping[Symbol, Position] = {} if positions is None else positions
        self._buying = buying

    def position(self, symbol: Symbol) -> Position:
        return self.positions.get(symbol, Position())

    def is_buying(self, symbol: Symbol) -> bool:
        return symbol in self._buying


def a_panel(
    closes: Mapping[Symbol, Sequence[int]], *, first: date = date(2024, 1, 2), minutes: bool = False
) -> Panel:
    """Return bars with these closes [won]; a close of 0 is a bar in which nothing traded."""
    close = np.array(list(closes.values()), np.int64).reshape(len(closes), -1)
    count = close.shape[1]
    opened, known = _minutes(first, count) if minutes else session_times(first, count)
    fields = {
        "open": close,
        "high": close + 10 * (close > 0),
        "low": close - 10 * (close > 0),
        "close": close,
        "volume": np.where(close > 0, 100 + close % 7, 0),
    }
    return Panel(tuple(closes), opened, known, fields, PriceBasis.RAW)


def session_times(first: date, count: int) -> tuple[Ints, Ints]:
    """Return when the first sessions from a day on open and close [ns]."""
    days = sessions(first, first + timedelta(days=2 * count + 20))[:count]
    opened = np.array([kst_nanos(day, time(9)) for day in days], np.int64)
    known = np.array([kst_nanos(day, time(15, 30)) for day in days], np.int64)
    return opened, known


def _minutes(first: date, count: int) -> tuple[Ints, Ints]:
    opened = kst_nanos(first, time(9)) + np.arange(count, dtype=np.int64) * MINUTE
    return opened, opened + MINUTE


def a_host(strategy: Strategy, panel: Panel, book: FakeBook | None = None) -> StrategyHost:
    """Return a host for the strategy, over an empty book unless one is given."""
    return StrategyHost(strategy, panel, ACCOUNT, SLEEVE, FakeBook() if book is None else book)


def run_all(host: StrategyHost, panel: Panel) -> list[list[Intent]]:
    """Return what the strategy wishes at every barrier, one list each."""
    return [host.run(k) for k in range(len(panel))]


@contextmanager
def raises(kind: type[MaemaeError], *words: str) -> Iterator[None]:
    """Expect an error whose English sentence has these words, and a Korean one beside it."""
    with pytest.raises(kind) as caught:
        yield
    assert [word for word in words if word not in caught.value.text.en] == []
    assert any("가" <= letter <= "힣" for letter in caught.value.text.ko)
