from __future__ import annotations

from maemae.app.listeners import AllEars, Opener
from maemae.core.events import Event, TradingStateSet
from maemae.core.machine import TradingCore
from maemae.domain.market_data import Trade
from maemae.domain.terms import TradingState
from maemae.ports import Entry
from tests.builders import NOON, SAMSUNG, a_core, a_price


class Witness:
    """Remembers what it heard (`maemae.trading.engine.Listener`)."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def hear_print(self, trade: Trade) -> None:
        self.heard.append(f"print {trade.px}")

    def hear_entries(self, entries: object, core: TradingCore) -> None:
        self.heard.append("entries")

    def hear_time(self, core: TradingCore) -> None:
        self.heard.append("time")

    def hear_ready(self, core: TradingCore) -> None:
        self.heard.append("ready")


def test_all_ears_hear_everything_in_turn() -> None:
    witnesses = [Witness(), Witness()]
    ears, core = AllEars(witnesses), a_core()

    ears.hear_print(Trade(SAMSUNG, 10_000, 1, NOON))
    ears.hear_entries([Entry(1, a_price(), [])], core)
    ears.hear_time(core)
    ears.hear_ready(core)

    for witness in witnesses:
        assert witness.heard == ["print 10000", "entries", "time", "ready"]


def test_opener_opens_once_so_that_a_later_recovery_undoes_no_person() -> None:
    handed: list[Event] = []
    opener, core = Opener(TradingState.ACTIVE, handed.append), a_core()

    opener.hear_ready(core)
    opener.hear_ready(core)

    (event,) = handed
    assert isinstance(event, TradingStateSet)
    assert event.state is TradingState.ACTIVE


def test_opener_when_no_state_is_asked_for_leaves_trading_as_it_was() -> None:
    handed: list[Event] = []

    Opener(None, handed.append).hear_ready(a_core())

    assert handed == []
