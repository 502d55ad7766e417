"""
The newest of every instrument of one market, and who is to be told of which.

A quote, or the book that follows from it, is written out once for all clients, when one wants it.
A client is marked when one of its instruments trades; what it is told is the newest at the moment
there is room for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

from maemae.domain.ids import AccountId, Symbol
from maemae.server.stream.client import Client
from maemae.server.stream.envelope import VERSION, Channel
from maemae.trading.control.watch import Quote


class QuoteBoard:
    """
    The quotes of one market, or what follows from them.

    Args:
        channel: In which they are told.
        write: Writes one out as JSON.

    Attributes:
        channel: As given.
        sequence: Counted up with every change of them.
    """

    def __init__(self, channel: Channel, write: Callable[[Quote], str]) -> None:
        self.channel = channel
        self.sequence = 0
        self._write = write
        self._newest: dict[Symbol, Quote] = {}
        self._written: dict[Symbol, str] = {}
        self._listeners: dict[tuple[int, AccountId | None], QuoteListener] = {}

    def take(self, quotes: Iterable[Quote]) -> None:
        """Take newer quotes, and mark who listens."""
        changed = set()
        for quote in quotes:
            self._newest[quote.symbol] = quote
            self._written.pop(quote.symbol, None)
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
        listener.mark(self._newest.keys())

    def leave(self, client: Client, account_id: AccountId | None) -> None:
        """Tell a client no more."""
        self._listeners.pop((id(client), account_id), None)
        client.hide((self.channel, account_id))

    def written(self, symbols: Iterable[Symbol]) -> str:
        """Return what is newest of instruments as the inner of a JSON array."""
        return ",".join(map(self._text, symbols))

    def _text(self, symbol: Symbol) -> str:
        text = self._written.get(symbol)
        if text is None:
            text = self._written[symbol] = self._write(self._newest[symbol])
        return text


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
        self._key = (board.channel, account_id)
        shown = json.dumps(account_id)
        self._head = f'{{"version":{VERSION},"channel":"{board.channel}","account_id":{shown}'

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
