"""
The newest quote of every instrument of one market, and who is to be told of which.

A quote is written out once for all clients. A client is marked when one of its instruments
trades; what it is told is the newest quote at the moment there is room for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from maemae.domain.ids import AccountId, Symbol
from maemae.server.stream.client import Client
from maemae.server.stream.envelope import VERSION, Channel, StreamQuote
from maemae.trading.control.watch import Quote


class QuoteBoard:
    """
    The quotes of one market.

    Attributes:
        sequence: Counted up with every change of them.
    """

    def __init__(self) -> None:
        self.sequence = 0
        self._written: dict[Symbol, str] = {}
        self._listeners: dict[tuple[int, AccountId | None], QuoteListener] = {}

    def take(self, quotes: Iterable[Quote]) -> None:
        """Take newer quotes, and mark who listens."""
        changed = set()
        for quote in quotes:
            self._written[quote.symbol] = StreamQuote.model_validate(quote).model_dump_json()
            changed.add(quote.symbol)
        if changed:
            self.sequence += 1
            for listener in self._listeners.values():
                listener.mark(changed)

    def join(
        self, client: Client, account_id: AccountId | None, symbols: frozenset[Symbol]
    ) -> None:
        """Tell a client of some instruments, or of all of them, from now on; first of them all."""
        listener = QuoteListener(self, client, account_id, symbols)
        self._listeners[id(client), account_id] = listener
        listener.mark(self._written.keys())

    def leave(self, client: Client, account_id: AccountId | None) -> None:
        """Tell a client no more."""
        self._listeners.pop((id(client), account_id), None)
        client.hide((Channel.QUOTES, account_id))

    def written(self, symbols: Iterable[Symbol]) -> str:
        """Return the quotes of instruments as the inner of a JSON array."""
        return ",".join([self._written[symbol] for symbol in symbols])


class QuoteListener:
    """
    What one client does not know yet.

    Args:
        board: Where the quotes are.
        client: Whom to tell.
        account_id: As the client asked for it.
        symbols: Instruments to tell of; empty for all.
    """

    def __init__(
        self,
        board: QuoteBoard,
        client: Client,
        account_id: AccountId | None,
        symbols: frozenset[Symbol],
    ) -> None:
        self._board = board
        self._client = client
        self._symbols = symbols
        self._unknown: set[Symbol] = set()
        self._kind = "SNAPSHOT"
        self._key = (Channel.QUOTES, account_id)
        shown = json.dumps(account_id)
        self._head = f'{{"version":{VERSION},"channel":"QUOTES","account_id":{shown}'

    def mark(self, changed: Iterable[Symbol]) -> None:
        """Note that quotes changed."""
        wanted = self._symbols.intersection(changed) if self._symbols else changed
        self._unknown.update(wanted)
        if self._unknown:
            self._client.show(self._key, self._produce)

    def _produce(self) -> str | None:
        unknown, self._unknown = self._unknown, set()
        kind, self._kind = self._kind, "DELTA"
        data = self._board.written(unknown)
        return f'{self._head},"kind":"{kind}","sequence":{self._board.sequence},"data":[{data}]}}'
