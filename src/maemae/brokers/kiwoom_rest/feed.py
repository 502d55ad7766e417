"""Prices of Kiwoom, on the one stream that a key may have."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Final

import msgspec

from maemae.brokers.kiwoom_rest.connection import KiwoomConnection
from maemae.brokers.kiwoom_rest.frames import Entry, RealType
from maemae.brokers.kiwoom_rest.instruments import rules_of
from maemae.brokers.kiwoom_rest.market_data import KiwoomMarketData
from maemae.brokers.kiwoom_rest.prints import (
    DayClocks,
    InterruptionTold,
    trade_of,
    update_of,
)
from maemae.brokers.kiwoom_rest.registrations import Wanted
from maemae.core.events import InstrumentUpdated
from maemae.domain.errors import BrokerUnavailableError
from maemae.domain.ids import Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.market_data import Trade
from maemae.krx.halt import VI_OVER_AFTER
from maemae.krx.session import Phase, phase_at
from maemae.krx.status import InstrumentState
from maemae.ports import BrokerEvent

_PRINTS: Final = "prints"
_MARKET: Final = "market"
_WHOLE_MARKET: Final = ("",)


class KiwoomFeed:
    """
    Trades and changes of state (`maemae.ports.MarketFeed`).

    Args:
        connection: Shared with the broker.
        universe: What may be traded; a stream takes some ninety instruments.
    """

    def __init__(self, connection: KiwoomConnection, universe: Sequence[Symbol]) -> None:
        self._connection = connection
        self._universe = tuple(dict.fromkeys(universe))
        self._data = KiwoomMarketData(connection.http)
        self._clocks = DayClocks()
        self._rules: dict[Symbol, InstrumentUpdated] = {}
        self._told: asyncio.Queue[Trade | InstrumentUpdated | BrokerEvent | None] = asyncio.Queue()
        self._is_open = False
        stream = connection.stream
        stream.on(RealType.TRADE, self._take_trade)
        stream.on(RealType.INTERRUPTION, self._take_interruption)
        stream.on(RealType.PHASE, self._take_phase)
        stream.listen(self._told.put_nowait)

    async def connect(self) -> None:
        """
        Connect.

        Raises:
            BrokerUnavailableError: It cannot be reached.
        """
        stream = self._connection.stream
        types = (RealType.PHASE, RealType.INTERRUPTION)
        await stream.want(_MARKET, Wanted(types, _WHOLE_MARKET))
        if not self._is_open:
            while not self._told.empty():
                self._told.get_nowait()  # of an earlier connection
            await stream.open()
            self._is_open = True

    async def close(self) -> None:
        """Disconnect; safe to call twice."""
        if self._is_open:
            self._is_open = False
            await self._connection.stream.close()
        self._told.put_nowait(None)

    async def instruments(self, day: date) -> tuple[InstrumentUpdated, ...]:
        """
        Return the day's rules of the universe and of what the account holds.

        Raises:
            BrokerUnavailableError: A list failed, an instrument is in none, or base prices are
                still those of the day before.
        """
        self._require_base_prices(day)
        held = await self._data.held_closes()
        symbols = tuple(dict.fromkeys([*self._universe, *held]))
        listed = await self._data.instruments(symbols)
        quotes = await self._data.quotes(symbols)
        now = self._connection.venue.now()
        rules = [
            await self._with_close(rule, held.get(rule.instrument.symbol))
            for rule in rules_of(symbols, listed, quotes, day, now)
        ]
        self._rules = {rule.instrument.symbol: self._as_interrupted(rule) for rule in rules}
        return tuple(self._rules.values())

    async def subscribe(self, symbols: Sequence[Symbol]) -> None:
        """
        Have these streamed, and nothing else; also over every later connection.

        Raises:
            BrokerUnavailableError: They are too many, or the server did not confirm.
        """
        wanted = Wanted((RealType.TRADE,), tuple(symbols)) if symbols else None
        await self._connection.stream.want(_PRINTS, wanted)

    async def trades(self) -> AsyncIterator[Trade | InstrumentUpdated | BrokerEvent]:
        """Yield prints and changes of state as they come, until closed."""
        while True:
            told = await self._told.get()
            if told is None:
                return
            yield told

    def _require_base_prices(self, day: date) -> None:
        """Refuse what would be the rules of another day; an emulator changes them at midnight."""
        known_from = self._connection.config.bases_from
        now = self._connection.venue.now()
        if not self._connection.host.is_emulator and now < kst_nanos(day, known_from):
            raise BrokerUnavailableError(
                f"키움의 기준가가 아직 {day} 것이 아닙니다. {known_from:%H:%M} 부터 저절로 다시 "
                "받습니다.",
                f"Kiwoom's base prices are not those of {day} yet. They are asked for again by "
                f"themselves from {known_from:%H:%M} on.",
            )

    async def _with_close(self, rule: InstrumentUpdated, close: int | None) -> InstrumentUpdated:
        """
        Return a rule with the close before, from the chart where the holdings' is not the base.

        Nobody measured when holdings tell of another day: guards must not wait for that alone.
        """
        if close is not None and close != rule.base_price:
            with suppress(BrokerUnavailableError):
                symbol, day = rule.instrument.symbol, rule.session_date
                close = await self._data.close_before(symbol, day) or close
        return msgspec.structs.replace(rule, last_close=close)

    def _as_interrupted(self, rule: InstrumentUpdated) -> InstrumentUpdated:
        """Return a rule of the lists with the VI that they do not know of, while it may go on."""
        before = self._rules.get(rule.instrument.symbol)
        if before is None or InstrumentState.VI not in before.states:
            return rule
        if rule.at >= before.at + VI_OVER_AFTER:
            return rule
        return msgspec.structs.replace(
            rule, states=(*rule.states, InstrumentState.VI), at=before.at
        )

    def _take_trade(self, entry: Entry) -> None:
        trade = trade_of(entry, self._clocks.at(self._connection.venue.now()))
        if trade is not None:
            self._told.put_nowait(trade)

    def _take_phase(self, entry: Entry) -> None:
        """
        Raise, so that a person is told, if a code is new while the exchange ought to trade.

        The calendar says which phase it is. What a circuit breaker brings nobody has recorded.
        """
        now = self._connection.venue.now()
        if phase_at(now) is Phase.CONTINUOUS:
            update_of(entry, self._clocks.at(now), self._connection.config)

    def _take_interruption(self, entry: Entry) -> None:
        clock = self._clocks.at(self._connection.venue.now())
        told = update_of(entry, clock, self._connection.config)
        if not isinstance(told, InterruptionTold) or told.symbol not in self._rules:
            return
        rule = self._rules[told.symbol]
        was_on = InstrumentState.VI in rule.states and told.at < rule.at + VI_OVER_AFTER
        is_on = told.is_on or not was_on
        others = tuple(state for state in rule.states if state is not InstrumentState.VI)
        states = (*others, InstrumentState.VI) if is_on else others
        rule = msgspec.structs.replace(rule, states=states, at=told.at)
        self._rules[told.symbol] = rule
        self._told.put_nowait(rule)
