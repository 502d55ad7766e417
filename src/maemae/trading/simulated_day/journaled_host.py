"""A strategy in a trading day: run live, or repeated from the journal without running it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from maemae.domain.ids import AccountId, SleeveId
from maemae.domain.intent import Intent
from maemae.storage.records import Wished
from maemae.strategy.host import StrategyHost
from maemae.strategy.news import Filled
from maemae.strategy.panel import Ints, Panel
from maemae.trading.simulated_day.timeline import Timeline


class JournaledHost:
    """
    A host whose wishes are journaled whole before any is acted upon.

    While the timeline repeats, wishes come from the journal and the strategy's own code does
    not run: an edited one cannot change what happened, and a slow one delays nothing.

    Args:
        host: Runs the strategy.
        panel: Bars of the run.
        first: Index of the first bar of the trading day; the ones before are warm-up.
        timeline: Journal of the run.

    Attributes:
        account_id, sleeve_id: Where its orders belong.
        wakes: Every bar of the day: which bars are visited does not depend on the strategy.
        hears_fills: Always: what was wished upon one lies in the journal, whatever the code is now.
    """

    hears_fills = True

    def __init__(self, host: StrategyHost, panel: Panel, first: int, timeline: Timeline) -> None:
        self.account_id: AccountId = host.account_id
        self.sleeve_id: SleeveId = host.sleeve_id
        self.wakes: Ints = np.arange(first, len(panel))
        self._host = host
        self._known = panel.known.data
        self._timeline = timeline

    def run(self, k: int) -> Sequence[Intent]:
        """Return what is wished at a barrier, or was."""
        return self._wishes(self._known[k], lambda: self._host.run(k))

    def fill(self, fill: Filled) -> Sequence[Intent]:
        """Return what is wished upon a fill, or was."""
        return self._wishes(fill.at, lambda: self._host.fill(fill))

    def _wishes(self, at: int, ask: Callable[[], Sequence[Intent]]) -> Sequence[Intent]:
        timeline = self._timeline
        if not timeline.is_live:
            repeated = timeline.wished(self.account_id, self.sleeve_id, at)
            self._host.repeat(at, repeated)
            return repeated
        intents = ask()
        if intents:
            timeline.wish(Wished(self.account_id, self.sleeve_id, at, tuple(intents)))
        return intents
