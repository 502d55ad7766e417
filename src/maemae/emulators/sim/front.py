"""What each message of a client comes to: fences, quotas, faults, then the books."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from maemae.brokers.sim.messages import (
    AskCash,
    AskExecutions,
    AskHoldings,
    AskInstruments,
    AskLastTrade,
    AskOrders,
    Cancel,
    CashAnswer,
    ErrorCode,
    ExecutionsPage,
    HoldingsPage,
    InstrumentsPage,
    LastTradeAnswer,
    OrdersPage,
    Query,
    Refused,
    Replace,
    Reply,
    Request,
    Submit,
    Taken,
    Traits,
)
from maemae.domain.ids import OrderId
from maemae.domain.instant import SECOND
from maemae.domain.statement import Notice, StatedExecution, StatedOrder
from maemae.domain.terms import Mode
from maemae.emulators import requests
from maemae.emulators.exchange import Exchange
from maemae.emulators.sim.config import SimBrokerConfig
from maemae.emulators.sim.faults import FaultSwitch
from maemae.ports import ClientIdSupport, WallClock

_Listed = TypeVar("_Listed", StatedOrder, StatedExecution)
_Known = TypeVar("_Known", StatedOrder, Notice)


class Caller:
    """
    Who asks over one connection; each has quotas of its own.

    Attributes:
        epoch: Of its hello; None before, 0 if it may only ask.
    """

    def __init__(self, orders_per_sec: int, queries_per_sec: int) -> None:
        self.epoch: int | None = None
        self.orders: deque[int] = deque(maxlen=orders_per_sec)
        self.queries: deque[int] = deque(maxlen=queries_per_sec)


class Front:
    """
    The broker's counter.

    Args:
        config: What the broker is started with.
        exchange: Its books and market.
        faults: What is wrong with it.
        wall: The machine's clock; quotas and delays go by it.
    """

    def __init__(
        self, config: SimBrokerConfig, exchange: Exchange, faults: FaultSwitch, wall: WallClock
    ) -> None:
        self._config = config
        self._exchange = exchange
        self._books = exchange.books
        self._faults = faults
        self._wall = wall
        self._hidden_until: dict[OrderId, int] = {}

    @property
    def traits(self) -> Traits:
        """What the server says of itself."""
        config = self._config
        return Traits(
            Mode.SIM,
            config.client_id,
            config.quiet_period,
            config.orders_per_sec,
            config.queries_per_sec,
        )

    def start_session(self) -> None:
        """Forget what concerns yesterday's numbers."""
        self._hidden_until.clear()

    def request(self, request: Request, caller: Caller) -> tuple[Reply, Sequence[Notice]]:
        """Return the answer to a request, and what followed at once."""
        epoch = caller.epoch or 0
        code = self._refusal(request, caller, epoch)
        ghost = code if code is ErrorCode.RATE and self._faults.now.ghosts else None
        if code is not None and ghost is None:
            text = _TEXTS[code]
            self._exchange.refuse(_booked(request), epoch, code, text)
            return Refused(request.seq, code, text), ()
        outcome = self._exchange.handle(_booked(request), epoch, ghost=ghost)
        if outcome.order_id is None:
            return Refused(request.seq, ErrorCode.REJECTED, outcome.text), ()
        self._hidden_until[outcome.order_id] = self._wall.monotonic() + self._faults.now.tail
        notices = [self.veil(notice) for notice in outcome.notices]
        if ghost is not None:
            return Refused(request.seq, ghost, _TEXTS[ghost]), notices
        return Taken(request.seq, outcome.order_id), notices

    def query(self, query: Query, caller: Caller) -> Reply:
        """Return the answer to a query, or why there is none."""
        if not _may_pass(caller.queries, self._wall.monotonic()):
            return _refused(query, ErrorCode.RATE)
        if isinstance(query, AskLastTrade):
            return LastTradeAnswer(query.seq, self._exchange.find_last(query.symbol))
        if isinstance(query, AskInstruments):
            return self._instruments(query)
        if query.account_id not in self._books.account_ids:
            return _refused(query, ErrorCode.NO_ACCOUNT)
        if isinstance(query, AskCash):
            return CashAnswer(query.seq, self._books.cash(query.account_id))
        return self._list(query)

    def veil(self, known: _Known) -> _Known:
        """Return a row or notice as it is shown: without the client's number, if so set up."""
        if self._config.client_id is ClientIdSupport.NONE and known.cl_ord_id is not None:
            return msgspec.structs.replace(known, cl_ord_id=None)
        return known

    def _refusal(self, request: Request, caller: Caller, epoch: int) -> ErrorCode | None:
        """Return why the books are not asked."""
        if epoch == 0:
            return ErrorCode.READ_ONLY
        if epoch < self._exchange.epoch:
            return ErrorCode.FENCED
        if request.account_id not in self._books.account_ids:
            return ErrorCode.NO_ACCOUNT
        if not _may_pass(caller.orders, self._wall.monotonic()):
            return ErrorCode.RATE
        if self._is_repeated(request):
            return ErrorCode.DUPLICATE
        return self._faults.take_refusal()

    def _is_repeated(self, request: Request) -> bool:
        """Return whether a broker that keeps the client's numbers has seen this one today."""
        if self._config.client_id is not ClientIdSupport.DEDUPED:
            return False
        rows = self._books.orders(request.account_id, self._books.day)
        return isinstance(request, Submit) and any(
            row.cl_ord_id == request.cl_ord_id for row in rows
        )

    def _list(self, query: AskOrders | AskExecutions | AskHoldings) -> Reply:
        if isinstance(query, AskHoldings):
            return self._holdings(query)
        if self._fails(query.cursor):
            return _refused(query, ErrorCode.UNAVAILABLE)
        if not self._books.is_kept(query.day):
            return _refused(query, ErrorCode.NO_DAY)
        if isinstance(query, AskOrders):
            orders = self._books.orders(query.account_id, query.day)
            shown, following = self._page(orders, query.cursor)
            return OrdersPage(query.seq, tuple(map(self.veil, shown)), following)
        fills = self._books.executions(query.account_id, query.day)
        return ExecutionsPage(query.seq, *self._page(fills, query.cursor))

    def _holdings(self, query: AskHoldings) -> Reply:
        """Return a page by symbol, so that a position sold meanwhile moves no other one."""
        held = self._books.holdings(query.account_id)
        ahead = [holding for holding in held if holding.symbol > query.after]
        if self._fails(len(held) - len(ahead)):
            return _refused(query, ErrorCode.UNAVAILABLE)
        page = tuple(ahead[: self._config.page_size])
        is_last = len(page) == len(ahead)
        return HoldingsPage(query.seq, page, "" if is_last else page[-1].symbol)

    def _instruments(self, query: AskInstruments) -> Reply:
        rules = self._books.rules if query.day == self._books.day else {}
        rows = [rules[symbol] for symbol in sorted(rules)]
        end = query.cursor + self._config.page_size
        following = end if end < len(rows) else 0
        return InstrumentsPage(query.seq, tuple(rows[query.cursor : end]), following)

    def _fails(self, before: int) -> bool:
        """Return whether the page after so many rows is the one that fails."""
        return before // self._config.page_size + 1 == self._faults.now.fail_page

    def _page(self, rows: Sequence[_Listed], cursor: int) -> tuple[tuple[_Listed, ...], int]:
        """
        Return the rows of a page, and where the next one begins; 0 after the last.

        Places count rows that are not shown yet too, so that one that appears moves no other.
        """
        page: list[_Listed] = []
        for place in range(cursor, len(rows)):
            if self._is_shown(rows[place]):
                if len(page) == self._config.page_size:
                    return tuple(page), place
                page.append(rows[place])
        return tuple(page), 0

    def _is_shown(self, row: StatedOrder | StatedExecution) -> bool:
        return self._wall.monotonic() >= self._hidden_until.get(row.order_id, 0)


