"""One time step of a market whose every trade and quote is known: replayed in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from maemae.core.events import PriceUpdated, TimePassed
from maemae.domain.errors import BadBarsError
from maemae.domain.ids import Symbol
from maemae.domain.market_data import Trade
from maemae.krx.halt import RANDOM_END
from maemae.krx.status import InstrumentState
from maemae.simulation.bars import BarReader
from maemae.simulation.marks import Marks
from maemae.simulation.session_clock import SessionClock
from maemae.simulation.wire import Wire
from maemae.venue.tape_view import Quote


class Quoted(msgspec.Struct, frozen=True, gc=False):
    """The best prices of an instrument changed [ns, UTC]."""

    symbol: Symbol
    quote: Quote
    at: int


class Stopped(msgspec.Struct, frozen=True, gc=False):
    """Trading in an instrument was halted, or goes on again [ns, UTC]."""

    symbol: Symbol
    is_halted: bool
    at: int


TapeEvent = Trade | Quoted | Stopped


class MarketTape(msgspec.Struct, frozen=True, eq=False):
    """
    Trades, quotes and halts of a market.

    Attributes:
        events: By time.
    """

    events: Sequence[TapeEvent]


class TapeWalk:
    """
    Replays what happened within bars; takes the place of `BarWalk`.

    The bars tell strategies and the rules of the day; what fills is decided by the tape alone. Of
    an evening only the print of the closing auction counts, which comes up to half a minute late.
    What waits for an instant meets the first trade after it.

    Raises:
        BadBarsError: The events are not in order.
    """

    def __init__(
        self, tape: MarketTape, bars: BarReader, marks: Marks, clock: SessionClock, wire: Wire
    ) -> None:
        self._known = bars.known
        self._marks = marks
        self._clock = clock
        self._wire = wire
        rows = bars.panel.rows
        self._events = [event for event in tape.events if event.symbol in rows]
        if any(one.at > two.at for one, two in zip(self._events, self._events[1:], strict=False)):
            raise BadBarsError(
                "체결·호가가 시각 순서가 아닙니다. 시각 순으로 정렬해 주세요.",
                "Trades and quotes are not in the order of time. Sort them.",
            )
        self._next = 0
        wire.house.tape.follow()

    def walk(self, symbols: Iterable[Symbol], index: int) -> None:
        """Replay everything until a bar is known."""
        del symbols
        end = self._clock.regular_end
        until = self._known[index]
        if until >= end:
            until = end + RANDOM_END
        while self._next < len(self._events) and self._events[self._next].at < until:
            event = self._events[self._next]
            self._next += 1
            self._clock.advance(min(event.at, end - 1))
            if event.at >= self._clock.opens:
                self._replay(event)

    def _replay(self, event: TapeEvent) -> None:
        wire, symbol = self._wire, event.symbol
        if wire.late:
            wire.deliver(event.at)
        self._marks.tell_rules(symbol)
        if isinstance(event, Quoted):
            wire.house.tape.quote(symbol, event.quote)
        elif isinstance(event, Stopped):
            states = (InstrumentState.HALTED,) if event.is_halted else ()
            self._marks.change_states(symbol, states)
        else:
            self._print(event)

    def _print(self, trade: Trade) -> None:
        wire, symbol = self._wire, trade.symbol
        wire.take(wire.house.tape.trade(symbol, trade.px, trade.qty, trade.at))
        state = wire.core.state
        watched = symbol in state.guarded or symbol in state.crossings
        if watched and not wire.house.tape.is_pausing(symbol, trade.at):
            wire.tell(PriceUpdated(symbol, trade.px, trade.at))
        due = state.due.values()
        if due and any(each.at <= trade.at and each.symbol == symbol for each in due):
            wire.core.observe(PriceUpdated(symbol, trade.px, trade.at))
            wire.tell(TimePassed(trade.at))
