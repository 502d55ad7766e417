"""A strategy over a panel that grows by a row at each barrier."""

from __future__ import annotations

from maemae.domain.intent import Intent
from maemae.strategies.loading import load_strategy
from maemae.strategy.host import StrategyHost
from maemae.strategy.panel import FIELDS
from maemae.trading.workers.book_state import ToldBook
from maemae.trading.workers.frames import Barrier, Begin, News, panel_from_frame


class LiveHost:
    """
    Runs a strategy on news, one after the other.

    At each barrier it wishes what a backtest over the same bars, books and fills wishes there:
    the same wishes under the same numbers.

    Args:
        begin: What to run.

    Attributes:
        warmup: Bars that the slowest indicator needs [bars].

    Raises:
        StrategyError: There is no such strategy, or it cannot be set up.
    """

    def __init__(self, begin: Begin) -> None:
        strategy = load_strategy(begin.strategy)(**begin.parameters)
        self._panel = panel_from_frame(begin.panel)
        self._book = ToldBook(begin.book)
        self._host = StrategyHost(
            strategy, self._panel, begin.account_id, begin.sleeve_id, self._book
        )
        self.warmup = self._host.warmup

    def hear(self, news: News) -> list[Intent]:
        """
        Return what the strategy wishes upon news.

        Raises:
            BadBarsError: A row does not follow the ones before.
            StrategyError: The strategy's own code failed.
        """
        self._book.state = news.book
        if isinstance(news, Barrier):
            row = news.row
            fields = {name: getattr(row, name) for name in FIELDS}
            self._panel = self._panel.followed_by(row.opened, row.known, fields)
            self._host.extend(self._panel)
            return self._host.run(len(self._panel) - 1)
        return self._host.fill(news.filled)
