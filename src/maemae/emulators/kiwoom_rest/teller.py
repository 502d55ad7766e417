"""What sessions are sent that nobody asked for: orders, prints, books, indices, phases."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

import msgspec

from maemae.core.events import InstrumentUpdated
from maemae.domain.ids import Symbol
from maemae.domain.instant import SECOND
from maemae.domain.market_data import Trade
from maemae.domain.statement import Notice
from maemae.emulators.kiwoom_rest.board import Line
from maemae.emulators.kiwoom_rest.desk import UNIFIED, Desk
from maemae.emulators.kiwoom_rest.faults import FaultSwitch
from maemae.emulators.kiwoom_rest.hub import Hub
from maemae.emulators.kiwoom_rest.market_news import MarketNews
from maemae.emulators.kiwoom_rest.order_news import OrderEntry, OrderNews
from maemae.emulators.kiwoom_rest.session import Session
from maemae.emulators.timers import Timers
from maemae.krx.status import InstrumentState


class Teller:
    """
    Tells every session what it registered for, as the faults let it.

    Args:
        desk: What frames are computed from.
        hub: Who is logged in.
        faults: What is wrong.
    """

    def __init__(self, desk: Desk, hub: Hub, faults: FaultSwitch[OrderEntry]) -> None:
        self._desk = desk
        self._hub = hub
        self._sessions = hub.sessions
        self._faults = faults
        self._timers = Timers()
        self._orders = OrderNews(desk)
        self._market = MarketNews(desk)
        self._moved: set[Symbol] = set()
        self._index_due: dict[str, int] = {}
        self._interrupted: set[Symbol] = set()

    def tell_notice(self, notice: Notice) -> None:
        """Send what happened to an order."""
        self.tell_orders(self._orders.of_notice(notice))

    def tell_orders(self, entries: Sequence[OrderEntry]) -> None:
        """Send order frames, as the faults let them."""
        if not entries:
            return
        self._push_later(self._faults.distort(entries))
        if self._faults.now.reorder > 1:
            self._timers.call_later(_LONGEST_HOLD, self.release)

    def release(self) -> None:
        """Send the order frames that were held back."""
        self._push_later(self._faults.release())

    def tell_trade(self, trade: Trade) -> None:
        """Send a print, together with others of the moment."""
        line = self._desk.board.count(trade)
        if line is None:
            return
        self._moved.add(trade.symbol)
        is_watched = any(self._items(each, "0B", trade.symbol) for each in self._sessions)
        if is_watched and self._faults.takes("mid_next"):
            depth = self._desk.depth(line)
            trade = msgspec.structs.replace(trade, px=(depth.ask + depth.bid) // 2 or trade.px)
        self._hold_trade(line, trade)

    def print_trade(self, trade: Trade) -> None:
        """Send a print that never happened: no order sees it, and neither does a query."""
        line = self._desk.board.find(trade.symbol)
        if line is not None:
            self._hold_trade(line, trade)
            self.flush()

    def tell_rules(self, update: InstrumentUpdated) -> None:
        """Send that a VI began or ended."""
        symbol = update.instrument.symbol
        is_on, was_on = InstrumentState.VI in update.states, symbol in self._interrupted
        if is_on is was_on:
            return
        if is_on:
            self._interrupted.add(symbol)
        else:
            self._interrupted.remove(symbol)
        entry = self._market.interruption(symbol, is_on=is_on, count=1)
        for session in self._sessions:
            if ("1h", "") in session.keys or ("1h", symbol) in session.keys:
                self._hub.send_entries(session, [entry])

    def tell_phase(self, code: str, at: int, left: int) -> None:
        """Send a phase of the market."""
        for session in self._sessions:
            if ("0s", "") in session.keys:
                self._hub.send_entries(session, [self._market.phase(code, at, left)])

    def flush(self) -> None:
        """Send the prints of the moment, and what follows from them."""
        moved, self._moved = self._moved, set()
        for session in tuple(self._sessions):
            if not session.keys and not session.searches:
                continue
            for symbol in moved:
                self._hold_moved(session, symbol)
            session.flush()
        if moved:
            self._tell_indices(moved)

    def end(self) -> None:
        """Forget what was to be told later."""
        self._timers.end()

    def _hold_trade(self, line: Line, trade: Trade) -> None:
        if not self._tells_prices():
            return
        for session in self._sessions:
            for item in self._items(session, "0B", trade.symbol):
                session.hold(self._market.trade(line, trade, item))

    def _hold_moved(self, session: Session, symbol: Symbol) -> None:
        line = self._desk.board.find(symbol)
        if line is None or not self._tells_prices():
            return
        for kind in _FOLLOWING:
            for item in self._items(session, kind, symbol):
                entry = self._market.of_type(kind, line, item)
                if entry is not None:
                    session.hold(entry)
        for entry in self._hub.conditions.changes(session, symbol):
            session.hold(entry)

    def _tell_indices(self, moved: Iterable[Symbol]) -> None:
        """Send indices at most once in ten seconds of the exchange."""
        now = self._desk.now
        touched = {code for symbol in moved for code in self._market.indices_of(symbol)}
        for code in touched:
            watching = [
                (session, kind)
                for session in self._sessions
                for kind in ("0J", "0U")
                if (kind, code) in session.keys
            ]
            if not watching or now < self._index_due.get(code, 0) or not self._tells_prices():
                continue
            self._index_due[code] = now + _INDEX_EVERY
            entries = {"0J": self._market.index(code), "0U": self._market.breadth(code)}
            for session, kind in watching:
                self._hub.send_entries(session, [entries[kind]])

    def _tells_prices(self) -> bool:
        return not self._faults.now.frozen and not self._faults.now.silent

    def _items(self, session: Session, kind: str, symbol: Symbol) -> list[str]:
        """Return the registered items of a type that are about an instrument at KRX."""
        items = [symbol, f"{symbol}{UNIFIED}"]
        return [
            item
            for item in items
            if (kind, item) in session.keys and not self._desk.is_elsewhere(item)
        ]

    def _push_later(self, entries: Sequence[OrderEntry]) -> None:
        if entries and self._faults.now.late_by:
            self._timers.call_later(self._faults.now.late_by, partial(self._push, entries))
        else:
            self._push(entries)

    def _push(self, entries: Iterable[OrderEntry]) -> None:
        for each in entries:
            for session in self._hub.of_account(each.account_id):
                if (each.entry.type, "") in session.keys:
                    self._hub.send_entries(session, [each.entry])


_FOLLOWING: Final = ("0A", "0C", "0D", "0F", "0G", "0H", "0g", "0w")
_LONGEST_HOLD: Final = SECOND // 5
_INDEX_EVERY: Final = 10 * SECOND
