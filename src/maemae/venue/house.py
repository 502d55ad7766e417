"""
A broker's own books around a simulated exchange: what it accepts, holds, charges and reports.

It knows the customer's order only by its tag (`cl_ord_id`) and shares no line of arithmetic
with the trading core, so that an agreement of the two proves something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, time
from typing import Final

from maemae.domain.cash_flow import CashFlow
from maemae.domain.corporate_action import (
    CashDividend,
    CorporateAction,
    RightsIssue,
    ShareChange,
)
from maemae.domain.errors import InvalidValueError
from maemae.domain.execution import ExecutionReport
from maemae.domain.ids import AccountId, ClOrdId, Symbol
from maemae.domain.instant import kst_nanos
from maemae.domain.order import Order
from maemae.domain.order_status import ExecType
from maemae.domain.terms import Side
from maemae.domain.text import Text
from maemae.krx.band import PriceBand
from maemae.krx.calendar import settlement_date
from maemae.krx.costs import CostSchedule
from maemae.krx.instrument import Instrument
from maemae.krx.session import Phase
from maemae.krx.status import InstrumentState
from maemae.venue import entry
from maemae.venue.account import Account, Holding
from maemae.venue.assumptions import Assumptions
from maemae.venue.book import Book, Wake
from maemae.venue.bookkeeper import Bookkeeper
from maemae.venue.corporate import apply_action, apply_flow
from maemae.venue.listing import Listing, listing_of
from maemae.venue.matching import Venue
from maemae.venue.reporter import Reporter
from maemae.venue.stops import Stops, is_reached
from maemae.venue.tape_feed import TapeFeed
from maemae.venue.working_order import Match, WorkingOrder, working_order


class House:
    """
    A broker for any number of accounts, all at 100 % margin.

    A day is: `start_session`, `set_instrument` for what trades, `set_phase`, orders and bars,
    `end_session`. A bar is: `begin_bar`, any number of `move`, `end_bar`; orders may come in
    between. Bars of instruments without resting orders may be skipped (`wakes`).

    Args:
        schedule: What it charges and how it rounds.
        assumptions: How its exchange behaves where bars do not tell.

    Attributes:
        resting_symbols: Instruments with resting orders, the longest resting first; live.
        tape: Takes single trades and quotes, where they are known, in place of bars.
    """

    def __init__(self, schedule: CostSchedule, assumptions: Assumptions) -> None:
        self.assumptions = assumptions
        self._venue = Venue(assumptions)
        self.tape = TapeFeed(self._venue, self._book_match)
        self.resting_symbols: Collection[Symbol] = self._venue.resting_symbols
        self._bookkeeper = Bookkeeper(schedule)
        self._reporter = Reporter()
        self._accounts: dict[AccountId, Account] = {}
        self._orders: dict[ClOrdId, WorkingOrder] = {}
        self._stops = Stops()
        self._asleep = self._stops.asleep
        self._phase = Phase.CLOSED
        self._day = date.min
        self._due = date.min

    def open_account(
        self, account_id: AccountId, cash: int, holdings: Iterable[tuple[Symbol, int, int]] = ()
    ) -> None:
        """
        Open an account.

        Args:
            account_id: A new name.
            cash: Settled [won].
            holdings: What comes with it: instrument, shares and what they cost [won].

        Raises:
            InvalidValueError: It exists, or the cash is negative.
        """
        if account_id in self._accounts or cash < 0:
            raise InvalidValueError(
                f"계좌 {account_id} 를 {cash:,}원으로 열 수 없습니다. 새 이름과 0원 이상을 쓰세요.",
                f"Account {account_id} cannot be opened with {cash:,} won. Use a new name and "
                "0 won or more.",
            )
        held = {symbol: Holding(qty, cost) for symbol, qty, cost in holdings}
        self._accounts[account_id] = Account(account_id, cash, holdings=held)

    def account(self, account_id: AccountId) -> Account:
        """
        Return an account's live books; read them only.

        Raises:
            InvalidValueError: There is none.
        """
        account = self._accounts.get(account_id)
        if account is None:
            raise InvalidValueError(
                f"계좌 {account_id} 가 없습니다. open_account 로 먼저 여세요.",
                f"There is no account {account_id}. Open it with open_account first.",
            )
        return account

    def start_session(self, session_date: date) -> None:
        """
        Begin a trading day: settle what is due (D+2), count from 1, forget yesterday's orders.

        Raises:
            InvalidValueError: The day is not after the last one, or orders still rest.
            UnknownRuleError: The settlement lies outside the known calendar.
        """
        if session_date <= self._day or self.resting_symbols:
            raise InvalidValueError(
                f"{session_date} 거래일을 시작할 수 없습니다. 이전 거래일({self._day})을 "
                "end_session 으로 끝내고 그다음 날짜를 쓰세요.",
                f"The session of {session_date} cannot start. End the one of {self._day} with "
                "end_session and use a later day.",
            )
        self._due = settlement_date(session_date)
        self._day = session_date
        self._orders.clear()
        self._reporter.start_session(session_date)
        for account in self._accounts.values():
            account.settle(session_date)

    def set_instrument(
        self,
        instrument: Instrument,
        session_date: date,
        base_price: int | None,
        band: PriceBand | None,
        states: Iterable[InstrumentState] = (),
    ) -> None:
        """
        Say what holds for an instrument on a day; again whenever it changes.

        Args:
            instrument: As it stands on that day.
            session_date: The day. With neither base price nor band it holds from then on.
            base_price: Base price of the day [won]; None on adjusted data, where no claim
                about ticks and size caps is made.
            band: Price limits of the day; None where there are none.
            states: Every state that is not NORMAL.

        Raises:
            InvalidValueError: The base price is not positive.
            UnknownRuleError: A base price on a day before the first known ticks.
        """
        self._venue.list_instrument(listing_of(instrument, session_date, base_price, band, states))

    def set_phase(self, phase: Phase) -> None:
        """Say which phase the market is in; before the first time it is CLOSED."""
        self._phase = phase
        self._venue.set_phase(phase)

    def set_last_price(self, symbol: Symbol, price: int) -> None:
        """
        Say the last price [won] of an instrument whose bars were skipped.

        Market buys are held by it where no band is known.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        self._venue.get_book(symbol).last = price

    def submit(self, order: Order, at: int, trigger: int | None = None) -> list[ExecutionReport]:
        """
        Take an order or refuse it: NEW or REJECTED, then what it trades at once.

        Only what the customer asked for is read, never what became of it elsewhere.

        Args:
            order: What is asked for.
            at: When [ns, UTC].
            trigger: Price whose print brings a limit order to the exchange [won]; its cash or
                shares are claimed from now on, and no bar may be skipped. None for at once.

        Raises:
            InvalidValueError: Its tag was used today.
        """
        if order.cl_ord_id in self._orders:
            raise InvalidValueError(
                f"주문 {order.cl_ord_id} 은 오늘 이미 냈습니다. 새 번호를 쓰세요.",
                f"Order {order.cl_ord_id} was submitted today. Use a new number.",
            )
        book = self._venue.find_book(order.symbol)
        if book is None:
            return [self._reporter.rejected(order.cl_ord_id, entry.NO_LISTING, at)]
        refusal = None if trigger is None else entry.price_refusal(book.listing, trigger)
        accepted = refusal or self._accept(order, book, at)
        if isinstance(accepted, Text):
            return [self._reporter.rejected(order.cl_ord_id, accepted, at)]
        self._orders[order.cl_ord_id] = accepted
        reports = [self._reporter.accepted(accepted, at)]
        if trigger is None or is_reached(order.side, trigger, book.last):
            self._enter(book, accepted, at, reports)
        else:
            self._stops.add(accepted, trigger)
        return reports

    def cancel(self, cl_ord_id: ClOrdId, request_id: ClOrdId, at: int) -> list[ExecutionReport]:
        """Cancel what is left of an order: CANCELED or CANCEL_REJECTED, in any phase."""
        order = self._orders.get(cl_ord_id)
        if order is None or order.leaves_qty == 0:
            reason = entry.UNKNOWN_ORDER if order is None else entry.ORDER_CLOSED
            return [self._reporter.refused(cl_ord_id, order, request_id, reason, at)]
        if self._stops.holds(order):
            self._stops.drop(order)
        else:
            self._venue.remove(order)
        return [self._close(order, ExecType.CANCELED, at, request_id)]

    def replace(
        self, cl_ord_id: ClOrdId, request_id: ClOrdId, price: int, order_qty: int, at: int
    ) -> list[ExecutionReport]:
        """
        Change limit [won] and whole quantity [shares, what is filled included] of an order.

        REPLACED with a new order number, then what it trades at once; or CANCEL_REJECTED.
        Only a smaller quantity at the same price keeps its place in the queue.
        """
        order = self._orders.get(cl_ord_id)
        if order is None:
            reason = entry.UNKNOWN_ORDER
            return [self._reporter.refused(cl_ord_id, None, request_id, reason, at)]
        book = self._venue.get_book(order.symbol)
        refusal = self._change(order, book.listing, price, order_qty)
        if refusal is not None:
            return [self._reporter.refused(cl_ord_id, order, request_id, refusal, at)]
        keeps_place = price == order.limit and order_qty < order.order_qty
        keeps_place |= self._stops.holds(order)
        if not keeps_place:
            self._venue.remove(order)
        order.leaves_qty += order_qty - order.order_qty
        order.order_qty = order_qty
        order.reprice(price)
        order.order_id = self._reporter.next_order_id()
        reports = [self._reporter.replaced(order, request_id, at)]
        if not keeps_place:
            self._enter(book, order, at, reports)
        return reports

    def begin_bar(
        self,
        symbol: Symbol,
        open_price: int,
        high: int,
        low: int,
        close: int,
        volume: int,
        at: int,
    ) -> list[ExecutionReport]:
        """
        Print a bar's open: market orders and limits at or through it fill at that price.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        book = self._venue.get_book(symbol)
        matches = self._venue.begin_bar(book, open_price, high, low, close, volume)
        reports = [self._book_match(match, at) for match in matches] if matches else []
        if book.immediates:
            self._lapse_immediates(symbol, at, reports)
        if self._asleep:
            self._wake(book, symbol, at, reports)
        return reports

    def move(self, symbol: Symbol, price: int, at: int) -> list[ExecutionReport]:
        """
        Walk to a price [won] of the bar: resting limits on the way fill at their limit.

        In a call auction it is the auction's print instead: one price for all.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        book = self._venue.get_book(symbol)
        matches = self._venue.move(book, price)
        reports = [self._book_match(match, at) for match in matches] if matches else []
        if self._asleep:
            self._wake(book, symbol, at, reports)
        return reports

    def end_bar(self, symbol: Symbol) -> None:
        """
        End a bar: orders submitted from now on rest until the next one's open.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        self._venue.end_bar(self._venue.get_book(symbol))

    def end_session(self, at: int) -> list[ExecutionReport]:
        """End the day: every order that still rests, or sleeps, is EXPIRED."""
        return [
            report
            for symbol in dict.fromkeys((*self.resting_symbols, *self._asleep))
            for report in self._close_all(symbol, ExecType.EXPIRED, at)
        ]

    def apply(self, action: CorporateAction | CashFlow) -> list[ExecutionReport]:
        """
        Book a corporate action in every account, or a cash flow in its own.

        An action takes effect now: call it at the opening of its ex-date, before any bar. A
        dividend's cash comes when its payment date starts; if that has passed it comes at
        once. Resting orders in the instrument are CANCELED if its shares change.

        Raises:
            InvalidValueError: No such account, a flow of the wrong sign or beyond what may
                leave, a ratio that is not positive.
        """
        if isinstance(action, CashFlow):
            apply_flow(self.account(action.account_id), action)
            return []
        reports: list[ExecutionReport] = []
        if not isinstance(action, CashDividend | RightsIssue):
            opening = kst_nanos(action.ex_date, time())
            reports = self._close_all(action.symbol, ExecType.CANCELED, opening)
            if isinstance(action, ShareChange):
                self._venue.retell(action.symbol, action.denominator, action.numerator)
        for account in self._accounts.values():
            apply_action(account, action, self._day)
        return reports

    def wakes(self, symbol: Symbol) -> Wake:
        """
        Return which bars a driver must not skip for the resting orders of an instrument.

        Raises:
            UnknownSymbolError: The instrument was never set.
        """
        return self._venue.get_book(symbol).wake()

    def _accept(self, order: Order, book: Book, at: int) -> WorkingOrder | Text:
        """Return the order as the exchange keeps it, its cash or shares claimed; or why not."""
        account = self._accounts.get(order.account_id)
        if account is None:
            return entry.UNKNOWN_ACCOUNT
        listing = book.listing
        phase = self._phase
        if book.tape is not None and at < book.tape.pausing:
            phase = Phase.INTRADAY_AUCTION
        refusal = entry.order_refusal(order, listing, phase, self._day)
        if refusal is not None:
            return refusal
        limit = order.price
        if limit is None:
            limit = self._worst_price(order.side, book)
            if limit is None:
                return entry.NO_HOLD_PRICE
        tally = self._bookkeeper.tally(account, order.symbol, order.side)
        accepted = working_order(order, listing.instrument, account, limit, tally, at)
        refusal = self._bookkeeper.claim(accepted, order.order_qty, order.order_qty * limit)
        if refusal is not None:
            return refusal
        accepted.order_id = self._reporter.next_order_id()
        return accepted

    def _worst_price(self, side: Side, book: Book) -> int | None:
        """Return the worst price of a market order [won], None if none follows."""
        if side is _SELL:
            return 0
        return self.assumptions.market_hold.price(book.listing.band, book.last)

    def _change(
        self, order: WorkingOrder, listing: Listing, price: int, order_qty: int
    ) -> Text | None:
        """Claim what new terms need, or return why they are refused."""
        if order.leaves_qty == 0:
            return entry.ORDER_CLOSED
        refusal = entry.replace_refusal(order, listing, self._phase, price, order_qty)
        if refusal is not None:
            return refusal
        more = order_qty - order.order_qty
        notional = (order.leaves_qty + more) * price - order.leaves_qty * order.limit
        return self._bookkeeper.claim(order, more, notional)

    def _enter(
        self, book: Book, order: WorkingOrder, at: int, reports: list[ExecutionReport]
    ) -> None:
        """Hand an order to the exchange; an immediate one that saw a price ends here."""
        matches = self._venue.enter(book, order)
        if matches:
            reports.extend(self._book_match(match, at) for match in matches)
        if order.is_immediate and order.leaves_qty and book.is_live:
            reports.append(self._close(order, ExecType.CANCELED, at))

    def _wake(self, book: Book, symbol: Symbol, at: int, reports: list[ExecutionReport]) -> None:
        """Bring what the newest print has triggered to the exchange."""
        for order in self._stops.wake(symbol, book.price):
            self._enter(book, order, at, reports)

    def _lapse_immediates(self, symbol: Symbol, at: int, reports: list[ExecutionReport]) -> None:
        for order in self._venue.resting(symbol):
            if order.is_immediate:
                self._venue.remove(order)
                reports.append(self._close(order, ExecType.CANCELED, at))

    def _close_all(self, symbol: Symbol, exec_type: ExecType, at: int) -> list[ExecutionReport]:
        reports = []
        for order in self._venue.resting(symbol):
            self._venue.remove(order)
            reports.append(self._close(order, exec_type, max(at, order.at)))
        reports += [
            self._close(order, exec_type, max(at, order.at))
            for order in self._stops.drop_all(symbol)
        ]
        return reports

    def _close(
        self,
        order: WorkingOrder,
        exec_type: ExecType,
        at: int,
        request_id: ClOrdId | None = None,
    ) -> ExecutionReport:
        """Release what an order still claims and say that it is closed."""
        self._bookkeeper.release(order)
        order.leaves_qty = 0
        return self._reporter.closed(order, exec_type, at, request_id)

    def _book_match(self, match: Match, at: int) -> ExecutionReport:
        self._bookkeeper.book(match, self._day, self._due)
        return self._reporter.traded(match, at)


_SELL: Final = Side.SELL
