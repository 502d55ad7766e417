"""The core and the strategies of a run while it repeats, and when it goes over to live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from maemae.core.machine import TradingCore
from maemae.domain.errors import JournalCorruptError
from maemae.domain.ids import ClOrdId
from maemae.domain.instant import SECOND
from maemae.domain.terms import Side
from maemae.storage.journal import SqliteJournal
from maemae.storage.records import Wished, encode
from maemae.strategy.author import Strategy
from maemae.strategy.news import Filled
from maemae.trading.simulated_day.journaled_host import JournaledHost
from maemae.trading.simulated_day.timeline import Timeline
from tests.builders import NOON, a_config, a_price, an_intent
from tests.journals import a_journal, journaled, some_trading
from tests.strategy_runs import A, a_host, a_panel


class Seller(Strategy):
    """Sell one share upon every fill."""

    def on_fill(self, fill: Filled) -> None:
        self.sell(fill.symbol, shares=1)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[SqliteJournal]:
    with a_journal(tmp_path) as journal:
        yield journal


def a_timeline(journal: SqliteJournal) -> Timeline:
    return Timeline(TradingCore(a_config()), journal)


def test_handle_when_repeating_gives_the_same_actions_book_and_time(journal: SqliteJournal) -> None:
    core, turns = journaled(journal, some_trading())
    timeline = a_timeline(journal)

    for event, actions in turns:
        assert timeline.handle(event) == actions
        assert timeline.now >= event.at

    assert timeline.is_live
    assert encode(timeline.state) == encode(core.state)
    assert timeline.now == core.now
    assert timeline.market.prices == core.market.prices


def test_append_when_repeating_adds_nothing_to_the_journal(journal: SqliteJournal) -> None:
    _, turns = journaled(journal, some_trading())
    timeline, before = a_timeline(journal), journal.seq

    for event, _ in turns:
        timeline.append(event, timeline.handle(event))
    timeline.commit()
    assert journal.seq == before

    event = an_intent(intent_id="new", at=NOON + 100 * SECOND)
    timeline.append(event, timeline.handle(event))
    timeline.commit()
    assert journal.seq == before + 1


def test_handle_when_another_event_comes_than_then_is_refused(journal: SqliteJournal) -> None:
    events = some_trading()
    journaled(journal, events)
    timeline = a_timeline(journal)
    for event in events[:5]:
        timeline.handle(event)

    with pytest.raises(JournalCorruptError, match="OrderIntent came"):
        timeline.handle(an_intent(intent_id="never-wished"))


def test_handle_when_more_is_observed_than_then_only_observes(journal: SqliteJournal) -> None:
    journaled(journal, some_trading())
    timeline = a_timeline(journal)

    assert timeline.handle(a_price(12_345)) == []
    assert not timeline.is_live
    assert timeline.market.prices == {a_price().symbol: 12_345}


def test_require_live_when_the_journal_has_more_is_refused(journal: SqliteJournal) -> None:
    journaled(journal, some_trading())

    with pytest.raises(JournalCorruptError, match="did not come again"):
        a_timeline(journal).require_live()


def test_fill_when_repeated_keeps_the_strategy_from_running_and_numbers_on(
    journal: SqliteJournal,
) -> None:
    panel = a_panel({A: [100, 101, 102]}, minutes=True)
    fill = Filled(A, Side.BUY, 10, 100, int(panel.known[1]), ClOrdId(1))
    live = JournaledHost(a_host(Seller(), panel), panel, 0, a_timeline(journal))
    first, second = live.fill(fill), live.fill(fill)
    journal._rows.pop()  # the second was not durable yet
    journal.commit()

    host = a_host(Seller(), panel)
    restarted = JournaledHost(host, panel, 0, a_timeline(journal))
    repeated, calls = restarted.fill(fill), host.callbacks

    assert list(repeated) == list(first)
    assert calls == 1  # its setup
    assert list(restarted.fill(fill)) == list(second)
    assert list(first) != list(second)


def test_run_when_the_strategy_was_silent_then_is_silent_again(journal: SqliteJournal) -> None:
    panel = a_panel({A: [100, 101, 102]}, minutes=True)
    host = a_host(Seller(), panel)
    journal.wish(
        Wished(host.account_id, host.sleeve_id, int(panel.known[2]), (an_intent(symbol=A),))
    )
    journal.commit()

    restarted = JournaledHost(host, panel, 0, a_timeline(journal))

    assert list(restarted.run(1)) == []
    assert list(restarted.run(2)) == [an_intent(symbol=A)]