def _booked(request: Request) -> requests.Request:
    """Return a message as the books take it."""
    if isinstance(request, Cancel):
        return requests.Cancel(request.cl_ord_id, request.account_id, request.order_id)
    if isinstance(request, Replace):
        return requests.Replace(
            request.cl_ord_id,
            request.account_id,
            request.order_id,
            request.price,
            request.order_qty,
        )
    return requests.Submit(
        request.cl_ord_id,
        request.account_id,
        request.symbol,
        request.side,
        request.ord_type,
        request.time_in_force,
        request.price,
        request.order_qty,
    )


def _may_pass(sent: deque[int], now: int) -> bool:
    """Return whether one more may be taken in the second up to now, and count it if so."""
    if len(sent) == sent.maxlen and now - sent[0] < SECOND:
        return False
    sent.append(now)
    return True


def _refused(query: Query, code: ErrorCode) -> Refused:
    return Refused(query.seq, code, _TEXTS[code])


_TEXTS: Final = {
    ErrorCode.REJECTED: "접수하지 않았습니다. / The order is not taken.",
    ErrorCode.FENCED: "다른 접속이 주문 권한을 넘겨받았습니다. / A newer epoch speaks.",
    ErrorCode.READ_ONLY: "조회 전용 접속입니다. / This connection may only ask.",
    ErrorCode.RATE: "초당 요청 수를 넘었습니다. / Too many requests in a second.",
    ErrorCode.DUPLICATE: "이미 쓴 고객주문번호입니다. / The client's number was used.",
    ErrorCode.NO_ACCOUNT: "없는 계좌입니다. / No such account.",
    ErrorCode.NO_DAY: "그날의 내역은 더 없습니다. / The lists of that day are gone.",
    ErrorCode.UNAVAILABLE: "조회할 수 없습니다. / The query failed.",
    ErrorCode.BAD_MESSAGE: "알 수 없는 요청입니다. / Not a message of this protocol.",
}
