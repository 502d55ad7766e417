"""
Strategies, trading core and simulated house on one time axis.

At each time: the phases that came, the opening prints, the way of each price through its bar,
then, once all bars of that time are known, the strategies. A sparse run visits only bars at
which something can happen; a dense one visits all and gives the same orders.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from maemae.core.actions import FillBooked
from maemae.domain.ids import Symbol
from maemae.domain.intent import Intent, ParentIntent
from maemae.domain.terms import Side
from maemae.krx.instrument import Instrument
from maemae.simulation.bar_walk import BarWalk
from maemae.simulation.bars import BarReader
from maemae.simulation.calendar_axis import CalendarAxis
from maemae.simulation.corporate_actions import CorporateActions
from maemae.simulation.host_cursor import Host, HostCursor
from maemae.simulation.marks import Marks
from maemae.simulation.recorder import Recorder
from maemae.simulation.reference import Reference
from maemae.simulation.session_clock import SessionClock
from maemae.simulation.tape_walk import MarketTape, TapeWalk
from maemae.simulation.wakes import Wakes
from maemae.simulation.wire import Core, Wire
from maemae.strategy.news import Filled
from maemae.strategy.panel import Panel
from maemae.venue.house import House

Watcher = Callable[[int], None]
"""Called with the index of each visited bar, after everything of that time is done."""


class Simulation:
    """
    One run.

    Args:
        panel: Bars of every instrument.
        instruments: Master data; what is missing counts as a KOSPI stock.
        core: Trading core with its sleeves opened and ACTIVE.
        house: Simulated broker with the same accounts and cash.
        hosts: Strategies, run in this order at each time.
        recorder: Takes every event and action.
        tape: Trades and quotes within the bars, if they are known; every bar is visited then.

    Attributes:
        index: The bar that is being visited.
        actions: What companies do to their shares meanwhile.
    """

    def __init__(
        self,
        panel: Panel,
        instruments: Mapping[Symbol, Instrument],
        core: Core,
        house: House,
        hosts: Sequence[Host],
        recorder: Recorder,
        tape: MarketTape | None = None,
    ) -> None:
        self.index = -1
        self._day_ends = 0  # index of the bar with which the present session's day orders end
        self._end = len(panel)
        self._state = core.state
        self._fills = recorder.fills
        self._told = len(recorder.fills)  # of the fills, to the strategies
        self._cursors = [HostCursor(host, len(panel)) for host in hosts]
        self._listeners = [host for host in hosts if host.hears_fills]
        self._axis = CalendarAxis(panel)
        self._bars = BarReader(panel, self._axis)
        self._known = self._bars.known
        self._wire = Wire(core, house, recorder)
        self._touched = self._wire.touched
        self._clock = SessionClock(self._axis, self._wire)
        self.actions = CorporateActions(panel, self._wire)
        self._wakes = Wakes(self._bars, core, house)
        reference = Reference(self._bars, self._axis, instruments)
        self._marks = Marks(self._bars, reference, self._clock, self._wire)
        self._has_tape = tape is not None
        self._walk: BarWalk | TapeWalk = BarWalk(self._bars, self._marks, self._wire)
        if tape is not None:
            self._walk = TapeWalk(tape, self._bars, self._marks, self._clock, self._wire)

    def run(self, *, dense: bool = False, watch: Watcher | None = None) -> None:
        """Visit every bar, or only those at which something can happen."""
        dense = dense or self._has_tape
        only = self._cursors[0] if len(self._cursors) == 1 else None
        clock, end = self._clock, self._end
        event = self._next_event(dense=dense)
        while True:
            if only is not None and self._run_ahead(only, min(event, clock.ends), watch):
                event = self._next_event(dense=dense)
            wake = only.next if only is not None else self._next_wake()
            index = event if event < wake else wake
            if index >= end:
                break
            self.index = index
            if index == event or index >= clock.ends:
                self._visit(index, dense=dense)
                event = self._next_event(dense=dense)
            elif self._run_strategies(index):
                event = self._next_event(dense=dense)
            if watch is not None:
                watch(index)
        self._clock.finish()

    def _run_ahead(self, cursor: HostCursor, stop: int, watch: Watcher | None) -> bool:
        """
        Run the only strategy over the bars before an index, at which nothing else happens.

        Returns:
            Whether it wished something, and the next event has moved.
        """
        known, change = self._known, self._clock.next_change
        while True:
            index = cursor.next
            if index >= stop or known[index] >= change:
                return False
            self.index = index
            intents = cursor.run(index)
            if intents:
                self._take_intents(intents)
                self._find_wakes(index)
            if watch is not None:
                watch(index)
            if intents:
                return True

    def mark(self) -> None:
        """Show the core the last price of everything held, as of the present bar."""
        self._marks.show(self.index)

    def show(self, symbol: Symbol) -> None:
        """Tell the core the rules and the last price of an instrument, as a wish for it would."""
        self._marks.tell_rules(symbol)
        self._marks.show_close(symbol, self.index)

    def _next_wake(self) -> int:
        """Return the next index at which a strategy runs."""
        return min((cursor.next for cursor in self._cursors), default=self._end)

    def _next_event(self, *, dense: bool) -> int:
        """Return the next index at which core or house can act, strategies left aside."""
        if dense:
            return self.index + 1
        found, state = self._wakes.next(), self._state
        if found > self._day_ends and state.working:  # day orders end with the regular session
            found = self._day_ends
        if state.parked or state.rebalances or state.parents:
            change = bisect_left(self._bars.known, self._clock.next_change)
            found = min(found, self._clock.ends, change)
        if state.due:
            earliest = min(due.at for due in state.due.values())
            found = min(found, bisect_right(self._bars.known, earliest))
        if found > self.actions.next:
            found = self.actions.next
        if self._wire.late:
            found = min(found, bisect_left(self._bars.opened, self._wire.late[0][0]))
        return found if found > self.index else self.index + 1

    def _visit(self, index: int, *, dense: bool) -> None:
        if index >= self._clock.ends:
            self._enter_session(index)
        state = self._state
        if state.parked or state.rebalances or state.parents:
            self._marks.show(index - 1)
        opened = self._bars.opened[index]
        if opened >= self._clock.next_change:
            self._clock.open_bar(opened)
        if self._wire.late:
            self._wire.deliver(opened)
        if self._touched:  # what was parked rests now, and meets this bar's opening
            self._find_wakes(index - 1)
        due = self._wakes.symbols if dense or self._acts_within(index) else self._wakes.due(index)
        if state.rebalances:  # its buys may follow the openings of its sells
            due = sorted({*due, *self._marks.waiting()})
        if state.due:
            due = sorted({*due, *self._due_by(self._bars.known[index] - 1)})
        if due or self._has_tape:
            self._walk.walk(due, index)
        self._run_strategies(index)

    def _acts_within(self, index: int) -> bool:
        """
        Return whether a phase that begins within a bar may let go what waits for one.

        What leaves then carries the core's time, which is that of the last price it was shown: no
        bar of that time may be left out.
        """
        known, state = self._known[index], self._state
        if self._clock.next_change > known:
            return False
        if state.due and self._due_by(known):  # of what does not trade: the phase lets it go
            return True
        return bool(state.parked or state.rebalances or state.parents)

    def _due_by(self, at: int) -> set[Symbol]:
        """Return the instruments to which something happens by an instant, whatever prices do."""
        return {due.symbol for due in self._state.due.values() if due.at <= at}

    def _enter_session(self, index: int) -> None:
        self._clock.finish()
        session = self._axis.session(index)
        self._marks.show(self._axis.first(session) - 1)
        self._clock.start(session)
        self.actions.take(index)
        ends = self._clock.ends
        self._day_ends = min(ends - 1, bisect_left(self._bars.known, self._clock.regular_end))
        self._marks.start_session()
        self._wire.touched.update(self._state.guarded)  # a book may be opened with guards
        self._wire.touched.update(self._state.crossings)

    def _run_strategies(self, index: int) -> bool:
        """
        Run what is due now that every bar of this time is known.

        Returns:
            Whether anything happened that can move the next event.
        """
        known = self._known[index]
        happened = known >= self._clock.next_change
        if happened:
            following = index + 1
            opened = self._bars.opened[following] if following < self._end else _NEVER
            self._clock.end_bar(known, opened)
        if len(self._fills) > self._told:
            self._tell_fills()
        for cursor in self._cursors:
            if cursor.next == index:
                intents = cursor.run(index)
                if intents:
                    happened = True
                    self._take_intents(intents)
        if self._touched:
            self._find_wakes(index)
        return happened

    def _find_wakes(self, index: int) -> None:
        """Look anew, from an index on, where anything can happen to what was touched."""
        for symbol in self._touched:
            self._wakes.refresh(symbol, index)
        self._touched.clear()

    def _tell_fills(self) -> None:
        fills = self._fills[self._told :]
        self._told += len(fills)
        self._touched.update([booked.symbol for booked in fills])
        for host in self._listeners:
            for booked in fills:
                if (booked.account_id, booked.sleeve_id) == (host.account_id, host.sleeve_id):
                    intents = host.fill(_news(booked))
                    if intents:
                        self._take_intents(intents)

    def _take_intents(self, intents: Sequence[Intent]) -> None:
        marks, index = self._marks, self.index
        marks.show(index)
        for intent in intents:
            for symbol in marks.concerned(intent):
                marks.tell_rules(symbol)
                marks.show_close(symbol, index)
            self._wire.tell(intent)
            if isinstance(intent, ParentIntent):  # it may wait for a price without an order
                self._wire.touched.add(intent.symbol)


def _news(booked: FillBooked) -> Filled:
    """Return a booking as a strategy is told of it."""
    qty = booked.qty
    side = _BUY if qty > 0 else _SELL
    return Filled(booked.symbol, side, abs(qty), booked.px, booked.at, booked.cl_ord_id)


_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
_NEVER: Final = 2**63 - 1
