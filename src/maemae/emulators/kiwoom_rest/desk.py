"""What every answer is computed from: the broker's books, its market, and the time there."""

from __future__ import annotations

from datetime import date
from typing import Final

from maemae.domain.ids import AccountId, OrderId, Symbol
from maemae.domain.instant import kst_date
from maemae.domain.statement import StatedStatus
from maemae.emulators.books import CancelRow, Row
from maemae.emulators.exchange import Exchange
from maemae.emulators.kiwoom_rest import codes
from maemae.emulators.kiwoom_rest.board import Board, Line
from maemae.emulators.kiwoom_rest.config import KiwoomConfig
from maemae.emulators.kiwoom_rest.deals import DealBook
from maemae.emulators.kiwoom_rest.depth import Depth, depth_of
from maemae.emulators.kiwoom_rest.history import History
from maemae.emulators.kiwoom_rest.wire import (
    ASKED,
    ASKED_ON_PAPER,
    NOTHING_ON_PAPER,
    RefusalError,
)
from maemae.krx.session import Phase, phase_at, regular_open
from maemae.krx.tick import TickTable, tick_table
from maemae.ports import WallClock


class Desk:
    """
    One server's knowledge.

    Args:
        config: What the server is started with.
        exchange: Books and market.
        wall: The machine's clock.

    Attributes:
        board: What was traded today.
        history: What was traded before.
        deals: What fills cost and earned.
    """

    def __init__(self, config: KiwoomConfig, exchange: Exchange, wall: WallClock) -> None:
        self.config = config
        self.exchange = exchange
        self.books = exchange.books
        self.history = History(exchange)
        self.board = Board(exchange, self.history)
        self.deals = DealBook(exchange.books, config.schedule)
        self._wall = wall
        self._hidden_until: dict[OrderId, int] = {}

    @property
    def now(self) -> int:
        """The exchange's time [ns, UTC]."""
        return self.exchange.now

    @property
    def today(self) -> date:
        """The trading day."""
        return self.books.day

    @property
    def phase(self) -> Phase:
        """The phase of the market; closed once the day's session is over."""
        return phase_at(self.now) if kst_date(self.now) == self.today else Phase.CLOSED

    @property
    def is_before_open(self) -> bool:
        """Whether continuous trading has not begun today."""
        return kst_date(self.now) <= self.today and self.now < regular_open(self.today)

    def line(self, code: str) -> Line:
        """
        Return an instrument by the code that a client wrote, with or without a suffix.

        Raises:
            RefusalError: Nothing is listed under it.
        """
        if ":" in code:
            raise codes.malformed_code(code)
        line = self.board.find(symbol_of(code))
        if line is None:
            raise codes.unknown_symbol(code)
        return line

    def is_elsewhere(self, code: str) -> bool:
        """Return whether a code asks for what is traded at Nextrade alone: nothing is."""
        if code.endswith(UNIFIED):
            return self.config.is_paper and not self.config.doubts.unifies_on_paper
        return code.endswith(_NEXTRADE)

    def table(self, symbol: Symbol) -> TickTable | None:
        """Return the ticks of an instrument today, None where no claim about them is made."""
        rules = self.books.rules[symbol]
        if rules.base_price is None:
            return None
        return tick_table(rules.instrument.market, rules.instrument.product, self.today)

    def depth(self, line: Line, at: int | None = None) -> Depth:
        """
        Return the book of an instrument.

        Args:
            line: The instrument, as of then.
            at: An earlier time [ns, UTC]; of our customers' orders those count that had come
                by then and still wait. None for now.
        """
        at = self.now if at is None else at
        if line.symbol not in self.books.house.resting_symbols:
            return depth_of(line, self.table(line.symbol), at, ())
        own = [
            row
            for account_id in self.books.account_ids
            for row in self.books.rows(account_id, self.today)
            if row.symbol == line.symbol and row.status is StatedStatus.WORKING and row.at <= at
        ]
        return depth_of(line, self.table(line.symbol), at, own)

    def hide(self, order_id: OrderId, tail: int) -> None:
        """Keep a new number out of all lists for so long [ns of wall time]."""
        if tail:
            self._hidden_until[order_id] = self._wall.monotonic() + tail

    def forget_hidden(self) -> None:
        """Forget what concerns yesterday's numbers."""
        self._hidden_until.clear()

    def rows(self, account_id: AccountId, day: date) -> list[Row]:
        """Return the orders of a day that lists show, oldest first."""
        rows = self.books.rows(account_id, day)
        return [row for row in rows if self._is_shown(row.order_id)]

    def cancels(self, account_id: AccountId, day: date) -> list[CancelRow]:
        """Return the cancels of a day that lists show, oldest first."""
        rows = self.books.cancels(account_id, day)
        return [row for row in rows if self._is_shown(row.order_id)]

    def root(self, row: Row) -> OrderId:
        """Return the first number of an order's chain (모주문번호)."""
        while row.orig_order_id is not None:
            earlier = self.books.find_row(row.orig_order_id)
            if earlier is None:
                return row.orig_order_id
            row = earlier
        return row.order_id

    def asked(self, *, is_empty: bool = False) -> str:
        """Return the message of an account query."""
        if not self.config.is_paper:
            return ASKED
        return NOTHING_ON_PAPER if is_empty else ASKED_ON_PAPER

    def refused(self, reject: codes.Reject) -> RefusalError:
        """Return a refusal of the order system, in the code of this world."""
        table = codes.PAPER_REJECTS if self.config.is_paper else codes.REAL_REJECTS
        code, text = table[reject]
        doubts = self.config.doubts
        unknown = doubts.off_tick_code if self.config.is_paper else doubts.real_reject_code
        return codes.rejected(code or unknown, text)

    def _is_shown(self, order_id: OrderId) -> bool:
        return self._wall.monotonic() >= self._hidden_until.get(order_id, 0)


def symbol_of(code: str) -> Symbol:
    """Return the short code without a suffix and without the A of balances."""
    bare = code.strip().removesuffix(_NEXTRADE).removesuffix(UNIFIED)
    return Symbol(bare[1:] if len(bare) == _PREFIXED and bare.startswith("A") else bare)


AUCTIONS: Final = frozenset({Phase.PRE_OPEN_AUCTION, Phase.CLOSING_AUCTION})
"""Phases in which orders are gathered for one price."""

_NEXTRADE: Final = "_NX"
UNIFIED: Final = "_AL"
"""What follows a code for both exchanges together."""

_PREFIXED: Final = 7
