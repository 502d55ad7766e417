"""Which prices the core must know before it decides, and which rules of the day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from maemae.core.events import KillLevel, PriceUpdated
from maemae.domain.ids import Symbol
from maemae.domain.intent import Intent, OrderIntent, ParentIntent, TargetWeights
from maemae.krx.instrument import Instrument
from maemae.krx.status import InstrumentState
from maemae.simulation.bars import BarReader
from maemae.simulation.reference import Reference
from maemae.simulation.session_clock import SessionClock
from maemae.simulation.wire import Wire
from maemae.strategy.restatement import restated


class Marks:
    """Shows core and house prices and rules, only of what concerns them and only once."""

    def __init__(
        self, bars: BarReader, reference: Reference, clock: SessionClock, wire: Wire
    ) -> None:
        self._bars = bars
        self._rows = bars.panel.rows
        self._reference = reference
        self._clock = clock
        self._wire = wire
        self._state = wire.core.state
        self._observe = wire.core.observe
        self._observe_prices = wire.core.observe_prices
        self._set_last_price = wire.house.set_last_price
        self._restatements = bars.panel.restatements
        self._told: set[Symbol] = set()  # instruments whose rules of the session are known
        self._shown = -1  # index of which the core was shown all that is held
        self._marked: dict[Symbol, int] = {}  # index of the last close that the core was shown
        self._priced: dict[Symbol, int] = {}  # the same of the house
        self._listed: dict[Symbol, Instrument | None] = {}  # what the house holds until told anew

    def waiting(self) -> list[Symbol]:
        """Return what parked wishes and rebalancings name, and what would be rebalanced."""
        state = self._state
        symbols = [symbol for intent in state.parked for symbol in self.concerned(intent)]
        symbols.extend(parent.intent.symbol for parent in state.parents.values())
        for rebalance in state.rebalances.values():
            symbols.extend(self.concerned(rebalance.intent))
        return symbols

    def concerned(self, intent: Intent) -> Sequence[Symbol]:
        """Return the instruments that an intent may trade, so that their rules must be known."""
        if isinstance(intent, OrderIntent | ParentIntent):
            return (intent.symbol,)
        if isinstance(intent, TargetWeights):  # what is held and not named is sold
            sleeve = self._state.get_sleeve(intent.account_id, intent.sleeve_id)
            return [*(symbol for symbol, _ in intent.weights), *sleeve.positions]
        return ()

    def start_session(self) -> None:
        """Tell the session's rules of what works, waits or may be left; others once wished for."""
        self._told.clear()
        state = self._state
        symbols: set[Symbol] = {*state.working, *state.guarded, *self.waiting()}
        if state.kill is not _OFF:
            symbols.update(*(sleeve.positions for sleeve in state.sleeves.values()))
        for symbol in sorted(symbols):
            self.tell_rules(symbol)

    def tell_rules(self, symbol: Symbol) -> None:
        """Tell core and house the session's rules of an instrument, once."""
        if symbol in self._told:
            return
        self._told.add(symbol)
        wire = self._wire
        rules = self._reference.of_session(symbol, self._clock.session, wire.core.now)
        if self._is_watched(symbol):
            wire.tell(rules)
        else:  # nothing can follow, and what nothing follows from is not recorded
            self._observe(rules)
        claims = (rules.base_price, rules.band, rules.states)
        if claims == _NO_CLAIMS and self._listed.get(symbol) is rules.instrument:
            return  # the house was told the same, and it holds from then on
        wire.house.set_instrument(rules.instrument, rules.session_date, *claims)
        self._listed[symbol] = rules.instrument if claims == _NO_CLAIMS else None

    def change_states(self, symbol: Symbol, states: tuple[InstrumentState, ...]) -> None:
        """Tell core and house that an instrument is in other states for the rest of the day."""
        wire = self._wire
        rules = self._reference.of_session(symbol, self._clock.session, wire.core.now)
        rules = msgspec.structs.replace(rules, states=(*rules.states, *states))
        wire.house.set_instrument(
            rules.instrument, rules.session_date, rules.base_price, rules.band, rules.states
        )
        wire.tell(rules)

    def _is_watched(self, symbol: Symbol) -> bool:
        """Whether the core may act upon news of an instrument; upon one merely held it does not."""
        state = self._state
        if state.parents and any(each.intent.symbol == symbol for each in state.parents.values()):
            return True
        return state.kill is not _OFF or symbol in state.guarded or symbol in state.working

    def show(self, index: int) -> None:
        """Show the last prices, as of a bar's end, of what is held or waits."""
        if index < 0:
            return
        state = self._state
        if index != self._shown:
            self._shown = index
            for sleeve in state.sleeves.values():
                if sleeve.positions:
                    self._show_held(sleeve.positions, index)
        if state.parked or state.rebalances or state.parents:
            for symbol in self.waiting():
                self.show_close(symbol, index)

    def show_close(self, symbol: Symbol, index: int) -> None:
        """
        Show core and house the last close at or before an index.

        No guard can wait for it any more.
        """
        bars, row = self._bars, self._rows[symbol]
        last = bars.last_traded(row, index)
        if last <= self._priced.get(symbol, -1):
            return
        self._priced[symbol] = last
        close = bars.close(row, last)
        if self._restatements:
            close = self._in_present_shares(row, close, last)
        self._set_last_price(symbol, close)
        if last > self._marked.get(symbol, -1):
            self._marked[symbol] = last
            self._observe_prices({symbol: close}, bars.known[last])

    def _show_held(self, symbols: Iterable[Symbol], index: int) -> None:
        bars, rows = self._bars, self._rows
        if bars.is_gapless and not self._restatements:
            closes = bars.closes(index)
            prices = map(closes.__getitem__, map(rows.__getitem__, symbols))
            self._observe_prices(dict(zip(symbols, prices, strict=True)), bars.known[index])
            return
        marked = self._marked
        for symbol in symbols:
            row = rows[symbol]
            last = bars.last_traded(row, index)
            if last > marked.get(symbol, -1):
                marked[symbol] = last
                close = self._in_present_shares(row, bars.close(row, last), last)
                self._observe(PriceUpdated(symbol, close, bars.known[last]))

    def _in_present_shares(self, row: int, close: int, last: int) -> int:
        """Return an older close as the present session tells it [won]."""
        steps = self._restatements.get(row)
        first = self._clock.first
        return restated(close, steps, last, first) if steps and last < first else close


_NO_CLAIMS: Final = (None, None, ())
_OFF: Final = KillLevel.OFF
